#include <cicada/sim/units.hpp>

#include <array>
#include <charconv>
#include <cmath>
#include <optional>

#include <fmt/format.h>

namespace cicada::sim {
namespace {

struct Unit {
  std::string_view name;
  double factor;
};

// From the largest to the smallest, so that formatting takes the first that divides.
constexpr std::array<Unit, 7> time_units = {
    {{"d", 86400e9}, {"h", 3600e9}, {"min", 60e9}, {"s", 1e9}, {"ms", 1e6}, {"us", 1e3}, {"ns", 1}}};
constexpr std::array<Unit, 4> byte_units = {{{"GiB", 1073741824.0}, {"MiB", 1048576.0}, {"KiB", 1024.0}, {"B", 1.0}}};
constexpr std::array<Unit, 3> rate_units = {{{"s", 1.0}, {"min", 60.0}, {"h", 3600.0}}};

constexpr double time_max_ns = 36500.0 * 86400e9;
constexpr double rate_max_per_s = 1e9;

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

struct Quantity {
  double number;
  std::string_view rest;  // What follows the number, without blanks around it.
};

std::optional<Quantity> split_number(std::string_view text) {
  text = trim(text);
  const std::string_view digits = text.starts_with('-') ? text.substr(1) : text;
  if (digits.empty() || ((digits[0] < '0' || digits[0] > '9') && digits[0] != '.')) return std::nullopt;
  Quantity quantity{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), quantity.number);
  if (error != std::errc{} || !std::isfinite(quantity.number)) return std::nullopt;
  quantity.rest = trim(text.substr(static_cast<std::size_t>(end - text.data())));
  return quantity;
}

template <std::size_t size>
const Unit* find_unit(const std::array<Unit, size>& units, std::string_view name) {
  for (const Unit& unit : units) {
    if (unit.name == name) return &unit;
  }
  return nullptr;
}

}  // namespace

std::expected<Duration, std::string> parse_duration(std::string_view text) {
  static const std::string form = "a time with its unit (ns, us, ms, s, min, h, d) such as '30s'";
  const auto quantity = split_number(text);
  if (!quantity) return std::unexpected(form);
  if (quantity->number == 0 && quantity->rest.empty() && !std::signbit(quantity->number)) return Duration::zero();
  if (quantity->rest.empty()) {
    return std::unexpected(fmt::format("{}; did you mean '{}s' or '{}ms'?", form, trim(text), trim(text)));
  }
  const Unit* unit = find_unit(time_units, quantity->rest);
  if (unit == nullptr) return std::unexpected(form);
  const double nanoseconds = quantity->number * unit->factor;
  // Whole numbers are exact where a double would not be (beyond 2^53 ns, 104 days).
  std::int64_t whole = 0;
  const std::string_view digits = trim(text);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), whole);
  const bool is_whole = error == std::errc{} && trim({end, digits.data() + digits.size()}) == unit->name;
  if (is_whole && nanoseconds >= 0 && nanoseconds <= time_max_ns) {
    return Duration{whole * static_cast<std::int64_t>(unit->factor)};
  }
  if (nanoseconds < 0 || nanoseconds > time_max_ns) return std::unexpected("a time from 0 s to 36500 d");
  return Duration{std::llround(nanoseconds)};
}

std::string format_duration(Duration time) {
  if (time == Duration::zero()) return "0s";
  for (const Unit& unit : time_units) {
    const auto factor = static_cast<std::int64_t>(unit.factor);
    if (time.count() % factor == 0) return fmt::format("{}{}", time.count() / factor, unit.name);
  }
  return fmt::format("{}ns", time.count());
}

std::expected<double, std::string> parse_ratio(std::string_view text) {
  static const std::string form = "a share such as '10%', or a plain number from 0 to 1";
  const auto quantity = split_number(text);
  if (!quantity || (!quantity->rest.empty() && quantity->rest != "%")) return std::unexpected(form);
  const bool percent = quantity->rest == "%";
  if (quantity->number < 0 || quantity->number > (percent ? 100.0 : 1.0)) {
    if (percent || quantity->number < 0 || quantity->number > 100) {
      return std::unexpected("a share from 0% to 100%, or a plain number from 0 to 1");
    }
    return std::unexpected(fmt::format("{}; did you mean '{}%'?", form, trim(text)));
  }
  // Adding zero turns -0 into 0.
  return (percent ? quantity->number / 100.0 : quantity->number) + 0.0;
}

std::string format_ratio(double ratio) {
  // Percent is what people write; it is only used where it reads back as the very same number.
  std::string text = fmt::format("{:.12g}%", ratio * 100.0);
  const auto back = parse_ratio(text);
  return back && *back == ratio ? text : format_number(ratio);
}

std::expected<Rate, std::string> parse_rate(std::string_view text) {
  static const std::string form = "a rate such as '20/s', '3/min' or '0.01/s per peer'";
  const auto quantity = split_number(text);
  if (!quantity || !quantity->rest.starts_with('/')) return std::unexpected(form);
  std::string_view rest = trim(quantity->rest.substr(1));
  Rate rate;
  const std::size_t blank = rest.find_first_of(" \t");
  if (blank != std::string_view::npos) {
    const std::string_view tail = trim(rest.substr(blank));
    if (!tail.starts_with("per") || trim(tail.substr(3)) != "peer" || tail == "perpeer") return std::unexpected(form);
    rate.per_peer = true;
    rest = rest.substr(0, blank);
  }
  const Unit* unit = find_unit(rate_units, rest);
  if (unit == nullptr) return std::unexpected(form);
  rate.per_s = quantity->number / unit->factor + 0.0;
  if (rate.per_s < 0 || rate.per_s > rate_max_per_s) return std::unexpected("a rate from 0/s to 1e9/s");
  return rate;
}

std::string format_rate(const Rate& rate) {
  return fmt::format("{}/s{}", format_number(rate.per_s), rate.per_peer ? " per peer" : "");
}

std::expected<std::uint64_t, std::string> parse_bytes(std::string_view text) {
  static const std::string form = "a size with its unit (B, KiB, MiB, GiB) such as '256 B'";
  const auto quantity = split_number(text);
  if (!quantity) return std::unexpected(form);
  if (quantity->number == 0 && quantity->rest.empty()) return 0;
  const Unit* unit = find_unit(byte_units, quantity->rest);
  if (unit == nullptr) return std::unexpected(form);
  const double bytes = quantity->number * unit->factor;
  if (bytes < 0 || bytes > 1e15) return std::unexpected("a size that is not negative, and below a petabyte");
  if (bytes != std::floor(bytes)) return std::unexpected("a whole number of bytes");
  return static_cast<std::uint64_t>(bytes);
}

std::string format_bytes(std::uint64_t bytes) {
  for (const Unit& unit : byte_units) {
    const auto factor = static_cast<std::uint64_t>(unit.factor);
    if (bytes != 0 && bytes % factor == 0) return fmt::format("{} {}", bytes / factor, unit.name);
  }
  return "0 B";
}

std::expected<std::uint64_t, std::string> parse_integer(std::string_view text) {
  static const std::string form = "a whole number";
  text = trim(text);
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc{} && end == text.data() + text.size()) return value;
  // 1e6 is handy for large worlds; up to 2^53 a double holds every whole number.
  const auto quantity = split_number(text);
  if (text.find_first_of("eE") == std::string_view::npos || !quantity || !quantity->rest.empty()) {
    return std::unexpected(form);
  }
  const double number = quantity->number;
  if (number < 0 || number > 9007199254740992.0 || number != std::floor(number)) return std::unexpected(form);
  return static_cast<std::uint64_t>(number);
}

std::expected<double, std::string> parse_number(std::string_view text) {
  const auto quantity = split_number(text);
  if (!quantity || !quantity->rest.empty()) return std::unexpected(std::string("a number"));
  return quantity->number;
}

std::string format_number(double number) { return fmt::format("{}", number); }

}  // namespace cicada::sim
