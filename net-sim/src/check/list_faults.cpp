#include "list_faults.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace cicada::sim {

namespace {

/// Good lists are recognised by prefixes alone: clockwise distances from the owner that grow.
bool distances_grow(Peer owner, std::span<const Peer> list) {
  std::uint64_t last = 0;
  for (const Peer& peer : list) {
    if (!peer.exists()) continue;
    const std::uint64_t distance = peer.prefix() - owner.prefix();
    if (distance <= last) return false;
    last = distance;
  }
  return true;
}

}  // namespace

ListFaults list_faults(const PeerStates& states, Peer owner, std::span<const Peer> list) {
  ListFaults faults;
  if (distances_grow(owner, list)) [[likely]]
    return faults;
  const auto same_id = [&](Peer a, Peer b) {
    return a.prefix() == b.prefix() && states.id_of(a.index) == states.id_of(b.index);
  };
  const Id own = states.id_of(owner.index);
  Id last;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const Peer peer = list[i];
    if (!peer.exists()) continue;
    if (same_id(peer, owner)) {
      faults.own_id = true;
      continue;
    }
    const auto repeats = [&](const Peer& earlier) { return earlier.exists() && same_id(earlier, peer); };
    if (std::ranges::any_of(list.first(i), repeats)) {
      faults.duplicate = true;
      continue;
    }
    const Id distance = states.id_of(peer.index) - own;
    if (distance < last) faults.unordered = true;
    last = distance;
  }
  return faults;
}

}  // namespace cicada::sim
