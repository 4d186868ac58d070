#pragma once
/// How often something may happen, in eight bytes: the generic cell rate algorithm (ITU-T I.371), which is a token
/// bucket that stores one time instead of a level. Integers only, so it is the same on every machine.

#include <algorithm>
#include <cstdint>

#include <cicada/time.hpp>

namespace cicada {

/// One each `interval` in the long run, and up to `burst` at once. Both above 0.
struct Pace {
  Duration interval = std::chrono::seconds(1);
  unsigned burst = 1;
};

class RateLimit {
 public:
  /// Takes `count` at `now` if all of them are within the pace; gives false, and changes nothing, otherwise.
  bool take(TimePoint now, const Pace& pace, unsigned count = 1) {
    if (!allows(now, pace, count)) return false;
    full_at_ = std::max(full_at_, now) + pace.interval * count;
    return true;
  }
  [[nodiscard]] bool allows(TimePoint now, const Pace& pace, unsigned count = 1) const {
    return std::max(full_at_, now) - now + pace.interval * count <= pace.interval * pace.burst;
  }

 private:
  TimePoint full_at_{};  ///< When the whole burst is there again.
};

}  // namespace cicada
