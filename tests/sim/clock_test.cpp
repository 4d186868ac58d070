// Clocks that go wrong, and machines that sleep. What must hold: whoever has the right time again, or has woken up, is
// a full member within ten seconds, by itself; what was acknowledged has arrived; nothing is handed up twice.

#include <catch2/catch.hpp>

#include <chrono>
#include <set>
#include <string>
#include <utility>

#include "instrumented.hpp"
#include "sim/small_worlds.hpp"
#include "world/processes.hpp"
#include "world/world.hpp"

namespace {

using namespace cicada;
using namespace cicada::sim;
using namespace cicada::sim::test;
using cicada::test::thinned;

constexpr Duration begin = 60s, span = 90s, healed = 10s;

/// Sees what was handed up, and how the sends of some time ended.
class Witness final : public Observer {
 public:
  explicit Witness(TimePoint since) : since_(since) {}
  std::uint64_t twice = 0, broadcasts = 0, sends = 0, delivered = 0, lost = 0;

 private:
  void on_receive(World& world, PeerIndex peer, const DataHeader& header, const Payload&) override {
    take(world, peer, header.id);
  }
  void on_broadcast(World& world, PeerIndex peer, const BroadcastHeader& header, const Payload&) override {
    take(world, peer, header.id);
    ++broadcasts;
  }
  void on_send_done(World&, PeerIndex, const SendDone& done) override {
    const bool good = done.status == SendStatus::delivered;
    if (good && !arrived_.contains(done.id)) ++lost;
    if (done.started < since_) return;
    ++sends;
    if (good) ++delivered;
  }
  void take(World& world, PeerIndex peer, const MessageId& id) {
    arrived_.insert(id);
    if (!taken_.emplace(world.slot(peer).host, id).second) ++twice;
  }
  TimePoint since_;
  std::set<MessageId> arrived_;
  std::set<std::pair<std::uint32_t, MessageId>> taken_;
};

Scenario world_with(const ClockFault& fault, std::uint64_t seed) {
  Scenario scenario = quick_ring(24, seed, begin + span + healed + 150s);
  scenario.name = "clocks";
  scenario.links.death = seed % 2 == 0 ? Death::reset : Death::silent;
  scenario.links.setup_rtts = 3;
  scenario.protocol.stabilize = 30s;  // Healing must not wait for it.
  scenario.protocol.fix_fingers = 30s;
  scenario.protocol.check_predecessor = 30s;
  scenario.protocol.merge_probe = 30s;
  scenario.workloads.emplace_back(sends(4, 3));
  Broadcasts broadcasts;
  broadcasts.arrivals = {.kind = Arrivals::Kind::poisson_system, .per_s = 0.2};
  scenario.workloads.emplace_back(broadcasts);
  scenario.faults.emplace_back(fault);
  return scenario;
}

void must_heal(const ClockFault& fault) {
  for (std::uint64_t seed = 1; seed <= thinned(20); ++seed) {
    const Scenario scenario = world_with(fault, seed);
    const TimePoint over = TimePoint(begin) + (fault.kind == ClockFault::Kind::suspend ? fault.amount : span);
    Witness witness(over + healed);
    World world(scenario, witness);
    add_population(world);
    add_workloads(world);
    CAPTURE(seed);
    world.run_until(TimePoint(begin + 40s));
    std::size_t wrong = 0;
    for (PeerIndex peer = 0; peer < world.lives(); ++peer)
      wrong += world.clock_offset(peer) != Duration::zero() || world.asleep(peer) ? 1U : 0U;
    CHECK(wrong == 7);  // Of 24 peers.
    world.run_until(over + healed);
    CHECK(world.members().size() == 24);
    const RingHealth health = world.checker()->health();
    CHECK(health.rings == 1);
    CHECK(health.wrong_successors == 0);
    CHECK(health.wrong_predecessors == 0);
    world.run_until(TimePoint(scenario.duration));
    CHECK(world.checker()->health().ideal);  // The lists too, which a few stabilisations complete.
    CHECK(witness.sends > 100);
    CHECK(witness.delivered + 3 >= witness.sends);  // The last ones are still under way.
    CHECK(witness.lost == 0);
    CHECK(witness.twice == 0);
    CHECK(witness.broadcasts > 24);
  }
}

ClockFault clocks(ClockFault::Kind kind, Duration amount,
                  ClockFault::Direction direction = ClockFault::Direction::either) {
  ClockFault fault;
  fault.at = begin;
  fault.ratio = 0.3;
  fault.kind = kind;
  fault.amount = amount;
  fault.direction = direction;
  if (kind != ClockFault::Kind::suspend) fault.duration = span;
  return fault;
}

TEST_CASE("machines that slept are members again within ten seconds") {
  must_heal(clocks(ClockFault::Kind::suspend, 45s));
  must_heal(clocks(ClockFault::Kind::suspend, 70s));
}

TEST_CASE("clocks that jump ahead by an hour, and back, leave nobody out for longer than they are wrong") {
  must_heal(clocks(ClockFault::Kind::step, 1h, ClockFault::Direction::ahead));
}

TEST_CASE("clocks that jump back by an hour, and ahead, leave nobody out for longer than they are wrong") {
  must_heal(clocks(ClockFault::Kind::step, 1h, ClockFault::Direction::behind));
}

TEST_CASE("clocks that drift apart, until they are mended, leave nobody out for longer than they are wrong") {
  ClockFault fault = clocks(ClockFault::Kind::drift, {});
  fault.drift_ratio = 0.5;
  must_heal(fault);
}

TEST_CASE("clocks that are wrong by some minutes leave nobody out for longer than they are wrong") {
  must_heal(clocks(ClockFault::Kind::offset, 3min));
}

TEST_CASE("clocks that differ by less than is allowed cost nothing") {
  for (std::uint64_t seed = 1; seed <= thinned(10); ++seed) {
    ClockFault fault = clocks(ClockFault::Kind::offset, clock_difference_max / 2);
    fault.ratio = 1;
    Scenario scenario = world_with(fault, seed);
    Witness witness(TimePoint{});
    World world(scenario, witness);
    add_population(world);
    add_workloads(world);
    world.run_until(TimePoint(scenario.duration));
    CAPTURE(seed);
    CHECK(world.checker()->health().ideal);
    CHECK(witness.delivered + 3 >= witness.sends);
    CHECK(witness.lost == 0);
    CHECK(witness.twice == 0);
  }
}

}  // namespace
