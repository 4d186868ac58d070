#pragma once
/// How this node's time of day compares with those of its peers. Each key counts once, with its last word; what it says
/// is hearsay, and nothing is decided by it but what a person is told.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <limits>
#include <vector>

#include <cicada/host_clock.hpp>
#include <cicada/message.hpp>

namespace cicada {

/// By how much `own` is ahead of what a peer says; any number may be said.
[[nodiscard]] constexpr Duration ahead_of(std::uint64_t said_ns, TimePoint own) {
  const auto max = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  const auto said = static_cast<std::int64_t>(std::min(said_ns, max));
  return Duration(std::max<std::int64_t>(own.time_since_epoch().count(), 0) - said);
}
[[nodiscard]] constexpr bool too_far(Duration ahead) {
  return ahead > clock_difference_max || ahead < -clock_difference_max;
}

class ClockBook {
 public:
  using Time = std::chrono::steady_clock::time_point;
  static constexpr std::size_t entries_max = 64;  ///< The oldest gives way.
  static constexpr Duration kept = std::chrono::minutes(10);

  void note(const PublicKey& key, Duration ahead, Time now) {
    std::erase_if(entries_, [&](const Entry& entry) { return entry.key == key || now - entry.when > kept; });
    if (entries_.size() == entries_max) entries_.erase(entries_.begin());
    entries_.push_back({key, ahead, now});
  }
  /// The own clock was set: what was compared does not hold any more.
  void clear() { entries_.clear(); }

  [[nodiscard]] ClockReport report(Time now) const {
    std::vector<Duration> ahead;
    ClockReport report;
    for (const Entry& entry : entries_) {
      if (now - entry.when > kept) continue;
      ahead.push_back(entry.ahead);
      ++report.compared;
      if (too_far(entry.ahead)) ++report.too_far;
    }
    if (ahead.empty()) return report;
    const auto middle = ahead.begin() + static_cast<std::ptrdiff_t>(ahead.size() / 2);
    std::ranges::nth_element(ahead, middle);
    report.ahead = *middle;
    return report;
  }

 private:
  struct Entry {
    PublicKey key{};
    Duration ahead{};
    Time when{};
  };
  std::vector<Entry> entries_;  ///< The oldest first.
};

}  // namespace cicada
