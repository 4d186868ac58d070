#pragma once
/// Reports for people: one HTML page for a run, one for a sweep. A page is self-contained (no network, no fonts or
/// scripts from elsewhere), its plots are static SVG that needs no JavaScript, and it reads well on a phone, in the
/// dark and on paper. Every text that comes from a scenario is escaped: scenarios are not trusted.

#include <cstdint>
#include <expected>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <cicada/sim/run_result.hpp>

namespace cicada::sim {

/// The report of one run. Reads from `manifest`: `scenario` (an object with `name` and `about`), `command`, `commit`,
/// `compiler`, `build`. Any key, column or distribution may be missing; what depends on it is then left out.
[[nodiscard]] std::string run_report_html(const nlohmann::ordered_json& manifest, const RunResult& result);

/// One run of a sweep: what came out of a `SweepCell` (sweep.hpp).
struct CellResult {
  std::vector<std::pair<std::string, std::string>> settings;  ///< (key, value as written), the same keys in every cell.
  std::uint64_t seed = 0;
  nlohmann::ordered_json summary;
};

/// A sweep, finished or not.
struct SweepResult {
  nlohmann::ordered_json manifest;  ///< As `make_manifest` gives it.
  std::vector<CellResult> cells;
  std::size_t cells_planned = 0;  ///< 0: as many as there are. More than there are: the report says what is missing.
  bool interrupted = false;
};

/// The figures of a sweep over its seeds: for every combination of settings and every main metric the mean, its 95 %
/// interval (Student's t over seeds; null with one seed) and the number of seeds. Combinations keep the order of their
/// first cell. Where the scenario has `sweep.expect`, each of them has a list `expect` as the summary of a run.
[[nodiscard]] nlohmann::ordered_json sweep_summary(const SweepResult& sweep);

/// A row per cell: settings, seed, then every number and flag of the summaries under its dotted key.
[[nodiscard]] std::string cells_csv(const SweepResult& sweep);

/// The report of a sweep: each main metric against the first axis (numeric when all its values start with a number and
/// have the same unit), a line per value of the second, a panel per value of further axes, with 95 % intervals over
/// seeds.
[[nodiscard]] std::string sweep_report_html(const SweepResult& sweep);

/// Writes `manifest.json`, `cells.csv`, `report.html` and `summary.json` into `folder`, as `write_run` does for a run.
/// Other files there (the stored cells of a sweep that can be resumed) are kept.
[[nodiscard]] std::expected<void, std::string> write_sweep_report(const std::filesystem::path& folder,
                                                                  const SweepResult& sweep);

}  // namespace cicada::sim
