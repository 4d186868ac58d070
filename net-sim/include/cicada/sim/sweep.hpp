#pragma once
/// The cells of a sweep: the grid over all axes, times the seeds. Each cell is an ordinary run: load the scenario with
/// the cell's settings as overrides, and set its seed.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <cicada/sim/scenario.hpp>

namespace cicada::sim {

struct SweepCell {
  std::vector<std::pair<std::string, std::string>> settings;  ///< Dotted key and value, in the order of the axes.
  std::uint64_t seed = 1;                                     ///< scenario.seed + 0 .. seeds - 1.
  std::string label;  ///< `peers.count=1000 links.loss=1% seed=7`; differs between cells.

  /// The settings as `key=value`, for load_scenario. The seed is not among them.
  [[nodiscard]] std::vector<std::string> overrides() const;
};

/// The number of cells. Saturates at the largest value.
std::uint64_t sweep_size(const Scenario&);

/// All cells: the last axis changes faster than the first, seeds fastest. Without axes, one cell for each seed.
/// The loader bounds the number of cells to a million.
std::vector<SweepCell> expand_sweep(const Scenario&);

}  // namespace cicada::sim
