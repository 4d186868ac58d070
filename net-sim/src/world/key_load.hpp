#pragma once
/// How evenly keys spread over the members: the load balance of Stoica et al., SIGCOMM 2001, section 6.2.

#include <cstdint>

#include "world.hpp"

namespace cicada::sim {

/// Keys owned by a member, over all members at one instant. Percentiles by nearest rank.
struct KeyLoad {
  double mean = 0;
  double p1 = 0;
  double p99 = 0;
  double max = 0;
};

/// Draws `keys` random keys and counts what each present member owns by the ground truth. Draws from a stream of its
/// own, so it changes nothing in the world. Cost: O(keys log N). Precondition: there is a member.
[[nodiscard]] KeyLoad key_load(const World& world, std::uint64_t keys);

}  // namespace cicada::sim
