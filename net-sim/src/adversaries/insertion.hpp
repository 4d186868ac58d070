#pragma once
/// Peers that adversaries add to the swarm at ids of their choice.

#include <vector>

#include <cicada/id.hpp>
#include <cicada/time.hpp>

#include "selection.hpp"

namespace cicada::sim {

struct Insertion {
  Id id;
  EntryMask entry = 0;
  TimePoint at;  ///< 0: part of the ring at the start.
};

/// All peers that the entries add, in the order of entries. The ring need not exist yet.
[[nodiscard]] std::vector<Insertion> plan_insertions(const World& world, const Selection& selection);

/// How many ids a host of this entry can run.
[[nodiscard]] std::uint64_t affordable_ids(const SybilAttack& attack);

}  // namespace cicada::sim
