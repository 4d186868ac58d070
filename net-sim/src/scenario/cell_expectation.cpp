#include "cell_expectation.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace cicada::sim {
namespace {

constexpr std::string_view separator = " where ";

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

}  // namespace

bool CellExpectation::is_about(const std::vector<std::pair<std::string, std::string>>& settings) const {
  return std::ranges::all_of(where,
                             [&](const auto& one) { return std::ranges::find(settings, one) != settings.end(); });
}

std::expected<CellExpectation, ExpectationError> split_cell_expectation(std::string_view text) {
  CellExpectation result;
  const std::size_t place = text.find(separator);
  result.text = std::string(trimmed(text.substr(0, place)));
  if (place == std::string_view::npos) return result;
  for (std::size_t at = place + separator.size(); at <= text.size();) {
    const std::size_t end = std::min(text.find(',', at), text.size());
    const std::string_view setting = trimmed(text.substr(at, end - at));
    const std::size_t equals = setting.find('=');
    if (equals == std::string_view::npos || equals == 0)
      return std::unexpected(
          ExpectationError{at, "found '" + std::string(setting) + "' behind where, expected KEY=VALUE of the sweep"});
    result.where.emplace_back(setting.substr(0, equals), setting.substr(equals + 1));
    at = end + 1;
  }
  return result;
}

std::optional<ExpectationError> mistake_in_condition(const CellExpectation& expectation, const Sweep& sweep) {
  for (const auto& [key, value] : expectation.where) {
    const auto axis = std::ranges::find(sweep.axes, key, &SweepAxis::key);
    if (axis == sweep.axes.end())
      return ExpectationError{0, fmt::format("found '{}' behind where, expected an axis of the sweep", key)};
    if (std::ranges::find(axis->values, value) == axis->values.end())
      return ExpectationError{0, fmt::format("found '{}={}' behind where, expected a value of that axis", key, value)};
  }
  return std::nullopt;
}

}  // namespace cicada::sim
