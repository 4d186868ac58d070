// What is taken of a broadcast's origin: its full pace and not much more, from as many origins as there are, nothing
// old, and nothing twice, in bounded memory.

#include <catch2/catch.hpp>
#include <chrono>
#include <vector>

#include "made_broadcast.hpp"

namespace {

using namespace cicada;
using namespace cicada::sim::test;

TEST_CASE("a broadcast replayed when its payload is forgotten is not handed up again, at any age", "[broadcast]") {
  BroadcastWorld world({.peers = 50, .seed = 8});
  const BroadcastConfig config;
  const Broadcast old = made_by(world, 10, 1);
  world.inject(10, 30, old);
  const auto replay = [&](Duration after) {
    world.run(after - world.now().time_since_epoch());
    for (PeerIndex peer = 0; peer < 50; ++peer) {
      CHECK((world.node(peer).broadcast_node() == nullptr || world.node(peer).broadcast_node()->items() == 0));
      if (peer != 10) world.inject(20, peer, old);
    }
    world.run(1s);
    CHECK(world.arrivals.size() == 49);
  };
  replay(config.keep + 10s);
  CHECK(world.counters(30).repeated == 1);
  replay(config.age_max - 2s);
  CHECK(world.counters(30).repeated == 2);
  CHECK(world.counters(30).stale == 0);
  replay(config.age_max + 1s);
  replay(1h);
  CHECK(world.counters(30).repeated == 2);
  CHECK(world.counters(30).stale == 2);
}

TEST_CASE("nobody is handed its own broadcast when it comes back", "[broadcast]") {
  BroadcastWorld world({.peers = 50, .seed = 22});
  Broadcast copy;
  world.meddle = [&](PeerIndex, PeerIndex, Message& message) {
    if (const auto* broadcast = std::get_if<Broadcast>(&message)) copy = *broadcast;
    return true;
  };
  const MessageId id = world.broadcast(30, BroadcastWorld::payload());
  world.run(1s);
  world.inject(20, 30, copy);
  world.run(BroadcastConfig{}.keep + 10s);
  REQUIRE(world.node(30).broadcast_node()->items() == 0);
  world.inject(20, 30, BroadcastHave{{id.high}});
  world.run(5s);
  world.inject(20, 30, copy);
  world.run(1s);
  CHECK(world.copies(30, id) == 0);
  CHECK(world.counters(30).handed_up == 0);
  CHECK(world.counters(30).repeated == 1);
}

TEST_CASE("a signed time too old or too far ahead is refused, and one ahead is not forgotten for it", "[broadcast]") {
  BroadcastWorld world({.peers = 50, .seed = 19});
  const BroadcastConfig config;
  world.meddle = [](PeerIndex from, PeerIndex, Message&) { return from == 10; };
  world.run(10min);
  std::uint64_t sequence = 0;
  const auto passes = [&](Duration sent) {
    const Broadcast copy = made_at(world.now() + sent, world, 10, ++sequence);
    world.inject(10, 30, copy);
    world.run(1s);
    return world.copies(30, copy.header->id) == 1;
  };
  CHECK(passes(0s));
  CHECK(passes(1s - config.age_max));
  CHECK(passes(config.ahead_max));
  CHECK_FALSE(passes(-1s - config.age_max));
  CHECK_FALSE(passes(config.ahead_max + 1s));
  CHECK_FALSE(passes(TimePoint::max() - world.now()));
  CHECK_FALSE(passes(Duration(-1) - world.now().time_since_epoch()));
  CHECK(world.counters(30).stale == 4);
  CHECK(world.counters(30).tampered == 0);
  const Broadcast early = made_at(world.now() + config.ahead_max + 5s, world, 10, ++sequence);
  world.inject(10, 30, BroadcastHave{{early.header->id.high}});
  world.inject(10, 30, early);
  world.run(10s);
  CHECK(world.copies(30, early.header->id) == 0);
  world.inject(10, 30, early);
  world.run(1s);
  CHECK(world.copies(30, early.header->id) == 1);
}

TEST_CASE("a full memory of ids refuses for now, forgets the oldest, and takes nothing twice", "[broadcast]") {
  BroadcastConfig config;
  config.seen_max = 8;
  BroadcastWorld world({.peers = 50, .seed = 20, .broadcast = config});
  world.meddle = [](PeerIndex from, PeerIndex, Message&) { return from < 20; };
  std::vector<Broadcast> sent;
  for (PeerIndex origin = 0; origin < 9; ++origin) {
    sent.push_back(made_by(world, origin, 1));
    world.inject(origin, 30, sent.back());
    world.run(1s);
  }
  const BroadcastNode& node = *world.node(30).broadcast_node();
  CHECK(world.counters(30).handed_up == 8);
  CHECK(world.counters(30).refused == 1);
  CHECK(node.seen() == 8);
  world.run(config.fresh);
  world.inject(8, 30, sent.back());
  world.inject(9, 30, made_by(world, 9, 1));
  world.run(1s);
  CHECK(world.counters(30).handed_up == 10);
  CHECK(node.seen() == 8);
  world.run(config.keep);
  for (const Broadcast& copy : sent) world.inject(10, 30, copy);
  world.run(1s);
  CHECK(world.counters(30).handed_up == 10);
}

TEST_CASE("a flood of one origin is cut to its pace, in memory and traffic, and others get through", "[broadcast]") {
  BroadcastConfig config;
  config.cache_bytes_max = 200'000;
  BroadcastWorld world({.peers = 100, .seed = 9, .broadcast = config});
  constexpr unsigned seconds = 20, per_second = 50;
  MessageId honest;
  for (unsigned second = 0; second < seconds; ++second) {
    for (unsigned i = 0; i < per_second; ++i)  // A thousand broadcasts, each to another peer first.
      world.inject(10, 11 + (second * per_second + i) % 80, made_by(world, 10, 1 + second * per_second + i, 5000));
    if (second == 10) honest = world.broadcast(0, BroadcastWorld::payload());
    world.run(1s);
    for (PeerIndex peer = 0; peer < 100; ++peer) {
      const BroadcastNode* node = world.node(peer).broadcast_node();
      if (node == nullptr) continue;
      REQUIRE(node->items() <= config.origin_items_max + 1);
      REQUIRE(node->cached_bytes() <= config.cache_bytes_max / 4 + 1024);
      REQUIRE(node->missing() <= config.missing_max);
    }
  }
  world.run(30s);
  const auto allowed =
      config.origin_pace_heard.burst + static_cast<unsigned>((seconds + 31) * 1s / config.origin_pace_heard.interval);
  for (PeerIndex peer = 0; peer < 100; ++peer) {
    if (peer == 10) continue;
    CHECK(world.counters(peer).handed_up <= allowed + 1);
    if (peer != 0) CHECK(world.copies(peer, honest) == 1);
  }
  // What some took and others refuse is offered to these once by each neighbour at most.
  CHECK(world.traffic.payloads < 3U * 100 * allowed);
}

TEST_CASE("a neighbour with many origins pushes out its own, others the one that was quiet longest", "[broadcast]") {
  BroadcastConfig config = tree_only();
  config.origins_max = 16;  // Two for each neighbour.
  config.origin_pace_heard = {1h, 1};
  BroadcastWorld world({.peers = 60, .seed = 10, .broadcast = config});
  world.meddle = [](PeerIndex from, PeerIndex, Message&) { return from != 30; };
  std::uint64_t sequence = 0;
  const auto passes = [&](PeerIndex from, PeerIndex origin) {
    const Broadcast copy = made_by(world, origin, ++sequence);
    world.inject(from, 30, copy);
    world.run(1s);
    return world.copies(30, copy.header->id) == 1;
  };
  for (PeerIndex origin = 0; origin < 10; ++origin) CHECK(passes(50, origin));
  CHECK_FALSE(passes(51, 0));  // Its pace is exceeded.
  for (PeerIndex origin = 40; origin < 46; ++origin) CHECK(passes(52, origin));
  const BroadcastNode& node = *world.node(30).broadcast_node();
  REQUIRE(node.origins() == 16);
  for (PeerIndex origin = 10; origin < 29; ++origin) CHECK(passes(50, origin));
  CHECK(node.origins() == 16);
  for (PeerIndex origin = 40; origin < 46; ++origin) CHECK_FALSE(passes(52, origin));  // Still known.
  CHECK(passes(53, 7));  // Forgotten, and taken once more: in the place of the last but one that peer 50 brought.
  CHECK(node.origins() == 16);
}

TEST_CASE("an honest origin at its full pace reaches everybody, however its broadcasts jitter", "[broadcast]") {
  BroadcastWorld world({.peers = 100, .seed = 15, .loss = 0.01});
  unsigned begun = 0;
  for (unsigned tenth = 0; tenth < 1000; ++tenth) {
    while (begun < 200 && world.broadcast(3, BroadcastWorld::payload(10)) != MessageId{}) ++begun;
    world.run(100ms);
  }
  world.run(30s);
  CHECK(begun >= 130);
  CHECK(world.arrivals.size() == std::size_t{begun} * 99);
  for (PeerIndex peer = 0; peer < 100; ++peer) CHECK(world.counters(peer).refused == 0);
}

TEST_CASE("what was refused for the origin's pace is taken when it is told of later", "[broadcast]") {
  BroadcastWorld world({.peers = 50, .seed = 16});
  bool asked = false;
  world.meddle = [&](PeerIndex from, PeerIndex to, Message& message) {
    asked = asked || (from == 30 && to == 20 && std::holds_alternative<BroadcastWant>(message));
    return from == 10 || from == 20;
  };
  for (std::uint64_t i = 1; i < 200; ++i) world.inject(10, 30, made_by(world, 10, i, 10));
  const Broadcast last = made_by(world, 10, 200, 10);
  world.run(500ms);
  world.inject(10, 30, last);
  world.run(10s);
  REQUIRE(world.counters(30).refused > 0);
  REQUIRE(world.copies(30, last.header->id) == 0);
  world.inject(20, 30, BroadcastHave{{last.header->id.high}});
  world.run(300ms);
  CHECK(asked);
  world.inject(20, 30, last);
  world.run(300ms);
  CHECK(world.copies(30, last.header->id) == 1);
}

TEST_CASE("one who never heard of the origin takes no replay of an old broadcast, and news of it", "[broadcast]") {
  BroadcastWorld world({.peers = 50, .seed = 17});
  Broadcast copy;
  bool cut_off = true;
  world.meddle = [&](PeerIndex, PeerIndex to, Message& message) {
    if (const auto* broadcast = std::get_if<Broadcast>(&message)) copy = *broadcast;
    return to != 30 || !cut_off;
  };
  const MessageId old = world.broadcast(10, BroadcastWorld::payload());
  world.run(10min);
  REQUIRE(copy.header->id == old);
  const Broadcast replay = copy;
  const MessageId news = world.broadcast(10, BroadcastWorld::payload());
  world.run(50s);
  cut_off = false;
  const Broadcast late = copy;
  REQUIRE(late.header->id == news);
  REQUIRE(world.counters(30).handed_up == 0);
  world.inject(20, 30, replay);
  world.run(5s);
  CHECK(world.copies(30, old) == 0);
  world.inject(20, 30, BroadcastHave{{replay.header->id.high, late.header->id.high}});
  world.run(500ms);
  world.inject(20, 30, replay);
  world.inject(20, 30, late);
  world.run(5s);
  CHECK(world.copies(30, old) == 0);
  CHECK(world.copies(30, news) == 1);
}

TEST_CASE("however many origins there are, the own broadcast and a new origin's get through", "[broadcast]") {
  BroadcastConfig config;
  config.origins_max = 8;
  BroadcastWorld world({.peers = 50, .seed = 18, .broadcast = config});
  for (PeerIndex origin = 0; origin < 20; ++origin) world.inject(origin, 30, made_by(world, origin, 1));
  world.run(10s);
  const MessageId own = world.broadcast(30, BroadcastWorld::payload());
  REQUIRE(own != MessageId{});
  const MessageId other = world.broadcast(40, BroadcastWorld::payload());
  world.run(10s);
  for (PeerIndex peer = 0; peer < 50; ++peer) {
    if (peer != 30) CHECK(world.copies(peer, own) == 1);
    if (peer != 40) CHECK(world.copies(peer, other) == 1);
    if (const BroadcastNode* node = world.node(peer).broadcast_node()) CHECK(node->origins() <= config.origins_max);
  }
}

TEST_CASE("thousands of new origins in two minutes keep nobody out", "[broadcast]") {
  BroadcastWorld world({.peers = 5000, .seed = 21});
  constexpr PeerIndex node = 30, honest = 4900;
  world.meddle = [](PeerIndex from, PeerIndex, Message&) { return from != node; };
  PeerIndex origin = 100;
  const auto flood = [&](unsigned count) {  // By one neighbour, or by one and thirty others.
    for (unsigned i = 0; i < count; ++i, ++origin)
      world.inject(i % 2 == 0 ? 31 : 32 + i % 31, node, made_at(world.now() + 29s, world, origin, 1, 10));
    world.run(1s);
  };
  for (unsigned second = 0; second < 120; ++second) flood(36);
  REQUIRE(world.node(node).broadcast_node()->origins() == BroadcastConfig{}.origins_max);
  CHECK(world.counters(node).refused == 0);
  CHECK(world.broadcast(node, BroadcastWorld::payload()) != MessageId{});
  for (PeerIndex i = 0; i < 50; ++i) {
    const Broadcast news = made_by(world, honest + i, 1);
    world.inject(40 + i % 5, node, news);
    flood(2);
    CHECK(world.copies(node, news.header->id) == 1);
  }
  CHECK(world.node(node).broadcast_node()->origins() == BroadcastConfig{}.origins_max);
}

}  // namespace
