#pragma once
/// Numbers with units, as people write them in scenarios and on the command line. Parsers are strict: a time without
/// its unit, or a ratio over 1, is an error. What `format_…` writes, the parser reads back to the same value, bit for
/// bit.
///
/// Each parser fails with a text that completes "found 'x', expected …".

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include <cicada/time.hpp>

namespace cicada::sim {

/// `30s`, `1.5 h`, `200ms`; units ns us ms s min h d; `0` needs none. From 0 to 36,500 d, rounded to whole nanoseconds.
std::expected<Duration, std::string> parse_duration(std::string_view text);
/// The largest unit that divides it: `90s`, `2min`. Negative times get a sign (which the parser refuses).
std::string format_duration(Duration);

/// `0.1%` or a plain number from 0 to 1.
std::expected<double, std::string> parse_ratio(std::string_view text);
std::string format_ratio(double);

/// How often something happens.
struct Rate {
  double per_s = 0;       ///< Events per second. 0 .. 1e9.
  bool per_peer = false;  ///< Each peer does, not all of them together.
  bool operator==(const Rate&) const = default;
};
/// `20/s`, `3/min`, `12/h`, each with `per peer` behind it or not.
std::expected<Rate, std::string> parse_rate(std::string_view text);
std::string format_rate(const Rate&);

/// `256 B`, `4 KiB`, `1 MiB`; whole bytes.
std::expected<std::uint64_t, std::string> parse_bytes(std::string_view text);
std::string format_bytes(std::uint64_t);

/// Decimal digits, or a whole number with an exponent such as `1e6`; no sign.
std::expected<std::uint64_t, std::string> parse_integer(std::string_view text);

/// A finite decimal number, without `inf`, `nan` or hexadecimal forms.
std::expected<double, std::string> parse_number(std::string_view text);
/// The shortest text that reads back as the same number.
std::string format_number(double);

}  // namespace cicada::sim
