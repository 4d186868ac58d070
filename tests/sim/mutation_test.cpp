// Members that send changed messages crash nobody, stop nothing and fill nothing up; when they stop, the ring heals.

#include <catch2/catch.hpp>

#include <cicada/rng.hpp>

#include "instrumented.hpp"
#include "sim/attacked_worlds.hpp"

namespace {

using namespace cicada;
using namespace cicada::sim;
using namespace cicada::sim::test;
using cicada::test::thinned;

/// A fifth of a ring changes a third of what it sends, from 20 s to 80 s.
Scenario mutating(std::uint64_t seed, MutateAttack::What what) {
  Scenario scenario = quick_ring(30, seed, 4min);
  scenario.name = "mutating";
  Broadcasts broadcasts;
  broadcasts.arrivals = {.kind = Arrivals::Kind::poisson_system, .per_s = 0.2};
  broadcasts.size_bytes = 64;
  scenario.workloads = {sends(3, 2), lookups(0.05), broadcasts};
  scenario.adversaries = {MutateAttack{{.ratio = 0.2, .start = 20s, .stop = 80s}, 0.3, what}};
  return scenario;
}

TEST_CASE("what is changed is counted, and what no longer decodes is refused") {
  for (const auto what : {MutateAttack::What::fields, MutateAttack::What::bytes, MutateAttack::What::any}) {
    const auto resilience = run(mutating(1, what)).summary["resilience"];
    CAPTURE(resilience.dump());
    const double acts = resilience["acts"]["mutate"], refused = resilience["undecodable"];
    CHECK(acts > 500);
    CHECK(refused >= (what == MutateAttack::What::fields ? 0 : acts / 4));
    CHECK(refused < (what == MutateAttack::What::fields ? acts / 20 : acts));
  }
  Scenario quiet = mutating(1, MutateAttack::What::any);
  std::get<MutateAttack>(quiet.adversaries[0]).prob = 0;
  const auto resilience = run(quiet).summary["resilience"];
  CHECK(resilience["acts"]["mutate"] == 0);
  CHECK(resilience["undecodable"] == 0);
}

TEST_CASE("equal seeds give equal mutations, whatever the wire and the cryptography") {
  Scenario scenario = mutating(2, MutateAttack::What::any);
  const std::string digest = digest_of(scenario);
  CHECK(digest_of(scenario) == digest);
  scenario.protocol.wire = Wire::encoded;
  CHECK(digest_of(scenario) == digest);
}

TEST_CASE("rings heal when changed messages stop, and cost then what they cost before") {
  for (std::uint64_t seed = 1; seed <= thinned(60); ++seed) {
    const Scenario scenario = mutating(seed, static_cast<MutateAttack::What>(seed % 3));
    Scenario calm = scenario;
    calm.adversaries.clear();
    const auto summary = run(scenario).summary;
    INFO(named(scenario));
    CAPTURE(summary["ring"].dump(), summary["sends"].dump());
    CHECK(summary["ring"]["ideal"] == true);
    CHECK(summary["sends"]["acknowledged_but_lost"] == 0);
    CHECK(summary["sends"]["tampered_received"] == 0);
    CHECK(summary["resilience"]["acts"]["mutate"] > 0);
    if (seed > 5) continue;
    const double messages = summary["messages"];
    CHECK(messages < 2 * run(calm).summary["messages"].get<double>());
  }
}

}  // namespace
