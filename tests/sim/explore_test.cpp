// The corrected ring never breaks while the operating assumptions of its proof hold (chord.md section 3.3), whatever
// comes into the middle of its steps, and it always becomes ideal again. Larger runs: scenarios/papers/zave-corrected.

#include <catch2/catch.hpp>

#include "instrumented.hpp"
#include "sim/small_worlds.hpp"

namespace {

using namespace cicada;
using namespace cicada::sim;
using namespace cicada::sim::test;
using cicada::test::thinned;

void require_right(const Scenario& scenario) {
  const auto summary = run(scenario).summary;
  const auto& explore = summary["explore"];
  CAPTURE(explore.dump(1));
  REQUIRE(explore["worlds"] == scenario.explore.worlds);
  CHECK(explore["broken"] == 0);
  CHECK(explore["not_ideal"] == 0);
  CHECK(summary["marks"]["stranded"] == 0);
  // Under perfect detection nobody is ever skipped for long.
  CHECK(summary["marks"]["rejoined"] == 0);
}

TEST_CASE("the corrected ring holds: silent deaths") { require_right(exploration(thinned(2000))); }

TEST_CASE("the corrected ring holds: links that are reset") {
  Scenario scenario = exploration(thinned(1000), 10'000);
  scenario.links.death = Death::reset;
  require_right(scenario);
}

TEST_CASE("the corrected ring holds: messages overtake each other") {
  Scenario scenario = exploration(thinned(1000), 20'000);
  scenario.links.model = UniformLinks{20ms, 80ms, UniformLinks::Per::message};
  require_right(scenario);
}

TEST_CASE("the corrected ring holds: without eager hints, with fingers, in lock step") {
  Scenario lazy = exploration(thinned(500), 30'000);
  lazy.protocol.eager = false;
  require_right(lazy);
  Scenario fingers = exploration(thinned(500), 31'000);
  fingers.protocol.fix_fingers = 1s;
  require_right(fingers);
  Scenario in_step = exploration(thinned(500), 32'000);
  in_step.links.model = ConstantLinks{50ms};
  in_step.protocol.jitter = Jitter::none;
  require_right(in_step);
}

TEST_CASE("the corrected ring holds: other lengths of the list, other sizes of the world") {
  for (const std::uint32_t r : {1U, 3U, 4U}) {
    Scenario scenario = exploration(thinned(300), 40'000 + r);
    scenario.protocol.successors = r;
    scenario.peers.count = r + 1;
    scenario.explore.ids = r == 4 ? 32 : 16;
    scenario.explore.events = 60;
    require_right(scenario);
  }
  Scenario crowded = exploration(thinned(500), 50'000);
  crowded.explore.ids = 8;
  require_right(crowded);
}

TEST_CASE("an exploration is a function of its seed, also through the codec, and ends when it is told to") {
  const std::string digest = digest_of(exploration(100));
  CHECK(digest_of(exploration(100)) == digest);
  CHECK(digest_of(exploration(100, 2)) != digest);
  CHECK(digest_of(exploration(101)) != digest);
  Scenario encoded = exploration(100);
  encoded.protocol.wire = Wire::encoded;
  CHECK(digest_of(encoded) == digest);

  const RunResult stopped = run(exploration(1'000'000'000), {[](const Progress&) { return false; }});
  CHECK(stopped.interrupted);
  CHECK(stopped.summary["explore"]["worlds"] > 0);
}

TEST_CASE("a world that breaks can be seen again by its seed alone") {
  Scenario scenario = exploration(300);
  scenario.protocol.rules = Rules::chord2001;
  const auto first = run(scenario).summary["explore"]["first_ring_lost_seed"];
  REQUIRE(first.is_number());
  scenario.seed = first;
  scenario.explore.worlds = 1;
  const auto again = run(scenario).summary["explore"];
  CHECK(again["ring_lost"] == 1);
  REQUIRE(again["story"].size() > 0);
  CHECK(again["story"].dump().find("VIOLATION") != std::string::npos);
}

}  // namespace
