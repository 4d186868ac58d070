#pragma once
/// The folder of a sweep on disk: `plan.json` (its cells), `cells/<name>/` (each the folder of a run), and the report
/// over all of them. What is there already, and is what the sweep would make, need not be made again.

#include <expected>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <cicada/sim/report.hpp>
#include <cicada/sim/scenario.hpp>
#include <cicada/sim/sweep.hpp>

namespace cicada::tool {

/// `cells/<settings>-seed<n>`, relative to the sweep's folder. It depends on the cell alone, so that a sweep that is
/// made wider later finds its older cells again.
std::filesystem::path cell_folder(const sim::SweepCell& cell);

/// The complete summary of an earlier run of this very scenario and seed by this very version, or nothing. Where only
/// the expectations or the description have changed since, they are brought up to date in the folder; the simulation
/// stays valid.
std::optional<nlohmann::ordered_json> stored_summary(const std::filesystem::path& folder,
                                                     const sim::Scenario& scenario);

/// Makes the folder ours, and writes what the sweep is going to run.
std::expected<void, std::string> write_plan(const std::filesystem::path& folder, const nlohmann::ordered_json& manifest,
                                            const std::vector<sim::SweepCell>& cells);

/// Reads a sweep's folder back: every complete cell of its plan.
std::expected<sim::SweepResult, std::string> read_sweep(const std::filesystem::path& folder);

}  // namespace cicada::tool
