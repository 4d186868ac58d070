#pragma once
/// Measured numbers as JSON, which has neither NaN nor infinity: null where nothing was measured.

#include <cmath>
#include <cstdint>
#include <limits>

#include <nlohmann/json.hpp>

namespace cicada::sim {

[[nodiscard]] inline nlohmann::ordered_json number(double value) {
  return std::isfinite(value) ? nlohmann::ordered_json(value) : nlohmann::ordered_json(nullptr);
}

/// NaN of an empty whole.
[[nodiscard]] inline double ratio(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? std::numeric_limits<double>::quiet_NaN() : static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace cicada::sim
