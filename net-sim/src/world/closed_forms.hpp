#pragma once
/// What theory predicts for attacks that drop messages, where every peer is hostile with the same probability
/// (resilience.md section 4).

#include <cmath>

namespace cicada::sim {

/// Delivery of one copy by plain greedy Chord without successor lists: hops are binomial(L, 1/2) with L = log2 N, and
/// all but the last must be honest. P1 = [(1-f/2)^L - 2^-L] / [(1-f)(1-2^-L)]. For f = 1: nothing but direct links.
inline double plain_delivery(double peers, double hostile_ratio) {
  if (peers < 2 || hostile_ratio >= 1) return std::nan("");
  const double levels = std::log2(peers);
  const double none = std::exp2(-levels);
  return (std::pow(1 - hostile_ratio / 2, levels) - none) / ((1 - hostile_ratio) * (1 - none));
}

/// Delivery by so many copies that share nothing: more than copies that meet on the way can reach.
inline double independent_copies(double plain, unsigned copies) { return 1 - std::pow(1 - plain, copies); }

/// The target is cut off where all peers that name it are hostile: 1 - f^D, with D = r + log2 N - log2 r of them.
inline double cut_bound(double peers, double hostile_ratio, double successors) {
  if (peers < 2) return std::nan("");
  const double degree = successors + std::fmax(0, std::log2(peers) - std::log2(successors));
  return 1 - std::pow(hostile_ratio, degree);
}

}  // namespace cicada::sim
