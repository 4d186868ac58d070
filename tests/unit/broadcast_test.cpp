// Broadcasts, one property each: the tree reaches everybody once, what a stranger says is bounded, nothing tampered
// with passes, and what one neighbour tells of and asks for is bounded.

#include <catch2/catch.hpp>
#include <chrono>
#include <set>

#include "made_broadcast.hpp"

namespace {

using namespace cicada;
using namespace cicada::sim::test;

TEST_CASE("on ideal tables the tree alone reaches everybody once, with N - 1 payloads", "[broadcast]") {
  for (const std::size_t peers : {1U, 2U, 3U, 5U, 16U, 17U, 18U, 40U, 100U, 300U, 1000U}) {
    for (const std::uint64_t seed : {1U, 2U, 3U}) {
      INFO(peers << " peers, seed " << seed);
      BroadcastWorld world({.peers = peers, .seed = seed, .broadcast = tree_only()});
      const auto origin = static_cast<PeerIndex>(peers / 3);
      const MessageId id = world.broadcast(origin, BroadcastWorld::payload());
      REQUIRE(id != MessageId{});
      world.run(1min);
      CHECK(world.traffic.digests == 0);
      CHECK(world.traffic.payloads == peers - 1);
      std::set<PeerIndex> reached;
      for (const auto& arrival : world.arrivals) reached.insert(arrival.peer);
      CHECK(world.arrivals.size() == peers - 1);
      CHECK(reached.size() == peers - 1);
      CHECK_FALSE(reached.contains(origin));
    }
  }
}

TEST_CASE("whom the origin excludes is neither sent nor told anything; all others get it", "[broadcast]") {
  BroadcastWorld world({.peers = 200, .seed = 4});
  const std::vector<PeerIndex> excluded = {7, 8, 9, 50, 120, 199};
  std::vector<Id> visited;
  for (const PeerIndex peer : excluded) visited.push_back(world.id(peer));
  std::size_t to_excluded = 0;
  world.meddle = [&](PeerIndex, PeerIndex to, Message&) {
    to_excluded += static_cast<std::size_t>(std::ranges::count(excluded, to));
    return true;
  };
  const MessageId id = world.broadcast(3, BroadcastWorld::payload(), visited);
  world.run(1min);
  CHECK(to_excluded == 0);
  CHECK(world.arrivals.size() == 200 - 1 - excluded.size());
  // Somebody who is sent it all the same does not hand it up: the exclusion is under the signature.
  world.inject(3, 7, made_by(world, 3, 2, 100, visited));
  world.run(1s);
  CHECK(world.copies(7, id) == 0);
  CHECK(world.counters(7).handed_up == 0);
}

TEST_CASE("a node refuses its own broadcast that is too long or excludes too many, or is one too many", "[broadcast]") {
  BroadcastWorld world({.peers = 20, .seed = 4});
  CHECK(world.broadcast(3, BroadcastWorld::payload(payload_bytes_max + 1)) == MessageId{});
  CHECK(world.broadcast(3, BroadcastWorld::payload(), std::vector<Id>(broadcast_visited_max + 1)) == MessageId{});
  CHECK(world.traffic.payloads == 0);
  unsigned begun = 0;
  for (int i = 0; i < 100; ++i) begun += world.broadcast(3, BroadcastWorld::payload(10)) != MessageId{};
  CHECK(begun == BroadcastConfig{}.origin_pace.burst);
  world.run(1min);
  CHECK(world.arrivals.size() == std::size_t{begun} * 19);
}

TEST_CASE("a stranger's reach is cut to the own place", "[broadcast]") {
  BroadcastWorld world({.peers = 1000, .seed = 5, .broadcast = tree_only()});
  constexpr PeerIndex node = 500;
  const auto passed_on = [&](PeerIndex from, PeerIndex origin, std::uint64_t sequence) {
    Broadcast copy = made_by(world, origin, sequence);
    copy.reach = UINT64_MAX;
    std::vector<PeerIndex> to;
    world.meddle = [&](PeerIndex sender, PeerIndex receiver, Message&) {
      if (sender == node) to.push_back(receiver);
      return sender == from;  // No farther than one hop.
    };
    world.inject(from, node, copy);
    world.run(5s);
    return to;
  };
  // Each of the first fifteen predecessors has this node's successor in its own list.
  for (PeerIndex place = 1; place < 16; ++place) CHECK(passed_on(node - place, 100, place).empty());
  // From farther away: not beyond the first nodes of the sender's next level.
  for (const PeerIndex away : {17U, 40U, 100U}) {
    const auto to = passed_on(node - away, 100, 100 + away);
    CHECK_FALSE(to.empty());
    const std::uint64_t distance = world.peer(node).prefix() - world.peer(node - away).prefix();
    for (const PeerIndex receiver : to)
      CHECK(world.peer(receiver).prefix() - world.peer(node - away).prefix() <
            2 * distance + 24 * (UINT64_MAX / world.size()));
  }
  // Never past the origin, which ends the tree.
  for (const PeerIndex receiver : passed_on(0, 505, 900)) CHECK((receiver > node && receiver < 505));
}

TEST_CASE("one who comes first and leaves nothing takes nothing away", "[broadcast]") {
  // Node 500 gets a copy without reach before its parent's: the children learn of it by digest, and ask.
  BroadcastWorld world({.peers = 1000, .seed = 6, .broadcast = tree_only()});
  constexpr PeerIndex node = 500, parent = 440;
  Broadcast copy = made_by(world, 100, 1);
  world.inject(3, node, copy);
  world.run(1s);
  REQUIRE(world.counters(node).handed_up == 1);
  REQUIRE(world.arrivals.size() == 1);
  copy.reach = 20 * (UINT64_MAX / world.size());
  world.inject(parent, node, copy);
  world.run(5s);
  CHECK(world.counters(node).handed_up == 1);
  for (PeerIndex child = node + 1; child < node + 10; ++child) CHECK(world.counters(child).handed_up == 1);
}

TEST_CASE("whatever is changed on the way is neither handed up nor passed on", "[broadcast]") {
  BroadcastWorld world({.peers = 100, .seed = 7});
  const Broadcast genuine = made_by(world, 10, 1);
  const auto refused = [&](auto&& change) {
    BroadcastHeader header = *genuine.header;
    Broadcast copy = genuine;
    change(header, copy);
    copy.header = std::make_shared<const BroadcastHeader>(header);
    copy.reach = UINT64_MAX;
    const std::uint64_t before = world.counters(50).tampered;
    const std::uint64_t payloads = world.traffic.payloads;
    world.inject(20, 50, copy);
    world.run(10s);
    return world.counters(50).tampered == before + 1 && world.arrivals.empty() &&
           world.traffic.payloads == payloads + 1;
  };
  CHECK(refused([](auto&, Broadcast& b) { b.payload = BroadcastWorld::payload(101); }));
  CHECK(refused([](auto&, Broadcast& b) { b.payload = nullptr; }));
  CHECK(refused([](auto& h, Broadcast&) { h.id.low ^= 1; }));
  CHECK(refused([](auto& h, Broadcast&) { h.id.high ^= 1; }));
  CHECK(refused([](auto& h, Broadcast&) { h.sequence = 2; }));
  CHECK(refused([](auto& h, Broadcast&) { h.signature[0] ^= 1; }));
  CHECK(refused([&](auto& h, Broadcast&) { h.visited = {world.id(60)}; }));
  CHECK(refused([&](auto& h, Broadcast&) { h.origin = world.peer(11); }));
  CHECK(refused([&](auto& h, Broadcast&) { h.origin_key = ModelledCrypto::key_of(20); }));
  world.inject(20, 50, genuine);  // And then the true one passes.
  world.run(10s);
  CHECK(world.copies(50, genuine.header->id) == 1);
}

TEST_CASE("one who invents broadcasts fills no table and is soon not listened to", "[broadcast]") {
  BroadcastWorld world({.peers = 50, .seed = 11});
  const BroadcastConfig config;
  for (std::uint64_t i = 0; i < 100; ++i) {
    BroadcastHave have;
    for (std::uint64_t k = 0; k < digest_ids_max; ++k) have.ids.push_back(1 + i * digest_ids_max + k);
    world.inject(20, 30, have);
  }
  world.run(500ms);
  const BroadcastNode& node = *world.node(30).broadcast_node();
  CHECK(node.missing() > 0);
  CHECK(node.missing() <= config.missing_max / 4);
  world.run(30s);
  CHECK(node.missing() == 0);
  const std::uint64_t asked = world.traffic.digests;
  world.inject(20, 30, BroadcastHave{{12345678}});
  world.run(1s);
  CHECK(node.missing() == 0);
  CHECK(world.traffic.digests == asked + 1);  // The injected one alone.
}

TEST_CASE("one who asks for a payload again and again gets it a few times and no more", "[broadcast]") {
  BroadcastWorld world({.peers = 50, .seed = 12});
  const MessageId id = world.broadcast(30, BroadcastWorld::payload());
  world.run(10s);
  const std::uint64_t before = world.traffic.payloads;
  for (int i = 0; i < 5000; ++i) world.inject(20, 30, BroadcastWant{{id.high}});
  // All of a message for one id.
  BroadcastWant repeating;
  repeating.ids.assign(digest_ids_max, id.high);
  world.inject(21, 30, repeating);
  world.run(1s);
  CHECK(world.traffic.payloads - before <= 2 * 4);
  CHECK(world.copies(20, id) == 1);
}

TEST_CASE("digests of broadcasts that come close together share messages", "[broadcast]") {
  const auto bytes = [](unsigned broadcasts) {
    BroadcastWorld world({.peers = 200, .seed = 13});
    for (unsigned i = 0; i < broadcasts; ++i) world.broadcast(5, BroadcastWorld::payload(i + 1));
    world.run(1min);
    CHECK(world.arrivals.size() == std::size_t{broadcasts} * 199);
    return static_cast<double>(world.traffic.digest_bytes) / broadcasts;
  };
  CHECK(bytes(20) < 0.9 * bytes(1));
}

TEST_CASE("an idle peer pays one pointer", "[broadcast]") {
  BroadcastWorld world({.peers = 30, .seed = 14});
  world.run(1h);
  for (PeerIndex peer = 0; peer < 30; ++peer) CHECK(world.node(peer).broadcast_node() == nullptr);
}

}  // namespace
