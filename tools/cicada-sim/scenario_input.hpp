#pragma once
/// Scenario files as the commands take them: loaded and checked, with every complaint on stderr.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <cicada/sim/scenario.hpp>

namespace cicada::tool {

/// Loads a scenario. On failure prints each mistake to stderr on a line of its own and returns nothing.
std::optional<sim::Scenario> load_or_complain(const std::string& file, const std::vector<std::string>& settings,
                                              std::optional<std::uint64_t> seed = std::nullopt);

/// What is wrong with the files that a loaded scenario names (latency matrix, router graph), or nothing. Reads them.
std::optional<std::string> complaint_about_data(const sim::Scenario& scenario);

}  // namespace cicada::tool
