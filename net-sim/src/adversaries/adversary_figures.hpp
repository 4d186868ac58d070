#pragma once
/// What the hostile peers of a world did, and how far they got into the tables of the others.

#include <nlohmann/json.hpp>

#include "world/world.hpp"

namespace cicada::sim {

/// Keys of the section `resilience`, for a world with adversaries. Cost: O(members x their tables).
[[nodiscard]] nlohmann::ordered_json adversary_figures(const World& world);

}  // namespace cicada::sim
