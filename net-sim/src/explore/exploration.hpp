#pragma once
/// Many small worlds, one after the other, each with the next seed: a search for a world in which the ring breaks.

#include <cicada/sim/run_result.hpp>
#include <cicada/sim/scenario.hpp>
#include <cicada/sim/simulation.hpp>

namespace cicada::sim {

/// Runs the section `explore:` of the scenario. `options` as for `run`.
[[nodiscard]] RunResult run_exploration(const Scenario& scenario, const RunOptions& options);

}  // namespace cicada::sim
