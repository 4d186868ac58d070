// What strangers can do to a node, one property each: nobody mutes a target, fills a relay, has honest peers blame each
// other, or passes off a word that is not the target's.

#include <catch2/catch.hpp>

#include <optional>
#include <set>

#include "unit/swarm_world.hpp"

namespace {

using namespace cicada;
using namespace cicada::test;

constexpr PeerIndex source = 3;
constexpr PeerIndex attacker = 50;

std::size_t delivered(const SwarmWorld& world) {
  std::size_t count = 0;
  for (const SendDone& done : world.done) count += done.status == SendStatus::delivered;
  return count;
}

SwarmWorld::Options long_ways() {
  SwarmWorld::Options options{.peers = 600};
  options.config.chord.successors = 3;
  return options;
}

TEST_CASE("a flood of one stranger's messages does not make a target deaf to others", "[swarm]") {
  constexpr PeerIndex target = 20;
  for (const Duration ahead : {Duration{}, Duration(25s), Duration(599s)}) {
    SwarmWorld::Options options;
    options.config.remembered_max = 500;
    SwarmWorld world(options);
    world.run(15min);
    const Data late = world.made_by(5, 5, world.id(target), SwarmWorld::bytes());
    world.run(1ms);
    for (std::uint64_t i = 0; i < 600; ++i) {
      world.inject(
          attacker, target,
          world.made_by(attacker, attacker, world.id(target), SwarmWorld::bytes(), i, DataKind::message, -ahead));
      world.run(1us);
    }
    world.run(1s);
    const std::size_t before = world.arrivals.size();
    CHECK(before == (ahead > 30s ? 0 : 600));  // From too far in the future they are refused.
    for (int i = 0; i < 20; ++i) world.send(source, world.id(target), SendOptions(3));
    world.inject(5, target, late);
    world.run(2min);
    CHECK(delivered(world) == 20);
    CHECK(world.arrivals.size() == before + 21);
  }
}

TEST_CASE("one neighbour leaves room at a relay for others, with copies open and with copies that are over",
          "[swarm]") {
  constexpr PeerIndex relay = 300;
  constexpr PeerIndex hidden = 450;
  for (const bool acknowledged : {false, true}) {
    SwarmWorld::Options options = long_ways();
    options.config.relays_max = 400;
    SwarmWorld world(options);
    world.run(15min);
    std::size_t refused = 0;
    world.meddle = [&](PeerIndex from, PeerIndex to, Message& message) {
      if (const auto* report = std::get_if<DataReport>(&message))
        refused += from == relay && to == source && report->report == Report::refused;
      const auto* data = std::get_if<Data>(&message);
      if (acknowledged || data == nullptr || from != relay || data->header->source.index != attacker) return true;
      world.inject(to, relay,  // An accomplice takes it, and is silent after that.
                   DataReport{.id = data->header->id, .copy = data->copy, .report = Report::received, .fuel = 0});
      return false;
    };
    for (std::uint64_t i = 0; i < 400; ++i) {
      Data data = world.made_by(attacker, attacker, world.id(hidden), SwarmWorld::bytes(), i);
      data.patience_ms = 1000;
      data.fuel = 20;
      world.inject(attacker, relay, data);
      if (acknowledged) world.run(20ms);
    }
    world.run(2s);
    for (std::uint64_t i = 0; i < 30; ++i) {
      Data data = world.made_by(source, source, world.id(hidden), SwarmWorld::bytes(), 10'000 + i);
      data.patience_ms = 1000;
      data.fuel = 20;
      world.inject(source, relay, data);
    }
    const std::size_t before = world.arrivals.size();
    world.run(20s);
    CHECK(refused == 0);
    CHECK(world.arrivals.size() >= before + 30);
    CHECK(before == (acknowledged ? 400U : 0U));
  }
}

TEST_CASE("the payloads that one neighbour has a relay keep are bounded", "[swarm]") {
  constexpr PeerIndex relay = 300;
  SwarmWorld::Options options = long_ways();
  options.config.relay_bytes_max = 40'000;
  SwarmWorld world(options);
  world.run(15min);
  std::size_t refused = 0, passed_on = 0;
  world.meddle = [&](PeerIndex from, PeerIndex to, Message& message) {
    if (const auto* report = std::get_if<DataReport>(&message))
      refused += from == relay && to == attacker && report->report == Report::refused;
    if (from != relay || !std::holds_alternative<Data>(message)) return true;
    ++passed_on;
    return false;
  };
  for (std::uint64_t i = 0; i < 30; ++i) {
    Data data = world.made_by(attacker, attacker, world.id(450), SwarmWorld::bytes(1'000), i);
    data.fuel = 20;
    world.inject(attacker, relay, data);
  }
  world.run(200ms);
  CHECK(passed_on == 10);  // A quarter of the room.
  CHECK(refused == 20);
}

TEST_CASE("messages that grow too old on their way turn nobody away, and a false word costs one way only", "[swarm]") {
  constexpr PeerIndex target = 301;
  const auto way = [](SwarmWorld& world) {
    std::vector<PeerIndex> peers;
    world.meddle = [&](PeerIndex, PeerIndex to, Message& message) {
      if (std::holds_alternative<Data>(message)) peers.push_back(to);
      return true;
    };
    world.send(source, world.id(target), SendOptions(0, Strategy::repair));
    world.run(10s);
    world.meddle = nullptr;
    return peers;
  };
  SECTION("too old") {
    SwarmWorld world(long_ways());
    world.run(15min);
    const std::vector<PeerIndex> before = way(world);
    REQUIRE(before.size() >= 3);
    for (std::uint64_t i = 0; i < 20; ++i) {
      Data data =
          world.made_by(source, source, world.id(target), SwarmWorld::bytes(), i, DataKind::message, 10min - 75ms);
      data.patience_ms = 1000;
      data.fuel = 20;
      world.inject(source, before[0], data);
    }
    world.run(5s);
    CHECK(world.count(Mark::data_refused) > 0);
    CHECK(way(world) == before);
  }
  SECTION("another key than the target's") {
    SwarmWorld world(long_ways());
    const std::vector<PeerIndex> before = way(world);
    REQUIRE(before.size() >= 3);
    world.met = [](PeerIndex node, PeerIndex other) {
      return (node == source && other == target) || (node == target && other == source);
    };
    const PeerIndex liar = before[1];
    world.meddle = [&](PeerIndex from, PeerIndex to, Message& message) {
      const auto* data = std::get_if<Data>(&message);
      if (data == nullptr || to != liar) return true;
      world.step(liar, [&](SwarmNode&, Environment& env) {
        DataAck ack;
        ack.id = data->header->id;
        ack.copy = data->copy;
        ack.target_key = env.crypto.public_key();
        ack.signature = env.crypto.sign(
            signed_bytes(ack, *data->header, world.id(source), payload_hash(env.crypto, data->payload)));
        world.inject(liar, from, ack);
      });
      return false;
    };
    world.done.clear();
    world.send(source, world.id(target), SendOptions(7, Strategy::repair));
    world.run(2min);
    CHECK(world.count(Mark::ack_refused) >= 1);  // By the source, which knows better.
    REQUIRE(world.done.size() == 1);
    CHECK(world.done[0].status == SendStatus::delivered);
  }
}

TEST_CASE("the acknowledgement of another message is no proof", "[swarm]") {
  SwarmWorld world({.peers = 64});
  constexpr PeerIndex target = 40;
  std::optional<DataAck> old;
  world.meddle = [&](PeerIndex, PeerIndex to, Message& message) {
    if (const auto* ack = std::get_if<DataAck>(&message); ack != nullptr && to == source) old = *ack;
    return true;
  };
  world.send(source, world.id(target), SendOptions(0, Strategy::repair));
  world.run(5s);
  REQUIRE(old);
  REQUIRE(delivered(world) == 1);
  std::size_t replayed = 0;
  world.meddle = [&](PeerIndex from, PeerIndex to, Message& message) {
    const auto* data = std::get_if<Data>(&message);
    if (data == nullptr || from != source) return !std::holds_alternative<DataAck>(message);
    DataAck ack = *old;
    ack.id = data->header->id;
    ack.copy = data->copy;
    world.inject(to, source, ack);
    ++replayed;
    return false;
  };
  world.send(source, world.id(target), SendOptions(0, Strategy::repair));
  world.run(5min);
  CHECK(replayed > 0);
  CHECK(world.count(Mark::ack_refused) == replayed);
  CHECK(delivered(world) == 1);
  CHECK(world.arrivals.size() == 1);
}

TEST_CASE("a card that nobody asked for is not learned, and none that says to hold for too long", "[swarm]") {
  SwarmWorld world({.peers = 200});
  const auto card_of = [&](PeerIndex owner, std::optional<std::uint64_t> expires_ns = std::nullopt) {
    return world.step(owner, [&](SwarmNode& node, Environment& env) {
      node.add_guard(env, world.peer((owner + 30) % 200));
      auto card = std::make_shared<ContactCard>(*node.contact_card(env));
      if (expires_ns) card->expires_ns = *expires_ns;
      card->signature = env.crypto.sign(signed_bytes(*card, env.contacts));
      return std::shared_ptr<const ContactCard>(card);
    });
  };
  const auto learn = [&](const std::shared_ptr<const ContactCard>& card) {
    return world.step(source, [&](SwarmNode& node, Environment& env) { return node.learn_card(env, card); });
  };
  const auto foreign = card_of(77);
  world.meddle = [&](PeerIndex, PeerIndex, Message& message) {
    if (auto* ack = std::get_if<DataAck>(&message)) ack->card = foreign;
    return true;
  };
  world.send(source, world.id(100), SendOptions(0));
  world.run(10s);
  CHECK(delivered(world) == 1);
  CHECK(learn(foreign));  // It was new.
  const auto in = [&](Duration time) {
    return static_cast<std::uint64_t>((world.now() + time).time_since_epoch().count());
  };
  CHECK_FALSE(learn(card_of(78, in(5h))));
  CHECK_FALSE(learn(card_of(78, ~std::uint64_t{0})));
  CHECK(learn(card_of(78, in(3h))));
}

TEST_CASE("the sender's story counts its copies, and the times that it put the message on a link", "[swarm]") {
  SwarmWorld world({.peers = 600});
  unsigned sent = 0;
  std::set<std::uint8_t> copies;
  world.meddle = [&](PeerIndex from, PeerIndex to, Message& message) {
    const auto* data = std::get_if<Data>(&message);
    if (data == nullptr || from != source || data->header->kind != DataKind::message) return true;
    copies.insert(data->copy);
    if (++sent > 2) return true;
    world.inject(to, source,
                 DataReport{.id = data->header->id, .copy = data->copy, .report = Report::received, .fuel = 0});
    return false;
  };
  world.send(source, world.id(301), SendOptions(7, Strategy::repair));
  world.run(1min);
  REQUIRE(delivered(world) == 1);
  CHECK(sent == 3);
  CHECK(world.done[0].transmissions == sent);
  CHECK(world.done[0].copies == copies.size());
}

TEST_CASE("in a swarm of two the only way is tried again", "[swarm]") {
  for (const Strategy strategy : {Strategy::cicada, Strategy::entries, Strategy::repair, Strategy::parallel_repair,
                                  Strategy::guards, Strategy::adaptive}) {
    SwarmWorld world({.peers = 2});
    unsigned sent = 0;
    world.meddle = [&](PeerIndex, PeerIndex, Message& message) {
      return !std::holds_alternative<Data>(message) || ++sent > 1;
    };
    world.send(0, world.id(1), SendOptions(1, strategy));
    world.run(2min);
    INFO(static_cast<int>(strategy));
    CHECK(delivered(world) == 1);
    CHECK(world.arrivals.size() == 1);
  }
}

/// How often a message was put on a link before all gave up, and the fuel that its source gave it.
struct Spent {
  std::size_t transmissions = 0;
  std::size_t granted = 0;
};
Spent spent_on_silent_target(std::uint64_t seed, unsigned k, Duration late_max) {
  SwarmWorld::Options options{.peers = 600, .seed = seed};
  options.config.send_tries = 1;
  struct Jittering : SwarmWorld {
    using SwarmWorld::SwarmWorld;
    void later(PeerIndex from, PeerIndex to, const Message& message, Duration by) {
      deliver(now() + 50ms + by, from, to, message);
    }
  };
  Jittering world(options);
  Rng rng(seed, Purpose::test);
  Spent spent;
  world.meddle = [&](PeerIndex from, PeerIndex to, Message& message) {
    if (const auto* data = std::get_if<Data>(&message)) {
      ++spent.transmissions;
      if (from == source) spent.granted = std::max<std::size_t>(spent.granted, data->fuel + std::size_t{1});
    }
    if (std::holds_alternative<DataAck>(message)) return false;
    if (late_max == Duration{}) return true;
    const auto by = Duration(static_cast<Duration::rep>(rng.below(static_cast<std::uint64_t>(late_max.count()))));
    world.later(from, to, message, by);
    return false;
  };
  world.send(source, world.id(301), SendOptions(k, Strategy::repair));
  world.run(2min);
  return spent;
}

TEST_CASE("no fuel is spent twice where words are in time, and late ones cost little more", "[swarm]") {
  for (const unsigned k : {0U, 3U, 7U}) {
    std::size_t punctual = 0, late = 0;
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
      const Spent spent = spent_on_silent_target(seed, k, Duration{});
      // Each peer that hands the copy on does so once at no cost: four of them at most, on a way of this length.
      CHECK(spent.transmissions <= spent.granted + 4);
      punctual += spent.transmissions;
      late += spent_on_silent_target(seed, k, 100ms).transmissions;  // Links twice as slow as a moment before.
    }
    INFO("k = " << k << ": " << punctual << " transmissions, and " << late << " with late words");
    CHECK(punctual > 0);
    CHECK(late <= 2 * punctual);
  }
}

}  // namespace
