#include "config_file.hpp"

#include <fmt/core.h>
#include <yaml-cpp/yaml.h>

#include <set>
#include <system_error>

#include "config_keys.hpp"
#include "durable_file.hpp"

namespace cicada::node {
namespace {

class Reader {
 public:
  Reader(std::string_view name, NodeConfig& config) : name_(name), config_(config) {}

  void read(const YAML::Node& root) {
    if (root.IsNull()) return;
    if (!root.IsMap()) return complain(root, "expected keys and values");
    read_map(root, "");
  }
  std::vector<std::string> take_complaints() { return std::move(complaints_); }

  void complain(const YAML::Node& at, std::string_view what) { complain(at.Mark(), what); }
  void complain(const YAML::Mark& at, std::string_view what) {
    complaints_.push_back(fmt::format("{}:{}:{}: {}", name_, at.line + 1, at.column + 1, what));
  }

 private:
  static bool is_section(std::string_view name) {
    const std::string prefix = std::string(name) + ".";
    for (const ConfigKey& key : config_keys())
      if (key.name.starts_with(prefix)) return true;
    return false;
  }

  void read_map(const YAML::Node& map, const std::string& section) {
    std::set<std::string> seen;
    for (const auto& entry : map) {
      if (!entry.first.IsScalar()) {
        complain(entry.first, "expected the name of a key");
        continue;
      }
      const std::string word = entry.first.Scalar();
      const std::string name = section.empty() ? word : section + "." + word;
      if (!seen.insert(word).second) {
        complain(entry.first, fmt::format("key '{}' is there twice", name));
      } else if (const ConfigKey* key = find_config_key(name); key != nullptr && word.find('.') == std::string::npos) {
        read_value(*key, entry.second);
      } else if (section.empty() && is_section(word)) {
        if (entry.second.IsMap()) {
          read_map(entry.second, word);
        } else if (!entry.second.IsNull()) {
          complain(entry.second, fmt::format("{}: expected keys and values below it", word));
        }
      } else {
        complain(entry.first, unknown_key(section, word));
      }
    }
  }

  void read_value(const ConfigKey& key, const YAML::Node& value) {
    if (key.is_list && value.IsSequence()) {
      for (const YAML::Node& item : value) read_scalar(key, item);
      return;
    }
    read_scalar(key, value);
  }

  void read_scalar(const ConfigKey& key, const YAML::Node& value) {
    if (!value.IsScalar() && !value.IsNull()) {
      complain(value, fmt::format("{}: expected {}", key.name, key.is_list ? "a list of values" : "one value"));
      return;
    }
    const std::string text = value.IsNull() ? std::string() : value.Scalar();
    if (const auto done = key.set(config_, text); !done) {
      complain(value, fmt::format("{}: found '{}', expected {}", key.name, text, done.error()));
    }
  }

  std::string name_;
  NodeConfig& config_;
  std::vector<std::string> complaints_;
};

}  // namespace

std::vector<std::string> read_config_text(std::string_view text, std::string_view name, NodeConfig& config) {
  Reader reader(name, config);
  try {
    reader.read(YAML::Load(std::string(text)));
  } catch (const YAML::Exception& error) {
    reader.complain(error.mark, error.msg);
  }
  return reader.take_complaints();
}

std::vector<std::string> read_config_file(const std::filesystem::path& path, NodeConfig& config) {
  std::optional<std::string> text;
  try {
    text = tool::read_if_exists(path);
  } catch (const std::system_error& error) {
    return {error.what()};
  }
  if (!text) return {fmt::format("{}: there is no such file", path.string())};
  NodeConfig before = config;
  auto complaints = read_config_text(*text, path.string(), config);
  const auto resolve = [&](std::filesystem::path NodeConfig::* member) {
    auto& value = config.*member;
    if (value != before.*member && !value.empty() && value.is_relative()) value = path.parent_path() / value;
  };
  for (const auto member :
       {&NodeConfig::membership, &NodeConfig::state, &NodeConfig::control, &NodeConfig::key, &NodeConfig::trusted}) {
    resolve(member);
  }
  return complaints;
}

std::expected<void, std::string> set_config_key(NodeConfig& config, std::string_view setting) {
  const auto split = setting.find('=');
  if (split == std::string_view::npos) {
    return std::unexpected(fmt::format("found '{}', expected KEY=VALUE", setting));
  }
  const std::string_view name = setting.substr(0, split);
  const std::string_view value = setting.substr(split + 1);
  const ConfigKey* key = find_config_key(name);
  if (key == nullptr) return std::unexpected(unknown_key("", name));
  if (const auto done = key->set(config, value); !done) {
    return std::unexpected(fmt::format("{}: found '{}', expected {}", name, value, done.error()));
  }
  return {};
}

std::vector<std::string> check_config(const NodeConfig& config) {
  std::vector<std::string> complaints;
  if (config.ids == IdPolicy::certified && (config.authority.empty() || config.membership.empty())) {
    complaints.emplace_back("ids: certified needs `authority` and `membership`");
  }
  if (config.ids != IdPolicy::certified && !config.membership.empty()) {
    complaints.emplace_back("membership: only swarms with `ids: certified` have one");
  }
  if (config.external && config.reach == Reach::outgoing) {
    complaints.emplace_back("external: contradicts `reach: outgoing`");
  }
  if (config.retry_max < config.retry_min) complaints.emplace_back("join.retry_max: is less than join.retry_min");
  if (config.punch_retry_max < config.punch_retry_min) {
    complaints.emplace_back("punching.retry_max: is less than punching.retry_min");
  }
  if (config.require_sealed && config.trusted.empty()) {
    complaints.emplace_back("require_sealed: needs `trusted_keys`, or every message would be dropped");
  }
  return complaints;
}

}  // namespace cicada::node
