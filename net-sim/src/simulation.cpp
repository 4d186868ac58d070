#include <cicada/sim/simulation.hpp>

#include <chrono>

#include "explore/exploration.hpp"
#include "world/asserting_world.hpp"
#include "world/host_clock.hpp"
#include "world/processes.hpp"
#include "world/recorder.hpp"

namespace cicada::sim {

RunResult run(const Scenario& scenario, const RunOptions& options) {
  if (scenario.explore.worlds > 0) return run_exploration(scenario, options);
  const double wall_start = host::wall_s();
  const double cpu_start = host::cpu_s();
  Recorder recorder(scenario, options.on_lookup);
  World world(scenario, recorder);
  const AssertingWorld asserting(world);

  double reported = wall_start;
  bool interrupted = false;
  const auto report = [&](const char* phase) {
    if (!options.progress || interrupted) return !interrupted;
    const double wall = host::wall_s();
    if (wall - reported < 0.1) return true;
    reported = wall;
    const double simulated = std::chrono::duration<double>(world.now().time_since_epoch()).count();
    const double total = std::chrono::duration<double>(scenario.duration).count();
    interrupted = !options.progress({simulated / total, simulated, world.counters().events, world.living(), phase});
    return !interrupted;
  };
  report("build");
  add_population(world);
  add_workloads(world);
  recorder.attach(world);
  const double loop_start = host::cpu_s();
  world.run_until(TimePoint(scenario.duration), [&] { return report("run"); });
  Recorder::HostCost cost;
  cost.loop_cpu_s = host::cpu_s() - loop_start;
  cost.wall_s = host::wall_s() - wall_start;
  cost.cpu_s = host::cpu_s() - cpu_start;
  cost.peak_rss_bytes = host::peak_rss_bytes();
  RunResult result = recorder.result(world, cost, interrupted);
  return result;
}

}  // namespace cicada::sim
