// Chaos first, then quiet: whatever befell a small world, its ring is ideal again a while after the last fault, and
// nothing that was acknowledged has been lost on the way.

#include <catch2/catch.hpp>

#include <cicada/rng.hpp>

#include "sim/small_worlds.hpp"

namespace {

using namespace cicada;
using namespace cicada::sim;
using namespace cicada::sim::test;

/// A random subset of all troubles until 60 s, then quiet until the end (swarm testing: chord.md section 6.1, habit 9).
Scenario chaos(std::uint64_t seed) {
  Rng rng(seed, Purpose::test);
  const auto chance = [&] { return rng.chance(0.5); };
  Scenario scenario = quick_ring(4 + rng.below(9), seed, 3min);
  scenario.name = "chaos";
  if (chance()) scenario.links.death = Death::reset;
  if (chance()) scenario.links.loss_ratio = 0.03;
  if (chance()) scenario.links.duplicate_ratio = 0.05;
  if (chance()) scenario.links.reorder = {.ratio = 0.05, .delay = 150ms};
  if (chance()) scenario.peers.join = {.kind = Join::Kind::at_once};
  if (chance()) scenario.protocol.eager = false;
  if (chance()) {
    Churn churn = exponential_churn(45s, Depart::mixed, 60s);
    if (chance()) churn.replace = {.kind = Replacement::Kind::after, .down_time = {.value = 5s}};
    churn.start = 10s;
    scenario.workloads.emplace_back(churn);
  }
  scenario.workloads.emplace_back(sends(1));
  if (chance()) scenario.faults.emplace_back(PartitionFault{.at = 20s, .duration = 25s, .one_way = chance()});
  if (chance()) scenario.faults.emplace_back(PauseFault{.at = 35s, .duration = 15s, .ratio = 0.3});
  if (chance()) scenario.faults.emplace_back(crash(55s, 0.2));
  if (chance()) scenario.faults.emplace_back(JoinFault{.at = 50s, .count = 4, .over = 2s});
  return scenario;
}

TEST_CASE("small worlds heal once faults stop, and keep what they acknowledged") {
  std::uint64_t partitioned = 0;
  std::uint64_t connected = 0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    const Scenario scenario = chaos(seed);
    const auto summary = run(scenario).summary;
    INFO(named(scenario));
    CAPTURE(summary["ring"].dump(), summary["peers"].dump());
    // A member whose successors all died at once breaks condition (ii) of chord.md section 3.3: in a world of so few
    // peers it may know nobody else that lives, and no protocol could bring it back.
    const auto& ring = summary["ring"];
    if (!ring.contains("by_property") || !ring["by_property"].contains("one_live_successor")) {
      CHECK(summary["ring"]["ideal"] == true);
      ++connected;
    }
    CHECK(summary["sends"]["acknowledged_but_lost"] == 0);
    for (const Fault& fault : scenario.faults) partitioned += std::holds_alternative<PartitionFault>(fault);
  }
  CHECK(partitioned > 10);
  CHECK(connected >= 30);
}

TEST_CASE("members that lose all successors at once find back through their fingers") {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    Scenario scenario = quick_ring(200, seed, 3min);
    scenario.faults = {crash(20s, 0.5)};
    const auto summary = run(scenario).summary;
    INFO(named(scenario));
    CAPTURE(summary["ring"].dump(), summary["marks"].dump());
    CHECK(summary["marks"]["stranded"] > 0);  // One in eight survivors has three dead successors.
    CHECK(summary["peers"]["end"] == 100);
    CHECK(summary["ring"]["ideal"] == true);
  }
}

TEST_CASE("two rings become one after a partition") {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    Scenario scenario = quick_ring(16 + 4 * seed, seed, 6min);
    // Long enough for both sides to close their rings and to forget the other as neighbours.
    scenario.faults = {PartitionFault{.at = 20s, .duration = 90s}};
    scenario.measure.check = Check::every_event;
    const auto summary = run(scenario).summary;
    INFO(named(scenario));
    CAPTURE(summary["ring"].dump(), summary["marks"].dump());
    CHECK(summary["ring"]["ideal"] == true);
    CHECK(summary["ring"]["by_property"]["at_most_one_ring"] > 0);  // There really were two.
    CHECK(summary["marks"]["merge_candidate"] > 0);
    CHECK(summary["peers"]["end"] == scenario.peers.count);
  }
}

TEST_CASE("nothing acknowledged is lost under heavy loss and churn, and nearly all is delivered") {
  for (const Depart depart : {Depart::crash, Depart::leave}) {
    Scenario scenario = quick_ring(40, 7, 5min);
    scenario.links.loss_ratio = 0.1;
    scenario.links.duplicate_ratio = 0.1;
    scenario.workloads = {exponential_churn(3min, depart, 4min), sends(10, 1)};
    const auto sent = run(scenario).summary["sends"];
    CAPTURE(sent.dump(1));
    CHECK(sent["count"] > 2000);
    CHECK(sent["acknowledged_but_lost"] == 0);
    CHECK(sent["duplicates_seen"] > 0);
    // A target may depart before its message comes, or before it has said so.
    CHECK(sent["delivered"].get<double>() / sent["count"].get<double>() > 0.9);
  }
}

TEST_CASE("a leave costs the others less than a crash") {
  const auto dead_successors = [](Depart depart) {
    double sum = 0;
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
      Scenario scenario = quick_ring(60, seed, 5min);
      scenario.workloads = {exponential_churn(90s, depart, 5min)};
      scenario.protocol.rto.tries = 3;
      const auto summary = run(scenario).summary;
      REQUIRE(summary["peers"][depart == Depart::crash ? "crashed" : "left"] > 100);
      sum += summary["ring"]["dead_successors_ratio"].get<double>();
    }
    return sum / 3;
  };
  const double crash = dead_successors(Depart::crash);
  const double leave = dead_successors(Depart::leave);
  CAPTURE(crash, leave);
  CHECK(leave < crash / 3);
}

}  // namespace
