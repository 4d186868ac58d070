// What attackers do to broadcasts: everybody honest gets them all the same.

#include <catch2/catch.hpp>

#include "adversaries/adversaries.hpp"
#include "sim/attacked_worlds.hpp"
#include "world/processes.hpp"

namespace {

using namespace cicada;
using namespace cicada::sim;
using namespace cicada::sim::test;

TEST_CASE("broadcasts that some pass on to nobody reach all honest peers, for more payloads in the end") {
  Scenario scenario = busy({});
  Broadcasts broadcasts;
  broadcasts.arrivals = {.kind = Arrivals::Kind::poisson_system, .per_s = 0.1};
  broadcasts.stop = 2min;
  scenario.workloads = {broadcasts};
  const auto coverage = [&](std::vector<Adversary> adversaries) {
    scenario.adversaries = std::move(adversaries);
    const auto summary = run(scenario).summary;
    REQUIRE(summary["broadcasts"]["count"].get<int>() > 5);
    return summary["broadcasts"]["coverage"]["mean"].get<double>();
  };
  CHECK(coverage({}) == 1.0);
  CHECK(coverage({DropAttack{share(0.3)}}) > 0.99);
  CHECK(coverage({BroadcastSuppressAttack{share(0.3)}}) > 0.99);
  CHECK(coverage({DropAttack{share(0.95)}}) < 0.9);  // Who is honest and knows only hostile peers gets none.
}

Scenario with_broadcasts(std::vector<Adversary> adversaries) {
  Scenario scenario = busy(std::move(adversaries));
  Broadcasts broadcasts;
  broadcasts.arrivals = {.kind = Arrivals::Kind::poisson_system, .per_s = 0.1};
  broadcasts.stop = 2min;
  scenario.workloads = {broadcasts};
  return scenario;
}

TEST_CASE("every kind with the scope data meets broadcasts too, and all honest peers get them") {
  DelayAttack delay{share(0.3)};
  delay.kind = DelayAttack::Kind::by;
  delay.by = {.kind = Distribution::Kind::fixed, .value = 3s};
  const double good = at(run(with_broadcasts({})).summary["broadcasts"], "latency_ms", "p99");
  for (const Adversary& adversary :
       {Adversary(delay), Adversary(TamperAttack{share(0.3)}), Adversary(MisrouteAttack{share(0.3)}),
        Adversary(JoinLeaveAttack{.who = share(0.3), .arc_ratio = 1}),
        Adversary(AdaptiveSelectiveAttack{.who = share(0.3), .warmup = 1s}), Adversary(DropAttack{share(0.3)})}) {
    const auto summary = run(with_broadcasts({adversary})).summary;
    INFO(name_of(adversary));
    CHECK(summary["resilience"]["acts"][std::string(name_of(adversary))].get<int>() > 100);
    CHECK(summary["broadcasts"]["coverage"]["mean"].get<double>() > 0.99);
    CHECK(summary["broadcasts"]["copies_handed_up_max"].get<int>() <= 1);
    CHECK(at(summary["broadcasts"], "latency_ms", "p99") > good + 100);
  }
}

TEST_CASE("what a sender says of what is left is not believed") {
  using How = BroadcastSuppressAttack::How;
  const double good = at(run(with_broadcasts({})).summary, "broadcasts", "payloads_per_peer");
  for (const auto how : {How::narrow, How::wide, How::visited, How::coalition}) {
    const auto summary = run(with_broadcasts({BroadcastSuppressAttack{.who = share(0.3), .how = how}})).summary;
    CHECK(summary["broadcasts"]["coverage"]["mean"].get<double>() > 0.99);
    CHECK(summary["broadcasts"]["copies_handed_up_max"].get<int>() <= 1);
    CHECK(at(summary, "broadcasts", "payloads_per_peer") < 2 * good);
    CHECK(summary["resilience"]["acts"]["broadcast_suppress"].get<int>() > 100);
  }
}

TEST_CASE("a flood of broadcasts ends where the pace of its origins does") {
  struct Count final : Observer {
    std::size_t handed_up = 0;
    void on_broadcast(World&, PeerIndex, const BroadcastHeader&, const Payload&) override { ++handed_up; }
  };
  const auto heard_by_each = [](double per_s) {
    Count count;
    const Scenario scenario =
        with_broadcasts({FloodAttack{.who = {.count = 1}, .per_s = per_s, .to = FloodAttack::To::everybody}});
    World world(scenario, count);
    add_population(world);
    add_workloads(world);
    world.run_until(TimePoint(scenario.duration));
    return static_cast<double>(count.handed_up) / static_cast<double>(world.members().size());
  };
  CHECK(heard_by_each(0.5) == Approx(0.5 * 180 + 12).margin(30));
  // Of one origin 128 are taken at once, and one each 800 ms; the workload has a dozen.
  const double heard = heard_by_each(20);
  CHECK(heard < 128 + 180 / 0.8 + 30);
  CHECK(heard > 180);
}

}  // namespace
