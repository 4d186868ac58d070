#pragma once
/// From YAML to a checked Scenario, and back to JSON. Every mistake in the input is told with file, line and column,
/// what was found and what was expected. Nothing here throws on bad input, however hostile: files are bounded (1 MiB,
/// 32 levels, 10,000 values) before and while they are parsed.

#include <expected>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include <cicada/sim/scenario.hpp>

namespace cicada::sim {

/// One mistake in the input.
struct LoadError {
  std::string file;     ///< As it was given, or `--set #2` for the second override.
  unsigned line = 0;    ///< From 1; 0: the place is the whole file or override.
  unsigned column = 0;  ///< From 1, in bytes; 0 together with `line`.
  std::string message;  ///< `found …, expected …`
  bool operator==(const LoadError&) const = default;
};

/// `file:line:column: message`, or `file: message`.
std::string to_string(const LoadError&);

/// At least one and at most 20 mistakes, in the order of the input, overrides last.
using LoadErrors = std::vector<LoadError>;

/// Reads a scenario file. `overrides` are `key=value` texts, applied in order before anything is checked: a dotted key
/// (`links.loss=1%`, `workloads.churn.session.weibull.mean=1h`) and a YAML value. An item of a list is named by its one
/// key, and by its position among those of that key where there are several (`workloads.lookups.0.rate=1/s`).
std::expected<Scenario, LoadErrors> load_scenario(const std::filesystem::path& file,
                                                  std::span<const std::string> overrides = {});

/// The same for a text. `file_name` is for messages, and relative paths in the text start at its folder.
std::expected<Scenario, LoadErrors> parse_scenario(std::string_view text, const std::string& file_name,
                                                   std::span<const std::string> overrides = {});

/// Every value, defaults included, with units. As YAML it parses to an equal Scenario.
nlohmann::ordered_json to_json(const Scenario&);

/// All keys with form, default and meaning, as a Markdown table, made from the description that the parser uses.
std::string scenario_reference_markdown();

}  // namespace cicada::sim
