#pragma once
/// Makers of `Scalar`: one for each form of value in a scenario. The field must outlive the Scalar.

#include <cstdint>
#include <type_traits>

#include <cicada/sim/trace_file.hpp>
#include <cicada/sim/units.hpp>

#include "schema.hpp"

namespace cicada::sim {

inline constexpr Duration tick = Duration{1};  ///< Smallest positive time.
inline constexpr Duration time_max = std::chrono::hours{24 * 36500};

Scalar time_scalar(Duration& field, Duration min = Duration::zero(), Duration max = time_max);
/// Absent keys leave it empty.
Scalar time_scalar(std::optional<Duration>& field, Duration min = Duration::zero());
/// A period above zero; `off` or 0 empties it.
Scalar period_scalar(std::optional<Duration>& field);

Scalar ratio_scalar(double& field);
Scalar ratio_scalar(std::optional<double>& field);
/// Neither 0 nor 1.
Scalar open_ratio_scalar(double& field);

Scalar number_scalar(double& field, double min, double max);
Scalar integer_scalar(std::uint64_t& field, std::uint64_t min, std::uint64_t max);
Scalar integer_scalar(std::uint32_t& field, std::uint32_t min, std::uint32_t max);
Scalar integer_scalar(std::optional<std::uint64_t>& field, std::uint64_t min, std::uint64_t max);

/// Events per second of the whole system.
Scalar rate_scalar(double& per_s);
/// With or without `per peer`; sets the kind of the arrivals too.
Scalar rate_scalar(Arrivals& field);
Scalar bytes_scalar(std::uint64_t& field, std::uint64_t max);
/// `2 rtt`, or 0.
Scalar round_trips_scalar(std::uint32_t& field, std::uint32_t max);
Scalar flag_scalar(bool& field);
Scalar text_scalar(std::string& field);
/// A name that can be a folder's: letters, digits and `-_.`, not beginning with a dot.
Scalar name_scalar(std::string& field);
/// An existing file; relative paths start at `folder`, the field gets an absolute one.
Scalar file_scalar(std::filesystem::path& field, const std::filesystem::path& folder);

/// us, ms or s.
Scalar unit_scalar(TimeUnit& field);

/// One of `names`, by position. Not for direct use: see choice_scalar.
Scalar index_scalar(std::span<const std::string_view> names, std::function<std::size_t()> get,
                    std::function<void(std::size_t)> set);

/// An enumeration whose enumerators 0, 1, … are called `names`, which must be static.
template <class Enum>
  requires std::is_enum_v<Enum>
Scalar choice_scalar(Enum& field, std::span<const std::string_view> names) {
  return index_scalar(
      names, [&field] { return static_cast<std::size_t>(field); },
      [&field](std::size_t index) { field = static_cast<Enum>(index); });
}

}  // namespace cicada::sim
