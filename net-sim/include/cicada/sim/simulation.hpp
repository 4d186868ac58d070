#pragma once
/// Runs a scenario: makes the world, lets it live for its duration, and measures it. The way in for tools and tests.

#include <cstdint>
#include <functional>

#include <cicada/id.hpp>
#include <cicada/sim/run_result.hpp>
#include <cicada/sim/scenario.hpp>
#include <cicada/time.hpp>

namespace cicada::sim {

/// What a long run tells its caller about 10 times a second.
struct Progress {
  double done_ratio = 0;      ///< Share of the simulated duration, 0 to 1.
  double simulated_s = 0;     ///< Simulated seconds so far.
  std::uint64_t events = 0;   ///< Events so far.
  std::uint64_t peers = 0;    ///< Live peers.
  const char* phase = "run";  ///< "build" while the world is made, then "run", then "check".
};

/// One lookup that has ended.
struct LookupResult {
  std::uint32_t peer = 0;  ///< Number of the host that asked.
  Id key;
  bool found = false;
  std::uint32_t owner = 0;  ///< Number of the host that was found.
  unsigned hops = 0;        ///< Links crossed from the asker to the key's predecessor.
  unsigned timeouts = 0;    ///< Peers on the way that did not answer.
  Duration started{};       ///< Since the start of the simulation.
  Duration latency{};
};

struct RunOptions {
  /// Called from the running thread; false ends the run early, and the result covers what was simulated.
  std::function<bool(const Progress&)> progress{};
  /// Called from the running thread for each lookup of a workload, when it ends.
  std::function<void(const LookupResult&)> on_lookup{};
};

/// Runs the scenario to its end on the calling thread. Same scenario, same seed: same result and digest, but for the
/// keys that measure the host (`wall_s`, `cpu_s`, `events_per_cpu_s`, `peak_rss_bytes`, `bytes_per_peer`).
/// Throws std::runtime_error with a message for the user when a file that the scenario names cannot be read.
[[nodiscard]] RunResult run(const Scenario& scenario, const RunOptions& options = {});

}  // namespace cicada::sim
