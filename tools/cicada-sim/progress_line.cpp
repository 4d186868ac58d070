#include "progress_line.hpp"

#include <fmt/core.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include <cicada/sim/report_text.hpp>

#include "text_table.hpp"

namespace cicada::tool {
namespace {

using namespace std::chrono_literals;
constexpr auto silence = 2s;
constexpr auto redraw_every = 100ms;
constexpr double smoothing_s = 10;
constexpr std::size_t bar_width = 24;

std::size_t terminal_width() {
  winsize size{};
  const bool known = ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return known ? size.ws_col : 80;
}

std::string bar(double ratio) {
  const auto filled = static_cast<std::size_t>(ratio * static_cast<double>(bar_width));
  return "[" + std::string(filled, '=') + std::string(bar_width - filled, ' ') + "]";
}

}  // namespace

ProgressLine::ProgressLine(bool wanted) : active_(wanted && ::isatty(STDERR_FILENO) == 1) {}

bool ProgressLine::due() const {
  if (!active_) return false;
  const auto now = Clock::now();
  return now - begin_ >= silence && now - last_ >= redraw_every;
}

std::string ProgressLine::time_left(double done_ratio, Clock::time_point now) {
  const double elapsed_s = std::chrono::duration<double>(now - begin_).count();
  const double step_s = std::chrono::duration<double>(now - last_).count();
  // Work changes its pace (churn begins, peers join), so recent speed counts more than the mean since the start.
  const double weight = speed_per_s_ > 0 ? 1 - std::exp(-step_s / smoothing_s) : 1;
  const double speed = speed_per_s_ > 0 ? (done_ratio - last_ratio_) / step_s : done_ratio / elapsed_s;
  speed_per_s_ += weight * (speed - speed_per_s_);
  if (!(speed_per_s_ > 0)) return "time left unknown";
  return sim::report::format_figure(std::ceil((1 - done_ratio) / speed_per_s_), sim::report::Unit::seconds) + " left";
}

void ProgressLine::show(double done_ratio, const std::vector<std::string>& parts) {
  if (!due()) return;
  const auto now = Clock::now();
  done_ratio = std::clamp(done_ratio, 0.0, 1.0);
  std::string line =
      fmt::format("{} {:3.0f} %  {}", bar(done_ratio), std::floor(done_ratio * 100), time_left(done_ratio, now));
  const std::size_t width = terminal_width();
  for (const std::string& part : parts) {
    if (text_width(line) + 2 + text_width(part) >= width) break;
    line += "  " + part;
  }
  fmt::print(stderr, "\r{}\033[K", line);
  std::fflush(stderr);
  drawn_ = true;
  last_ = now;
  last_ratio_ = done_ratio;
}

void ProgressLine::clear() {
  if (!drawn_) return;
  std::fputs("\r\033[K", stderr);
  std::fflush(stderr);
  drawn_ = false;
}

}  // namespace cicada::tool
