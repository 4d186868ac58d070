#pragma once
/// A line on the terminal that is redrawn in place while long work goes on: a bar, the time left, and what the work
/// says. It appears only when stderr is a terminal and the work takes over two seconds.

#include <chrono>
#include <string>
#include <vector>

namespace cicada::tool {

class ProgressLine {
 public:
  /// `wanted` false: never draws.
  explicit ProgressLine(bool wanted);
  ~ProgressLine() { clear(); }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  /// `done_ratio` from 0 to 1. `parts` stand behind the bar and are left away from the end where the terminal is
  /// narrow. Cheap to call often: draws ten times a second at most.
  void show(double done_ratio, const std::vector<std::string>& parts);

  /// Whether `show` would draw now, for callers whose parts are costly to make.
  [[nodiscard]] bool due() const;

  /// Removes the line, so that other text can be printed.
  void clear();

 private:
  using Clock = std::chrono::steady_clock;
  [[nodiscard]] std::string time_left(double done_ratio, Clock::time_point now);

  bool active_;
  bool drawn_ = false;
  Clock::time_point begin_ = Clock::now();
  Clock::time_point last_ = begin_;
  double last_ratio_ = 0;
  double speed_per_s_ = 0;  // Share of the work per second, smoothed over the last seconds.
};

}  // namespace cicada::tool
