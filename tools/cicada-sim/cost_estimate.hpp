#pragma once
/// What a run will cost, guessed before it: good enough to tell a minute from an hour and a megabyte from a gigabyte.

#include <cicada/sim/scenario.hpp>

namespace cicada::tool {

struct CostEstimate {
  double peers_max = 0;  ///< Live peers at the most crowded time.
  double events = 0;
  double memory_bytes = 0;
  double wall_s = 0;  ///< On one core of a machine such as those of results/bench.
};

/// From the traffic that the protocol's periods and the workloads make in a ring of that size. Within a factor of two
/// or so for a healthy ring; repairs after mass failures cost more than this knows.
CostEstimate estimate_cost(const sim::Scenario& scenario);

}  // namespace cicada::tool
