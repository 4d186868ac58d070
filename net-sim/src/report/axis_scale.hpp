#pragma once
/// The mathematics of a plot's axis: which range, which ticks, where a value stands. It draws nothing.

#include <string>
#include <vector>

#include <cicada/sim/report_text.hpp>

namespace cicada::sim::report {

struct Tick {
  double value = 0;
  std::string label;  ///< Empty: a mark without a number.
};

/// An axis from `low` to `high` (low < high; both > 0 when logarithmic) over the drawing range [from, to].
struct Scale {
  double low = 0;
  double high = 1;
  bool logarithmic = false;
  double from = 0;
  double to = 1;
  std::vector<Tick> ticks;
  DisplayUnit unit;

  [[nodiscard]] double place(double value) const;
};

/// A linear scale that covers [low, high] and ends on ticks: steps of 1, 2, 2.5 or 5 times a power of ten, about
/// `ticks` of them. Ratios stay within [0, 1]. An empty range is widened. Where `ends_on_ticks` is false the range
/// stays as given.
[[nodiscard]] Scale linear_scale(double low, double high, Unit unit, int ticks, bool ends_on_ticks = true);

/// Simulated time: as `linear_scale`, with steps that suit minutes, hours and days; the range stays as given.
[[nodiscard]] Scale time_scale(double low_s, double high_s);

/// A logarithmic scale over [low, high], low > 0, with numbers at 1, 2 and 5 or at the decades alone, by what fits.
[[nodiscard]] Scale log_scale(double low, double high, Unit unit);

}  // namespace cicada::sim::report
