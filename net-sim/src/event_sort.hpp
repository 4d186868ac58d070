#pragma once
/// Sorting of one bucket of the event queue. Not a general sort: it relies on all times lying within the bucket's
/// width.

#include <cstddef>
#include <cstdint>
#include <vector>

#include <cicada/sim/event.hpp>

namespace cicada::sim {

/// The largest bucket for distribute_descending().
inline constexpr std::size_t distribution_max = 512;

/// Replaces `sorted` by the events of `from`, the last one to happen first. All times must lie in [begin_ns, begin_ns +
/// 2^shift), and there must be at most `distribution_max` events. Linear for evenly spread times, O(n log n) at worst.
/// Contents of `from` are unspecified afterwards.
void distribute_descending(std::vector<Event>& from, std::vector<Event>& sorted, std::uint64_t begin_ns,
                           std::uint32_t shift);

}  // namespace cicada::sim
