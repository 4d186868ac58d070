// Small rings, all of them: five peers with ids of 6 bits, r = 2. Any three are the ring, the other two join in either
// order and at any distance in time, and any one of the five crashes or leaves at any moment before, during or after
// the joins. Each of these worlds ends as one ideal ring, and what the operating assumptions allow breaks nothing on
// the way.

#include <catch2/catch.hpp>

#include <array>
#include <numeric>

#include "explore/safe_failures.hpp"
#include "instrumented.hpp"
#include "sim/small_worlds.hpp"

namespace {

using namespace cicada;
using namespace cicada::sim;
using namespace cicada::sim::test;

constexpr unsigned peers = 5, base = 3, id_bits = 6;

/// One case of the enumeration.
struct Case {
  std::array<std::uint64_t, peers> ids{};  ///< The first three are the ring, the others join in this order.
  Duration join_gap{};
  Duration failure_at{};
  PeerIndex victim = 0;
  bool orderly = false;
};

/// A process that does one thing when its time has come.
class Act final : public Process {
 public:
  explicit Act(std::function<void(World&)> act) : act_(std::move(act)) {}
  void fire(World& world, PeerIndex) override { act_(world); }

 private:
  std::function<void(World&)> act_;
};

void at(World& world, Duration time, std::function<void(World&)> act) {
  world.schedule(world.add_process(std::make_unique<Act>(std::move(act))), TimePoint(time));
}

struct Outcome {
  bool ideal = false;
  bool allowed = true;  ///< The failure kept the operating assumptions.
  std::uint64_t violations = 0;
};

Outcome live(const Scenario& scenario, const Case& c) {
  constexpr Duration first_join = 100ms;
  Outcome outcome;
  Observer nobody;
  World world(scenario, nobody);
  world.use_small_ids(id_bits, {c.ids.begin(), c.ids.end()});
  world.watch_answers();
  world.start_ideal(base);
  at(world, first_join, [](World& w) { w.spawn(); });
  at(world, first_join + c.join_gap, [](World& w) { w.spawn(); });
  at(world, c.failure_at, [&](World& w) {
    if (c.victim >= w.lives()) return;  // It has not begun to join.
    outcome.allowed = !w.slot(c.victim).member || SafeFailures(w).may_fail(c.victim);
    if (c.orderly && w.slot(c.victim).member && w.leave(c.victim)) return;
    w.kill(c.victim);
  });
  world.run_until(TimePoint(scenario.duration));
  outcome.ideal = world.checker()->health().ideal && world.living() == world.members().size();
  outcome.violations = world.checker()->count();
  return outcome;
}

TEST_CASE("every order of two joins and one failure in a ring of three ends ideal") {
  Scenario scenario = exploration(0, 3);
  scenario.duration = 20s;
  scenario.links.model = ConstantLinks{50ms};
  scenario.measure.check = Check::every_event;
  // Close together, far apart and across zero.
  constexpr std::array<std::uint64_t, peers> ids{0, 1, 20, 41, 63};
  std::array<std::size_t, peers> order{};
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::size_t worlds = 0, allowed = 0;
  const Duration failure_step = cicada::test::instrumented ? 450ms : 90ms;
  do {
    if (!std::is_sorted(order.begin(), order.begin() + base)) continue;  // The ring itself has no order of birth.
    Case c;
    for (std::size_t i = 0; i < peers; ++i) c.ids[i] = ids[order[i]];
    for (const Duration gap : {0ms, 40ms, 130ms, 400ms, 1500ms}) {
      for (c.victim = 0; c.victim < peers; ++c.victim) {
        for (const bool orderly : {false, true}) {
          for (Duration failure = 90ms; failure <= 2s; failure += failure_step) {
            c.join_gap = gap;
            c.failure_at = failure;
            c.orderly = orderly;
            const Outcome outcome = live(scenario, c);
            ++worlds;
            allowed += outcome.allowed;
            if (outcome.ideal && (!outcome.allowed || outcome.violations == 0)) continue;
            CAPTURE(c.ids, gap.count(), failure.count(), c.victim, orderly, outcome.allowed, outcome.violations);
            CHECK(outcome.ideal);
            CHECK((!outcome.allowed || outcome.violations == 0));
          }
        }
      }
    }
  } while (std::next_permutation(order.begin(), order.end()));
  CHECK(worlds == 20 * 5 * 5 * 2 * (cicada::test::instrumented ? 5 : 22));
  CHECK(allowed > worlds / 3);
}

}  // namespace
