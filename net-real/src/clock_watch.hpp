#pragma once
/// Finds out what happened to a host's clocks between two looks, from three of them: one that is steady and stands
/// still while the machine sleeps, the time slept, and the time of day. A look each `period`, at least.

#include <optional>
#include <vector>

#include <cicada/host_clock.hpp>

namespace cicada {

class ClockWatch {
 public:
  static constexpr Duration period = std::chrono::seconds(1);
  static constexpr Duration sleep_min = std::chrono::milliseconds(500);
  static constexpr Duration stall_min = std::chrono::seconds(2);  ///< Beyond `period`.
  static constexpr Duration step_min = std::chrono::seconds(1);   ///< Also the sum of many small ones.

  struct Readings {
    Duration steady{};
    Duration slept{};
    TimePoint wall{};
  };

  /// What happened since the last look; as a rule nothing. The first look finds nothing.
  std::vector<ClockEvent> look(const Readings& now) {
    std::vector<ClockEvent> events;
    const TimePoint origin = now.wall - now.steady - now.slept;
    if (last_) {
      if (const Duration by = now.slept - last_->slept; by >= sleep_min)
        events.push_back({ClockEvent::Kind::slept, by, {}});
      if (const Duration by = now.steady - last_->steady - period; by >= stall_min)
        events.push_back({ClockEvent::Kind::stood_still, by, {}});
      if (const Duration by = origin - origin_; by >= step_min || by <= -step_min) {
        events.push_back({ClockEvent::Kind::stepped, by, {}});
        origin_ = origin;
      }
    } else {
      origin_ = origin;
    }
    last_ = now;
    return events;
  }

 private:
  std::optional<Readings> last_;
  TimePoint origin_{};  ///< The time of day at which the host was started, as it last counted.
};

}  // namespace cicada
