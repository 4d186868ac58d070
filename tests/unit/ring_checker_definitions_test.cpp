// In random small states the ring checker finds the same as a literal transcription of the definitions of chord.md
// §3.2-3.3, member by member and property by property.

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <vector>

#include <cicada/rng.hpp>
#include <cicada/sim/ring_checker.hpp>

#include "fake_ring.hpp"

namespace {

using namespace cicada;
using namespace cicada::sim;

/// The definitions once more, without an idea of how to compute them fast.
class Definitions {
 public:
  explicit Definitions(const FakeWorld& world) : world_(world) {
    for (PeerIndex peer = 0; peer < world.nodes.size(); ++peer)
      if (world.nodes[peer].member) members_.push_back(peer);
  }

  [[nodiscard]] bool is_member(Peer peer) const { return peer.exists() && world_.nodes[peer.index].member; }

  [[nodiscard]] std::vector<PeerIndex> entries(PeerIndex member) const {
    std::vector<PeerIndex> found;
    for (const Peer entry : world_.nodes[member].list)
      if (entry.exists()) found.push_back(entry.index);
    return found;
  }

  [[nodiscard]] bool principal(PeerIndex p) const {
    for (const PeerIndex member : members_) {
      std::vector<PeerIndex> extended = entries(member);
      extended.insert(extended.begin(), member);
      for (std::size_t i = 1; i < extended.size(); ++i)
        if (Arc::open(id(extended[i - 1]), id(extended[i])).contains(id(p))) return false;
    }
    return true;
  }
  [[nodiscard]] std::size_t principals() const {
    return static_cast<std::size_t>(std::ranges::count_if(members_, [this](PeerIndex p) { return principal(p); }));
  }

  [[nodiscard]] std::optional<PeerIndex> best(PeerIndex member) const {
    const std::vector<PeerIndex> list = entries(member);
    if (list.empty() || members_.size() == 1) return member;
    for (const PeerIndex entry : list)
      if (world_.nodes[entry].member) return entry;
    return std::nullopt;
  }
  [[nodiscard]] std::set<PeerIndex> reached_from(PeerIndex member) const {
    std::set<PeerIndex> reached;
    for (std::optional<PeerIndex> at = best(member); at && reached.insert(*at).second;) at = best(*at);
    return reached;
  }
  /// Each ring as a set of members.
  [[nodiscard]] std::set<std::set<PeerIndex>> rings() const {
    std::set<std::set<PeerIndex>> found;
    for (const PeerIndex member : members_) {
      const std::set<PeerIndex> reached = reached_from(member);
      if (reached.contains(member)) found.insert(reached);
    }
    return found;
  }
  /// In ring order, where a step from a member to itself goes all the way round.
  [[nodiscard]] bool skips(PeerIndex a, PeerIndex p, PeerIndex b) const {
    const auto steps = [this](PeerIndex from, PeerIndex to) {
      const std::size_t ahead = world_.truth.rank_of(world_.peer(to)) + members_.size();
      return (ahead - world_.truth.rank_of(world_.peer(from)) - 1) % members_.size();
    };
    return steps(a, p) < steps(a, b);
  }
  [[nodiscard]] bool disordered(const std::set<PeerIndex>& ring) const {
    return std::ranges::any_of(ring, [&](PeerIndex a) {
      return std::ranges::any_of(ring, [&](PeerIndex p) { return skips(a, p, *best(a)); });
    });
  }

  [[nodiscard]] Findings of_members() const {
    Findings found;
    for (const PeerIndex member : members_) add_faults(member, found);
    return found;
  }
  [[nodiscard]] std::set<Property> of_the_world() const {
    std::set<Property> broken;
    if (members_.size() < 2) return broken;
    const auto all = rings();
    if (members_.size() >= world_.r + 1 && principals() < world_.r + 1) broken.insert(Property::sufficient_principals);
    if (all.empty()) broken.insert(Property::at_least_one_ring);
    if (all.size() > 1) broken.insert(Property::at_most_one_ring);
    for (const auto& ring : all)
      if (disordered(ring)) broken.insert(Property::ordered_ring);
    for (const PeerIndex member : members_) {
      const std::set<PeerIndex> reached = reached_from(member);
      const auto leads_to = [&](const std::set<PeerIndex>& ring) { return std::ranges::includes(reached, ring); };
      if (!all.empty() && std::ranges::none_of(all, leads_to)) broken.insert(Property::connected_appendages);
    }
    return broken;
  }

  [[nodiscard]] bool ideal() const {
    return std::ranges::all_of(members_, [this](PeerIndex member) {
      const Peer previous = world_.truth.previous(world_.peer(member));
      return wrong_entries(member) == 0 && (members_.size() == 1 || world_.nodes[member].predecessor == previous);
    });
  }
  [[nodiscard]] std::size_t wrong_entries(PeerIndex member) const {
    // What a list should hold: members in ring order after this one.
    std::vector<Peer> right(world_.r);
    right.resize(world_.truth.successors(world_.peer(member), right));
    std::vector<Peer> list = world_.nodes[member].list;
    const std::size_t length = std::max<std::size_t>(list.size(), world_.r);
    right.resize(length);
    list.resize(length);
    std::size_t wrong = 0;
    for (std::size_t i = 0; i < length; ++i) wrong += static_cast<std::size_t>(list[i] != right[i]);
    return wrong;
  }

 private:
  [[nodiscard]] const Id& id(PeerIndex peer) const { return world_.nodes[peer].id; }

  void add_faults(PeerIndex member, Findings& found) const {
    const std::vector<PeerIndex> list = entries(member);
    if (world_.nodes[member].list.size() != world_.r) found.emplace(Property::full_length_list, member);
    std::vector<Id> others;  // Without the own id and without repetitions, as distances from the member.
    for (const PeerIndex entry : list) {
      const Id distance = id(entry) - id(member);
      if (distance == Id{})
        found.emplace(Property::own_id_not_listed, member);
      else if (std::ranges::find(others, distance) != others.end())
        found.emplace(Property::no_duplicates, member);
      else
        others.push_back(distance);
    }
    if (!std::ranges::is_sorted(others)) found.emplace(Property::ordered_list, member);
    if (!list.empty() && !world_.nodes[member].predecessor.exists())
      found.emplace(Property::predecessor_present, member);
    const bool live = std::ranges::any_of(list, [this](PeerIndex entry) { return world_.nodes[entry].member; });
    const std::size_t required = list.empty() ? world_.r + 1 : 2;
    if (!live && members_.size() >= required) found.emplace(Property::one_live_successor, member);
  }

  const FakeWorld& world_;
  std::vector<PeerIndex> members_;
};

bool of_one_member(Property property) { return property <= Property::one_live_successor; }

/// A state of up to seven peers: an ideal ring that was spoilt more or less.
void make_random(FakeWorld& world, Rng& rng) {
  const std::size_t peers = 1 + rng.below(7);
  const std::uint64_t places = 8 + rng.below(24);
  const bool low_bits = rng.chance(0.3);  // Ids that differ below the prefix only, or not at all.
  for (std::size_t i = 0; i < peers; ++i) {
    const Id id = low_bits ? Id{{rng.below(2), 0, 0, rng.below(places / 2)}} : Id::from_prefix(rng.below(places) << 60);
    const bool is_new = std::ranges::none_of(world.nodes, [&](const auto& node) { return node.id == id; });
    if (is_new || rng.chance(0.1)) world.add_member(id);
  }
  world.make_ideal();
  for (PeerIndex peer = 0; peer < world.nodes.size(); ++peer) {
    if (world.truth.size() < 2 || !rng.chance(0.25)) continue;
    world.remove(peer);
    world.nodes[peer].alive = rng.chance(0.3);
  }
  const double spoilt = rng.chance(0.3) ? 0.6 : 0.15;
  const auto anybody = [&] { return world.peer(static_cast<PeerIndex>(rng.below(world.nodes.size()))); };
  for (const Peer member : world.truth) {
    FakeWorld::Node& node = world.nodes[member.index];
    for (Peer& entry : node.list)
      if (rng.chance(spoilt)) entry = rng.chance(0.2) ? Peer{} : anybody();
    if (rng.chance(spoilt / 4)) node.list.pop_back();
    if (rng.chance(spoilt / 4)) node.list = world.padded({});
    if (rng.chance(spoilt)) node.predecessor = rng.chance(0.3) ? Peer{} : anybody();
  }
}

}  // namespace

TEST_CASE("random small states are judged as the definitions say") {
  std::size_t broken_states = 0;
  std::set<Property> seen;
  for (std::uint32_t seed = 0; seed < 20'000; ++seed) {
    Rng rng(seed, Purpose::test);
    FakeWorld world(1 + static_cast<unsigned>(rng.below(3)));
    make_random(world, rng);
    RingChecker fresh(world, world.truth, world.r);
    fresh.check_all(noon, seed);

    const Definitions definitions(world);
    Findings of_members;
    std::set<Property> of_the_world;
    for (const auto& [property, peer] : findings(fresh)) {
      seen.insert(property);
      of_one_member(property) ? void(of_members.emplace(property, peer)) : void(of_the_world.insert(property));
    }
    broken_states += static_cast<std::size_t>(fresh.count() > 0);
    CAPTURE(seed);
    REQUIRE(of_members == definitions.of_members());
    REQUIRE(of_the_world == definitions.of_the_world());

    // One member at a time finds the same of them as the full pass.
    RingChecker local(world, world.truth, world.r);
    for (const Peer member : world.truth) local.on_change(member.index, noon, seed);
    REQUIRE(findings(local) == of_members);

    const RingHealth health = fresh.health();
    REQUIRE(health.principals == definitions.principals());
    REQUIRE(health.rings == definitions.rings().size());
    REQUIRE(health.ideal == definitions.ideal());
    std::size_t wrong_entries = 0, appendages = world.truth.size();
    for (const Peer member : world.truth) wrong_entries += definitions.wrong_entries(member.index);
    for (const auto& ring : definitions.rings()) appendages -= ring.size();
    REQUIRE(health.wrong_entries == wrong_entries);
    REQUIRE(health.appendages == appendages);
  }
  // The states must be neither all broken nor all good, and break everything that a full pass can see.
  CHECK(broken_states > 2'000);
  CHECK(broken_states < 19'000);
  CHECK(seen.size() == property_count - 2);
}

TEST_CASE("deaths alone show who has no live successor left") {
  std::size_t isolated = 0;
  for (std::uint32_t seed = 0; seed < 2'000; ++seed) {
    Rng rng(seed, Purpose::test);
    const auto successors = 1 + static_cast<unsigned>(rng.below(3));
    const auto peers = 2 + static_cast<PeerIndex>(rng.below(8));
    FakeWorld world(successors, peers);
    if (rng.chance(0.5)) world.checker.check_all(noon, 0);  // What it learns there must not mislead it later.
    Findings expected;
    while (world.truth.size() > 1) {
      world.remove(world.truth.at_random(rng).index);
      expected.merge(Definitions(world).of_members());
      CAPTURE(seed);
      REQUIRE(findings(world.checker) == expected);
    }
    isolated += expected.size();
  }
  CHECK(isolated > 1'000);
}
