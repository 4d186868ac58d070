#pragma once
/// Numbers and untrusted texts as a person reads them in a report: escaping, units, digits. No markup beyond entities.

#include <cstdint>
#include <string>
#include <string_view>

namespace cicada::sim::report {

/// What a figure measures; it decides how the figure is written.
enum class Unit { number, ratio, milliseconds, seconds, bytes, bytes_per_second, per_second, hops };

/// `text` for use in HTML content and in double-quoted attributes. Control characters, which HTML forbids, are dropped.
[[nodiscard]] std::string escape_html(std::string_view text);

/// A figure with its unit in three significant digits or, for whole numbers, all of them: `12,345`, `4.21 hops`, `312
/// ms`, `1.5 KiB`, `2 min 30 s`. Ratios are percentages with as many digits as it takes to tell them from 0 and 100 %
/// (`99.997 %`). An en dash for NaN.
[[nodiscard]] std::string format_figure(double value, Unit unit);

/// A whole number with thousands separators.
[[nodiscard]] std::string format_count(double value);

/// A number in `digits` significant digits, without an exponent where it is between 1e-4 and 1e15.
[[nodiscard]] std::string format_number(double value, int digits = 3);

/// How the numbers along an axis are written: divided by `divisor`, with `name` said once beside the axis.
struct DisplayUnit {
  double divisor = 1;
  std::string name;    ///< Empty for plain numbers.
  std::string suffix;  ///< Written after every tick: `%`.
};

/// The unit that suits an axis up to `largest`.
[[nodiscard]] DisplayUnit display_unit(Unit unit, double largest);

}  // namespace cicada::sim::report
