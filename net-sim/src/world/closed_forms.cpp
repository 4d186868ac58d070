#include "closed_forms.hpp"

#include <algorithm>
#include <cmath>

namespace cicada::sim {
namespace {

/// C(n, k) p^k (1-p)^(n-k).
double binomial(unsigned n, unsigned k, double p) {
  if (k > n) return 0;
  double value = std::pow(1 - p, n - k);
  for (unsigned i = 1; i <= k; ++i) value *= p * (n - k + i) / i;
  return value;
}

/// The mean of `value(between)` over the law.
template <class Value>
double mean_over(const HopLaw& hops, Value value) {
  const Eigen::VectorXd probabilities = hops.probabilities();
  return probabilities.dot(Eigen::VectorXd::NullaryExpr(
      probabilities.size(), [&](Eigen::Index between) { return value(static_cast<unsigned>(between)); }));
}

}  // namespace

Eigen::VectorXd HopLaw::probabilities() const {
  const auto n = static_cast<unsigned>(levels);
  const double rest = levels - n;
  const auto size = static_cast<Eigen::Index>(std::ceil(levels)) + 1;
  const auto binomials = [&](unsigned of) {
    return Eigen::VectorXd::NullaryExpr(
        size, [=, this](Eigen::Index k) { return binomial(of, static_cast<unsigned>(k), taken); });
  };
  return (1 - rest) * binomials(n) + rest * binomials(n + 1);
}

HopLaw one_way_hops(double peers, double successors) {
  return {std::max(0.0, std::log2(peers) - std::log2(successors)), 0.5};
}

HopLaw both_ways_hops(double peers, double successors) { return {one_way_hops(peers, successors).levels, 0.35}; }

double plain_delivery(double peers, double hostile) {
  if (peers < 2 || hostile >= 1) return std::nan("");
  const double levels = std::log2(peers);
  const double none = std::exp2(-levels);
  return (std::pow(1 - hostile / 2, levels) - none) / ((1 - hostile) * (1 - none));
}

double one_copy(const HopLaw& hops, double hostile) {
  return mean_over(hops, [&](unsigned between) { return std::pow(1 - hostile, between); });
}

double independent_copies(double one, unsigned copies) { return 1 - std::pow(1 - one, copies); }

double disjoint_ways(std::span<const unsigned> links, double hostile) {
  double all_fail = 1;
  for (const unsigned count : links) all_fail *= 1 - std::pow(1 - hostile, count > 0 ? count - 1 : 0);
  return 1 - all_fail;
}

double repaired(unsigned between, unsigned spare, double hostile) {
  if (between == 0) return 1;
  double term = std::pow(1 - hostile, between);  // Of j failures: C(m-1+j, j) (1-f)^m f^j.
  double sum = term;
  for (unsigned j = 1; j <= spare && term > 0; ++j) sum += term *= hostile * (between - 1 + j) / j;
  return std::min(1.0, sum);
}

double repaired(const HopLaw& hops, double budget, double hostile) {
  return mean_over(hops, [&](unsigned between) {
    return repaired(between, static_cast<unsigned>(std::max(0.0, budget - between - 1)), hostile);
  });
}

double repair_transmissions(double between, double hostile) { return 1 + between / (1 - hostile); }

double braided(unsigned between, unsigned width, double hostile) {
  return std::pow(1 - std::pow(hostile, width), between);
}

double common_suffix(unsigned shared, double hostile) { return std::pow(1 - hostile, shared); }

double out_degree(double peers, double successors) {
  return successors + std::max(0.0, std::log2(peers) - std::log2(successors));
}

double both_ways_degree(double peers, double successors) { return 2 * out_degree(peers, successors); }

double naming_degree(double peers, double successors) { return successors + out_degree(peers, successors); }

double cut_bound(double hostile, double degree) { return 1 - std::pow(hostile, degree); }

double weak_eclipse_bound(double peers, double zone, double hostile) {
  return cut_bound(hostile, 2 * std::max(0.0, std::log2(peers) - std::log2(zone)));
}

double strategy_delivery(Strategy strategy, unsigned duplicates, double peers, double successors, double hostile) {
  const HopLaw hops = both_ways_hops(peers, successors);
  const double budget = (duplicates + 1) * (1 + hops.mean());
  switch (strategy) {
    case Strategy::cicada:
      return independent_copies(one_copy(one_way_hops(peers, successors), hostile), duplicates + 1);
    case Strategy::entries:
      return independent_copies(one_copy(hops, hostile), duplicates + 1);
    case Strategy::repair:
    case Strategy::adaptive:
      return repaired(hops, budget, hostile);
    case Strategy::parallel_repair:
    case Strategy::guards: {
      const unsigned copies = std::max(1U, (duplicates + 1) / 2);
      return independent_copies(repaired(hops, budget / copies, hostile), copies);
    }
  }
  return std::nan("");
}

}  // namespace cicada::sim
