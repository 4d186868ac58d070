// The checker is worth something: a core with a planted mistake (chord.md section 6.1) is found within a budget of
// seeds. The budgets are several times what the first finding took. `Flaw::own_id_in_list` needs a ring below r + 1
// members: with more, a list of r entries never comes back to its owner, so that mistake is harmless there.

#include <catch2/catch.hpp>

#include <algorithm>
#include <string_view>
#include <vector>

#include "instrumented.hpp"
#include "sim/small_worlds.hpp"

namespace {

using namespace cicada;
using namespace cicada::sim;
using namespace cicada::sim::test;
using cicada::test::instrumented;
using cicada::test::thinned;

struct Planted {
  std::string_view name;
  std::vector<Flaw> flaws;
  std::uint64_t budget;       ///< Worlds, from seed 1 on.
  std::string_view evidence;  ///< A property that must be seen violated, or `not_ideal`.
};

nlohmann::ordered_json explore(const std::vector<Flaw>& flaws, std::uint64_t worlds) {
  Scenario scenario = exploration(worlds);
  scenario.protocol.eager =
      false;  // The published rules have no eager hints, which would repair some mistakes at once.
  scenario.protocol.flaws = flaws;
  return run(scenario).summary["explore"];
}

TEST_CASE("each planted mistake is found within its budget of seeds") {
  const std::vector<Planted> all{
      {"adopt_unchecked", {Flaw::adopt_unchecked}, 1000, "one_live_successor"},
      {"reconcile_unchecked", {Flaw::reconcile_unchecked}, 50, "not_ideal"},
      {"reconcile_unchecked, ring lost", {Flaw::reconcile_unchecked}, 1000, "at_least_one_ring"},
      {"promote_unchecked", {Flaw::promote_unchecked}, 50, "not_ideal"},
      {"flush_predecessor", {Flaw::flush_predecessor}, 20, "predecessor_present"},
      {"join_single_successor", {Flaw::join_single_successor}, 20, "full_length_list"},
      {"join_single_successor, stranded", {Flaw::join_single_successor}, 100, "connected_appendages"},
      {"shrinking_lists", {Flaw::shrinking_lists}, 20, "full_length_list"},
      {"rectify_without_ping", {Flaw::rectify_without_ping}, 20, "not_ideal"},
      {"answer_while_busy", {Flaw::answer_while_busy}, 20, "answered_while_busy"},
      {"own_id_in_list", {Flaw::own_id_in_list, Flaw::boot_below_minimum}, 20, "own_id_not_listed"},
      {"no_wrap_around", {Flaw::no_wrap_around}, 50, "at_least_one_ring"},
      {"stabilize_every_second_entry", {Flaw::stabilize_every_second_entry}, 50, "one_live_successor"},
      {"accept_old_incarnation", {Flaw::accept_old_incarnation}, 20, "own_id_not_listed"},
      {"boot_below_minimum", {Flaw::boot_below_minimum}, 20, "sufficient_principals"}};
  for (const Planted& planted : all) {
    INFO(planted.name);
    const auto found =
        explore(planted.flaws, instrumented ? std::min<std::uint64_t>(planted.budget, 500) : planted.budget);
    CAPTURE(found.dump(1));
    const auto& count =
        planted.evidence == "not_ideal" ? found["not_ideal"] : found["by_property"][std::string(planted.evidence)];
    CHECK(count > 0);
  }
}

TEST_CASE("without a mistake the same worlds show no such evidence") {
  const auto clean = explore({}, thinned(1000));
  CAPTURE(clean.dump(1));
  CHECK(clean["worlds"] == thinned(1000));
  CHECK(clean["broken"] == 0);
  CHECK(clean["not_ideal"] == 0);
  // A start below the minimum alone puts nobody's own id into its list.
  CHECK(explore({Flaw::boot_below_minimum}, thinned(200))["by_property"]["own_id_not_listed"] == 0);
}

TEST_CASE("the rules of 2001 lose the ring in each of the known ways") {
  Scenario scenario = exploration(instrumented ? 1000 : 3000);
  scenario.protocol.eager = false;
  scenario.protocol.rules = Rules::chord2001;
  const auto found = run(scenario).summary["explore"];
  CAPTURE(found.dump(1));
  CHECK(found["first_ring_lost_seed"] <= 1000);
  for (const char* property : {"at_least_one_ring", "connected_appendages"}) CHECK(found["by_property"][property] > 0);
  if (!instrumented) CHECK(found["by_property"]["at_most_one_ring"] > 0);  // The rarest of them.
}

}  // namespace
