#pragma once
/// Expectations of a sweep, which may be about some of its cells only: `delivered >= 99.9% where KEY=VALUE, KEY=VALUE`.

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <cicada/sim/expectation.hpp>
#include <cicada/sim/scenario.hpp>

namespace cicada::sim {

struct CellExpectation {
  std::string text;                                        ///< The expectation without its condition.
  std::vector<std::pair<std::string, std::string>> where;  ///< Settings that its cells have; none: all cells.

  /// Is it about a cell with these settings?
  [[nodiscard]] bool is_about(const std::vector<std::pair<std::string, std::string>>& settings) const;
};

/// Splits the text; whether the expectation in it can be parsed is not asked.
[[nodiscard]] std::expected<CellExpectation, ExpectationError> split_cell_expectation(std::string_view text);

/// A setting in its condition that no cell of the sweep has.
[[nodiscard]] std::optional<ExpectationError> mistake_in_condition(const CellExpectation& expectation,
                                                                   const Sweep& sweep);

}  // namespace cicada::sim
