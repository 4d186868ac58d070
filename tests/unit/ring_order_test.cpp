// Compact peers are ordered like their full ids, however their 64-bit prefixes tie: compared with a walk around small
// rings, each position once as an id and once as a peer.

#include <catch2/catch.hpp>

#include <cstddef>
#include <vector>

#include <cicada/ring_order.hpp>

#include "instrumented.hpp"
#include "small_rings.hpp"

namespace {

using namespace cicada;

/// The peer with index i has the i-th id of the ring. Counts how often a full id was wanted.
class RingContacts final : public Contacts {
 public:
  explicit RingContacts(const std::vector<Id>& ring) : ring_(ring) {}
  [[nodiscard]] Id id_of(PeerIndex index) const override {
    ++asked;
    return ring_.at(index);
  }
  [[nodiscard]] std::uint32_t incarnation_of(PeerIndex) const override { return 0; }
  [[nodiscard]] bool is_key_of(const PublicKey&, const Id&) const override { return false; }
  [[nodiscard]] Peer peer(std::size_t i) const { return {ring_.at(i).prefix(), static_cast<PeerIndex>(i)}; }

  mutable std::size_t asked = 0;

 private:
  const std::vector<Id>& ring_;
};

/// How often the answers differ from the walk, over all triples of the ring.
template <class Left, class Middle, class Right>
std::size_t mistakes(const Contacts& contacts, const std::vector<Id>& ring, Left left, Middle middle, Right right) {
  const RingOrder order(contacts);
  const test::Walk walk(ring);
  std::size_t wrong = 0;
  for (std::size_t a = 0; a < ring.size(); ++a)
    for (std::size_t x = 0; x < ring.size(); ++x)
      for (std::size_t b = 0; b < ring.size(); ++b) {
        if (order.open(left(a), middle(x), right(b)) != walk.open(a, x, b)) ++wrong;
        if (order.left_open(left(a), middle(x), right(b)) != walk.left_open(a, x, b)) ++wrong;
      }
  return wrong;
}

TEST_CASE("peers and ids are ordered like full ids", "[ring_order]") {
  std::size_t number = 0;
  for (const auto& [name, ring] : test::small_rings()) {
    if (cicada::test::instrumented && number++ != 2) continue;  // Ties of all kinds, and none.
    INFO(name);
    const RingContacts contacts(ring);
    const auto as_id = [&](std::size_t i) { return ring[i]; };
    const auto as_peer = [&](std::size_t i) { return contacts.peer(i); };
    CHECK(mistakes(contacts, ring, as_id, as_id, as_id) == 0);
    CHECK(mistakes(contacts, ring, as_id, as_id, as_peer) == 0);
    CHECK(mistakes(contacts, ring, as_id, as_peer, as_id) == 0);
    CHECK(mistakes(contacts, ring, as_id, as_peer, as_peer) == 0);
    CHECK(mistakes(contacts, ring, as_peer, as_id, as_id) == 0);
    CHECK(mistakes(contacts, ring, as_peer, as_id, as_peer) == 0);
    CHECK(mistakes(contacts, ring, as_peer, as_peer, as_id) == 0);
    CHECK(mistakes(contacts, ring, as_peer, as_peer, as_peer) == 0);
  }
}

TEST_CASE("a padded entry stands for the id that its position names", "[ring_order]") {
  const std::vector<Id> ring = test::small_rings().front().second;
  const RingContacts contacts(ring);
  const auto as_peer = [&](std::size_t i) { return contacts.peer(i); };
  const auto padded = [&](std::size_t i) { return Peer(ring[i].prefix(), no_peer); };
  CHECK(mistakes(contacts, ring, padded, as_peer, as_peer) == 0);
  CHECK(mistakes(contacts, ring, as_peer, padded, as_peer) == 0);
  CHECK(mistakes(contacts, ring, as_peer, as_peer, padded) == 0);
  CHECK(mistakes(contacts, ring, padded, padded, padded) == 0);
}

TEST_CASE("same_id is equality of full ids", "[ring_order]") {
  for (const auto& [name, ring] : test::small_rings()) {
    INFO(name);
    const RingContacts contacts(ring);
    const RingOrder order(contacts);
    for (std::size_t a = 0; a < ring.size(); ++a)
      for (std::size_t b = 0; b < ring.size(); ++b) {
        REQUIRE(order.same_id(contacts.peer(a), contacts.peer(b)) == (a == b));
        REQUIRE(order.same_id(contacts.peer(a), ring[b]) == (a == b));
      }
  }
}

TEST_CASE("three different prefixes decide without the contact table", "[ring_order]") {
  const std::vector<Id> ring = test::small_rings().front().second;
  const RingContacts contacts(ring);
  const RingOrder order(contacts);
  REQUIRE(order.open(contacts.peer(60), contacts.peer(2), contacts.peer(5)));
  REQUIRE_FALSE(order.left_open(contacts.peer(5), contacts.peer(2), contacts.peer(60)));
  REQUIRE(contacts.asked == 0);
}

}  // namespace
