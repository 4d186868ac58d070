#pragma once
/// The curves of a sweep's report: a plot per main metric and panel, with intervals over seeds.

#include <string>
#include <vector>

#include "sweep_groups.hpp"

namespace cicada::sim::report {

/// All plots as one grid. The first axis is horizontal: in proportion where its values are numbers (logarithmic where
/// they are positive and span a factor of 30), else by name. The second axis makes the lines, all others make panels,
/// which share the vertical scale of their metric. Empty without axes.
[[nodiscard]] std::string sweep_plots(const std::vector<GridAxis>& axes, const std::vector<SweepGroup>& groups);

}  // namespace cicada::sim::report
