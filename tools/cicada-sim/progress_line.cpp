#include "progress_line.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include <cicada/sim/report_text.hpp>

#include "output.hpp"
#include "terminal.hpp"
#include "text_table.hpp"

namespace cicada::tool {
namespace {

using namespace std::chrono_literals;
constexpr auto silence = 2s;
constexpr auto redraw_every = 100ms;
constexpr double smoothing_s = 10;
constexpr std::size_t bar_width = 24;
constexpr std::size_t bar_columns_min = 60;  // In a narrower terminal the figures need the room.

std::string bar(double ratio) {
  const auto filled = static_cast<std::size_t>(ratio * static_cast<double>(bar_width));
  return "[" + std::string(filled, '=') + std::string(bar_width - filled, ' ') + "]";
}

}  // namespace

ProgressLine::ProgressLine(bool wanted) : active_(wanted && terminal_of(stderr).moves_cursor) {}

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
  const Terminal terminal = terminal_of(stderr);
  std::string line = terminal.columns < bar_columns_min ? std::string() : bar(done_ratio) + " ";
  line += fmt::format("{:3.0f} %", std::floor(done_ratio * 100));
  std::vector<std::string> rest = {time_left(done_ratio, now)};
  rest.insert(rest.end(), parts.begin(), parts.end());
  for (const std::string& part : rest) {
    const std::string shown = one_line(part, terminal.utf8);
    if (text_width(line) + 2 + text_width(shown) >= terminal.columns) break;
    line += "  " + shown;
  }
  std::fputs(("\r" + line + "\033[K").c_str(), stderr);
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
