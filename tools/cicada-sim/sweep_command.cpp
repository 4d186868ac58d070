// cicada-sim sweep: many runs of one scenario, each a process, and one report over all.

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <string>
#include <thread>
#include <utility>

#include <cicada/sim/output_folder.hpp>
#include <cicada/sim/report_text.hpp>
#include <cicada/sim/scenario_loader.hpp>
#include <cicada/sim/sweep.hpp>

#include "child_pool.hpp"
#include "commands.hpp"
#include "exit_status.hpp"
#include "interrupt.hpp"
#include "output.hpp"
#include "progress_line.hpp"
#include "scenario_input.hpp"
#include "sweep_folder.hpp"
#include "sweep_table.hpp"
#include "text_table.hpp"
#include "verdict.hpp"

namespace cicada::tool {
namespace fs = std::filesystem;
using namespace std::chrono_literals;
namespace {

/// A cell of the sweep, and what became of it.
struct Cell {
  sim::SweepCell plan;
  std::optional<nlohmann::ordered_json> summary;  // Once it is complete.
};

/// Runs the cells that are not there yet. Single-threaded: the children do the work.
class SweepRunner {
 public:
  SweepRunner(const SweepCommand& command, fs::path folder, std::vector<Cell>& cells)
      : command_(command),
        folder_(std::move(folder)),
        cells_(cells),
        pool_(command.jobs > 0 ? command.jobs : std::max(1U, std::thread::hardware_concurrency())),
        line_(command.progress && !command.quiet) {}

  /// Takes over what is complete already. Returns how many cells that is.
  std::size_t reuse() {
    std::size_t reused = 0;
    for (std::size_t i = 0; i < cells_.size(); ++i) {
      const auto scenario = load(cells_[i]);
      if (scenario) cells_[i].summary = stored_summary(folder_of(i), *scenario);
      reused += cells_[i].summary ? 1U : 0U;
      if (!cells_[i].summary) waiting_.push_back(i);
    }
    std::ranges::reverse(waiting_);  // The next one is at the back.
    return reused;
  }

  /// Until all cells are done or somebody interrupts.
  void run() {
    planned_ = waiting_.size();
    while (!interrupted() && (!waiting_.empty() || pool_.running() > 0)) {
      while (!waiting_.empty() && !pool_.full()) start_next();
      for (const FinishedChild& child : pool_.wait(100ms)) take(child);
      show();
    }
    if (pool_.running() > 0) stop_children();
    line_.clear();
  }

  [[nodiscard]] std::size_t failed() const { return failed_; }
  [[nodiscard]] bool bad_input() const { return bad_input_; }

 private:
  [[nodiscard]] fs::path folder_of(std::size_t cell) const { return folder_ / cell_folder(cells_[cell].plan); }

  [[nodiscard]] std::vector<std::string> settings_of(const Cell& cell) const {
    std::vector<std::string> settings = command_.settings;
    for (std::string& setting : cell.plan.overrides()) settings.push_back(std::move(setting));
    return settings;
  }

  [[nodiscard]] std::optional<sim::Scenario> load(const Cell& cell) const {
    return load_or_complain(command_.scenario, settings_of(cell), cell.plan.seed);
  }

  void start_next() {
    const std::size_t index = waiting_.back();
    waiting_.pop_back();
    std::vector<std::string> arguments = {"run", command_.scenario, "--quiet", "--no-progress"};
    for (std::string& setting : settings_of(cells_[index])) {
      arguments.emplace_back("--set");
      arguments.push_back(std::move(setting));
    }
    for (std::string word : {std::string("--seed"), std::to_string(cells_[index].plan.seed), std::string("--out"),
                             folder_of(index).string()}) {
      arguments.push_back(std::move(word));
    }
    if (const auto wrong = pool_.start(index, arguments)) fail(index, *wrong, "");
  }

  void take(const FinishedChild& child) {
    ++finished_;
    // One that had only just started dies of our SIGTERM.
    if (interrupted() && (child.exit_status == exit_interrupted || child.exit_status == 128 + SIGTERM)) return;
    if (child.exit_status != exit_good && child.exit_status != exit_expectation) {
      bad_input_ = bad_input_ || child.exit_status == exit_bad_input;
      fail(child.id, how_it_ended(child.exit_status), child.error_output);
      return;
    }
    const auto scenario = load(cells_[child.id]);
    if (scenario) cells_[child.id].summary = stored_summary(folder_of(child.id), *scenario);
    if (!cells_[child.id].summary) fail(child.id, "its results don't match: did the scenario change meanwhile?", "");
  }

  static std::string how_it_ended(int status) {
    if (status == 128 + SIGKILL) return "was killed (out of memory? fewer --jobs need less)";
    if (status > 128) return fmt::format("was ended by signal {}", status - 128);
    return fmt::format("ended with exit status {}", status);
  }

  void fail(std::size_t cell, const std::string& what, const std::string& error_output) {
    ++failed_;
    line_.clear();
    complain("cicada-sim sweep: the run {} {}\n{}", cells_[cell].plan.label, what, error_output);
  }

  void show() {
    if (!line_.due()) return;
    const double ratio = planned_ > 0 ? static_cast<double>(finished_) / static_cast<double>(planned_) : 1;
    std::vector<std::string> parts = {fmt::format("{} of {} runs", finished_, planned_),
                                      fmt::format("{} at work", pool_.running())};
    if (failed_ > 0) parts.push_back(fmt::format("{} failed", failed_));
    line_.show(ratio, parts);
  }

  /// They write what they have, as any interrupted run; those that don't come to an end are killed.
  void stop_children() {
    line_.clear();
    complain("Interrupted: ending {} runs.\n", pool_.running());
    pool_.signal_all(SIGTERM);
    const auto patience = std::chrono::steady_clock::now() + 20s;
    while (pool_.running() > 0 && std::chrono::steady_clock::now() < patience) {
      for (const FinishedChild& child : pool_.wait(100ms)) take(child);
    }
  }

  const SweepCommand& command_;
  fs::path folder_;
  std::vector<Cell>& cells_;
  std::vector<std::size_t> waiting_;
  ChildPool pool_;
  ProgressLine line_;
  std::size_t planned_ = 0, finished_ = 0, failed_ = 0;
  bool bad_input_ = false;
};

/// Every combination of settings must be a valid scenario with readable data before the first one runs.
bool check_grid(const SweepCommand& command, const std::vector<Cell>& cells, std::uint64_t seeds) {
  DataCheck data;
  for (std::size_t i = 0; i < cells.size(); i += seeds) {
    std::vector<std::string> settings = command.settings;
    for (std::string& setting : cells[i].plan.overrides()) settings.push_back(std::move(setting));
    const auto scenario = load_or_complain(command.scenario, settings);
    if (!scenario || !data.accepts(command.scenario, *scenario)) {
      complain("cicada-sim sweep: that is the cell {}\n", cells[i].plan.label);
      return false;
    }
  }
  return true;
}

sim::SweepResult result_of(const std::vector<Cell>& cells, nlohmann::ordered_json manifest) {
  sim::SweepResult result;
  result.manifest = std::move(manifest);
  result.cells_planned = cells.size();
  for (const Cell& cell : cells) {
    if (cell.summary) result.cells.push_back({cell.plan.settings, cell.plan.seed, *cell.summary});
  }
  result.interrupted = interrupted() && result.cells.size() < cells.size();
  return result;
}

/// Names the cells whose expectations failed. Returns how many there are.
std::size_t print_failed_expectations(const std::vector<Cell>& cells) {
  constexpr std::size_t shown_max = 20;
  std::size_t failed = 0;
  for (const Cell& cell : cells) {
    if (!cell.summary || all_expectations_hold(*cell.summary)) continue;
    if (++failed > shown_max) continue;
    complain("{}:\n{}", cell.plan.label, indented(failed_expectations(*cell.summary)));
  }
  if (failed > shown_max) complain("... and {} more runs with failed expectations\n", failed - shown_max);
  return failed;
}

/// Names the cells of the grid whose means are not as `sweep.expect` has them. Returns how many there are.
std::size_t print_failed_means(const nlohmann::ordered_json& summary) {
  std::size_t failed = 0;
  for (const nlohmann::ordered_json& group : summary.at("groups")) {
    const std::string lines = failed_expectations(group);
    if (lines.empty()) continue;
    ++failed;
    std::string label = fmt::format("means over {} runs", group.at("runs").get<std::size_t>());
    for (const auto& [key, value] : group.at("settings").items())
      label += fmt::format(" {}={}", key, value.get<std::string>());
    complain("{}:\n{}", label, indented(lines));
  }
  return failed;
}

/// Prints the table and writes the report. Returns the exit status.
int finish(const SweepCommand& command, const fs::path& folder, const std::vector<Cell>& cells,
           nlohmann::ordered_json manifest, const SweepRunner& runner) {
  const sim::SweepResult result = result_of(cells, std::move(manifest));
  std::size_t unexpected = print_failed_expectations(cells);
  if (!result.cells.empty()) {
    if (const auto written = sim::write_sweep_report(folder, result); !written) {
      complain("cicada-sim sweep: {}\n", written.error());
      return exit_bad_input;
    }
    const auto summary = sim::sweep_summary(result);
    if (command.json) {
      write_data(sim::json_text(summary));
    } else if (!command.quiet) {
      print("{}\n  report  {}\n", sweep_table(summary), (folder / "report.html").string());
    }
    if (!result.interrupted) unexpected += print_failed_means(summary);
  }
  if (result.interrupted) {
    complain("Interrupted: {} of {} runs are done. The same command goes on from there:\n  {}\n", result.cells.size(),
             cells.size(), command.command_line);
    return exit_interrupted;
  }
  if (runner.bad_input()) return exit_bad_input;
  return unexpected + runner.failed() > 0 ? exit_expectation : exit_good;
}

}  // namespace

int sweep_scenario(const SweepCommand& command) {
  std::vector<std::string> settings = command.settings;
  if (command.seeds) settings.push_back(fmt::format("sweep.seeds={}", *command.seeds));
  const auto scenario = load_or_complain(command.scenario, settings, command.seed);
  if (!scenario) return exit_bad_input;
  const fs::path folder = command.out.empty() ? fs::path("out") / (scenario->name + "-sweep") : fs::path(command.out);
  if (const auto writable = sim::check_output_folder(folder, sim::OutputKind::sweep); !writable) {
    complain("cicada-sim sweep: {}\n", writable.error());
    return exit_bad_input;
  }
  std::vector<Cell> cells;
  std::vector<sim::SweepCell> plan = sim::expand_sweep(*scenario);
  for (const sim::SweepCell& cell : plan) cells.push_back({cell, std::nullopt});
  if (!check_grid(command, cells, scenario->sweep.seeds)) return exit_bad_input;

  catch_interrupts();
  auto manifest = sim::make_manifest(sim::to_json(*scenario), command.command_line);
  SweepRunner runner(command, folder, cells);
  const std::size_t reused = runner.reuse();
  if (const auto planned = write_plan(folder, manifest, plan); !planned) {
    complain("cicada-sim sweep: {}\n", planned.error());
    return exit_bad_input;
  }
  if (reused > 0 && !command.quiet) {
    complain("{} of {} runs are there already and are not repeated\n", reused, cells.size());
  }
  runner.run();
  return finish(command, folder, cells, std::move(manifest), runner);
}

}  // namespace cicada::tool
