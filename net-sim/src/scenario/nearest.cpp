#include <cicada/sim/nearest.hpp>

#include <algorithm>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace cicada::sim {
namespace {

constexpr std::size_t name_length_max = 100;  // Longer input is no misspelt name, and the table is quadratic.

/// Optimal string alignment distance: Levenshtein with swaps of neighbours.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> d(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) d[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j) d[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = a[i - 1] == b[j - 1] ? 0 : 1;
      d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + change});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
      }
    }
  }
  return d[a.size()][b.size()];
}

}  // namespace

std::optional<std::string_view> nearest_name(std::string_view name, std::span<const std::string_view> known) {
  if (name.size() > name_length_max) return std::nullopt;
  std::optional<std::string_view> best;
  std::size_t best_distance = (name.size() + 2) / 3 + 1;
  for (const std::string_view candidate : known) {
    if (const std::size_t distance = edit_distance(name, candidate); distance < best_distance) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best;
}

std::string expected_one_of(std::string_view found, std::span<const std::string_view> known) {
  if (known.empty()) return "expected none there";
  // Items of a list may repeat a name; a person wants to read each once.
  std::vector<std::string_view> unique;
  for (const std::string_view name : known) {
    if (std::ranges::find(unique, name) == unique.end()) unique.push_back(name);
  }
  constexpr std::size_t shown_max = 40;
  const bool cut = unique.size() > shown_max;
  const auto near = nearest_name(found, unique);
  if (cut) unique.resize(shown_max);
  std::string text = fmt::format("expected one of: {}{}", fmt::join(unique, ", "), cut ? ", ..." : "");
  if (near) text += fmt::format("; did you mean '{}'?", *near);
  return text;
}

}  // namespace cicada::sim
