#include "key_load.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include <cicada/assert.hpp>
#include <cicada/rng.hpp>

namespace cicada::sim {

KeyLoad key_load(const World& world, std::uint64_t keys) {
  CICADA_ASSERT(!world.members().empty());
  std::vector<std::uint64_t> owned_by_life(world.lives());
  Rng rng(world.seed(), Purpose::sampling);
  for (std::uint64_t i = 0; i < keys; ++i) {
    const Id key{{rng.next(), rng.next(), rng.next(), rng.next()}};
    ++owned_by_life[world.truth().successor_of(key).index];
  }
  // Members that own nothing count too; the dead, who own nothing either, do not.
  std::vector<std::uint64_t> owned;
  owned.reserve(world.members().size());
  for (const PeerIndex member : world.members()) owned.push_back(owned_by_life[member]);
  std::ranges::sort(owned);
  const auto at = [&](double ratio) {
    const double rank = std::max(1.0, std::ceil(ratio * static_cast<double>(owned.size())));
    return static_cast<double>(owned[static_cast<std::size_t>(rank) - 1]);
  };
  return {static_cast<double>(keys) / static_cast<double>(owned.size()), at(0.01), at(0.99), at(1.0)};
}

}  // namespace cicada::sim
