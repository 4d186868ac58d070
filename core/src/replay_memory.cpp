#include <cicada/replay_memory.hpp>

#include <algorithm>

#include "message_age.hpp"

namespace cicada {

bool ReplayMemory::add(TimePoint wall, std::uint64_t sent_ns, std::uint64_t id, const Limits& limits) {
  const auto oldest_beyond = [&](Duration age) {
    return !entries_.empty() && age_of(entries_.begin()->first, wall, age, age) == Age::stale;
  };
  while (entries_.size() > aged_kept && oldest_beyond(limits.age_max)) forget_oldest();
  if (entries_.size() >= limits.entries_max) {
    if (!oldest_beyond(limits.fresh)) return false;
    forget_oldest();
  }
  entries_.emplace(sent_ns, id);
  return true;
}

/// What was signed before counts as known from here on: also where it was too old anyhow, because a clock that is set
/// back makes it young again.
void ReplayMemory::forget_oldest() {
  forgotten_before_ns_ = std::max(forgotten_before_ns_, entries_.begin()->first + 1);
  entries_.erase(entries_.begin());
}

}  // namespace cicada
