#include "sweep_folder.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <utility>

#include <cicada/sim/output_folder.hpp>
#include <cicada/sim/scenario_loader.hpp>

#include "files.hpp"
#include "verdict.hpp"

namespace cicada::tool {
namespace fs = std::filesystem;
using nlohmann::ordered_json;
namespace {

constexpr std::size_t name_length_max = 120;

bool plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("._=,%+-").find(c) != std::string_view::npos;
}

/// FNV-1a, 64 bits: tells labels apart that look alike once cut or cleaned.
std::uint64_t hash_of(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}

/// The part of a scenario that decides what a run of it does.
ordered_json decisive(ordered_json scenario) {
  for (const char* key : {"sweep", "expect", "about"}) scenario.erase(key);
  return scenario;
}

bool finished(const ordered_json& summary) { return summary.value("interrupted", true) == false; }

/// Draws the folder of a run again with other expectations.
std::optional<ordered_json> rejudge(const fs::path& folder, const sim::Scenario& scenario, ordered_json described) {
  auto run = sim::read_run(folder);
  if (!run) return std::nullopt;
  run->manifest["scenario"] = std::move(described);
  judge(scenario.expect, run->result);
  if (!sim::write_run(folder, std::move(run->manifest), run->result)) return std::nullopt;
  return std::move(run->result.summary);
}

}  // namespace

fs::path cell_folder(const sim::SweepCell& cell) {
  std::string name = cell.label;
  std::ranges::replace(name, ' ', ',');
  const bool long_name = name.size() > name_length_max;
  if (long_name) name.resize(name_length_max);
  const bool odd = name.starts_with('.') || !std::ranges::all_of(name, plain);
  std::ranges::replace_if(name, [](char c) { return !plain(c); }, '_');
  if (long_name || odd) name = fmt::format("{}-{:016x}", name, hash_of(cell.label));
  if (name.starts_with('.')) name.front() = '_';
  return fs::path("cells") / name;
}

std::optional<ordered_json> stored_summary(const fs::path& folder, const sim::Scenario& scenario) {
  auto summary = read_json(folder / "summary.json");
  if (!summary || !finished(*summary)) return std::nullopt;
  const auto manifest = read_json(folder / "manifest.json");
  if (!manifest || !manifest->contains("scenario")) return std::nullopt;
  // Figures of two versions must not stand in one table. Without version control there is nothing to compare.
  const ordered_json ours = sim::make_manifest({}, "");
  if (manifest->value("commit", std::string()) != ours["commit"].get<std::string>()) return std::nullopt;
  ordered_json described = sim::to_json(scenario);
  const ordered_json& stored = (*manifest)["scenario"];
  if (decisive(stored) != decisive(described)) return std::nullopt;
  const bool same_words = stored.value("expect", ordered_json()) == described.value("expect", ordered_json()) &&
                          stored.value("about", ordered_json()) == described.value("about", ordered_json());
  return same_words ? std::move(summary) : rejudge(folder, scenario, std::move(described));
}

std::expected<void, std::string> write_plan(const fs::path& folder, const ordered_json& manifest,
                                            const std::vector<sim::SweepCell>& cells) {
  ordered_json list = ordered_json::array();
  for (const sim::SweepCell& cell : cells) {
    ordered_json settings = ordered_json::object();
    for (const auto& [key, value] : cell.settings) settings[key] = value;
    list.push_back({{"folder", cell_folder(cell).string()}, {"settings", std::move(settings)}, {"seed", cell.seed}});
  }
  if (auto claimed = sim::claim_output_folder(folder, manifest, sim::OutputKind::sweep); !claimed) return claimed;
  const sim::OutputFile plan{"plan.json", sim::json_text({{"cells", std::move(list)}})};
  return sim::write_output_files(folder, {&plan, 1}, sim::OutputKind::sweep);
}

std::expected<sim::SweepResult, std::string> read_sweep(const fs::path& folder) {
  auto manifest = read_json(folder / "manifest.json");
  const auto plan = read_json(folder / "plan.json");
  if (!manifest || !plan || !plan->contains("cells") || !(*plan)["cells"].is_array()) {
    return std::unexpected(fmt::format("{}: is not the folder of a sweep", folder.string()));
  }
  sim::SweepResult sweep;
  sweep.manifest = std::move(*manifest);
  try {
    for (const ordered_json& planned : (*plan)["cells"]) {
      ++sweep.cells_planned;
      auto summary = read_json(folder / planned.at("folder").get<std::string>() / "summary.json");
      if (!summary || !finished(*summary)) continue;
      sim::CellResult& cell = sweep.cells.emplace_back();
      for (const auto& [key, value] : planned.at("settings").items()) {
        cell.settings.emplace_back(key, value.get<std::string>());
      }
      cell.seed = planned.at("seed").get<std::uint64_t>();
      cell.summary = std::move(*summary);
    }
  } catch (const ordered_json::exception& error) {
    return std::unexpected(fmt::format("{}: is damaged: {}", (folder / "plan.json").string(), error.what()));
  }
  if (sweep.cells.empty()) return std::unexpected(fmt::format("{}: has no finished cell yet", folder.string()));
  return sweep;
}

}  // namespace cicada::tool
