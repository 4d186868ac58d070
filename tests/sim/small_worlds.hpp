#pragma once
/// Scenarios of small worlds for the simulation tests, made by hand.

#include <chrono>
#include <string>

#include <cicada/sim/scenario.hpp>
#include <cicada/sim/simulation.hpp>

namespace cicada::sim::test {

using namespace std::chrono_literals;

/// Many worlds of 16 ids that start with r + 1 = 3 members; failures are detected perfectly, because the time-out lies
/// above every round trip. As scenarios/papers/zave-corrected.yaml.
inline Scenario exploration(std::uint64_t worlds, std::uint64_t seed = 1) {
  Scenario scenario;
  scenario.name = "exploration";
  scenario.seed = seed;
  scenario.duration = 8s;
  scenario.peers.count = 3;
  scenario.links.model = UniformLinks{20ms, 80ms, UniformLinks::Per::pair};
  Protocol& protocol = scenario.protocol;
  protocol.successors = 2;
  protocol.stabilize = 1s;
  protocol.fix_fingers.reset();
  protocol.check_predecessor = 1s;
  protocol.merge_probe.reset();
  protocol.proximity = 0;
  protocol.rto = {.initial = 300ms, .min = 300ms, .max = 2s, .tries = 1};
  scenario.explore = {.worlds = worlds, .ids = 16, .events = 40};
  return scenario;
}

/// A ring of `peers` with quick timers and nothing that troubles it.
inline Scenario quick_ring(std::uint64_t peers, std::uint64_t seed, Duration duration) {
  Scenario scenario;
  scenario.name = "quick_ring";
  scenario.seed = seed;
  scenario.duration = duration;
  scenario.peers.count = peers;
  scenario.links.model = UniformLinks{20ms, 80ms, UniformLinks::Per::pair};
  Protocol& protocol = scenario.protocol;
  protocol.successors = 3;
  protocol.stabilize = 2s;
  protocol.fix_fingers = 2s;
  protocol.check_predecessor = 2s;
  protocol.merge_probe = 4s;
  protocol.rto = {.initial = 500ms, .min = 200ms, .max = 4s, .tries = 6};
  return scenario;
}

inline Churn exponential_churn(Duration mean, Depart depart, Duration stop) {
  Churn churn;
  churn.sessions = Distribution{.kind = Distribution::Kind::exponential, .value = mean};
  churn.depart = depart;
  churn.stop = stop;
  return churn;
}

inline Lookups lookups(double per_peer_s) {
  Lookups lookups;
  lookups.arrivals.per_s = per_peer_s;
  return lookups;
}

/// Sends of the whole system.
inline Sends sends(double per_s, std::uint32_t duplicates = 0) {
  Sends sends;
  sends.arrivals = {.kind = Arrivals::Kind::poisson_system, .per_s = per_s};
  sends.duplicates = duplicates;
  return sends;
}

inline CrashFault crash(Duration at, double ratio) {
  CrashFault fault;
  fault.at = at;
  fault.ratio = ratio;
  return fault;
}

inline std::string digest_of(const Scenario& scenario) { return run(scenario).summary["digest"]; }

/// For INFO: how to see the same run again.
inline std::string named(const Scenario& scenario) {
  return "seed " + std::to_string(scenario.seed) + " of " + scenario.name + " with " +
         std::to_string(scenario.peers.count) + " peers";
}

}  // namespace cicada::sim::test
