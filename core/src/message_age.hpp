#pragma once
/// Is a signed time acceptable? The time is whatever number its writer chose, so nothing here may overflow for any of
/// them.

#include <cstdint>

#include <cicada/time.hpp>

namespace cicada {

enum class Age : std::uint8_t {
  good,
  stale,  ///< Older than allowed: a replay, or held back on its way for too long.
  ahead,  ///< Further in the future than clocks differ: it could be replayed for as long as it pretends to be young.
};

/// Judges what was signed at `sent_ns` (nanoseconds on the clock of `wall`, any value) by the own clock. Exactly
/// `age_max` old and exactly `ahead_max` ahead are good; a negative limit counts as zero. Any thread; cost O(1).
[[nodiscard]] constexpr Age age_of(std::uint64_t sent_ns, TimePoint wall, Duration age_max, Duration ahead_max) {
  // Both are moved up by 2^63, so that times before the clock's origin are ordered too, in unsigned numbers only.
  constexpr std::uint64_t origin = std::uint64_t{1} << 63;
  const auto limit = [](Duration duration) {
    return duration.count() > 0 ? static_cast<std::uint64_t>(duration.count()) : std::uint64_t{0};
  };
  if (sent_ns >= origin) return Age::ahead;  // Later than any clock of ours can say.
  const std::uint64_t sent = sent_ns + origin;
  const std::uint64_t own = to_ns(wall) + origin;
  if (sent <= own) return own - sent > limit(age_max) ? Age::stale : Age::good;
  return sent - own > limit(ahead_max) ? Age::ahead : Age::good;
}

}  // namespace cicada
