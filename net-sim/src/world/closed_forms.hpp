#pragma once
/// What theory predicts for attacks that take messages off their way, where every peer is hostile with the same
/// probability and nobody has learned anything (resilience.md section 4). All of them are of one try: a source that
/// begins anew may do better. A share is one of hostile peers, 0 to 1.

#include <Eigen/Core>
#include <span>

#include <cicada/send_options.hpp>

namespace cicada::sim {

/// How many peers a message passes between source and target: binomial(`levels`, `taken`), where a level halves the
/// distance and `taken` is the chance that it costs a link. A broken number of levels is a mixture of the two next to
/// it.
struct HopLaw {
  double levels = 0;
  double taken = 0.5;

  [[nodiscard]] double mean() const { return levels * taken; }
  /// The probabilities of 0, 1, 2, ... peers in between, up to the most that there can be.
  [[nodiscard]] Eigen::VectorXd probabilities() const;
};

/// One way around the ring, with successor lists of `successors`: log2(N/r) levels, each with a chance of one half.
[[nodiscard]] HopLaw one_way_hops(double peers, double successors);
/// Links used both ways, to the nearest on either side: the same levels, and 0.35 of them cost a link. The factor is
/// fitted to the mean path lengths of section 5's rings of 1,000 to 100,000 peers, and within 6 % of them.
[[nodiscard]] HopLaw both_ways_hops(double peers, double successors);

/// Delivery of one copy by plain greedy Chord without successor lists: hops are binomial(L, 1/2) with L = log2 N, and
/// all but the last must be honest. P1 = [(1-f/2)^L - 2^-L] / [(1-f)(1-2^-L)]. NaN for f = 1 and below two peers.
[[nodiscard]] double plain_delivery(double peers, double hostile);

/// The same for any law of hops: the mean of (1-f)^m, which is (1 - taken f)^levels.
[[nodiscard]] double one_copy(const HopLaw& hops, double hostile);

/// Delivery by so many copies that share nothing: more than copies that meet on the way can reach.
[[nodiscard]] double independent_copies(double one, unsigned copies);

/// Delivery over ways that share no peer, with so many links each: 1 - prod(1 - (1-f)^(h-1)).
[[nodiscard]] double disjoint_ways(std::span<const unsigned> links, double hostile);

/// Delivery where every holder tries the next neighbour, `spare` times in all, with `between` peers to pass: each step
/// succeeds with 1-f, so the failures until the last one are negative binomial.
[[nodiscard]] double repaired(unsigned between, unsigned spare, double hostile);

/// Its mean over a law of hops, with a budget of transmissions in all; a copy needs one for each link.
[[nodiscard]] double repaired(const HopLaw& hops, double budget, double hostile);

/// Transmissions that repair takes where it has enough: 1 + m/(1-f).
[[nodiscard]] double repair_transmissions(double between, double hostile);

/// A braid of so many peers side by side at each step: (1-f^w)^m.
[[nodiscard]] double braided(unsigned between, unsigned width, double hostile);

/// All copies pass these same last peers: (1-f)^c.
[[nodiscard]] double common_suffix(unsigned shared, double hostile);

/// Peers that a Chord node names, or that name it: r + log2 N - log2 r. With lists of predecessors r more.
[[nodiscard]] double out_degree(double peers, double successors);
/// Peers that it has a link with, whoever named whom: twice as many.
[[nodiscard]] double both_ways_degree(double peers, double successors);
/// Peers that name a node of ours: its neighbours on both sides, and the holders of its fingers.
[[nodiscard]] double naming_degree(double peers, double successors);

/// The target is cut off where all `degree` peers around it are hostile: 1 - f^D (a cut in the sense of Menger).
[[nodiscard]] double cut_bound(double hostile, double degree);

/// Weak eclipse: all neighbours up to `zone` on each side are hostile, and what is left are fingers that go farther, in
/// both directions: 1 - f^D' with D' = 2 (log2 N - log2 m); f is the share among the other peers.
[[nodiscard]] double weak_eclipse_bound(double peers, double zone, double hostile);

/// Delivery by a strategy with a budget of k + 1 times the links of one way, as above: independent copies for `cicada`
/// and `entries`, hop-by-hop repair for `repair` and `adaptive`, (k+1)/2 repairing copies at once for the others.
/// Within 2 points of section 5 for one plain copy, within 7 for repair; copies that meet stay well below it.
[[nodiscard]] double strategy_delivery(Strategy strategy, unsigned duplicates, double peers, double successors,
                                       double hostile);

}  // namespace cicada::sim
