// Broadcasts reach every honest peer once: among peers that drop, lie, tamper and overreach, and under loss, churn and
// newcomers, for a bounded number of payloads and digests.

#include <catch2/catch.hpp>
#include <string>

#include <cicada/sim/report.hpp>

#include "broadcast_world.hpp"
#include "instrumented.hpp"
#include "small_worlds.hpp"

namespace {

using namespace cicada;
using namespace cicada::sim;
using namespace cicada::sim::test;

struct Case {
  const char* name;
  Role role;
  double share;
  double loss;
  double payloads_max;      // Per peer, honest or not.
  double digest_ratio_max;  // What honest peers send of digests and demands, over the bytes of all payload messages.
};

TEST_CASE("every honest peer gets a broadcast once, whatever the others do", "[broadcast]") {
  const Case cases[] = {
      {"nobody hostile", Role::drops, 0, 0, 1.01, 0.10},
      {"loss", Role::drops, 0, 0.01, 1.05, 0.10},
      {"some drop", Role::drops, 0.3, 0, 1.1, 0.11},
      {"half drop", Role::drops, 0.5, 0, 1.1, 0.13},
      {"some drop, with loss", Role::drops, 0.3, 0.01, 1.2, 0.11},
      {"some lie", Role::lies, 0.3, 0, 1.5, 0.13},
      {"some overreach", Role::overreaches, 0.3, 0, 1.5, 0.10},
      {"some underreach", Role::underreaches, 0.3, 0, 1.2, 0.12},
      {"some tamper", Role::tampers, 0.3, 0, 1.7, 0.12},
  };
  for (const Case& c : cases) {
    for (const std::uint64_t seed : {21U, 22U}) {
      if (cicada::test::instrumented && seed != 21) continue;
      INFO(c.name << ", seed " << seed);
      BroadcastWorld world({.peers = 1000, .seed = seed, .loss = c.loss});
      world.corrupt(c.share, c.role);
      const Outcome outcome = measure(world, cicada::test::instrumented ? 2 : 10);
      CHECK(outcome.coverage >= (c.share < 0.5 ? 1.0 : 0.9998));
      CHECK(outcome.copies_max == 1);
      CHECK(outcome.payloads_per_peer <= c.payloads_max);
      CHECK(outcome.digest_ratio <= c.digest_ratio_max);
      CHECK(outcome.last_s <= 12);
    }
  }
}

TEST_CASE("hostile peers at the root of the tree cost seconds, not peers", "[broadcast]") {
  BroadcastWorld world({.peers = 1000, .seed = 23});
  // All successors and fingers of the origin are silent: nobody honest gets it from the origin.
  const ChordNode& origin = world.node(0).chord();
  for (const auto peers : {origin.successors(), origin.fingers()})
    for (const Peer& peer : peers)
      if (peer.exists()) world.roles[peer.index] = Role::drops;
  const MessageId id = world.broadcast(0, BroadcastWorld::payload());
  world.run(30s);
  std::size_t reached = 0;
  for (PeerIndex peer = 1; peer < world.size(); ++peer)
    reached += world.roles[peer] == Role::honest && world.copies(peer, id) == 1;
  CHECK(reached == world.honest() - 1);
}

Scenario broadcasting(std::uint64_t peers, std::uint64_t seed) {
  Scenario scenario;
  scenario.name = "broadcasting";
  scenario.seed = seed;
  scenario.duration = 8min;
  scenario.peers.count = peers;
  scenario.links.loss_ratio = 0.005;
  Broadcasts broadcasts;
  broadcasts.arrivals = {.kind = Arrivals::Kind::poisson_system, .per_s = 0.2};
  broadcasts.start = 1min;
  broadcasts.stop = 6min;
  scenario.workloads.emplace_back(broadcasts);
  return scenario;
}

TEST_CASE("under churn and loss those who stay get every broadcast once", "[broadcast]") {
  Scenario scenario = broadcasting(400, 31);
  scenario.workloads.emplace_back(exponential_churn(30min, Depart::mixed, 7min));
  INFO(named(scenario));
  const auto summary = run(scenario).summary["broadcasts"];
  INFO(summary.dump(1));
  CHECK(summary["count"].get<int>() > 30);
  CHECK(summary["coverage"]["mean"].get<double>() >= 0.9998);
  CHECK(summary["copies_handed_up_max"] == 1);
  CHECK(summary["payloads_per_peer"].get<double>() <= 1.1);
  CHECK(summary["newcomers"].get<int>() > 0);
}

TEST_CASE("broadcasts give the same run as structs and as bytes, and with real signatures", "[broadcast]") {
  Scenario scenario = broadcasting(60, 32);
  const auto modelled = run(scenario).summary;
  CHECK(modelled["broadcasts"]["coverage"]["min"] == 1.0);
  const auto digest = modelled["digest"].get<std::string>();
  CHECK(digest_of(scenario) == digest);
  scenario.protocol.wire = Wire::encoded;
  CHECK(digest_of(scenario) == digest);
  scenario.protocol.crypto = cicada::sim::Crypto::real;
  const auto real = run(scenario).summary["broadcasts"];
  CHECK(real["coverage"]["min"] == 1.0);
  CHECK(real["copies_handed_up_max"] == 1);
}

}  // namespace
