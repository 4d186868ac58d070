// Hostile peers are chosen as the scenario says, and what they do shows in what is counted: nothing else changes.

#include <catch2/catch.hpp>

#include <algorithm>
#include <set>

#include "adversaries/adversaries.hpp"
#include "sim/small_worlds.hpp"
#include "world/processes.hpp"

namespace {

using namespace cicada;
using namespace cicada::sim;
using namespace cicada::sim::test;

Attackers share(double ratio) { return {.ratio = ratio}; }

/// One copy that nobody looks after: what attackers do to it shows.
Sends plain_sends(double per_s) {
  Sends plain = sends(per_s);
  plain.strategy = Strategy::cicada;
  return plain;
}

/// 120 peers that send to each other.
Scenario busy(std::vector<Adversary> adversaries, std::uint64_t seed = 3) {
  Scenario scenario = quick_ring(120, seed, 3min);
  scenario.protocol.successors = 8;
  scenario.workloads = {plain_sends(5)};
  scenario.adversaries = std::move(adversaries);
  return scenario;
}

/// The hosts that are hostile at the start, by entry.
std::vector<std::set<std::uint32_t>> chosen(const Scenario& scenario) {
  Observer nobody;
  World world(scenario, nobody);
  add_population(world);
  const std::vector<EntryMask> masks = Selection(scenario).choose(world);
  std::vector<std::set<std::uint32_t>> hosts(scenario.adversaries.size());
  for (std::uint32_t host = 0; host < masks.size(); ++host)
    for (std::size_t entry = 0; entry < hosts.size(); ++entry)
      if ((masks[host] >> entry & 1U) != 0) hosts[entry].insert(host);
  return hosts;
}

bool contains(const std::set<std::uint32_t>& large, const std::set<std::uint32_t>& small) {
  return std::ranges::includes(large, small);
}

TEST_CASE("random choices of all entries nest, and have the size that was asked for") {
  const auto hosts = chosen(busy({DropAttack{share(0.1)}, GrayDropAttack{share(0.3)}, DelayAttack{{.count = 5}}}));
  CHECK(hosts[0].size() == 12);
  CHECK(hosts[1].size() == 36);
  CHECK(hosts[2].size() == 5);
  CHECK(contains(hosts[1], hosts[0]));
  CHECK(contains(hosts[0], hosts[2]));
  CHECK(chosen(busy({DropAttack{share(0.1)}}))[0] == hosts[0]);
  CHECK(chosen(busy({DropAttack{share(0.1)}}, 4))[0] != hosts[0]);
}

TEST_CASE("an arc is contiguous, and those near a target are its neighbours") {
  Scenario scenario = busy({DropAttack{{.ratio = 0.25, .select = Select::contiguous_arc}},
                            DropAttack{{.select = Select::near, .targets = 2, .neighbours = 4}},
                            DropAttack{{.count = 10, .select = Select::high_indegree}}});
  const auto hosts = chosen(scenario);
  CHECK(hosts[0].size() == 30);
  CHECK(hosts[1].size() <= 16);
  CHECK(hosts[1].size() >= 8);
  CHECK(hosts[2].size() == 10);
  const Selection selection(scenario);
  REQUIRE(selection.targets().size() == 2);
  Observer nobody;
  World world(scenario, nobody);
  add_population(world);
  const RingTruth& ring = world.truth();
  std::size_t ends = 0;  // Members of the arc whose next member is outside.
  for (const Peer& peer : ring) {
    const auto in = [&](const Peer& one) { return hosts[0].contains(world.slot(one.index).host); };
    const auto aimed = [&](const Peer& one) { return selection.is_target(world.slot(one.index).host); };
    Peer next = ring.next(peer);
    while (aimed(next)) next = ring.next(next);
    if (!aimed(peer) && in(peer) && !in(next)) ++ends;
  }
  CHECK(ends == 1);
  for (const std::uint32_t target : selection.targets()) {
    const PeerIndex index = *world.host_life(target);
    const Peer peer{world.id(index).prefix(), index};
    CHECK_FALSE(hosts[1].contains(target));
    for (const Peer& neighbour : {ring.next(peer), ring.previous(peer)}) {
      const std::uint32_t host = world.slot(neighbour.index).host;
      CHECK((hosts[1].contains(host) || selection.is_target(host)));
    }
  }
}

TEST_CASE("without adversaries the digest is that of before, whatever is measured") {
  Scenario scenario = busy({});
  const std::string digest = digest_of(scenario);
  scenario.measure.ceiling = 1;
  scenario.measure.disjoint_paths = 3;
  CHECK(digest_of(scenario) == digest);
  scenario.adversaries = {DropAttack{share(0)}};
  const auto summary = run(scenario).summary;
  CHECK(summary["digest"] == digest);
  CHECK(summary["resilience"]["hostile_peers"] == 0);
  CHECK(summary["resilience"]["predicted_plain"] == Approx(1));
}

TEST_CASE("equal seeds give equal digests under attack, whatever the wire") {
  Scenario scenario = busy({GrayDropAttack{share(0.2)}, DelayAttack{share(0.1)}});
  scenario.workloads.emplace_back(exponential_churn(2min, Depart::mixed, 3min));
  const std::string digest = digest_of(scenario);
  CHECK(digest_of(scenario) == digest);
  scenario.protocol.wire = Wire::encoded;
  CHECK(digest_of(scenario) == digest);
}

TEST_CASE("droppers of data stop messages and leave lookups and the ring alone") {
  Scenario scenario = busy({DropAttack{share(0.3)}});
  scenario.workloads.emplace_back(lookups(0.05));
  const auto summary = run(scenario).summary;
  CHECK(summary["resilience"]["hostile_peers"] == 36);
  CHECK(summary["sends"]["delivered_ratio"].get<double>() < 0.9);
  CHECK(summary["sends"]["delivered_ratio"].get<double>() > 0.2);
  CHECK(summary["resilience"]["ceiling"]["both_ways"].get<double>() > 0.999);
  CHECK(summary["lookups"]["failed"] == 0);
  CHECK(summary["lookups"]["wrong"] == 0);
  CHECK(summary["ring"]["violations"] == 0);
}

TEST_CASE("droppers of control stop lookups and leave messages alone") {
  Scenario scenario = busy({DropAttack{share(0.3), Scope::control}});
  scenario.workloads.emplace_back(lookups(0.05));
  const auto summary = run(scenario).summary;
  CHECK(summary["sends"]["delivered_ratio"].get<double>() > 0.99);
  CHECK(summary["lookups"]["failed"].get<int>() > 20);
  CHECK(summary["ring"]["violations"] == 0);
}

TEST_CASE("they begin at their start and end at their stop") {
  Scenario scenario = busy({DropAttack{{.ratio = 1, .start = 2min}}});
  scenario.workloads = {plain_sends(5)};
  std::get<Sends>(scenario.workloads[0]).stop = 110s;
  std::get<Sends>(scenario.workloads[0]).from = Sends::From::any;
  std::get<Sends>(scenario.workloads[0]).to = Sends::To::any;
  // All are hostile, so that nothing of theirs is counted as a result; what they transmit is.
  CHECK(run(scenario).summary["resilience"]["hostile_data_transmissions"].get<int>() > 500);
  scenario.adversaries = {DropAttack{{.ratio = 0.4, .stop = 30s}}};
  scenario.measure.warmup = 40s;
  CHECK(run(scenario).summary["sends"]["delivered_ratio"] == 1.0);
}

TEST_CASE("repair gets around droppers that stop plain copies") {
  Scenario scenario = busy({DropAttack{share(0.3)}});
  const double plain = run(scenario).summary["sends"]["delivered_ratio"];
  Sends repaired = sends(5, 3);
  repaired.strategy = Strategy::repair;
  scenario.workloads = {repaired};
  const auto summary = run(scenario).summary;
  CHECK(plain < 0.9);
  CHECK(summary["sends"]["delivered_ratio"].get<double>() > 0.99);
  CHECK(summary["marks"]["data_repaired"].get<int>() > 100);
  CHECK(summary["ring"]["violations"] == 0);
}

TEST_CASE("gray droppers pass some on") {
  const double all = run(busy({DropAttack{share(0.4)}})).summary["sends"]["delivered_ratio"];
  const double half = run(busy({GrayDropAttack{share(0.4), Scope::data, 0.3}})).summary["sends"]["delivered_ratio"];
  const double none = run(busy({GrayDropAttack{share(0.4), Scope::data, 0}})).summary["sends"]["delivered_ratio"];
  CHECK(all < half);
  CHECK(half < none);
  CHECK(none == 1.0);
}

TEST_CASE("delays cost time and nothing else") {
  const auto summary = [](std::vector<Adversary> adversaries) { return run(busy(std::move(adversaries))).summary; };
  DelayAttack delay{share(0.3)};
  delay.kind = DelayAttack::Kind::by;
  delay.by = {.kind = Distribution::Kind::fixed, .value = 1s};
  const auto good = summary({});
  const auto late = summary({delay});
  CHECK(late["sends"]["delivered_ratio"] == 1.0);
  CHECK(late["sends"]["arrival_ms"]["p99"].get<double>() > good["sends"]["arrival_ms"]["p99"].get<double>() + 900);
  const auto held = summary({DelayAttack{share(0.3)}});
  CHECK(held["sends"]["arrival_ms"]["p99"].get<double>() > 2900);
}

TEST_CASE("who takes the place of another is hostile with the same probability") {
  Scenario scenario = busy({DropAttack{share(0.25)}}, 8);
  scenario.peers.count = 400;
  scenario.duration = 6min;
  scenario.workloads = {exponential_churn(1min, Depart::crash, 6min)};
  const auto summary = run(scenario).summary;
  CHECK(summary["peers"]["joined"].get<int>() > 1000);
  CHECK(summary["resilience"]["hostile_ratio"].get<double>() == Approx(0.25).margin(0.08));
}

TEST_CASE("honest peers send to honest peers, and to targets where that is said") {
  struct Watch final : Observer {
    std::set<PeerIndex> targets;
    std::size_t sends = 0;
    bool hostile = false;
    void on_send_begun(World& world, PeerIndex peer, const MessageId&, const Id& target, const Payload&) override {
      const PeerIndex to = *world.peer_named(target);
      targets.insert(to);
      hostile = hostile || world.slot(peer).hostile || world.slot(to).hostile;
      ++sends;
    }
  } watch;
  Scenario scenario = busy({DropAttack{{.select = Select::near, .targets = 3, .neighbours = 8}}});
  std::get<Sends>(scenario.workloads[0]).to = Sends::To::targets;
  World world(scenario, watch);
  add_population(world);
  add_adversaries(world);
  add_workloads(world);
  world.run_until(TimePoint(3min));
  CHECK(watch.sends > 500);
  CHECK_FALSE(watch.hostile);
  CHECK(watch.targets.size() == 3);
}

}  // namespace
