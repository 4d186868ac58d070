#include "axis_scale.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

namespace cicada::sim::report {
namespace {

constexpr std::array<double, 4> decimal_steps = {1, 2, 2.5, 5};

/// The smallest step of the form factor * 10^n that cuts `span` into at most `count` parts.
double decimal_step(double span, int count) {
  const double rough = span / count;
  const double decade = std::pow(10.0, std::floor(std::log10(rough)));
  for (const double factor : decimal_steps) {
    if (factor * decade >= rough * (1 - 1e-9)) return factor * decade;
  }
  return 10 * decade;
}

double step_from(std::span<const double> steps, double span, int count) {
  for (const double step : steps) {
    if (span / step <= count + 1e-9) return step;
  }
  return decimal_step(span, count);
}

std::string tick_label(double value, double step, const DisplayUnit& unit) {
  const double shown = value / unit.divisor;
  // As many decimals as the step has, so that 0.5 and 1.0 stand in one column.
  int decimals = 0;
  double shown_step = step / unit.divisor;
  while (decimals < 9 && std::abs(shown_step - std::round(shown_step)) > 1e-6 * shown_step) {
    shown_step *= 10;
    ++decimals;
  }
  std::string text = fmt::format("{:.{}f}", std::abs(shown) < step * 1e-9 ? 0.0 : shown, decimals);
  if (decimals == 0) text = format_count(shown);
  return text + unit.suffix;
}

void add_ticks(Scale& scale, double step) {
  const auto first = static_cast<long>(std::ceil(scale.low / step - 1e-6));
  const auto last = static_cast<long>(std::floor(scale.high / step + 1e-6));
  for (long i = first; i <= last; ++i) {
    const double value = static_cast<double>(i) * step;
    scale.ticks.push_back({value, tick_label(value, step, scale.unit)});
  }
}

}  // namespace

double Scale::place(double value) const {
  const double share =
      logarithmic ? std::log(std::max(value, low) / low) / std::log(high / low) : (value - low) / (high - low);
  return from + share * (to - from);
}

Scale linear_scale(double low, double high, Unit unit, int ticks, bool ends_on_ticks) {
  if (!(high > low)) {
    // One value only: room around it, and no negative numbers where none were measured.
    const double room = unit == Unit::ratio ? 0.01 : std::max(1.0, std::abs(low) * 0.1);
    high += room;
    low = low >= 0 ? std::max(0.0, low - room) : low - room;
  }
  Scale scale;
  scale.unit = display_unit(unit, std::max(std::abs(low), std::abs(high)));
  double step = decimal_step((high - low) / scale.unit.divisor, ticks) * scale.unit.divisor;
  if (unit == Unit::hops || (unit == Unit::number && high - low >= 2)) step = std::max(step, scale.unit.divisor);
  scale.low = ends_on_ticks ? std::floor(low / step + 1e-6) * step : low;
  scale.high = ends_on_ticks ? std::ceil(high / step - 1e-6) * step : high;
  if (unit == Unit::ratio) scale.high = std::min(scale.high, std::max(1.0, high));
  add_ticks(scale, step);
  return scale;
}

Scale time_scale(double low_s, double high_s) {
  static constexpr std::array<double, 8> clock_steps = {1, 2, 5, 10, 15, 20, 30, 60};
  static constexpr std::array<double, 7> hour_steps = {1, 2, 3, 6, 12, 24, 48};
  if (!(high_s > low_s)) high_s = low_s + 1;
  Scale scale;
  scale.low = low_s;
  scale.high = high_s;
  scale.unit = display_unit(Unit::seconds, high_s);
  const double span = (high_s - low_s) / scale.unit.divisor;
  const bool hours = scale.unit.name == "h";
  const double step =
      span < 4 ? decimal_step(span, 6) : (hours ? step_from(hour_steps, span, 6) : step_from(clock_steps, span, 6));
  add_ticks(scale, step * scale.unit.divisor);
  return scale;
}

Scale log_scale(double low, double high, Unit unit) {
  if (!(high > low)) high = low * 10;
  Scale scale;
  scale.logarithmic = true;
  scale.low = low;
  scale.high = high;
  scale.unit = unit == Unit::milliseconds ? DisplayUnit{1, "ms", ""} : display_unit(unit, high);
  const double decades = std::log10(high / low);
  for (int power = static_cast<int>(std::floor(std::log10(low))); power <= std::log10(high) + 1e-9; ++power) {
    for (int digit = 1; digit < 10; ++digit) {
      const double value = digit * std::pow(10.0, power);
      if (value < low * (1 - 1e-9) || value > high * (1 + 1e-9)) continue;
      const bool numbered = digit == 1 || (decades < 2.6 && (digit == 2 || digit == 5));
      scale.ticks.push_back({value, numbered ? format_number(value / scale.unit.divisor) + scale.unit.suffix : ""});
    }
  }
  return scale;
}

}  // namespace cicada::sim::report
