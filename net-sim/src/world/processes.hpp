#pragma once
/// What peers are made to do in a scenario, and what is done to them: each workload and fault as a `Process`.

#include <memory>

#include <cicada/sim/scenario.hpp>
#include <cicada/sim/scenario_events.hpp>

#include "world.hpp"

namespace cicada::sim {

/// Adds the processes of all workloads and faults, and schedules their beginnings. The peers of the start must exist.
/// Throws std::runtime_error where a trace cannot be read.
void add_workloads(World& world);

/// Makes the first peers as `peers.join` says.
void add_population(World& world);

/// One draw from the distribution; never negative.
[[nodiscard]] Duration draw(const Distribution& distribution, Rng& rng);

}  // namespace cicada::sim
