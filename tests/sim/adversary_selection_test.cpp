// Who is hostile: as many as were asked for, at the places that were asked for, and nobody twice.

#include <catch2/catch.hpp>

#include <algorithm>
#include <set>

#include "adversaries/adversaries.hpp"
#include "sim/attacked_worlds.hpp"
#include "world/processes.hpp"

namespace {

using namespace cicada;
using namespace cicada::sim;
using namespace cicada::sim::test;

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

bool all_different(const std::vector<std::set<std::uint32_t>>& sets) {
  std::size_t sum = 0;
  std::set<std::uint32_t> all;
  for (const auto& one : sets) {
    sum += one.size();
    all.insert(one.begin(), one.end());
  }
  return sum == all.size();
}

bool contains(const std::set<std::uint32_t>& large, const std::set<std::uint32_t>& small) {
  return std::ranges::includes(large, small);
}

TEST_CASE("entries share the peers out, and have the size that was asked for") {
  const auto hosts = chosen(busy({DropAttack{share(0.1)}, GrayDropAttack{share(0.3)}, DelayAttack{{.count = 5}}}));
  CHECK(hosts[0].size() == 12);
  CHECK(hosts[1].size() == 36);
  CHECK(hosts[2].size() == 5);
  CHECK(all_different(hosts));
  CHECK(chosen(busy({DropAttack{share(0.1)}}))[0] == hosts[0]);
  CHECK(chosen(busy({DropAttack{share(0.1)}}, 4))[0] != hosts[0]);
  CHECK(contains(chosen(busy({DropAttack{share(0.2)}}))[0], hosts[0]));
}

TEST_CASE("an overlay chooses as if it were alone") {
  const auto hosts = chosen(busy({DropAttack{share(0.1)}, GrayDropAttack{{.ratio = 0.3, .overlay = true}},
                                  DelayAttack{{.count = 5}}, TamperAttack{{.count = 15, .overlay = true}}}));
  CHECK(contains(hosts[1], hosts[0]));
  CHECK(contains(hosts[3], hosts[0]));
  CHECK(hosts[1].size() == 36);
  CHECK(all_different({hosts[0], hosts[2]}));
}

TEST_CASE("entries with places in the ring do not share peers either") {
  const Attackers arc{.ratio = 0.2, .select = Select::contiguous_arc};
  Attackers same_arc = arc;
  same_arc.overlay = true;
  const auto hosts = chosen(busy({DropAttack{arc}, DelayAttack{arc}, TamperAttack{share(0.2)},
                                  DropAttack{{.ratio = 0.1, .select = Select::high_indegree}},
                                  DropAttack{{.select = Select::near, .neighbours = 4}}}));
  for (const std::size_t entry : {0U, 1U, 2U}) CHECK(hosts[entry].size() == 24);
  CHECK(hosts[3].size() == 12);
  CHECK(hosts[4].size() == 8);
  CHECK(all_different(hosts));
  const auto twice = chosen(busy({DropAttack{arc}, AckDropAttack{same_arc}}));
  CHECK(twice[0] == twice[1]);
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
    const auto aimed = [&](const Peer& one) {  // Or taken by another entry: the arc goes on behind them.
      const std::uint32_t host = world.slot(one.index).host;
      return selection.is_target(host) || hosts[1].contains(host) || hosts[2].contains(host);
    };
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

}  // namespace
