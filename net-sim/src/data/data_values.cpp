#include "data_values.hpp"

#include <charconv>
#include <limits>
#include <system_error>

#include <fmt/format.h>

namespace cicada::sim {

std::optional<double> number_of(std::string_view text) {
  double number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (text.empty() || stop != end || error == std::errc::invalid_argument) return std::nullopt;
  if (error == std::errc{}) return number;
  const double limit =
      text.find("e-") != text.npos || text.find("E-") != text.npos ? 0 : std::numeric_limits<double>::infinity();
  return text.starts_with('-') ? -limit : limit;
}

std::string_view name_of(TimeUnit unit) { return unit == TimeUnit::s ? "s" : unit == TimeUnit::ms ? "ms" : "us"; }

double ns_in(TimeUnit unit) { return unit == TimeUnit::s ? 1e9 : unit == TimeUnit::ms ? 1e6 : 1e3; }

std::string text_in(TimeUnit unit, Duration time) {
  return fmt::format("{} {}", static_cast<double>(time.count()) / ns_in(unit), name_of(unit));
}

}  // namespace cicada::sim
