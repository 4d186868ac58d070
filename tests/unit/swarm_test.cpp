// Messages to ids, one property each: what was changed on the way takes nobody's place, contact cards are found where
// they are kept and nowhere else, and nobody can make others work without bound.

#include <catch2/catch.hpp>

#include <map>
#include <set>

#include "unit/swarm_world.hpp"

namespace {

using namespace cicada;
using namespace cicada::test;

constexpr PeerIndex source = 3;
constexpr PeerIndex target = 101;

/// Short lists, so that ways are long.
SwarmWorld::Options long_ways() {
  SwarmWorld::Options options{.peers = 600};
  options.config.chord.successors = 3;
  return options;
}

/// The peers that a lone copy passes, the target last.
std::vector<PeerIndex> way_of_lone_copy() {
  SwarmWorld world(long_ways());
  std::vector<PeerIndex> way;
  world.meddle = [&](PeerIndex, PeerIndex to, Message& message) {
    if (std::holds_alternative<Data>(message)) way.push_back(to);
    return true;
  };
  world.send(source, world.id(target), SendOptions(0, Strategy::repair));
  world.run(10s);
  return way;
}

TEST_CASE("a changed copy under another key takes nobody's place, even where its source is a stranger", "[swarm]") {
  const std::vector<PeerIndex> way = way_of_lone_copy();
  REQUIRE(way.size() >= 3);
  const PeerIndex attacker = way[0];
  const PeerIndex stranger = way[1];
  for (const bool under_its_id : {true, false}) {
    INFO((under_its_id ? "under the id of the genuine one" : "under an id of its own"));
    SwarmWorld world(long_ways());
    world.met = [](PeerIndex node, PeerIndex other) {
      return (node == source && other == target) || (node == target && other == source);
    };
    std::size_t genuine_passed = 0;
    world.meddle = [&](PeerIndex from, PeerIndex, Message& message) {
      const auto* data = std::get_if<Data>(&message);
      genuine_passed += data != nullptr && from == stranger && data->payload->front() == 0x5a;
      return true;
    };
    const MessageId id = world.send(source, world.id(target), SendOptions(0, Strategy::repair));
    Data changed = world.made_by(attacker, source, world.id(target), SwarmWorld::bytes(100, 0x66));
    changed.fuel = 20;
    changed.patience_ms = 1000;
    if (under_its_id) {
      DataHeader header = *changed.header;
      header.id = id;
      changed.header = std::make_shared<const DataHeader>(header);
    }
    world.inject(attacker, stranger, changed);  // It is there before the genuine one.
    world.run(20s);
    CHECK(genuine_passed == 1);
    CHECK(world.count(Mark::data_refused) >= 1);  // By the stranger, or by the target, who knows the source's key.
    REQUIRE(world.arrivals.size() == 1);
    CHECK(world.arrivals[0].at == target);
    CHECK(world.arrivals[0].id == id);
    CHECK(world.arrivals[0].payload->front() == 0x5a);
    REQUIRE(world.done.size() == 1);
    CHECK(world.done[0].status == SendStatus::delivered);
  }
}

TEST_CASE("equal messages made at one instant are two", "[swarm]") {
  SwarmWorld world({.peers = 50});
  const MessageId a = world.send(source, world.id(30), {});
  const MessageId b = world.send(source, world.id(30), {});
  CHECK(a != b);
  world.run(10s);
  CHECK(world.arrivals.size() == 2);
}

TEST_CASE("the one try of an adaptive send has the whole time-out", "[swarm]") {
  SwarmConfig config;
  config.send_tries = 1;
  for (const unsigned k : {0U, 3U}) {
    SwarmWorld world({.peers = 100, .config = config});
    world.meddle = [](PeerIndex, PeerIndex to, Message& message) {
      return to != target % 100 || !std::holds_alternative<Data>(message);
    };
    world.send(source, world.id(target % 100), SendOptions(k));
    world.run(2min);
    REQUIRE(world.done.size() == 1);
    CHECK(world.done[0].status == SendStatus::timed_out);
    CHECK(world.ended_at[0] - world.done[0].started >= config.ack_timeout);
  }
}

// ------------------------------------------------------------------------------------------------------------- cards

/// Nobody but its guards gets a message through to the target.
class Surrounded : public SwarmWorld {
 public:
  explicit Surrounded(SwarmConfig config = two_guards()) : SwarmWorld({.peers = 1000, .config = config}) {
    for (const PeerIndex guard : guards)
      step(target, [&](SwarmNode& node, Environment& env) { node.add_guard(env, peer(guard)); });
    for (const PeerIndex guard : guards)
      step(guard, [&](SwarmNode& node, Environment& env) { node.add_ward(peer(target), env.now); });
    meddle = [this](PeerIndex from, PeerIndex to, Message& message) { return passes(from, to, message); };
  }

  /// The periodic task stores the card.
  void publish() {
    step(target, [](SwarmNode& node, Environment& env) { node.on_timer(env, Timer::stabilize); });
    run(10s);
  }
  /// The peers nearest to one of the card's places.
  std::vector<PeerIndex> keepers(unsigned number, std::size_t count = SwarmConfig{}.card_keepers) {
    CryptoCounts counts;
    ModelledCrypto crypto(0, counts);
    const std::uint64_t place = card_place(crypto, id(target), number).prefix();
    std::vector<PeerIndex> peers(size());
    for (PeerIndex i = 0; i < size(); ++i) peers[i] = i;
    std::ranges::sort(peers, {}, [&](PeerIndex i) { return std::min(id(i).prefix() - place, place - id(i).prefix()); });
    peers.resize(count);
    return peers;
  }
  std::size_t kept_by(PeerIndex peer) {
    return step(peer, [](SwarmNode& node, Environment&) { return node.cards_kept(); });
  }
  SendStatus outcome(SendOptions options) {
    done.clear();
    send(source, id(target), options);
    run(2min);
    REQUIRE(done.size() == 1);
    return done[0].status;
  }
  std::shared_ptr<const ContactCard> card() {
    return step(target, [](SwarmNode& node, Environment& env) { return node.contact_card(env); });
  }

  static SwarmConfig two_guards() {
    SwarmConfig config;
    config.guards = 2;
    return config;
  }
  static constexpr std::array<PeerIndex, 2> guards{480, 760};
  std::set<PeerIndex> silent;  ///< Take errands and do nothing with them.
  std::size_t errands = 0;

 private:
  bool passes(PeerIndex from, PeerIndex to, const Message& message) {
    const auto* data = std::get_if<Data>(&message);
    if (data == nullptr) return true;
    if (data->header->kind != DataKind::message) {
      ++errands;
      return !silent.contains(to);
    }
    return to != target || std::ranges::find(guards, from) != guards.end();
  }
};

TEST_CASE("a card is kept by the peers nearest to its places, and by nobody else", "[swarm]") {
  Surrounded world;
  world.publish();
  std::set<PeerIndex> expected;
  for (unsigned number = 0; number < 4; ++number)
    for (const PeerIndex keeper : world.keepers(number)) expected.insert(keeper);
  for (PeerIndex peer = 0; peer < world.size(); ++peer) CHECK(world.kept_by(peer) == (expected.contains(peer) ? 1 : 0));
  // It is due again after the renewal, and not before.
  world.errands = 0;
  for (unsigned i = 1; i <= 5; ++i) {
    world.run(SwarmConfig{}.card_renewal / 6);
    world.publish();
    CHECK(world.errands == 0);
  }
  world.run(SwarmConfig{}.card_renewal / 6);
  world.publish();
  CHECK(world.errands > 0);
}

TEST_CASE("who has no card of a surrounded peer fetches it, and gets through", "[swarm]") {
  for (const auto strategy : {Strategy::adaptive, Strategy::guards}) {
    Surrounded world;
    CHECK(world.outcome(SendOptions(3, strategy)) == SendStatus::timed_out);  // Nobody has it yet.
    world.publish();
    CHECK(world.outcome(SendOptions(3, strategy)) == SendStatus::delivered);
    CHECK(world.count(Mark::card_fetched) == 1);
    const std::size_t errands = world.errands;
    CHECK(world.outcome(SendOptions(3, strategy)) == SendStatus::delivered);  // It is remembered.
    CHECK(world.errands == errands);
  }
  SwarmConfig without = Surrounded::two_guards();
  without.card_places = 0;
  Surrounded world(without);
  world.publish();
  CHECK(world.outcome(SendOptions(3)) == SendStatus::timed_out);
}

TEST_CASE("one keeper that answers is enough, whoever is silent at the other places", "[swarm]") {
  Surrounded world;
  world.publish();
  for (unsigned number = 0; number < 4; ++number)
    for (const PeerIndex keeper : world.keepers(number))
      if (number < 3 || keeper != world.keepers(3).back()) world.silent.insert(keeper);
  world.silent.erase(source);
  CHECK(world.outcome(SendOptions(7)) == SendStatus::delivered);
  CHECK(world.count(Mark::card_fetched) == 1);
}

TEST_CASE("a card that is false, old or out of place is neither learned nor kept", "[swarm]") {
  Surrounded world;
  const auto card = world.card();
  REQUIRE(card != nullptr);
  const auto learns = [&](const std::shared_ptr<const ContactCard>& one) {
    return world.step(source, [&](SwarmNode& node, Environment& env) { return node.learn_card(env, one); });
  };
  ContactCard changed = *card;
  changed.guards[0] = world.peer(7);
  const auto false_card = std::make_shared<const ContactCard>(changed);
  CHECK_FALSE(learns(false_card));

  // Handed to a keeper, and to somebody who is none.
  const PeerIndex keeper = world.keepers(0)[0] == target ? world.keepers(0)[1] : world.keepers(0)[0];
  PeerIndex other = 0;
  const auto near_any = [&](PeerIndex peer) {
    for (unsigned number = 0; number < 4; ++number)
      if (std::ranges::count(world.keepers(number, 12), peer) > 0) return true;
    return false;
  };
  while (near_any(other) || other == target) ++other;
  const auto hand = [&](PeerIndex to, const std::shared_ptr<const ContactCard>& one, std::uint64_t nonce) {
    Data data =
        world.made_by(target, target, world.id(to),
                      std::make_shared<const std::vector<std::uint8_t>>(one->signature.begin(), one->signature.end()),
                      nonce, DataKind::store_card);
    data.card = one;
    world.inject(target, to, data);
    world.run(1s);
  };
  hand(keeper, false_card, 1);
  CHECK(world.kept_by(keeper) == 0);
  CHECK(world.count(Mark::data_refused) == 1);
  hand(other, card, 2);
  CHECK(world.kept_by(other) == 0);
  hand(keeper, card, 3);
  CHECK(world.kept_by(keeper) == 1);

  // An older one replaces nothing; an expired one is nothing.
  world.run(world.now().time_since_epoch() + SwarmConfig{}.card_life * 3 / 4);
  const auto newer = world.card();
  CHECK(newer->sequence > card->sequence);
  CHECK(learns(newer));
  CHECK_FALSE(learns(card));
  world.run(SwarmConfig{}.card_life);
  CHECK_FALSE(world.step(5, [&](SwarmNode& node, Environment& env) { return node.learn_card(env, newer); }));
}

TEST_CASE("one who stores or asks for cards again and again makes others send no more than its pace", "[swarm]") {
  const DataKind kind = GENERATE(DataKind::store_card, DataKind::fetch_card);
  Surrounded world;
  const auto card = world.card();
  REQUIRE(card != nullptr);
  world.publish();
  const PeerIndex keeper = world.keepers(0)[0] == target ? world.keepers(0)[1] : world.keepers(0)[0];
  CryptoCounts counts;
  ModelledCrypto crypto(0, counts);
  std::vector<std::uint8_t> request(Id::size_bytes + 8);
  std::ranges::copy(world.id(target).to_bytes(), request.begin());
  const auto payload = std::make_shared<const std::vector<std::uint8_t>>(
      kind == DataKind::fetch_card ? request
                                   : std::vector<std::uint8_t>(card->signature.begin(), card->signature.end()));
  const std::size_t before = world.errands;
  constexpr std::size_t repeats = 3000;
  for (std::uint64_t nonce = 1; nonce <= repeats; ++nonce) {
    Data data = world.made_by(source, source, card_place(crypto, world.id(target), 0), payload, nonce, kind);
    if (kind == DataKind::store_card) data.card = card;
    world.inject(source, keeper, data);
  }
  world.run(2s);
  const Pace pace = SwarmConfig{}.cards_of_neighbor;
  const std::size_t paced = pace.burst + static_cast<std::size_t>(2s / pace.interval);
  CHECK(world.refusals(keeper, Refusal::over_budget) >= repeats - paced);
  CHECK(world.errands - before <= paced * SwarmConfig{}.card_keepers);
}

TEST_CASE("a keeper that is full keeps the cards whose places are the nearest", "[swarm]") {
  SwarmConfig config;
  config.cards_kept_max = 3;
  SwarmWorld world({.peers = 60, .config = config});
  for (PeerIndex i = 0; i < world.size(); ++i)
    world.step(i, [&](SwarmNode& node, Environment& env) {
      node.add_guard(env, world.peer((i + 30) % 60));
      node.on_timer(env, Timer::stabilize);
    });
  world.run(10s);
  std::size_t kept = 0;
  for (PeerIndex i = 0; i < world.size(); ++i)
    kept += world.step(i, [](SwarmNode& node, Environment&) {
      CHECK(node.cards_kept() <= 3);
      return node.cards_kept();
    });
  CHECK(kept > 150);
}

// -------------------------------------------------------------------------------------------------------------- limits

/// Transmissions that others make for one peer's messages, with all the fuel there is. Every second peer colludes: it
/// takes such a message and keeps it.
std::uint64_t caused_by_flood(const SwarmConfig& config, unsigned messages, std::size_t& honest_delivered) {
  SwarmWorld world({.peers = 200, .config = config});
  constexpr PeerIndex attacker = 50, neighbour = 51;
  std::uint64_t caused = 0;
  world.meddle = [&](PeerIndex from, PeerIndex to, Message& message) {
    const auto* data = std::get_if<Data>(&message);
    if (data == nullptr || data->header->source.index != attacker) return true;
    ++caused;
    if (to % 2 == 1) return true;
    world.inject(to, from,
                 DataReport{.id = data->header->id, .copy = data->copy, .report = Report::received, .fuel = 0});
    return false;
  };
  Rng rng(5, Purpose::test);
  for (unsigned i = 0; i < messages; ++i) {
    const Id hidden = world.id(static_cast<PeerIndex>(2 * rng.below(world.size() / 2)));
    Data data = world.made_by(attacker, attacker, hidden, SwarmWorld::bytes(), i);
    data.fuel = 1024;
    data.patience_ms = 2000;
    world.inject(attacker, neighbour, data);
    if (i % 100 == 0) world.send(source, world.id(target), SendOptions(3));
    world.run(2ms);
  }
  world.run(1min);
  honest_delivered = world.arrivals.size();
  return caused;
}

TEST_CASE("what one neighbour can make a node repair is bounded, and honest messages still get through", "[swarm]") {
  constexpr unsigned messages = 5000;  // In ten seconds.
  SwarmConfig unlimited;
  unlimited.repairs_of_neighbor = {1ns, 1'000'000};
  unlimited.relays_of_neighbor = {1ns, 1'000'000};
  std::size_t delivered = 0;
  const std::uint64_t without = caused_by_flood(unlimited, messages, delivered);
  CHECK(delivered == messages / 100);
  const std::uint64_t with = caused_by_flood(SwarmConfig{}, messages, delivered);
  CHECK(delivered == messages / 100);
  INFO("transmissions per hostile message: " << static_cast<double>(without) / messages << " without limits, "
                                             << static_cast<double>(with) / messages << " with them");
  CHECK(static_cast<double>(with) <
        0.85 * static_cast<double>(without));  // 10.8 and 8.2; the ways of the copies themselves are most of that.
  CHECK(with < messages * 9);
}

}  // namespace
