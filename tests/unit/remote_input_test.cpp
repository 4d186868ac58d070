// Remote peers can say what they like: a source never relays its own message, reports are bounded by what a copy cost,
// and a neighbour that forges is refused before its signatures are verified.

#include <catch2/catch.hpp>

#include <array>
#include <cstdint>

#include "unit/swarm_world.hpp"

namespace {

using namespace cicada;
using namespace cicada::test;

constexpr PeerIndex source = 3;
constexpr PeerIndex attacker = 50;
constexpr PeerIndex hidden = 300;

SwarmWorld::Options long_routes() {
  SwarmWorld::Options options{.peers = 600};
  options.config.chord.successors = 3;
  return options;
}

TEST_CASE("a source that gets its own message back refuses it, and forgets relays of others without harm", "[swarm]") {
  SwarmWorld::Options options = long_routes();
  options.config.relays_max = 64;
  SwarmWorld world(options);
  std::vector<Data> returned;
  world.meddle = [&](PeerIndex from, PeerIndex to, Message& message) {
    const auto* data = std::get_if<Data>(&message);
    if (from == attacker && data != nullptr) return false;
    if (from != source || data == nullptr || data->header->kind != DataKind::message) return true;
    // The first hop sends copies with numbers that the source has not used back to it, and brings the message nowhere.
    if (data->header->source.index != source) return false;
    for (std::uint8_t copy = 1; copy < 40; ++copy) {
      Data back = *data;
      back.copy = copy;
      back.fuel = 50;
      world.inject(to, source, back);
    }
    return false;
  };
  for (int i = 0; i < 3; ++i) {
    world.send(source, world.id(hidden), SendOptions(7, Strategy::repair));
    world.run(200ms);
  }
  for (std::uint64_t i = 0; i < 400; ++i) {
    Data data = world.made_by(attacker, attacker, world.id(hidden), SwarmWorld::bytes(), i);
    data.patience_ms = 1000;
    world.inject(attacker, source, data);
    world.run(10ms);
  }
  world.run(3min);
  const SwarmNode::Load load = world.step(source, [](SwarmNode& node, Environment&) { return node.load(); });
  CHECK(load.copies == 0);
  CHECK(load.bytes == 0);
  CHECK(world.refusals(source, Refusal::own_message) >= 39);
}

TEST_CASE("a copy makes its relay send no more reports than it and its relays paid for", "[swarm]") {
  constexpr PeerIndex relay = 200;
  for (const std::uint16_t first_patience : {std::uint16_t{0}, std::uint16_t{1}, std::uint16_t{65535}}) {
    SwarmWorld world(long_routes());
    std::size_t reports = 0, said = 0;
    world.meddle = [&](PeerIndex from, PeerIndex to, Message& message) {
      if (from != relay) return true;
      reports += std::holds_alternative<DataReport>(message);
      const auto* data = std::get_if<Data>(&message);
      if (data == nullptr) return true;
      world.inject(to, relay, DataReport{.id = data->header->id, .copy = data->copy, .report = Report::received});
      ++said;
      return false;
    };
    Data data = world.made_by(attacker, attacker, world.id(hidden), SwarmWorld::bytes(), 1);
    data.patience_ms = first_patience;
    world.inject(attacker, relay, data);
    world.run(100ms);
    data.patience_ms = 20;
    data.fuel = 65535;
    world.inject(attacker, relay, data);
    world.run(2min);
    INFO("first patience " << first_patience << ": " << reports << " reports, " << said << " receipts");
    CHECK(said > 0);
    CHECK(reports <= 2 + 12 + 3 * said);
  }
}

TEST_CASE("what a neighbour forges is refused before it is verified, and leaves room for honest messages", "[swarm]") {
  constexpr PeerIndex target = 20;
  SwarmWorld world({.peers = 64});
  for (int second = 0; second < 10; ++second) {
    for (std::uint64_t i = 0; i < 500; ++i) {
      Data data = world.made_by(attacker, attacker, world.id(target), SwarmWorld::bytes(), i);
      DataHeader header = *data.header;
      header.signature[i % header.signature.size()] ^= 1U;
      data.header = std::make_shared<const DataHeader>(header);
      world.inject(attacker, target, data);
    }
    world.send(source, world.id(target), SendOptions(0));
    world.run(1s);
  }
  CHECK(world.refusals(target, Refusal::forged) >= 8);
  CHECK(world.refusals(target, Refusal::forged) <= 8 + 10);
  CHECK(world.refusals(target, Refusal::forged) + world.refusals(target, Refusal::over_budget) == 5000);
  CHECK(world.arrivals.size() == 10);
}

TEST_CASE("a copy that nobody could be found for comes again with its payload", "[swarm]") {
  SwarmWorld world({.peers = 2});
  constexpr PeerIndex relay = 0, neighbor = 1;
  std::size_t handed_on = 0;
  world.meddle = [&](PeerIndex from, PeerIndex, Message& message) {
    const auto* data = std::get_if<Data>(&message);
    if (data == nullptr) return true;
    handed_on += from == relay;
    CHECK((data->payload != nullptr && !data->payload->empty()));
    return true;
  };
  // The target is nobody, and the only neighbour is the one that brings the copy.
  const Data data = world.made_by(neighbor, neighbor, world.id(relay) + Id::power_of_two(3), SwarmWorld::bytes());
  for (int time = 0; time < 3; ++time) {
    world.inject(neighbor, relay, data);
    world.run(1s);
  }
  CHECK(handed_on == 0);
  CHECK(world.refusals(relay, Refusal::own_message) == 0);
  CHECK(world.step(relay, [](SwarmNode& node, Environment&) { return node.load().copies; }) == 0);
}

}  // namespace
