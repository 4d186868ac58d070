#pragma once
/// Scenario files as the commands take them: loaded and checked, with every complaint on stderr.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <cicada/sim/data_files.hpp>
#include <cicada/sim/scenario.hpp>

namespace cicada::tool {

/// Loads a scenario. On failure prints each mistake to stderr on a line of its own and returns nothing.
std::optional<sim::Scenario> load_or_complain(const std::string& file, const std::vector<std::string>& settings,
                                              std::optional<std::uint64_t> seed = std::nullopt);

/// Reads the data files that a loaded scenario names (matrix, router graph, ids, traces). On failure prints each
/// mistake to stderr on a line of its own, behind the name of the scenario, and returns nothing.
std::optional<std::vector<sim::DataFile>> read_data_or_complain(const std::string& file, const sim::Scenario& scenario);

/// The same for many variants of a scenario, as a sweep has them: what was read in the same way is not read again.
class DataCheck {
 public:
  /// False, and complaints on stderr, when a run would refuse a file.
  bool accepts(const std::string& file, const sim::Scenario& scenario);

 private:
  std::vector<sim::Scenario> accepted_;
};

}  // namespace cicada::tool
