#include <cicada/sim/sweep.hpp>

#include <limits>

#include <fmt/format.h>

namespace cicada::sim {

std::vector<std::string> SweepCell::overrides() const {
  std::vector<std::string> texts;
  for (const auto& [key, value] : settings) texts.push_back(fmt::format("{}={}", key, value));
  return texts;
}

std::uint64_t sweep_size(const Scenario& scenario) {
  std::uint64_t size = scenario.sweep.seeds;
  for (const SweepAxis& axis : scenario.sweep.axes) {
    if (__builtin_mul_overflow(size, std::uint64_t{axis.values.size()}, &size)) {
      return std::numeric_limits<std::uint64_t>::max();
    }
  }
  return size;
}

std::vector<SweepCell> expand_sweep(const Scenario& scenario) {
  const std::vector<SweepAxis>& axes = scenario.sweep.axes;
  const std::uint64_t size = sweep_size(scenario);
  std::vector<SweepCell> cells;
  cells.reserve(size);
  for (std::uint64_t number = 0; number < size; ++number) {
    // The cell's number, read as digits whose bases are the sizes of the axes; seeds are the last digit.
    SweepCell cell;
    cell.seed = scenario.seed + number % scenario.sweep.seeds;
    std::uint64_t rest = number / scenario.sweep.seeds;
    cell.settings.resize(axes.size());
    for (std::size_t i = axes.size(); i-- > 0;) {
      cell.settings[i] = {axes[i].key, axes[i].values[rest % axes[i].values.size()]};
      rest /= axes[i].values.size();
    }
    for (const auto& [key, value] : cell.settings) cell.label += fmt::format("{}={} ", key, value);
    cell.label += fmt::format("seed={}", cell.seed);
    cells.push_back(std::move(cell));
  }
  return cells;
}

}  // namespace cicada::sim
