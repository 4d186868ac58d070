// The true ring answers every question as a plain sorted map does: after any mix of insertions and removals, for
// crowded ids, and for ids that differ only below the 64-bit prefix that the set itself keeps.

#include <cicada/sim/ring_truth.hpp>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstddef>
#include <map>
#include <utility>
#include <vector>

#include <rapidcheck.h>

#include <cicada/rng.hpp>

namespace {

using namespace cicada;
using cicada::sim::RingTruth;

/// Where the ids of a test lie: over the ring, in a narrow arc, or on very few prefixes.
enum class Spread { uniform, crowded, equal_prefixes };

Id id_for(Spread spread, PeerIndex index) {
  Rng rng(1, Purpose::test, index);
  switch (spread) {
    case Spread::uniform:
      return {{rng.next(), rng.next(), rng.next(), rng.next()}};
    case Spread::crowded:
      return {{0x7777000000000000U + rng.below(5000), rng.next(), 0, 0}};
    case Spread::equal_prefixes:
      return {{rng.below(3) * 0x7fffffffffffffffU, rng.below(4), 0, rng.below(60)}};
  }
  return {};
}

/// A ring and its naive twin: the same members in a map ordered by (id, index).
struct Twins {
  explicit Twins(Spread ids) : spread(ids), ring([ids](PeerIndex index) { return id_for(ids, index); }) {}

  Spread spread;
  RingTruth ring;
  std::map<std::pair<Id, PeerIndex>, Peer> naive;

  [[nodiscard]] Id id(PeerIndex index) const { return id_for(spread, index); }
  [[nodiscard]] Peer peer(PeerIndex index) const { return {id(index).prefix(), index}; }

  bool insert(PeerIndex index) {
    const bool fresh = naive.try_emplace({id(index), index}, peer(index)).second;
    return ring.insert(id(index), index) == fresh;
  }
  bool erase(PeerIndex index) {
    const bool was_in = naive.erase({id(index), index}) == 1;
    return ring.erase(id(index), index) == was_in;
  }
  [[nodiscard]] std::vector<Peer> sorted() const {
    std::vector<Peer> all;
    for (const auto& [key, member] : naive) all.push_back(member);
    return all;
  }
};

/// The members after the peer (itself left out), from the map.
std::vector<Peer> naive_successors(const Twins& twins, PeerIndex index) {
  std::vector<Peer> all = twins.sorted();
  const auto after = static_cast<std::ptrdiff_t>(std::ranges::count_if(
      twins.naive, [&](const auto& entry) { return entry.first <= std::pair(twins.id(index), index); }));
  std::rotate(all.begin(), all.begin() + after, all.end());
  std::erase(all, twins.peer(index));
  return all;
}

/// Compares every answer about one peer, which may or may not be a member.
void require_same_answers(const Twins& twins, PeerIndex index) {
  const Peer peer = twins.peer(index);
  const std::vector<Peer> after = naive_successors(twins, index);
  const bool member = twins.naive.contains({twins.id(index), index});
  RC_ASSERT(twins.ring.contains(peer) == member);

  std::vector<Peer> found(7);
  found.resize(twins.ring.successors(peer, found));
  std::vector<Peer> expected(after.begin(),
                             after.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(7, after.size())));
  RC_ASSERT(found == expected);

  found.assign(7, Peer{});
  found.resize(twins.ring.predecessors(peer, found));
  expected.assign(after.rbegin(), after.rbegin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(7, after.size())));
  RC_ASSERT(found == expected);

  const Peer alone = member ? peer : Peer{};
  RC_ASSERT(twins.ring.next(peer) == (after.empty() ? alone : after.front()));
  RC_ASSERT(twins.ring.previous(peer) == (after.empty() ? alone : after.back()));

  const auto owner = twins.naive.lower_bound({twins.id(index), 0});
  const Peer first = twins.naive.empty() ? Peer{} : twins.naive.begin()->second;
  RC_ASSERT(twins.ring.successor_of(twins.id(index)) == (owner == twins.naive.end() ? first : owner->second));
  const Peer last = twins.naive.empty() ? Peer{} : twins.naive.rbegin()->second;
  RC_ASSERT(twins.ring.predecessor_of(twins.id(index)) ==
            (owner == twins.naive.begin() ? last : std::prev(owner)->second));
}

void require_same_count(const Twins& twins, PeerIndex a, PeerIndex b) {
  const std::vector<Peer> after = naive_successors(twins, a);
  const auto key = [&](PeerIndex index) { return std::pair(twins.id(index) - twins.id(a), index); };
  const auto inside = std::ranges::count_if(after, [&](Peer peer) {
    if (a == b) return true;
    // Clockwise reach from a, where an equal id with a smaller index is a whole turn away.
    const auto reach = [&](PeerIndex x) { return std::pair(key(x).first == Id{} && x < a, key(x)); };
    return reach(peer.index) < reach(b);
  });
  RC_ASSERT(twins.ring.count_between(twins.peer(a), twins.peer(b)) == static_cast<std::size_t>(inside));
}

void require_twins_under_changes(Spread spread) {
  REQUIRE(rc::check("the set behaves like a map", [spread] {
    const auto seed = *rc::gen::arbitrary<std::uint64_t>();
    const auto universe = *rc::gen::element<PeerIndex>(1, 3, 40, 700);
    const auto changes = *rc::gen::inRange(0, 1500);
    Rng rng(seed, Purpose::test);
    Twins twins(spread);
    const auto any_index = [&] { return static_cast<PeerIndex>(rng.below(universe)); };
    for (int i = 0; i < changes; ++i) {
      // Phases of growth and of decline, so that blocks are split and merged.
      const bool growing = (i / 400) % 2 == 0;
      const bool changed_alike = rng.chance(growing ? 0.8 : 0.2) ? twins.insert(any_index()) : twins.erase(any_index());
      RC_ASSERT(changed_alike);
      if (i % 50 == 0) require_same_answers(twins, any_index());
      if (i % 50 == 0) require_same_count(twins, any_index(), any_index());
    }
    const std::vector<Peer> all = twins.sorted();
    RC_ASSERT(twins.ring.size() == all.size());
    RC_ASSERT(std::equal(twins.ring.begin(), twins.ring.end(), all.begin(), all.end()));
    for (std::size_t rank = 0; rank < all.size(); ++rank) {
      RC_ASSERT(twins.ring.at_rank(rank) == all[rank]);
      RC_ASSERT(twins.ring.rank_of(all[rank]) == rank);
    }
  }));
}

TEST_CASE("ring truth equals a sorted map: uniform ids", "[ring_truth]") {
  require_twins_under_changes(Spread::uniform);
}
TEST_CASE("ring truth equals a sorted map: crowded ids", "[ring_truth]") {
  require_twins_under_changes(Spread::crowded);
}
TEST_CASE("ring truth equals a sorted map: equal prefixes", "[ring_truth]") {
  require_twins_under_changes(Spread::equal_prefixes);
}

TEST_CASE("an empty ring has nobody, a single member is its own neighbour", "[ring_truth]") {
  Twins twins(Spread::uniform);
  REQUIRE_FALSE(twins.ring.successor_of(Id{}).exists());
  REQUIRE_FALSE(twins.ring.next(twins.peer(4)).exists());
  REQUIRE_FALSE(twins.ring.previous(twins.peer(4)).exists());
  REQUIRE(twins.ring.count_between(twins.peer(4), twins.peer(5)) == 0);
  REQUIRE(twins.ring.begin() == twins.ring.end());

  REQUIRE(twins.insert(4));
  REQUIRE(twins.ring.next(twins.peer(4)) == twins.peer(4));
  REQUIRE(twins.ring.previous(twins.peer(4)) == twins.peer(4));
  REQUIRE(twins.ring.successor_of(twins.id(4) + Id::power_of_two(0)) == twins.peer(4));
  REQUIRE(twins.ring.count_between(twins.peer(4), twins.peer(4)) == 0);
}

TEST_CASE("a bulk build gives the same ring as single insertions, and goes on from there", "[ring_truth]") {
  for (const Spread spread : {Spread::uniform, Spread::crowded, Spread::equal_prefixes}) {
    Twins one(spread);
    Twins bulk(spread);
    std::vector<Peer> members;
    for (PeerIndex index = 0; index < 3000; ++index) {
      REQUIRE(one.insert(index));
      members.push_back(one.peer(index));
    }
    bulk.ring.assign(members);
    REQUIRE(bulk.ring.size() == 3000);
    REQUIRE(std::equal(one.ring.begin(), one.ring.end(), bulk.ring.begin(), bulk.ring.end()));
    for (PeerIndex index = 0; index < 3000; index += 2) {
      REQUIRE(one.erase(index));
      REQUIRE(bulk.ring.erase(bulk.id(index), index));
      REQUIRE(one.insert(3000 + index));
      REQUIRE(bulk.ring.insert(bulk.id(3000 + index), 3000 + index));
    }
    REQUIRE(std::equal(one.ring.begin(), one.ring.end(), bulk.ring.begin(), bulk.ring.end()));
  }
}

TEST_CASE("random members are uniform and do not depend on the history of the set", "[ring_truth]") {
  Twins crowded(Spread::crowded);
  Twins with_history(Spread::crowded);
  for (PeerIndex index = 0; index < 500; ++index) REQUIRE(with_history.insert(index));
  for (PeerIndex index = 100; index < 500; ++index) REQUIRE(with_history.erase(index));
  for (PeerIndex index = 100; index > 0; --index) REQUIRE(crowded.insert(index - 1));

  std::vector<int> hits(100);
  Rng rng(3, Purpose::test);
  Rng twin_rng(3, Purpose::test);
  for (int i = 0; i < 100'000; ++i) {
    const Peer member = crowded.ring.at_random(rng);
    REQUIRE(with_history.ring.at_random(twin_rng) == member);
    ++hits[member.index];
  }
  // 1,000 hits expected each, standard deviation 31.5; 100 members stay within five deviations.
  REQUIRE(std::ranges::min(hits) > 842);
  REQUIRE(std::ranges::max(hits) < 1158);
}

TEST_CASE("memory per member stays below 24 bytes through heavy churn", "[ring_truth]") {
  Twins twins(Spread::uniform);
  constexpr PeerIndex count = 60'000;
  std::vector<Peer> members;
  for (PeerIndex index = 0; index < count; ++index) members.push_back(twins.peer(index));
  twins.ring.assign(members);
  REQUIRE(twins.ring.memory_bytes() < 18 * count);
  for (PeerIndex index = 0; index < 2 * count; ++index) {
    REQUIRE(twins.ring.erase(twins.id(index), index));
    REQUIRE(twins.ring.insert(twins.id(index + count), index + count));
  }
  REQUIRE(twins.ring.size() == count);
  REQUIRE(twins.ring.memory_bytes() < 24 * count);
}

}  // namespace
