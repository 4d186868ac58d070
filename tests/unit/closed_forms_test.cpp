// The closed forms are those of resilience.md section 4, and near to the Monte-Carlo figures of its section 5.

#include <catch2/catch.hpp>

#include <array>
#include <cmath>

#include "world/closed_forms.hpp"

namespace {

using namespace cicada;
using namespace cicada::sim;

TEST_CASE("plain delivery, cuts and copies are what section 4 prints") {
  CHECK(plain_delivery(1000, 0.1) == Approx(0.666).margin(0.001));
  CHECK(plain_delivery(1e4, 0.2) == Approx(0.308).margin(0.001));
  CHECK(plain_delivery(1e6, 0.5) == Approx(0.0065).margin(0.0001));
  CHECK(plain_delivery(1e5, 0) == Approx(1));
  CHECK(std::isnan(plain_delivery(1000, 1)));
  CHECK(independent_copies(0.5, 3) == Approx(0.875));
  CHECK(cut_bound(0.5, 16) == Approx(1 - std::exp2(-16)));
  CHECK(common_suffix(3, 0.2) == Approx(0.512));
  CHECK(braided(4, 2, 0.3) == Approx(std::pow(1 - 0.09, 4)));
  CHECK(braided(4, 1, 0.3) == Approx(one_copy({4, 1}, 0.3)));
}

TEST_CASE("repair is negative binomial, and copies pay exponentially for what repair pays linearly") {
  CHECK(repaired(4, 7, 0.3) == Approx(0.9957).margin(0.0001));
  CHECK(repaired(4, 7, 0.5) == Approx(0.887).margin(0.001));
  CHECK(repaired(4, 0, 0.3) == Approx(std::pow(0.7, 4)));
  CHECK(repaired(0, 0, 0.9) == 1);
  CHECK(repaired(4, 1000, 0.5) == Approx(1));
  const std::array<unsigned, 8> eight{5, 5, 5, 5, 5, 5, 5, 5};
  CHECK(disjoint_ways(eight, 0.3) == Approx(0.889).margin(0.001));
  CHECK(disjoint_ways(eight, 0.5) == Approx(0.40).margin(0.005));
  const std::array<unsigned, 3> unequal{1, 3, 5};
  CHECK(disjoint_ways(unequal, 0.4) == 1);  // A direct link passes nobody.
  const std::array<unsigned, 2> two{3, 5};
  CHECK(disjoint_ways(two, 0.4) == Approx(1 - (1 - 0.36) * (1 - 0.1296)));
  CHECK(repair_transmissions(4, 0.5) == 9);
}

TEST_CASE("laws of hops are distributions with the means of the Monte-Carlo rings") {
  for (const double peers : {1e3, 1e4, 1e5}) {
    for (const HopLaw& law : {one_way_hops(peers, 16), both_ways_hops(peers, 16)}) {
      const Eigen::VectorXd law_of = law.probabilities();
      CHECK(law_of.minCoeff() >= 0);
      CHECK(law_of.sum() == Approx(1));
      CHECK(law_of.dot(Eigen::VectorXd::LinSpaced(law_of.size(), 0, static_cast<double>(law_of.size() - 1))) ==
            Approx(law.mean()));
      CHECK(one_copy(law, 0.3) == Approx(std::pow(1 - 0.3 * law.taken, law.levels)).epsilon(0.01));
    }
  }
  // Section 4: mean links of one way and of both ways, with 16 successors.
  const double one_way[] = {3.90, 5.57, 7.24}, both_ways[] = {2.97, 4.27, 5.57};
  for (int i = 0; i < 3; ++i) {
    CHECK(1 + one_way_hops(std::pow(10, 3 + i), 16).mean() == Approx(one_way[i]).epsilon(0.03));
    CHECK(1 + both_ways_hops(std::pow(10, 3 + i), 16).mean() == Approx(both_ways[i]).epsilon(0.06));
  }
  // Section 4: mean numbers of links at N = 10,000.
  CHECK(out_degree(1e4, 16) == Approx(24.9).margin(0.5));
  CHECK(both_ways_degree(1e4, 16) == Approx(49.7).margin(1));
  CHECK(naming_degree(1e4, 16) == Approx(out_degree(1e4, 16) + 16));
}

TEST_CASE("what is left in a weak eclipse are the links to both sides beyond the zone") {
  CHECK(weak_eclipse_bound(1024, 16, 0.1) == Approx(1 - std::pow(0.1, 12)));
  CHECK(weak_eclipse_bound(1e4, 64, 0.1) > 0.9999);  // Section 5: 1 with links used both ways.
  CHECK(weak_eclipse_bound(64, 64, 0.1) == 0);       // Everybody is a neighbour, and hostile.
}

TEST_CASE("strategies are predicted near to the Monte-Carlo of section 5") {
  struct Figure {
    Strategy strategy;
    unsigned k;
    double peers, hostile, measured, margin;
  };
  // The margins are what the forms are off: copies share peers near the target, which independent ones do not.
  const Figure figures[] = {
      {Strategy::cicada, 0, 1e3, 0.1, 0.739, 0.02},   {Strategy::cicada, 0, 1e3, 0.3, 0.392, 0.02},
      {Strategy::cicada, 0, 1e3, 0.5, 0.186, 0.02},   {Strategy::cicada, 0, 1e4, 0.1, 0.628, 0.02},
      {Strategy::cicada, 0, 1e4, 0.3, 0.239, 0.02},   {Strategy::cicada, 0, 1e4, 0.5, 0.082, 0.02},
      {Strategy::cicada, 0, 1e5, 0.22, 0.241, 0.02},  {Strategy::repair, 1, 1e4, 0.1, 0.998, 0.02},
      {Strategy::repair, 1, 1e4, 0.3, 0.925, 0.06},   {Strategy::repair, 1, 1e4, 0.5, 0.661, 0.07},
      {Strategy::repair, 3, 1e4, 0.3, 0.9987, 0.01},  {Strategy::repair, 3, 1e4, 0.5, 0.941, 0.05},
      {Strategy::repair, 7, 1e4, 0.5, 0.9997, 0.001}, {Strategy::repair, 1, 1e3, 0.3, 0.918, 0.05},
      {Strategy::repair, 3, 1e3, 0.5, 0.955, 0.05},   {Strategy::parallel_repair, 7, 1e4, 0.3, 0.992, 0.01},
  };
  for (const Figure& figure : figures) {
    INFO("strategy " << static_cast<int>(figure.strategy) << ", k = " << figure.k << ", N = " << figure.peers
                     << ", f = " << figure.hostile);
    CHECK(strategy_delivery(figure.strategy, figure.k, figure.peers, 16, figure.hostile) ==
          Approx(figure.measured).margin(figure.margin));
  }
  for (unsigned strategy = 0; strategy < strategy_count; ++strategy)
    CHECK(strategy_delivery(static_cast<Strategy>(strategy), 3, 1e4, 16, 0) == Approx(1));
  // Copies that share nothing are the bound of those that meet.
  CHECK(strategy_delivery(Strategy::cicada, 7, 1e4, 16, 0.3) > 0.641);
  CHECK(strategy_delivery(Strategy::entries, 7, 1e4, 16, 0.3) > 0.883);
}

}  // namespace
