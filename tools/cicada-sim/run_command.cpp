// cicada-sim run: one scenario, one seed, one folder.

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <utility>

#include <cicada/sim/output_folder.hpp>
#include <cicada/sim/report_text.hpp>
#include <cicada/sim/scenario_loader.hpp>
#include <cicada/sim/simulation.hpp>
#include <cicada/sim/sweep.hpp>

#include "commands.hpp"
#include "exit_status.hpp"
#include "interrupt.hpp"
#include "key_figures.hpp"
#include "output.hpp"
#include "progress_line.hpp"
#include "scenario_input.hpp"
#include "verdict.hpp"

namespace cicada::tool {
namespace {

using Clock = std::chrono::steady_clock;

/// Shows how far a run is, and tells it to end when somebody asked for that.
class RunWatch {
 public:
  RunWatch(const sim::Scenario& scenario, bool progress)
      : duration_(scenario.explore.worlds > 0
                      ? std::string()
                      : duration_text(std::chrono::duration<double>(scenario.duration).count())),
        line_(progress) {}

  /// For RunOptions: false ends the run.
  bool operator()(const sim::Progress& progress) {
    if (interrupted()) return false;
    if (line_.due()) line_.show(progress.done_ratio, parts(progress));
    return true;
  }

 private:
  static std::string duration_text(double seconds) {
    return sim::report::format_figure(seconds, sim::report::Unit::seconds);
  }

  std::vector<std::string> parts(const sim::Progress& progress) {
    const auto now = Clock::now();
    const double step_s = std::chrono::duration<double>(now - last_).count();
    const double events_per_s = static_cast<double>(progress.events - last_events_) / std::max(step_s, 1e-3);
    last_ = now;
    last_events_ = progress.events;
    if (std::string_view(progress.phase) != "run") {
      return {std::string_view(progress.phase) == "build" ? "making the world" : "checking the ring"};
    }
    // Of many small worlds nobody knows how long they will be together.
    const std::string so_far = duration_.empty()
                                   ? duration_text(progress.simulated_s) + " simulated"
                                   : fmt::format("{} of {} simulated", duration_text(progress.simulated_s), duration_);
    return {so_far, fmt::format("{} events/s", sim::report::format_number(events_per_s / 1e6, 2) + " M"),
            fmt::format("{} peers", sim::report::format_count(static_cast<double>(progress.peers)))};
  }

  std::string duration_;
  ProgressLine line_;
  Clock::time_point last_ = Clock::now();
  std::uint64_t last_events_ = 0;
};

std::string headline(const sim::Scenario& scenario, const sim::RunResult& result, double wall_s) {
  const double simulated_s = result.summary.value("simulated_s", 0.0);
  return fmt::format("{}, seed {}: {} simulated in {}", scenario.name, scenario.seed,
                     sim::report::format_figure(simulated_s, sim::report::Unit::seconds),
                     sim::report::format_figure(wall_s, sim::report::Unit::seconds));
}

/// What happened in an exploration of one world, and where its ring broke.
void print_story(const sim::RunResult& result) {
  if (!result.summary.contains("explore") || !result.summary["explore"].contains("story")) return;
  for (const auto& line : result.summary["explore"]["story"]) print("{}\n", line.get<std::string>());
}

/// Figures go to stdout, what went wrong goes to stderr.
void print_outcome(const RunCommand& command, const std::filesystem::path& folder, const sim::RunResult& result,
                   const std::string& headline) {
  if (command.json) {
    write_data(sim::json_text(result.summary));
  } else if (!command.quiet) {
    print_story(result);
    print("{}\n\n{}\nreport: {}\n", headline, key_figures(result.summary), (folder / "report.html").string());
  }
  if (result.interrupted) {
    complain("Interrupted: these figures cover only the {} that were simulated, and {} says so.\n",
             sim::report::format_figure(result.summary.value("simulated_s", 0.0), sim::report::Unit::seconds),
             folder.string());
  } else {
    complain("{}", failed_expectations(result.summary));
  }
}

/// The command that shows the first world of an exploration in which the ring broke; empty where there is none.
std::string replay_of(const RunCommand& command, const sim::Scenario& scenario, const sim::RunResult& result) {
  if (scenario.explore.worlds <= 1 || !result.summary.contains("explore")) return {};
  const auto& explore = result.summary["explore"];
  for (const char* key : {"first_ring_lost_seed", "first_broken_seed", "first_not_ideal_seed"}) {
    if (!explore.contains(key) || !explore[key].is_number()) continue;
    std::string settings;
    for (const std::string& setting : command.settings) settings += " --set '" + setting + "'";
    return fmt::format("replay: cicada-sim run {}{} --set explore.worlds=1 --seed {}\n", command.scenario, settings,
                       explore[key].get<std::uint64_t>());
  }
  return {};
}

int status_of(const sim::RunResult& result) {
  if (result.interrupted) return exit_interrupted;
  return all_expectations_hold(result.summary) ? exit_good : exit_expectation;
}

}  // namespace

int run_scenario(const RunCommand& command) {
  const auto scenario = load_or_complain(command.scenario, command.settings, command.seed);
  if (!scenario) return exit_bad_input;
  const std::filesystem::path folder = command.out.empty() ? sim::default_output_folder(scenario->name, scenario->seed)
                                                           : std::filesystem::path(command.out);
  if (const auto writable = sim::check_output_folder(folder); !writable) {
    complain("cicada-sim run: {}\n", writable.error());
    return exit_bad_input;
  }
  if (!command.quiet && !command.json && !scenario->sweep.axes.empty()) {
    complain("note: this runs the scenario once; `cicada-sim sweep {}` runs its sweep of {}\n", command.scenario,
             sim::sweep_size(*scenario));
  }

  catch_interrupts();
  const auto begin = Clock::now();
  sim::RunResult result;
  try {
    RunWatch watch(*scenario, command.progress && !command.quiet);
    result = sim::run(*scenario, {[&watch](const sim::Progress& progress) { return watch(progress); }});
  } catch (const std::runtime_error& error) {
    complain("{}: {}\n", command.scenario, error.what());
    return exit_bad_input;
  }
  judge(scenario->expect, result);

  auto manifest = sim::make_manifest(sim::to_json(*scenario), command.command_line);
  if (const auto written = sim::write_run(folder, std::move(manifest), result); !written) {
    if (command.json) write_data(sim::json_text(result.summary));  // An hour's work is not thrown away for a full disk.
    complain("cicada-sim run: {}\n", written.error());
    return exit_bad_input;
  }
  const double wall_s = std::chrono::duration<double>(Clock::now() - begin).count();
  print_outcome(command, folder, result, headline(*scenario, result, wall_s));
  complain("{}", replay_of(command, *scenario, result));
  return status_of(result);
}

}  // namespace cicada::tool
