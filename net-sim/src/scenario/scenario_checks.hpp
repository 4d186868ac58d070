#pragma once
/// What can only be judged when several values of a scenario are known: sums, orders, counts.

#include <vector>

#include "schema_reader.hpp"

namespace cicada::sim {

/// Adds a mistake for each contradiction; it points at the key that was given, or at the nearest section around it.
void check_scenario(const Scenario&, const Places&, const Position& top, std::vector<Mistake>&);

}  // namespace cicada::sim
