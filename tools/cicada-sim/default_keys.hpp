#pragma once
/// Which values of a scenario nobody wrote: the defaults that are in effect.

#include <string>
#include <utility>
#include <vector>

#include <cicada/sim/scenario.hpp>

namespace cicada::tool {

/// (dotted key, value) of everything in `scenario` that neither `file` nor `settings` mentions, in the order of the
/// reference. Precondition: `scenario` was loaded from these two.
std::vector<std::pair<std::string, std::string>> default_keys(const sim::Scenario& scenario, const std::string& file,
                                                              const std::vector<std::string>& settings);

}  // namespace cicada::tool
