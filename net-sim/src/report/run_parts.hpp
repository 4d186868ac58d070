#pragma once
/// The parts of a run's report, each as HTML. A part whose figures are missing is empty or shorter.

#include <string>

#include <cicada/sim/run_result.hpp>

namespace cicada::sim::report {

/// Two to four sentences that say what happened, from the figures alone.
[[nodiscard]] std::string run_story(const RunResult& result);

/// The key figures.
[[nodiscard]] std::string run_tiles(const nlohmann::ordered_json& summary);

/// Delivery against the ceiling that the overlay's links allowed, with intervals, and the closed forms beside it. Empty
/// where no ceiling was measured.
[[nodiscard]] std::string ceiling_part(const nlohmann::ordered_json& summary);

/// Plots of the series, and of the distributions.
[[nodiscard]] std::string series_plots(const Series& series);
[[nodiscard]] std::string distribution_plots(const RunResult& result);

}  // namespace cicada::sim::report
