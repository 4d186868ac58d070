// cicada-sim check: are these scenarios valid?

#include <cstdio>

#include <cicada/sim/scenario_loader.hpp>
#include <cicada/sim/sweep.hpp>

#include "commands.hpp"
#include "exit_status.hpp"
#include "output.hpp"
#include "scenario_input.hpp"

namespace cicada::tool {
namespace {

/// Values of a sweep that are right one by one can be wrong together (more successors than peers), and may name other
/// files, or read the same ones otherwise.
bool check_grid(const std::string& file, sim::Scenario scenario, DataCheck& data) {
  constexpr std::uint64_t cells_max = 10'000;  // A few seconds.
  scenario.sweep.seeds = 1;
  if (scenario.sweep.axes.empty() || sim::sweep_size(scenario) > cells_max) return true;
  for (const sim::SweepCell& cell : sim::expand_sweep(scenario)) {
    const auto loaded = sim::load_scenario(file, cell.overrides());
    if (loaded && data.accepts(file, *loaded)) continue;
    if (loaded) {
      complain("{}: that is in the sweep, at {}\n", file, cell.label);
    } else {
      complain("{} (in the sweep, at {})\n", sim::to_string(loaded.error().front()), cell.label);
    }
    return false;
  }
  return true;
}

bool check(const std::string& file) {
  const auto scenario = load_or_complain(file, {});
  DataCheck data;
  if (!scenario || !data.accepts(file, *scenario) || !check_grid(file, *scenario, data)) return false;
  print("{}: ok\n", file);
  return true;
}

}  // namespace

int check_scenarios(const CheckCommand& command) {
  bool good = true;
  for (const std::string& file : command.scenarios) good = check(file) && good;
  return good ? exit_good : exit_bad_input;
}

}  // namespace cicada::tool
