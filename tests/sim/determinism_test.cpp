// Equal scenario and seed, equal run; another seed, another run; the codec changes nothing.

#include <catch2/catch.hpp>

#include "sim/small_worlds.hpp"

namespace {

using namespace cicada;
using namespace cicada::sim;
using namespace cicada::sim::test;

/// A world in which everything happens that draws random numbers.
Scenario busy_world(std::uint64_t seed) {
  Scenario scenario = quick_ring(24, seed, 2min);
  scenario.name = "busy_world";
  scenario.peers.join = {.kind = Join::Kind::over, .over = 20s};
  scenario.links.model = LognormalLinks{};
  scenario.links.jitter_ratio = 0.2;
  scenario.links.loss_ratio = 0.01;
  scenario.links.duplicate_ratio = 0.01;
  scenario.links.reorder = {.ratio = 0.02, .delay = 200ms};
  scenario.links.setup_rtts = 2;
  scenario.links.death = Death::reset;
  scenario.workloads = {exponential_churn(2min, Depart::mixed, 100s), lookups(0.2), sends(2, 1)};
  scenario.faults = {PartitionFault{.at = 40s, .duration = 10s}, PauseFault{.at = 60s, .duration = 5s}, crash(80s, 0.2),
                     JoinFault{.at = 90s, .count = 5, .over = 5s}};
  return scenario;
}

TEST_CASE("the same scenario twice gives the same summary, another seed another digest") {
  auto first = run(busy_world(1)).summary;
  auto second = run(busy_world(1)).summary;
  for (auto* summary : {&first, &second})  // What measures the host differs.
    for (const char* key : {"wall_s", "cpu_s", "loop_cpu_s", "events_per_cpu_s", "peak_rss_bytes", "bytes_per_peer"})
      summary->erase(key);
  CHECK(first.dump(1) == second.dump(1));
  CHECK(digest_of(busy_world(2)) != first["digest"].get<std::string>());
}

TEST_CASE("messages as structs and messages through the codec give the same digest") {
  for (const bool iterative : {false, true}) {
    for (const bool real_crypto : {false, true}) {
      Scenario scenario = busy_world(3);
      if (iterative) scenario.protocol.lookup = LookupMode::iterative;
      if (real_crypto) scenario.protocol.crypto = cicada::sim::Crypto::real;
      const std::string digest = digest_of(scenario);
      scenario.protocol.wire = Wire::encoded;
      CAPTURE(iterative, real_crypto);
      CHECK(digest_of(scenario) == digest);
    }
  }
}

TEST_CASE("the checker only looks") {
  Scenario incremental = busy_world(4);
  incremental.measure.check = Check::incremental;
  Scenario every_event = busy_world(4);
  every_event.measure.check = Check::every_event;
  CHECK(digest_of(every_event) == digest_of(incremental));
}

}  // namespace
