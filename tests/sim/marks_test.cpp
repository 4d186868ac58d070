// No branch of the protocol stays dry: each mark of environment.hpp is hit in a small campaign (chord.md section 6.1,
// habit 8).

#include <catch2/catch.hpp>

#include <map>

#include <cicada/environment.hpp>

#include "sim/small_worlds.hpp"

namespace {

using namespace cicada;
using namespace cicada::sim;
using namespace cicada::sim::test;

using Marks = std::map<std::string, std::uint64_t>;

void add(Marks& marks, const Scenario& scenario) {
  const auto summary = run(scenario).summary;
  for (const auto& [name, count] : summary["marks"].items()) marks[name] += count.get<std::uint64_t>();
}

/// Joins, failures and a partition among a few dozen peers, with lookups on the way.
Scenario turbulence() {
  Scenario scenario = quick_ring(40, 11, 5min);
  scenario.links.loss_ratio = 0.02;
  scenario.peers.join = {.kind = Join::Kind::at_once};
  Churn churn = exponential_churn(60s, Depart::mixed, 4min);
  churn.replace = {.kind = Replacement::Kind::after, .down_time = {.value = 3s}};
  scenario.workloads = {churn, lookups(0.5)};
  scenario.faults = {PartitionFault{.at = 60s, .duration = 60s}, crash(200s, 0.5)};
  return scenario;
}

/// One side is heard but does not hear: its members are taken for dead and skipped, again and again.
Scenario one_sided() {
  Scenario scenario = quick_ring(12, 5, 8min);
  scenario.faults = {PartitionFault{.at = 20s, .duration = 5min, .one_way = true}};
  return scenario;
}

/// All successors of many members die at once.
Scenario catastrophe() {
  Scenario scenario = quick_ring(30, 2, 3min);
  scenario.protocol.successors = 1;
  scenario.faults = {crash(30s, 0.5), crash(60s, 0.5)};
  return scenario;
}

/// Fingers that point to a far place, because the near one is not known yet: a crowd joins a small ring.
Scenario flash_crowd() {
  Scenario scenario = quick_ring(10, 3, 3min);
  scenario.protocol.successors = 8;
  scenario.faults = {JoinFault{.at = 20s, .count = 300, .over = 5s}};
  return scenario;
}

/// Messages among peers that drop them, change them and make acknowledgements up.
Scenario hostile() {
  Scenario scenario = quick_ring(60, 9, 2min);
  scenario.workloads = {sends(5, 3)};
  scenario.adversaries = {DropAttack{{.ratio = 0.1}}, TamperAttack{{.ratio = 0.2}},
                          AckForgeAttack{.who = {.ratio = 0.3}, .prob = 0.3}};
  return scenario;
}

/// Messages with large budgets to nobody, more than neighbours put up with.
Scenario flooded() {
  Scenario scenario = quick_ring(60, 4, 1min);
  scenario.workloads = {sends(1)};
  scenario.adversaries = {AmplifyAttack{.who = {.count = 2}, .per_s = 40}};
  return scenario;
}

TEST_CASE("every mark is hit in a small campaign") {
  Marks marks;
  Scenario explored = exploration(200);
  explored.protocol.fix_fingers = 1s;
  for (const Scenario& scenario :
       {explored, turbulence(), one_sided(), catastrophe(), flash_crowd(), hostile(), flooded()})
    add(marks, scenario);
  REQUIRE(marks.size() == mark_count);
  for (const auto& [name, count] : marks) {
    INFO(name);
    CHECK(count > 0);
  }
}

}  // namespace
