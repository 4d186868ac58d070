#include <cicada/sim/report_text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace cicada::sim::report {
namespace {

struct Magnitude {
  double from;
  double divisor;
  const char* name;
};

constexpr std::array byte_sizes = {Magnitude{0x1p30, 0x1p30, "GiB"}, Magnitude{0x1p20, 0x1p20, "MiB"},
                                   Magnitude{0x1p10, 0x1p10, "KiB"}, Magnitude{0, 1, "B"}};
constexpr std::array millisecond_sizes = {Magnitude{10'000, 1'000, "s"}, Magnitude{0, 1, "ms"}};
constexpr std::array time_sizes = {Magnitude{3 * 86'400, 86'400, "d"}, Magnitude{3 * 3'600, 3'600, "h"},
                                   Magnitude{3 * 60, 60, "min"}, Magnitude{0, 1, "s"}};

template <std::size_t size>
const Magnitude& magnitude(const std::array<Magnitude, size>& sizes, double value) {
  return *std::find_if(sizes.begin(), sizes.end() - 1, [&](const Magnitude& m) { return std::abs(value) >= m.from; });
}

std::string with_separators(std::string digits) {
  std::size_t end = digits.find('.');
  if (end == std::string::npos) end = digits.size();
  const std::size_t begin = digits.starts_with('-') ? 1 : 0;
  while (end > begin + 3) digits.insert(end -= 3, 1, ',');
  return digits;
}

std::string trimmed(std::string digits) {
  if (digits.find('.') == std::string::npos) return digits;
  digits.erase(digits.find_last_not_of('0') + 1);
  if (digits.ends_with('.')) digits.pop_back();
  return digits;
}

std::string format_ratio(double value) {
  const double percent = value * 100;
  // Two digits of the distance to the nearer end: 0.013 % and 99.987 % say equally much.
  const double distance = std::min(std::abs(percent), std::abs(100 - percent));
  int decimals = 0;
  if (distance > 0) decimals = std::clamp(1 - static_cast<int>(std::floor(std::log10(distance))), 1, 6);
  return trimmed(fmt::format("{:.{}f}", percent, decimals)) + "\u00a0%";
}

std::string format_span(double seconds) {
  if (seconds < 60) return format_number(seconds) + "\u00a0s";
  const auto whole = static_cast<std::uint64_t>(std::llround(seconds));
  const std::array<std::pair<std::uint64_t, const char*>, 4> parts = {
      {{whole / 86'400, "d"}, {whole / 3'600 % 24, "h"}, {whole / 60 % 60, "min"}, {whole % 60, "s"}}};
  std::string text;
  int shown = 0;
  for (const auto& [count, name] : parts) {
    if (shown == 0 && count == 0) continue;
    if (++shown > 2) break;  // Two parts say enough: "3 d 4 h".
    if (count > 0) text += fmt::format("{}{}\u00a0{}", text.empty() ? "" : " ", count, name);
  }
  return text;
}

template <std::size_t size>
std::string format_sized(double value, const std::array<Magnitude, size>& sizes, std::string_view suffix = "") {
  const Magnitude& size_of_it = magnitude(sizes, value);
  return fmt::format("{}\u00a0{}{}", format_number(value / size_of_it.divisor), size_of_it.name, suffix);
}

}  // namespace

std::string escape_html(std::string_view text) {
  std::string escaped;
  escaped.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\'':
        escaped += "&#39;";
        break;
      default:
        if (static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\t') escaped += c;
    }
  }
  return escaped;
}

std::string format_number(double value, int digits) {
  if (std::isnan(value)) return "\u2013";
  if (!std::isfinite(value)) return value > 0 ? "\u221e" : "-\u221e";
  if (value == 0) return "0";
  const double size = std::abs(value);
  if (size < 1e-4 || size >= 1e15) return fmt::format("{:.{}g}", value, digits);
  const int decimals = std::clamp(digits - 1 - static_cast<int>(std::floor(std::log10(size))), 0, 9);
  return with_separators(trimmed(fmt::format("{:.{}f}", value, decimals)));
}

std::string format_count(double value) {
  if (!std::isfinite(value)) return format_number(value);
  return with_separators(fmt::format("{:.0f}", value));
}

std::string format_figure(double value, Unit unit) {
  if (!std::isfinite(value)) return format_number(value);
  switch (unit) {
    case Unit::ratio:
      return format_ratio(value);
    case Unit::milliseconds:
      return format_sized(value, millisecond_sizes);
    case Unit::seconds:
      return format_span(value);
    case Unit::bytes:
      return format_sized(value, byte_sizes);
    case Unit::bytes_per_second:
      return format_sized(value, byte_sizes, "/s");
    case Unit::per_second:
      return format_number(value) + "/s";
    case Unit::hops:
      return format_number(value) + "\u00a0hops";
    case Unit::number:
      break;
  }
  return value == std::round(value) && std::abs(value) < 1e15 ? format_count(value) : format_number(value, 4);
}

DisplayUnit display_unit(Unit unit, double largest) {
  const auto from = [&](const auto& sizes, std::string_view suffix) {
    const Magnitude& size = magnitude(sizes, largest);
    return DisplayUnit{size.divisor, fmt::format("{}{}", size.name, suffix), ""};
  };
  switch (unit) {
    case Unit::ratio:
      return {0.01, "", "%"};
    case Unit::milliseconds:
      return from(millisecond_sizes, "");
    case Unit::seconds:
      return from(time_sizes, "");
    case Unit::bytes:
      return from(byte_sizes, "");
    case Unit::bytes_per_second:
      return from(byte_sizes, "/s");
    case Unit::per_second:
      return {1, "per second", ""};
    case Unit::hops:
      return {1, "hops", ""};
    case Unit::number:
      break;
  }
  if (largest >= 1e7) return {1e6, "millions", ""};
  if (largest >= 1e5) return {1e3, "thousands", ""};
  return {};
}

}  // namespace cicada::sim::report
