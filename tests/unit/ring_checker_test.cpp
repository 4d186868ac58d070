// The ring checker finds nothing in ideal rings, and each property in a state made by hand to break it, together with
// nothing but what that entails. A violation that lasts is counted once.

#include <cicada/sim/ring_checker.hpp>

#include <catch2/catch.hpp>
#include <cstdint>
#include <set>
#include <string>

#include "fake_ring.hpp"

namespace {

using namespace cicada;
using namespace cicada::sim;

std::set<std::string> properties(const RingChecker& checker) {
  std::set<std::string> found;
  for (const Violation& violation : checker.violations()) found.emplace(to_string(violation.property));
  return found;
}

/// What a full pass over the state as it is finds.
Findings full_pass(FakeWorld& world) {
  world.checker.check_all(noon, 7);
  return findings(world.checker);
}

}  // namespace

TEST_CASE("ideal rings have no violations, and are ideal") {
  for (unsigned r = 1; r <= 4; ++r) {
    for (PeerIndex count = 1; count <= 8; ++count) {
      CAPTURE(r, count);
      FakeWorld world(r, count);
      for (PeerIndex peer = 0; peer < count; ++peer) world.checker.on_change(peer, noon, 1);
      CHECK(full_pass(world).empty());
      const RingHealth health = world.checker.health();
      CHECK(health.ideal);
      CHECK(health.members == count);
      CHECK(health.principals == count);
      CHECK(health.rings == 1);
      CHECK(health.appendages == 0);
      CHECK(health.wrong_successors + health.wrong_entries + health.wrong_predecessors + health.dead_successors == 0);
    }
  }
}

TEST_CASE("a ring may grow from one member") {
  FakeWorld world(2, 1);
  CHECK(full_pass(world).empty());
  const PeerIndex newcomer = world.add_member(Id::from_prefix(0x5000));
  world.set_list(newcomer, {0});
  world.nodes[newcomer].predecessor = world.peer(0);
  CHECK(full_pass(world).empty());
  CHECK(world.checker.health().appendages == 1);

  SECTION("until there are r + 1 of them, and the founder still knows nobody") {
    const PeerIndex third = world.add_member(Id::from_prefix(0x6000));
    world.set_list(third, {0});
    world.nodes[third].predecessor = world.peer(newcomer);
    CHECK(full_pass(world).contains({Property::one_live_successor, 0}));
  }
}

TEST_CASE("faults of one list are found, and nothing else") {
  // Members 0..5 in ring order, r = 3; the faults leave first successors and principals as they are.
  FakeWorld world(3, 6);
  std::string expected;
  SECTION("short") {
    world.nodes[1].list.pop_back();
    expected = "full_length_list";
  }
  SECTION("empty") {
    world.nodes[1].list.clear();
    CHECK(full_pass(world) == Findings{{Property::full_length_list, 1}, {Property::one_live_successor, 1}});
    return;
  }
  SECTION("too long") {
    world.nodes[1].list.push_back(world.peer(5));
    expected = "full_length_list";
  }
  SECTION("no predecessor") {
    world.nodes[1].predecessor = {};
    expected = "predecessor_present";
  }
  world.checker.on_change(1, noon, 5);
  CHECK(full_pass(world).size() == 1);
  CHECK(properties(world.checker) == std::set<std::string>{expected});
  CHECK(world.checker.violations().front().peer == 1);
  CHECK(world.checker.violations().front().time == noon);
  CHECK(world.checker.violations().front().event == 5);
}

TEST_CASE("lists out of order are told apart") {
  // Whoever goes around the circle twice also skips everybody: that is judged by the full pass, not here.
  FakeWorld world(3, 6);
  const PeerIndex earlier_life = world.add_dead(world.id_of(1));
  std::string expected;
  SECTION("out of order") {
    world.set_list(1, {2, 4, 3});
    expected = "ordered_list";
  }
  SECTION("repeated at once") {
    world.set_list(1, {2, 2, 3});
    expected = "no_duplicates";
  }
  SECTION("repeated later") {
    world.set_list(1, {2, 3, 2});
    expected = "no_duplicates";
  }
  SECTION("own id") {
    world.set_list(1, {2, 3, 1});
    expected = "own_id_not_listed";
  }
  SECTION("own id in an earlier life") {
    world.set_list(1, {2, 3, earlier_life});
    expected = "own_id_not_listed";
  }
  world.checker.on_change(1, noon, 5);
  CHECK(findings(world.checker).size() == 1);
  CHECK(properties(world.checker) == std::set<std::string>{expected});
}

TEST_CASE("a member that a death leaves without a live successor is found at the death") {
  FakeWorld world(2, 6);
  world.remove(2);
  CHECK(world.checker.violations().empty());
  world.remove(3);
  CHECK(findings(world.checker) == Findings{{Property::one_live_successor, 1}});
  // Its neighbour before it leads to it, and no further.
  full_pass(world);
  CHECK(properties(world.checker) == std::set<std::string>{"one_live_successor", "at_least_one_ring"});
  CHECK(world.checker.count(Property::one_live_successor) == 1);
}

TEST_CASE("too few principals") {
  // 0 skips 2, and 1 and 2 skip 3: only 0 and 1 are left, where r + 1 = 3 are wanted.
  FakeWorld world(2, 4);
  world.set_list(0, {1, 3});
  world.set_list(1, {2, 0});
  world.set_list(2, {0, 1});
  CHECK(full_pass(world) == Findings{{Property::sufficient_principals, 2}});
  CHECK(world.checker.health().principals == 2);
  CHECK(world.checker.health().appendages == 1);
}

TEST_CASE("the rule of principals does not apply below r + 1 members") {
  FakeWorld world(4, 4);
  world.set_list(0, {1, 3});
  world.set_list(1, {2, 0});
  world.set_list(2, {0, 1});
  CHECK(full_pass(world).empty());
}

TEST_CASE("no ring") {
  // Everybody's best successors end at member 3, whose list is dead.
  FakeWorld world(2, 4);
  const PeerIndex dead = world.add_dead(Id::from_prefix(0x4800));
  world.set_list(3, {dead});
  full_pass(world);
  CHECK(properties(world.checker) == std::set<std::string>{"one_live_successor", "at_least_one_ring"});
  CHECK(world.checker.health().rings == 0);
  CHECK(world.checker.health().appendages == 4);
}

TEST_CASE("two rings") {
  // Each skips the members of the other, so there are no principals.
  FakeWorld world(2, 6);
  for (PeerIndex peer = 0; peer < 6; ++peer) world.set_list(peer, {(peer + 2) % 6, (peer + 4) % 6});
  full_pass(world);
  CHECK(properties(world.checker) == std::set<std::string>{"at_most_one_ring", "sufficient_principals"});
  CHECK(world.checker.health().rings == 2);
}

TEST_CASE("two rings in a world below r + 1 members") {
  FakeWorld world(4, 4);
  world.set_list(0, {2});
  world.set_list(2, {0});
  world.set_list(1, {3});
  world.set_list(3, {1});
  full_pass(world);
  CHECK(properties(world.checker) == std::set<std::string>{"at_most_one_ring"});
}

TEST_CASE("a ring that goes around the circle twice") {
  FakeWorld world(5, 5);
  for (PeerIndex peer = 0; peer < 5; ++peer) world.set_list(peer, {(peer + 2) % 5});
  full_pass(world);
  CHECK(properties(world.checker) == std::set<std::string>{"ordered_ring"});
  CHECK(world.checker.health().rings == 1);
}

TEST_CASE("a member that leads to no ring") {
  // 4's list is dead, and 3's best successor is 4; 0..2 and 5..7 are a ring of their own.
  FakeWorld world(2, 8);
  const PeerIndex dead = world.add_dead(Id::from_prefix(0x5800));
  world.set_list(2, {5, 6});
  world.set_list(1, {2, 5});
  world.set_list(4, {dead});
  full_pass(world);
  CHECK(properties(world.checker) == std::set<std::string>{"one_live_successor", "connected_appendages"});
  CHECK(findings(world.checker).contains({Property::connected_appendages, 3}));
  CHECK(world.checker.health().appendages == 2);
}

TEST_CASE("a predecessor that lives is not replaced by a farther one") {
  FakeWorld world(2, 6);
  for (PeerIndex peer = 0; peer < 6; ++peer) world.checker.on_change(peer, noon, 1);
  SECTION("while it lives") {
    world.nodes[4].predecessor = world.peer(2);
    world.checker.on_change(4, noon, 2);
    CHECK(findings(world.checker) == Findings{{Property::predecessor_regressed, 4}});
  }
  SECTION("around zero") {
    world.nodes[0].predecessor = world.peer(2);
    world.checker.on_change(0, noon, 2);
    CHECK(findings(world.checker) == Findings{{Property::predecessor_regressed, 0}});
  }
  SECTION("but by a nearer one") {
    world.nodes[4].predecessor = world.peer(1);
    world.checker.on_change(4, noon, 2);
    CHECK(world.checker.count() == 1);
    world.nodes[4].predecessor = world.peer(3);
    world.checker.on_change(4, noon, 3);
    CHECK(world.checker.count() == 1);
  }
  SECTION("but by any when it is dead") {
    world.remove(3);
    world.nodes[4].predecessor = world.peer(1);
    world.checker.on_change(4, noon, 2);
    CHECK(world.checker.count() == 0);
  }
  SECTION("but freely in a new membership") {
    world.remove(4);
    world.truth.insert(world.id_of(4), 4);
    world.nodes[4].member = world.nodes[4].alive = true;
    world.nodes[4].predecessor = world.peer(1);
    world.checker.on_change(4, noon, 2);
    CHECK(world.checker.count() == 0);
  }
}

TEST_CASE("an answer in the middle of a step is found each time") {
  FakeWorld world(2, 3);
  world.checker.on_answer(1, noon, 1);
  CHECK(world.checker.count() == 0);
  world.nodes[1].busy = true;
  world.checker.on_answer(1, noon, 2);
  world.checker.on_answer(1, noon, 3);
  CHECK(world.checker.count(Property::answered_while_busy) == 2);
  CHECK(world.checker.count() == 2);
}

TEST_CASE("a violation counts once per episode") {
  FakeWorld world(2, 6);
  const auto good = world.nodes[2].list;
  for (std::uint64_t episode = 1; episode <= 3; ++episode) {
    world.set_list(2, {3, 2});
    for (std::uint64_t event = 0; event < 5; ++event) {
      world.checker.on_change(2, noon, event);
      world.checker.check_all(noon, event);
    }
    CHECK(world.checker.count(Property::own_id_not_listed) == episode);
    // Seen from 2, the pair (3, 2) skips everybody else.
    CHECK(world.checker.count(Property::sufficient_principals) == episode);
    world.nodes[2].list = good;
    world.checker.check_all(noon, 9);
  }
  CHECK(world.checker.count() == 6);

  SECTION("and begins anew with another life") {
    world.set_list(2, {3, 2});
    world.checker.on_change(2, noon, 10);
    world.remove(2);
    world.truth.insert(world.id_of(2), 2);
    world.nodes[2].member = world.nodes[2].alive = true;
    world.checker.on_change(2, noon, 11);
    CHECK(world.checker.count(Property::own_id_not_listed) == 5);
  }
}

TEST_CASE("the record is bounded, the counts are not") {
  FakeWorld world(2, 3);
  world.nodes[1].busy = true;
  for (std::uint64_t event = 0; event < 2 * RingChecker::violations_max; ++event)
    world.checker.on_answer(1, noon, event);
  CHECK(world.checker.violations().size() == RingChecker::violations_max);
  CHECK(world.checker.violations().back().event == RingChecker::violations_max - 1);
  CHECK(world.checker.count() == 2 * RingChecker::violations_max);
}

TEST_CASE("health tells dead pointers from wrong ones") {
  FakeWorld world(2, 6);
  const PeerIndex joining = world.add_dead(Id::from_prefix(0x2800));  // Runs, but is no member.
  world.nodes[joining].alive = true;
  world.nodes[0].fingers = {world.peer(3), world.peer(5), Peer{}, world.peer(joining), world.peer(4)};
  world.remove(4);
  world.set_list(1, {joining, 2});
  world.nodes[2].list = world.padded({});
  world.nodes[2].predecessor = world.peer(0);
  const RingHealth health = world.checker.health();
  CHECK(health.members == 5);
  CHECK(health.wrong_successors == 3);    // 1's is no member, 2 has none, 3's is dead.
  CHECK(health.dead_successors == 2);     // 2's and 3's.
  CHECK(health.wrong_predecessors == 2);  // 2's, and 5's is dead.
  CHECK(health.wrong_entries == 6);       // Both of 1, 2 and 3.
  CHECK(health.finger_entries == 4);
  CHECK(health.dead_fingers == 1);
  CHECK_FALSE(health.ideal);
  const PointerRatios ratios = pointer_ratios(health);
  CHECK(ratios.wrong_successors == Approx(0.6));
  CHECK(ratios.dead_successors == Approx(0.4));
  CHECK(ratios.dead_fingers == Approx(0.25));
  CHECK(pointer_ratios({}).dead_fingers == 0);
}

TEST_CASE("a ring cut down to one member is ideal once its list is empty") {
  FakeWorld world(2, 3);
  world.remove(0);
  world.remove(2);
  CHECK(full_pass(world).empty());
  CHECK(world.checker.health().wrong_successors == 1);
  world.set_list(1, {});
  CHECK(world.checker.health().ideal);
  world.remove(1);
  CHECK(full_pass(world).empty());
  CHECK(world.checker.health().members == 0);
}
