#pragma once
/// The subcommands as functions: what the command line gave in, an exit status out. Each prints for people (errors to
/// stderr) and lives in the file of its name. Nothing here knows how a command line is parsed.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cicada::tool {

struct RunCommand {
  std::string scenario;               ///< As the user wrote it; messages repeat it.
  std::vector<std::string> settings;  ///< `--set key=value`, in order.
  std::optional<std::uint64_t> seed;  ///< Instead of the scenario's own.
  std::string out;                    ///< Empty: `out/<name>-seed<seed>`.
  bool json = false;                  ///< summary.json, and nothing else, on stdout.
  bool progress = true;               ///< Where stderr is a terminal.
  bool quiet = false;                 ///< Nothing but errors and failed expectations.
  std::string command_line;           ///< For the manifest.
};
int run_scenario(const RunCommand&);

struct CheckCommand {
  std::vector<std::string> scenarios;
};
int check_scenarios(const CheckCommand&);

struct ExplainCommand {
  std::string scenario;
  std::vector<std::string> settings;
  bool keys = false;     ///< The reference of scenario keys instead.
  bool summary = false;  ///< The reference of summary keys instead.
};
int explain_scenario(const ExplainCommand&);

struct SweepCommand {
  std::string scenario;
  std::vector<std::string> settings;
  std::optional<std::uint64_t> seed;   ///< The first seed, instead of the scenario's own.
  std::optional<std::uint64_t> seeds;  ///< How many, instead of the scenario's `sweep.seeds`.
  std::size_t jobs = 0;                ///< Processes at a time. 0: as many as there are cores.
  std::string out;                     ///< Empty: `out/<name>-sweep`.
  bool json = false;
  bool progress = true;
  bool quiet = false;
  std::string command_line;
};
int sweep_scenario(const SweepCommand&);

struct ReportCommand {
  std::string folder;
  std::string out;  ///< Empty: `report.html` in the folder.
};
int redraw_report(const ReportCommand&);

}  // namespace cicada::tool
