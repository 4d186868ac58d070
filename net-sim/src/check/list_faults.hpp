#pragma once
/// What is wrong with one successor list on its own, whoever is alive.

#include <span>

#include <cicada/peer.hpp>
#include <cicada/sim/ring_checker.hpp>

namespace cicada::sim {

struct ListFaults {
  bool unordered = false;
  bool duplicate = false;
  bool own_id = false;
};

/// Each fault is found apart from the others: the order is that of the entries without the owner's id and without
/// repetitions. Padded entries are nobody, wherever they stand. Cost: O(r) for a good list, else O(r²).
[[nodiscard]] ListFaults list_faults(const PeerStates& states, Peer owner, std::span<const Peer> list);

}  // namespace cicada::sim
