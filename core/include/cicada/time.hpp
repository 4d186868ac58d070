#pragma once
/// Time as the protocol sees it: nanoseconds since an origin that all peers of a world share (the start of a
/// simulation, or 1970), so that ages of messages mean something. The clock type cannot be read: time comes only as an
/// argument.

#include <chrono>
#include <cstdint>

namespace cicada {

using Duration = std::chrono::nanoseconds;

/// A clock that cannot be read. It only gives `TimePoint` its type.
struct ProtocolClock {
  using duration = Duration;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<ProtocolClock>;
  static constexpr bool is_steady = true;
};

using TimePoint = ProtocolClock::time_point;

/// "Never": later than every deadline that can be armed.
inline constexpr TimePoint time_never = TimePoint::max();

}  // namespace cicada
