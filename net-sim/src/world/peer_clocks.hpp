#pragma once
/// The time of day as the peers' hosts see it, where a scenario makes some of their clocks wrong, and which hosts are
/// asleep. Clocks belong to hosts: a new life of a host has the clock of the one before. In a world without such faults
/// everybody's time of day is the time of the simulation, and nothing here costs more than a look.

#include <cstdint>
#include <unordered_map>

#include <cicada/time.hpp>

namespace cicada::sim {

class PeerClocks {
 public:
  /// From now on some clocks may be wrong. The time of day then begins at a day, so that none is before its origin.
  void use() { origin_ = std::chrono::hours(24); }
  [[nodiscard]] bool used() const { return origin_ > Duration::zero(); }

  /// From `now` on the host's clock is ahead by `offset` and gains `drift_ratio` of each second; both may be negative.
  void set(std::uint32_t host, TimePoint now, Duration offset, double drift_ratio) {
    if (offset == Duration::zero() && drift_ratio == 0)
      clocks_.erase(host);
    else
      clocks_.insert_or_assign(host, Wrong{offset, drift_ratio, now});
  }
  [[nodiscard]] Duration offset(std::uint32_t host, TimePoint now) const {
    const auto wrong = clocks_.find(host);
    if (wrong == clocks_.end()) return {};
    const auto [offset, drift_ratio, since] = wrong->second;
    return offset + Duration(static_cast<Duration::rep>(drift_ratio * static_cast<double>((now - since).count())));
  }
  [[nodiscard]] TimePoint wall(std::uint32_t host, TimePoint now) const {
    return used() ? now + origin_ + offset(host, now) : now;
  }
  /// Would the two compare their clocks and have no link? As the real node does it.
  [[nodiscard]] bool apart(std::uint32_t a, std::uint32_t b, TimePoint now) const {
    if (clocks_.empty()) return false;
    const Duration difference = offset(a, now) - offset(b, now);
    return difference > clock_difference_max || difference < -clock_difference_max;
  }

 private:
  struct Wrong {
    Duration offset{};
    double drift_ratio = 0;
    TimePoint since{};
  };
  Duration origin_{};
  std::unordered_map<std::uint32_t, Wrong> clocks_;  ///< By host. Only asked for single hosts.
};

}  // namespace cicada::sim
