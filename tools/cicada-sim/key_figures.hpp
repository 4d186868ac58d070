#pragma once
/// The figures of a run that a person wants first, as a short table for the terminal.

#include <string>

#include <nlohmann/json.hpp>

namespace cicada::tool {

/// A few aligned lines. Whatever is missing in the summary (a scenario without sends) is left out.
std::string key_figures(const nlohmann::ordered_json& summary);

}  // namespace cicada::tool
