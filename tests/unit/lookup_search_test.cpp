// Whom an iterative lookup asks next, and when the owner is certain: the nearest peer behind the key that answers, once
// all nearer ones that anybody has named are silent.

#include <catch2/catch.hpp>

#include <initializer_list>
#include <vector>

#include <cicada/environment.hpp>
#include <cicada/lookup_search.hpp>

namespace {

using namespace cicada;

/// No two peers of these tests share a prefix, so nobody's whole id is asked for.
struct NoContacts final : Contacts {
  [[nodiscard]] Id id_of(PeerIndex) const override { return {}; }
  [[nodiscard]] std::uint32_t incarnation_of(PeerIndex) const override { return 0; }
  [[nodiscard]] bool is_key_of(const PublicKey&, const Id&) const override { return false; }
};

/// A key at 100 (times 2^56), looked up by the peer at 200: those at 201 to 99 lie before it, those from 100 on behind.
class Searched {
 public:
  explicit Searched(bool both_sides = true) : search(at(200), Id::from_prefix(std::uint64_t{100} << 56), both_sides) {}

  static Peer at(std::uint64_t place) { return {place << 56, static_cast<PeerIndex>(place)}; }
  void names(std::uint64_t from, std::initializer_list<std::uint64_t> places, bool covers) {
    std::vector<Peer> peers;
    for (const std::uint64_t place : places) peers.push_back(at(place));
    search.took_names(order, at(from), peers, covers);
  }
  /// The place of the one that is asked next; 0 for nobody.
  std::uint64_t next() {
    const auto peer = search.next();
    return peer ? peer->index : 0;
  }
  std::uint64_t owner() {
    const auto peer = search.nearest_alive();
    return peer ? peer->index : 0;
  }
  void late(std::uint64_t place) { search.is_late(at(place)); }
  void silent(std::uint64_t place) { search.is_silent(at(place)); }

  NoContacts contacts;
  RingOrder order{contacts};
  LookupSearch search;
};

TEST_CASE("the nearest peer before the key is asked first, and one behind it before all of these", "[lookup]") {
  Searched lookup;
  lookup.names(200, {210, 40, 90}, false);
  CHECK(lookup.next() == 90);
  CHECK(lookup.next() == 40);
  lookup.names(90, {101, 120, 98}, true);
  CHECK(lookup.next() == 101);
  CHECK(lookup.owner() == 0);
}

TEST_CASE("the nearest one that answers owns the key when all nearer ones are silent, and not before", "[lookup]") {
  Searched lookup;
  lookup.names(200, {90}, false);
  CHECK(lookup.next() == 90);
  lookup.names(90, {101, 105, 110}, true);
  CHECK(lookup.next() == 101);
  lookup.late(101);
  CHECK(lookup.next() == 105);
  lookup.names(105, {101, 103}, true);
  CHECK(lookup.owner() == 0);
  CHECK(lookup.next() == 103);
  CHECK(lookup.next() == 0);  // The answers to come decide.
  lookup.silent(103);
  CHECK(lookup.owner() == 0);
  lookup.silent(101);
  CHECK(lookup.owner() == 105);
}

TEST_CASE("a peer whose lists do not reach the key does not own it, though all whom it named are silent", "[lookup]") {
  Searched lookup;
  lookup.names(200, {180}, false);
  CHECK(lookup.next() == 180);
  lookup.names(180, {170, 90}, false);
  CHECK(lookup.next() == 170);
  lookup.silent(170);
  CHECK(lookup.owner() == 0);
  CHECK(lookup.next() == 90);
  lookup.names(90, {170, 180}, true);
  CHECK(lookup.owner() == 180);
}

TEST_CASE("the asker owns the key itself when all between are silent and its own list reaches there", "[lookup]") {
  for (const bool covers : {false, true}) {
    Searched lookup;
    lookup.names(200, {150, 200}, covers);
    CHECK(lookup.next() == 150);
    CHECK(lookup.owner() == 0);
    lookup.silent(150);
    CHECK(lookup.owner() == (covers ? 200 : 0));
  }
}

TEST_CASE("where all whom a peer named are silent it is asked a second time, and not a third", "[lookup]") {
  Searched lookup;
  lookup.names(200, {90}, false);
  CHECK(lookup.next() == 90);
  lookup.names(90, {101}, true);
  CHECK(lookup.next() == 101);
  lookup.silent(101);
  CHECK(lookup.next() == 90);
  lookup.names(90, {101}, true);
  CHECK(lookup.next() == 0);
  CHECK(lookup.search.open() == 0);
}

TEST_CASE("a full search takes in a peer behind the key in place of the farthest one before it", "[lookup]") {
  Searched lookup;
  std::vector<Peer> before;
  for (std::uint64_t i = 0; i < LookupSearch::candidates_max; ++i) before.push_back(Searched::at(i + 20));
  lookup.search.took_names(lookup.order, Searched::at(200), before, false);
  lookup.names(200, {101}, true);
  CHECK(lookup.next() == 101);
  std::size_t peers = 0;
  lookup.search.for_each_peer([&](const Peer&) { ++peers; });
  CHECK(peers == LookupSearch::candidates_max);
}

TEST_CASE("without the owner's own claim nobody behind the key is asked", "[lookup]") {
  Searched lookup(false);
  lookup.names(200, {101, 90}, true);
  CHECK(lookup.next() == 90);
  CHECK(lookup.next() == 0);
}

}  // namespace
