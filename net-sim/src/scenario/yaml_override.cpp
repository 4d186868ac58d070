#include "yaml_override.hpp"

#include <charconv>
#include <optional>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cicada/sim/nearest.hpp>

namespace cicada::sim {
namespace {

std::vector<std::string_view> split_dots(std::string_view key) {
  std::vector<std::string_view> parts;
  for (std::size_t start = 0;;) {
    const std::size_t dot = key.find('.', start);
    parts.push_back(key.substr(start, dot - start));
    if (dot == std::string_view::npos) return parts;
    start = dot + 1;
  }
}

std::optional<std::size_t> as_index(std::string_view text) {
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), index);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return index;
}

/// An item of a list of one-key maps; uses up one or two parts of the key.
std::expected<YamlNode*, std::string> find_item(YamlNode& list, const std::vector<std::string_view>& parts,
                                                std::size_t& next) {
  const std::string_view name = parts[next++];
  if (const auto index = as_index(name)) {
    if (*index < list.items.size()) return &list.items[*index];
    return std::unexpected(fmt::format("found the position {}, but the list has {} items", *index, list.items.size()));
  }
  std::vector<YamlNode*> matches;
  std::vector<std::string_view> names;
  for (YamlNode& item : list.items) {
    for (const YamlEntry& entry : item.entries) names.push_back(entry.key);
    if (YamlNode* value = item.find(name)) matches.push_back(value);
  }
  if (matches.empty()) {
    return std::unexpected(fmt::format("found no item {} in the list, {}", quote(name), expected_one_of(name, names)));
  }
  if (const auto index = next < parts.size() ? as_index(parts[next]) : std::nullopt) {
    ++next;
    if (*index < matches.size()) return matches[*index];
    return std::unexpected(
        fmt::format("found the position {}, but there are {} items {}", *index, matches.size(), quote(name)));
  }
  if (matches.size() == 1) return matches[0];
  return std::unexpected(fmt::format("found {} items {}, expected the position of one behind it, such as '{}.0'",
                                     matches.size(), quote(name), name));
}

}  // namespace

std::expected<void, Mistake> override_setting(YamlNode& root, std::string_view key, std::string_view value,
                                              unsigned source) {
  const Position at{source, 1, 1};
  const auto fail = [&](std::string message) { return std::unexpected(Mistake{at, std::move(message)}); };
  auto tree = parse_yaml(value, source);
  if (!tree) return std::unexpected(std::move(tree).error());

  std::vector<std::string_view> parts = split_dots(key);
  // The axes of a sweep are keys with dots in them.
  if (parts.size() > 2 && parts[0] == "sweep") parts = {parts[0], key.substr(parts[0].size() + 1)};
  if (parts.size() > yaml_depth_max) return fail(fmt::format("found a key of more than {} parts", yaml_depth_max));
  YamlNode* node = &root;
  for (std::size_t next = 0; next < parts.size();) {
    if (parts[next].empty()) {
      return fail(fmt::format("found the key {}, expected names separated by single dots", quote(key)));
    }
    if (node->kind == YamlNode::Kind::list) {
      auto item = find_item(*node, parts, next);
      if (!item) return fail(fmt::format("{} (in the key {})", item.error(), quote(key)));
      node = *item;
      continue;
    }
    if (node->kind != YamlNode::Kind::map) {
      // A shorthand such as `replace: never` gives way to the keys that are set.
      *node = YamlNode{};
      node->kind = YamlNode::Kind::map;
      node->at = at;
    }
    const std::string_view name = parts[next++];
    if (node->find(name) == nullptr) node->entries.push_back({std::string(name), at, {}});
    YamlNode* child = node->find(name);
    if (child->kind == YamlNode::Kind::null) child->at = at;
    node = child;
  }
  *node = std::move(*tree);
  return {};
}

std::expected<void, Mistake> apply_override(YamlNode& root, std::string_view setting, unsigned source) {
  const std::size_t equals = setting.find('=');
  if (equals == std::string_view::npos || equals == 0) {
    return std::unexpected(Mistake{{source, 1, 1}, fmt::format("found {}, expected key=value", quote(setting))});
  }
  return override_setting(root, setting.substr(0, equals), setting.substr(equals + 1), source);
}

}  // namespace cicada::sim
