#include "default_keys.hpp"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <map>
#include <set>
#include <string_view>

#include <cicada/sim/scenario_loader.hpp>

namespace cicada::tool {
namespace {

using nlohmann::ordered_json;

/// Names the items of a list as `--set` does: by their one key, and by the position among those of that key where there
/// are several. Plain lists have no names.
class ItemNames {
 public:
  void add(const std::string& kind) { ++total_[kind]; }
  std::string next(const std::string& kind) {
    const std::size_t position = seen_[kind]++;
    return total_[kind] > 1 ? kind + '.' + std::to_string(position) : kind;
  }

 private:
  std::map<std::string, std::size_t> total_, seen_;
};

std::string join(const std::string& path, const std::string& name) { return path.empty() ? name : path + '.' + name; }

/// All paths of a YAML file that hold something other than a map with keys of its own.
void collect(const YAML::Node& node, const std::string& path, std::set<std::string>& given) {
  if (node.IsMap()) {
    for (const auto& entry : node) collect(entry.second, join(path, entry.first.as<std::string>()), given);
  } else if (node.IsSequence() && node.size() > 0 && node[0].IsMap()) {
    ItemNames names;
    for (const auto& item : node) names.add(item.begin()->first.as<std::string>());
    for (const auto& item : node) {
      const auto kind = item.begin()->first.as<std::string>();
      collect(item.begin()->second, join(path, names.next(kind)), given);
    }
  } else {
    given.insert(path);
  }
}

/// Whether the path, or a section around it (`replace: never`), was given.
bool is_given(const std::string& path, const std::set<std::string>& given) {
  for (std::size_t end = path.size(); end != std::string::npos; end = end > 0 ? path.rfind('.', end - 1) : end) {
    if (given.contains(path.substr(0, end))) return true;
    if (end == 0) break;
  }
  return false;
}

std::string value_text(const ordered_json& value) {
  if (value.empty() || value == "") return "(none)";
  return value.is_string() ? value.get<std::string>() : value.dump();
}

using Pairs = std::vector<std::pair<std::string, std::string>>;

void list_defaults(const ordered_json& value, const std::string& path, const std::set<std::string>& given, Pairs& out) {
  if (value.is_object() && !value.empty()) {
    for (const auto& [key, child] : value.items()) list_defaults(child, join(path, key), given, out);
  } else if (value.is_array() && !value.empty() && value[0].is_object()) {
    ItemNames names;
    for (const auto& item : value) names.add(item.begin().key());
    for (const auto& item : value) {
      const std::string kind = item.begin().key();
      list_defaults(item.begin().value(), join(path, names.next(kind)), given, out);
    }
  } else if (!is_given(path, given)) {
    out.emplace_back(path, value_text(value));
  }
}

/// Defaults that depend on the rest of the scenario, so that its values do not hold them.
void list_unset(const sim::Scenario& scenario, const ordered_json& written, const std::set<std::string>& given,
                Pairs& out) {
  const auto add = [&](const std::string& path, const std::string& value) {
    if (!is_given(path, given)) out.emplace_back(path, value);
  };
  for (const char* list : {"workloads", "adversaries"}) {
    const auto items = written.find(list);
    if (items == written.end()) continue;
    ItemNames names;
    for (const auto& item : *items) names.add(item.begin().key());
    for (const auto& item : *items) {
      const std::string path = join(list, names.next(item.begin().key()));
      const bool traced = is_given(join(path, "trace"), given) || is_given(join(path, "session.trace"), given);
      if (!traced) add(join(path, "stop"), "the end");
    }
  }
  if (!scenario.measure.ceiling) add("measure.ceiling", std::to_string(sim::ceiling_every(scenario)));
  if (!scenario.measure.disjoint_paths) add("measure.disjoint_paths", std::to_string(sim::disjoint_samples(scenario)));
}

}  // namespace

Pairs default_keys(const sim::Scenario& scenario, const std::string& file, const std::vector<std::string>& settings) {
  std::set<std::string> given;
  // The loader has read this file already and found it good; should it have gone since, all counts as default.
  try {
    collect(YAML::LoadFile(file), "", given);
  } catch (const YAML::Exception&) {
    given.clear();
  }
  for (const std::string& setting : settings) given.insert(setting.substr(0, setting.find('=')));
  Pairs defaults;
  const ordered_json written = sim::to_json(scenario);
  list_defaults(written, "", given, defaults);
  list_unset(scenario, written, given, defaults);
  return defaults;
}

}  // namespace cicada::tool
