#include "schema_reader.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cicada/sim/nearest.hpp>

namespace cicada::sim {
namespace {

using Kind = YamlNode::Kind;

/// The keys of all ways, for a message.
std::string keys_of(std::span<const Way> ways) {
  std::vector<std::string> names;
  for (const Way& way : ways) names.push_back(fmt::format("'{}'", fmt::join(way.keys, "' and '")));
  return fmt::format("{}", fmt::join(names, ", "));
}

}  // namespace

SchemaReader::SchemaReader(const YamlNode& root, std::filesystem::path folder)
    : root_(root), folder_(std::move(folder)) {}

void SchemaReader::read(Scenario& scenario) {
  if (root_.kind != Kind::map) {
    fail(root_.at,
         fmt::format("found {}, expected the keys of a scenario (name, duration, peers, ...)", describe_found(root_)));
    return;
  }
  enter(root_, "", [&] { describe(*this, scenario); });
}

std::string SchemaReader::path_of(std::string_view name) const {
  const std::string& path = scopes_.back().path;
  return path.empty() ? std::string(name) : fmt::format("{}.{}", path, name);
}

void SchemaReader::enter(const YamlNode& map, std::string path, const Body& body) {
  scopes_.push_back({.map = &map, .path = std::move(path), .known = {}, .missing = {}, .any_key = false});
  body();
  leave();
}

void SchemaReader::leave() {
  const Scope scope = std::move(scopes_.back());
  scopes_.pop_back();
  bool unknown = false;
  for (const YamlEntry& entry : scope.map->entries) {
    if (scope.any_key || std::ranges::find(scope.known, entry.key) != scope.known.end()) continue;
    unknown = true;
    const std::string where = scope.path.empty() ? "" : " in " + scope.path;
    fail(entry.key_at,
         fmt::format("found unknown key {}{}, {}", quote(entry.key), where, expected_one_of(entry.key, scope.known)));
  }
  if (!unknown) mistakes_.insert(mistakes_.end(), scope.missing.begin(), scope.missing.end());
}

const YamlNode* SchemaReader::take(const Key& key) {
  Scope& scope = scopes_.back();
  scope.known.push_back(key.name);
  const YamlNode* node = scope.map->find(key.name);
  if (node == nullptr) {
    if (key.required) {
      scope.missing.push_back(
          {scope.map->at, fmt::format("found no '{}', expected this key here (it is required)", path_of(key.name))});
    }
    return nullptr;
  }
  places_.emplace(path_of(key.name), node->at);
  return node;
}

void SchemaReader::scalar(const Key& key, const Scalar& scalar) {
  const YamlNode* node = take(key);
  if (node == nullptr) return;
  // The text of a scalar that is no scalar is not read; an empty one only tells what is expected.
  const auto wrong = scalar.read(node->kind == Kind::scalar ? node->text : std::string_view{});
  if (node->kind == Kind::scalar ? wrong.has_value() : true) {
    fail(node->at, fmt::format("found {} for {}, expected {}", describe_found(*node), path_of(key.name),
                               wrong.value_or("a " + scalar.form)));
  }
}

void SchemaReader::read_elements(const YamlNode& node, const std::string& path, const List& list) {
  if (node.kind != Kind::list) {
    fail(node.at, fmt::format("found {} for {}, expected a list", describe_found(node), path));
    return;
  }
  if (node.items.size() > list.size_max) {
    fail(node.at, fmt::format("found {} values for {}, expected at most {}", node.items.size(), path, list.size_max));
    return;
  }
  list.clear();
  for (std::size_t index = 0; index < node.items.size(); ++index) {
    const YamlNode& item = node.items[index];
    const std::string item_path = fmt::format("{}.{}", path, index);
    places_.emplace(item_path, item.at);
    const bool readable = item.kind == Kind::scalar || (list.any_value && item.kind != Kind::null);
    const auto wrong = list.element(index).read(readable ? flow_text(item) : std::string());
    if (!readable || wrong) {
      fail(item.at,
           fmt::format("found {} for {}, expected {}", describe_found(item), item_path, wrong.value_or("a value")));
    }
  }
}

void SchemaReader::list(const Key& key, const List& list) {
  if (const YamlNode* node = take(key)) read_elements(*node, path_of(key.name), list);
}

void SchemaReader::lists(const NamedLists& lists) {
  Scope& scope = scopes_.back();
  scope.any_key = true;
  lists.clear();
  std::size_t count = 0;
  for (const YamlEntry& entry : scope.map->entries) {
    if (std::ranges::find(scope.known, entry.key) != scope.known.end()) continue;
    if (++count > lists.size_max) {
      fail(entry.key_at, fmt::format("found more than {} keys in {}", lists.size_max, scope.path));
      return;
    }
    const std::string path = path_of(entry.key);
    places_.emplace(path, entry.key_at);
    read_elements(entry.value, path, lists.list(entry.key));
  }
}

void SchemaReader::mark(const Key& key) {
  const YamlNode* node = take(key);
  if (node == nullptr || node->kind == Kind::null || (node->kind == Kind::scalar && node->text == "true")) return;
  fail(node->at, fmt::format("found {} for {}, expected true", describe_found(*node), path_of(key.name)));
}

void SchemaReader::section(const Key& key, const Body& body, bool word) {
  const YamlNode* node = take(key);
  if (node == nullptr) return;
  if (node->kind == Kind::scalar && word) {
    YamlNode map;
    map.kind = Kind::map;
    map.at = node->at;
    YamlNode nothing;
    nothing.at = node->at;
    map.entries.push_back({node->text, node->at, nothing});
    enter(map, path_of(key.name), body);
  } else if (node->kind == Kind::map) {
    enter(*node, path_of(key.name), body);
  } else {
    fail(node->at, fmt::format("found {} for {}, expected a map of keys", describe_found(*node), path_of(key.name)));
  }
}

void SchemaReader::ways(std::span<const Way> ways, std::size_t, bool required, const Choice& body) {
  Scope& scope = scopes_.back();
  std::optional<std::size_t> taken;
  std::string_view first;
  for (std::size_t way = 0; way < ways.size(); ++way) {
    for (const std::string_view name : ways[way].keys) {
      scope.known.push_back(name);
      const auto entry = std::ranges::find(scope.map->entries, name, &YamlEntry::key);
      if (entry == scope.map->entries.end()) continue;
      if (taken && *taken != way) {
        scope.any_key = true;
        fail(entry->key_at, fmt::format("found '{}' beside '{}'{}, expected only one of them", name, first,
                                        scope.path.empty() ? "" : " in " + scope.path));
        return;
      }
      taken = way;
      first = name;
    }
  }
  if (taken) {
    body(*taken);
  } else if (required) {
    scope.missing.push_back({scope.map->at, fmt::format("found none of the keys {} in {}, expected exactly one",
                                                        keys_of(ways), scope.path)});
  }
}

void SchemaReader::tagged(const Key& key, std::span<const std::string_view> options, std::size_t current,
                          const Choice& body) {
  const YamlNode* node = take(key);
  if (node == nullptr) {
    body(current);
    return;
  }
  const auto found = std::ranges::find(options, node->text);
  if (node->kind != Kind::scalar || found == options.end()) {
    // Which other keys belong here depends on the option, so that they can't be judged.
    scopes_.back().any_key = true;
    fail(node->at, fmt::format("found {} for {}, {}", describe_found(*node), path_of(key.name),
                               expected_one_of(node->text, options)));
    return;
  }
  body(static_cast<std::size_t>(found - options.begin()));
}

void SchemaReader::items(const Key& key, std::span<const Key> kinds, const ItemList& list) {
  const YamlNode* node = take(key);
  if (node == nullptr || node->kind == Kind::null) return;
  const std::string path = path_of(key.name);
  if (node->kind != Kind::list) {
    fail(node->at,
         fmt::format("found {} for {}, expected a list, each item behind a dash", describe_found(*node), path));
    return;
  }
  if (node->items.size() > list.size_max) {
    fail(node->at, fmt::format("found {} items for {}, expected at most {}", node->items.size(), path, list.size_max));
    return;
  }
  for (std::size_t index = 0; index < node->items.size(); ++index) {
    read_item(node->items[index], fmt::format("{}.{}", path, index), kinds, list);
  }
}

void SchemaReader::read_item(const YamlNode& item, const std::string& path, std::span<const Key> kinds,
                             const ItemList& list) {
  std::vector<std::string_view> names;
  for (const Key& kind : kinds) names.push_back(kind.name);
  if (item.kind != Kind::map || item.entries.size() != 1) {
    const std::string found = item.entries.size() > 1 ? fmt::format("the keys {} and {}", quote(item.entries[0].key),
                                                                    quote(item.entries[1].key))
                                                      : describe_found(item);
    const char* hint = item.entries.size() > 1 ? " (indent the keys of an item deeper than its name)" : "";
    fail(item.entries.size() > 1 ? item.entries[1].key_at : item.at,
         fmt::format("found {} for {}, expected one key of: {}{}", found, path, fmt::join(names, ", "), hint));
    return;
  }
  const YamlEntry& entry = item.entries[0];
  const auto kind = std::ranges::find(names, entry.key);
  if (kind == names.end()) {
    fail(entry.key_at,
         fmt::format("found unknown key {} in {}, {}", quote(entry.key), path, expected_one_of(entry.key, names)));
    return;
  }
  const auto describe_it = [&] { list.describe(list.size(), static_cast<std::size_t>(kind - names.begin())); };
  const std::string item_path = fmt::format("{}.{}", path, entry.key);
  places_.emplace(item_path, entry.key_at);
  YamlNode empty;
  empty.kind = Kind::map;
  empty.at = entry.key_at;
  if (entry.value.kind == Kind::map || entry.value.kind == Kind::null) {
    enter(entry.value.kind == Kind::map ? entry.value : empty, item_path, describe_it);
  } else {
    fail(entry.value.at,
         fmt::format("found {} for {}, expected a map of keys", describe_found(entry.value), item_path));
  }
}

}  // namespace cicada::sim
