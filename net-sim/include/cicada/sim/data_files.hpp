#pragma once
/// The data files that a scenario names, read as a run reads them: to find mistakes before it, and to tell what is in
/// them.

#include <filesystem>
#include <string>
#include <vector>

#include <cicada/sim/scenario.hpp>

namespace cicada::sim {

struct DataFile {
  std::string key;  ///< That names it: `links.file`, `workloads.0.churn.session.trace`.
  std::filesystem::path file;
  std::string contents;  ///< What was read, as one or more plain sentences.
};

struct DataFiles {
  std::vector<DataFile> read;
  std::vector<std::string> mistakes;  ///< One for each file that a run would refuse: `file:line:column: …`.
};

/// Reads every file that a run of the scenario would read: matrix or router graph, ids, traces. Costs what reading them
/// costs.
[[nodiscard]] DataFiles read_data_files(const Scenario& scenario);

/// Whether both scenarios read the same files in the same way, so that one being right says that the other is.
[[nodiscard]] bool same_data(const Scenario& a, const Scenario& b);

}  // namespace cicada::sim
