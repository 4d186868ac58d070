#include <cicada/host_clock.hpp>

#include <ctime>

namespace cicada {
namespace {

Duration read(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

class SystemClocks final : public HostClock {
 public:
  [[nodiscard]] TimePoint wall() const override { return TimePoint(read(CLOCK_REALTIME)); }
  [[nodiscard]] Duration slept() const override { return read(CLOCK_BOOTTIME) - read(CLOCK_MONOTONIC); }
};

}  // namespace

std::shared_ptr<const HostClock> HostClock::system() {
  static const auto clocks = std::make_shared<const SystemClocks>();
  return clocks;
}

}  // namespace cicada
