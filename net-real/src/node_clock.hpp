#pragma once
/// The timers of one node, on one timer of the reactor, and the `now` that its steps see: that of the steady clock, so
/// it never jumps, and stands still while the machine sleeps. (Times that are signed are others: `HostClock`.)

#include <algorithm>
#include <array>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <memory>

#include <cicada/environment.hpp>

namespace cicada {

class NodeClock final : public Clock {
 public:
  /// `fire` is called for each timer that is due, outside any step.
  NodeClock(boost::asio::io_context& reactor, std::function<void(Timer)> fire)
      : timer_(reactor), fire_(std::move(fire)) {
    reset();
  }

  [[nodiscard]] static TimePoint now() {
    return TimePoint(std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now().time_since_epoch()));
  }

  void arm(Timer timer, TimePoint at) override {
    due_[static_cast<std::size_t>(timer)] = at;
    if (at < wake_) wait_until(at);
  }
  void disarm(Timer timer) override { due_[static_cast<std::size_t>(timer)] = time_never; }
  /// Disarms all of them.
  void reset() {
    due_.fill(time_never);
    wake_ = time_never;
    wait_.reset();
    timer_.cancel();
  }

 private:
  void wait_until(TimePoint at) {
    wake_ = at;
    timer_.expires_at(std::chrono::steady_clock::time_point(at.time_since_epoch()));
    // An expiry may be queued already when the timer is cancelled or destroyed.
    timer_.async_wait(
        [this, wait = std::weak_ptr(wait_ = std::make_shared<char>())](const boost::system::error_code& error) {
          if (!error && !wait.expired()) wake_up();
        });
  }
  void wake_up() {
    wake_ = time_never;
    const TimePoint time = now();
    for (std::size_t i = 0; i < timer_count; ++i) {
      if (due_[i] > time) continue;
      due_[i] = time_never;
      fire_(static_cast<Timer>(i));
    }
    const TimePoint next = *std::ranges::min_element(due_);
    if (next < wake_) wait_until(next);
  }

  boost::asio::steady_timer timer_;
  std::function<void(Timer)> fire_;
  std::array<TimePoint, timer_count> due_{};
  std::shared_ptr<char> wait_;   ///< Of the wait that counts.
  TimePoint wake_ = time_never;  ///< When the reactor's timer fires.
};

}  // namespace cicada
