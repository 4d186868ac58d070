// What a node thinks of its neighbours: it fades, old merits are worth only so much, and small things weigh little. And
// what each of them may ask of it.

#include <catch2/catch.hpp>

#include <chrono>

#include "neighbor_limits.hpp"
#include "neighborhood.hpp"

namespace {

using namespace cicada;
using namespace std::chrono_literals;

constexpr Duration half_life = 10min;
constexpr TimePoint start = TimePoint(1h);
Peer peer(PeerIndex index) { return Peer(index * 1'000ULL, index); }

TEST_CASE("who fails is trusted less, and that fades with its half-life", "[swarm]") {
  Neighborhood neighborhood(half_life);
  const double unknown = neighborhood.reliability(peer(2), start);
  for (int i = 0; i < 4; ++i) neighborhood.failed(peer(1), start, 1);
  const double blamed = neighborhood.reliability(peer(1), start);
  CHECK(blamed < 0.5 * unknown);
  const double later = neighborhood.reliability(peer(1), start + half_life);
  CHECK(later > blamed);
  CHECK(later < 0.75 * neighborhood.reliability(peer(2), start + half_life));
  // Four failures that count as two beside the prior's two observations.
  const double usual = neighborhood.reliability(peer(2), start);
  CHECK(later == Approx(2 * usual / (2 + 2)).epsilon(1e-3));
  CHECK(neighborhood.reliability(peer(1), start + 20 * half_life) == Approx(usual).epsilon(1e-3));
}

TEST_CASE("old merits do not cover a change of mind for long", "[swarm]") {
  Neighborhood modest(half_life), famous(half_life);
  for (int i = 0; i < 20; ++i) modest.succeeded(peer(1), start);
  for (int i = 0; i < 10'000; ++i) famous.succeeded(peer(1), start);
  for (int i = 0; i < 5; ++i) {
    modest.failed(peer(1), start, 1);
    famous.failed(peer(1), start, 1);
  }
  CHECK(famous.reliability(peer(1), start) == Approx(modest.reliability(peer(1), start)).epsilon(0.05));
  CHECK(famous.reliability(peer(1), start) < 0.5);
}

TEST_CASE("a small failure costs a small part of the merits", "[swarm]") {
  Neighborhood neighborhood(half_life);
  for (int i = 0; i < 20; ++i) {
    neighborhood.succeeded(peer(1), start);
    neighborhood.succeeded(peer(2), start);
  }
  neighborhood.failed(peer(1), start, 0.25);
  neighborhood.failed(peer(2), start, 4);
  CHECK(neighborhood.reliability(peer(1), start) > 0.95);
  CHECK(neighborhood.reliability(peer(2), start) < 0.8);
}

TEST_CASE("more links than there are accounts for do not buy more", "[swarm]") {
  constexpr Pace pace{1s, 10};
  const auto taken = [&](PeerIndex links) {
    NeighborLimits limits;
    unsigned count = 0;
    for (int round = 0; round < 100; ++round)
      for (PeerIndex link = 0; link < links; ++link)
        if (limits.of(link, start + round * 1ms).repairs.take(start + round * 1ms, pace)) ++count;
    return count;
  };
  CHECK(taken(128) == 128 * 10);
  CHECK(taken(1'000) == 129 * 10);
  NeighborLimits limits;
  for (PeerIndex link = 0; link < 128; ++link) static_cast<void>(limits.of(link, start));
  CHECK(&limits.of(500, start + 1min) != &limits.of(501, start + 1min));  // The silent ones have given way.
}

}  // namespace
