#pragma once
/// Time as the protocol sees it, in nanoseconds. A step gets two readings (`Environment`): `now`, which only grows and
/// means something to this node alone, and `wall`, the time of day since an origin that all peers of a world share
/// (1970, or that of a simulation), so that ages of messages mean something. The clock type cannot be read: time comes
/// only as an argument.

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

/// By how much the clocks of two peers may differ that have a link. Both worlds compare them when a link is opened.
inline constexpr Duration clock_difference_max = std::chrono::seconds(30);

/// A reading of the time of day as it is signed. Before the origin it gives a number that everybody refuses.
[[nodiscard]] constexpr std::uint64_t to_ns(TimePoint wall) {
  return static_cast<std::uint64_t>(wall.time_since_epoch().count());
}

}  // namespace cicada
