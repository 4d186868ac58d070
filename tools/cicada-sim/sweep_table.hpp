#pragma once
/// The outcome of a sweep as a table for the terminal.

#include <string>

#include <nlohmann/json.hpp>

namespace cicada::tool {

/// A row per combination of settings: how many runs, and the mean of each main figure with its 95 % interval over
/// seeds. `summary` is what `sim::sweep_summary` gives. Long tables are cut, and say so.
std::string sweep_table(const nlohmann::ordered_json& summary);

}  // namespace cicada::tool
