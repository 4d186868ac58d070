#include "scalars.hpp"

#include <algorithm>
#include <system_error>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cicada/sim/nearest.hpp>

#include "yaml_tree.hpp"

namespace cicada::sim {
namespace {

using Json = nlohmann::ordered_json;
using Wrong = std::optional<std::string>;

/// Takes over a parsed value when it lies in [min, max].
template <class Parsed, class Value, class Store>
Wrong store(Parsed parsed, Value min, Value max, const std::string& range, Store set) {
  if (!parsed) return std::move(parsed).error();
  if (*parsed < min || *parsed > max) return range;
  set(*parsed);
  return std::nullopt;
}

std::string time_range(Duration min, Duration max) {
  if (max == time_max) {
    return min == tick ? "a time above 0 s" : fmt::format("a time of at least {}", format_duration(min));
  }
  if (min == tick) return fmt::format("a time above 0 s, at most {}", format_duration(max));
  return fmt::format("a time from {} to {}", format_duration(min), format_duration(max));
}

std::string time_form(Duration min) { return min == Duration::zero() ? "time" : "time above 0"; }

template <class Field, class Integer>
Scalar integer_of(Field& field, Integer min, Integer max) {
  const bool open = max == std::numeric_limits<Integer>::max();
  std::string range = open ? fmt::format("at least {}", min) : fmt::format("{} .. {}", min, max);
  std::string expected =
      open ? fmt::format("a whole number of at least {}", min) : fmt::format("a whole number from {} to {}", min, max);
  return {.form = std::move(range),
          .read = [&field, min, max, expected](std::string_view text) -> Wrong {
            const auto parsed = parse_integer(text);
            if (!parsed || *parsed < min || *parsed > max) return expected;
            field = static_cast<Integer>(*parsed);
            return std::nullopt;
          },
          .write = [&field]() -> Json {
            if constexpr (std::is_same_v<Field, Integer>)
              return field;
            else
              return field ? Json(*field) : Json();
          }};
}

}  // namespace

Scalar time_scalar(Duration& field, Duration min, Duration max) {
  return {.form = time_form(min),
          .read =
              [&field, min, max](std::string_view text) {
                return store(parse_duration(text), min, max, time_range(min, max), [&](Duration t) { field = t; });
              },
          .write = [&field] { return Json(format_duration(field)); }};
}

Scalar time_scalar(std::optional<Duration>& field, Duration min) {
  return {.form = time_form(min),
          .read =
              [&field, min](std::string_view text) {
                return store(parse_duration(text), min, time_max, time_range(min, time_max),
                             [&](Duration t) { field = t; });
              },
          .write = [&field] { return field ? Json(format_duration(*field)) : Json(); }};
}

Scalar period_scalar(std::optional<Duration>& field) {
  return {.form = "time, or off",
          .read = [&field](std::string_view text) -> Wrong {
            if (text == "off") {
              field.reset();
              return std::nullopt;
            }
            const auto parsed = parse_duration(text);
            if (!parsed) return parsed.error() + ", or off";
            field = *parsed == Duration::zero() ? std::nullopt : std::optional(*parsed);
            return std::nullopt;
          },
          .write = [&field] { return Json(field ? format_duration(*field) : "off"); }};
}

Scalar ratio_scalar(double& field) {
  return {.form = "share",
          .read =
              [&field](std::string_view text) {
                return store(parse_ratio(text), 0.0, 1.0, "", [&](double r) { field = r; });
              },
          .write = [&field] { return Json(format_ratio(field)); }};
}

Scalar ratio_scalar(std::optional<double>& field) {
  return {.form = "share",
          .read =
              [&field](std::string_view text) {
                return store(parse_ratio(text), 0.0, 1.0, "", [&](double r) { field = r; });
              },
          .write = [&field] { return field ? Json(format_ratio(*field)) : Json(); }};
}

Scalar open_ratio_scalar(double& field) {
  return {.form = "share between 0% and 100%",
          .read = [&field](std::string_view text) -> Wrong {
            const auto parsed = parse_ratio(text);
            if (!parsed) return parsed.error();
            if (*parsed <= 0 || *parsed >= 1) return "a share above 0% and below 100%";
            field = *parsed;
            return std::nullopt;
          },
          .write = [&field] { return Json(format_ratio(field)); }};
}

Scalar number_scalar(double& field, double min, double max) {
  return {.form = fmt::format("number, {} .. {}", min, max),
          .read =
              [&field, min, max](std::string_view text) {
                return store(parse_number(text), min, max, fmt::format("a number from {} to {}", min, max),
                             [&](double number) { field = number; });
              },
          .write = [&field] { return Json(field); }};
}

Scalar integer_scalar(std::uint64_t& field, std::uint64_t min, std::uint64_t max) {
  return integer_of(field, min, max);
}
Scalar integer_scalar(std::uint32_t& field, std::uint32_t min, std::uint32_t max) {
  return integer_of(field, min, max);
}
Scalar integer_scalar(std::optional<std::uint64_t>& field, std::uint64_t min, std::uint64_t max) {
  return integer_of(field, min, max);
}

Scalar rate_scalar(double& per_s) {
  return {.form = "rate",
          .read = [&per_s](std::string_view text) -> Wrong {
            const auto parsed = parse_rate(text);
            if (!parsed) return parsed.error();
            if (parsed->per_peer) return "a rate of the whole system such as '20/s', not per peer";
            per_s = parsed->per_s;
            return std::nullopt;
          },
          .write = [&per_s] { return Json(format_rate({per_s, false})); }};
}

Scalar rate_scalar(Arrivals& field) {
  return {
      .form = "rate",
      .read = [&field](std::string_view text) -> Wrong {
        const auto parsed = parse_rate(text);
        if (!parsed) return parsed.error();
        field.kind = parsed->per_peer ? Arrivals::Kind::poisson_per_peer : Arrivals::Kind::poisson_system;
        field.per_s = parsed->per_s;
        return std::nullopt;
      },
      .write = [&field] { return Json(format_rate({field.per_s, field.kind == Arrivals::Kind::poisson_per_peer})); }};
}

Scalar bytes_scalar(std::uint64_t& field, std::uint64_t max) {
  return {.form = fmt::format("size, at most {}", format_bytes(max)),
          .read =
              [&field, max](std::string_view text) {
                return store(parse_bytes(text), std::uint64_t{0}, max,
                             fmt::format("a size of at most {}", format_bytes(max)),
                             [&](std::uint64_t bytes) { field = bytes; });
              },
          .write = [&field] { return Json(format_bytes(field)); }};
}

Scalar round_trips_scalar(std::uint32_t& field, std::uint32_t max) {
  return {.form = fmt::format("0 .. {} rtt", max),
          .read = [&field, max](std::string_view text) -> Wrong {
            const bool unit = text.ends_with("rtt");
            const auto parsed = parse_integer(unit ? text.substr(0, text.size() - 3) : text);
            if (!parsed || *parsed > max || (!unit && *parsed != 0)) {
              return fmt::format("round trips from '0 rtt' to '{} rtt'", max);
            }
            field = static_cast<std::uint32_t>(*parsed);
            return std::nullopt;
          },
          .write = [&field] { return Json(fmt::format("{} rtt", field)); }};
}

Scalar flag_scalar(bool& field) {
  return {.form = "true or false",
          .read = [&field](std::string_view text) -> Wrong {
            if (text != "true" && text != "false") return "true or false";
            field = text == "true";
            return std::nullopt;
          },
          .write = [&field] { return Json(field); }};
}

Scalar text_scalar(std::string& field) {
  return {.form = "text",
          .read = [&field](std::string_view text) -> Wrong {
            field = text;
            return std::nullopt;
          },
          .write = [&field] { return Json(field); }};
}

Scalar name_scalar(std::string& field) {
  return {.form = "name",
          .read = [&field](std::string_view text) -> Wrong {
            const bool good = std::ranges::all_of(text, [](char c) {
              return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                     c == '_' || c == '.';
            });
            if (!good || text.empty() || text[0] == '.' || text.size() > 100) {
              return "a name of letters, digits, '-', '_' and '.', at most 100 long (it names a folder)";
            }
            field = text;
            return std::nullopt;
          },
          .write = [&field] { return Json(field); }};
}

Scalar file_scalar(std::filesystem::path& field, const std::filesystem::path& folder) {
  return {.form = "file",
          .read = [&field, folder](std::string_view text) -> Wrong {
            if (text.empty() || text.size() > 4096 || text.find('\0') != std::string_view::npos)
              return "the path of a file";
            std::error_code error;
            const auto path = std::filesystem::absolute(folder / text, error).lexically_normal();
            if (error || !std::filesystem::is_regular_file(path, error)) {
              return fmt::format("an existing file (looked for {})", quote(path.string(), 300));
            }
            field = path;
            return std::nullopt;
          },
          .write = [&field] { return field.empty() ? Json() : Json(field.string()); }};
}

Scalar unit_scalar(TimeUnit& field) {
  static constexpr std::string_view names[] = {"us", "ms", "s"};
  static_assert(static_cast<int>(TimeUnit::us) == 0 && static_cast<int>(TimeUnit::s) == 2);
  return choice_scalar(field, names);
}

Scalar index_scalar(std::span<const std::string_view> names, std::function<std::size_t()> get,
                    std::function<void(std::size_t)> set) {
  return {.form = fmt::format("{}", fmt::join(names, ", ")),
          .read = [names, set = std::move(set)](std::string_view text) -> Wrong {
            const auto found = std::ranges::find(names, text);
            if (found == names.end()) return expected_one_of(text, names).substr(std::string_view("expected ").size());
            set(static_cast<std::size_t>(found - names.begin()));
            return std::nullopt;
          },
          .write = [names, get = std::move(get)] { return Json(names[get()]); }};
}

}  // namespace cicada::sim
