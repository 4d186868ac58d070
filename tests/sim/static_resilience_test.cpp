// Half of a ring dies and nobody repairs anything: no periodic task runs. What a lookup can still find then is up to
// the lookup alone. Every key has a living owner, and no answer names another one.

#include <catch2/catch.hpp>

#include "sim/small_worlds.hpp"

namespace {

using namespace cicada;
using namespace cicada::sim;
using namespace cicada::sim::test;

/// Lookups from two seconds after the deaths on. `drops_dead`: a peer that is found to be dead leaves the table.
nlohmann::ordered_json lookups_at_rest(std::uint64_t seed, bool drops_dead) {
  Scenario scenario = quick_ring(500, seed, 100s);
  scenario.name = "static_resilience";
  Protocol& protocol = scenario.protocol;
  protocol.successors = 16;
  protocol.stabilize = 1h;
  protocol.fix_fingers.reset();
  protocol.check_predecessor.reset();
  protocol.merge_probe.reset();
  protocol.rto = {.initial = 1s, .min = 100ms, .max = 10s, .tries = 3};
  protocol.evict_on_timeout = drops_dead;
  protocol.lookup = LookupMode::iterative;
  Lookups workload = lookups(0.1);
  workload.start = 2s;
  workload.stop = 70s;
  scenario.workloads = {workload};
  scenario.faults = {crash(1s, 0.5)};
  return run(scenario).summary["lookups"];
}

TEST_CASE("iterative lookups find the owner though half of all peers died and nobody repairs anything") {
  for (const bool drops_dead : {false, true}) {
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
      const auto lookups = lookups_at_rest(seed, drops_dead);
      INFO("seed " << seed << ", drops_dead " << drops_dead << ": " << lookups.dump());
      CHECK(lookups["count"].get<double>() > 1000);
      CHECK(lookups["timeouts_mean"].get<double>() > 1);
      CHECK(lookups["wrong"] == 0);
      CHECK(lookups["failed"] == 0);
    }
  }
}

}  // namespace
