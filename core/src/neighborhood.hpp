#pragma once
/// Whom a node may hand a message to, and what it thinks of them: the peers in its tables, those that opened a link to
/// it, and how well each of them has delivered. Opinions are the node's own and are never told to anybody.

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <cicada/chord_node.hpp>
#include <cicada/environment.hpp>

namespace cicada {

class Neighborhood {
 public:
  explicit Neighborhood(Duration half_life) : half_life_(half_life) {}

  // Links that others opened

  /// `peer` has sent something, so that there is a link to it. When the table is full, an entry that has been silent
  /// for long gives way, and never one that is in use: newcomers cannot push old friends out.
  void heard_from(const Peer& peer, TimePoint now);
  void drop(PeerIndex peer);

  // Standing

  void succeeded(const Peer& peer, TimePoint now);
  /// `weight` 1 is a message that vanished.
  void failed(const Peer& peer, TimePoint now, double weight);
  /// Expected share of messages that `peer` brings on: a Beta estimate whose prior is what this node has seen of its
  /// neighbours altogether.
  [[nodiscard]] double reliability(const Peer& peer, TimePoint now) const;

  // Time

  /// An acknowledgement took so long over a way of about `hops` links.
  void acknowledged(Duration took, unsigned hops);
  /// How long an acknowledgement over `hops` links may take before the way counts as broken. From the acknowledgements
  /// seen so far, and before that from the round trips to the neighbours.
  [[nodiscard]] Duration patience(const ChordNode& chord, unsigned hops) const;
  /// Neighbours have been losing messages: then waiting long is for nothing.
  [[nodiscard]] bool in_bad_company() const { return usual_ < 0.9; }

  // Choice

  /// The distance on the ring, the shorter way round.
  static std::uint64_t distance(std::uint64_t a, std::uint64_t b) { return std::min(a - b, b - a); }
  /// About how many links from this node to a peer at `distance`, with links used both ways.
  [[nodiscard]] static unsigned hops_to(const ChordNode& chord, std::uint64_t distance);
  /// The most promising neighbour that is nearer to `aim` than this node, not in `tried`, and not in `shunned` if it
  /// can be helped. Utility: 2 ln(reliability) - log2(distance) / 4 (resilience.md §6, layer 3).
  /// Cost: O(neighbours), about 60.
  [[nodiscard]] std::optional<Peer> best(const Environment& env, const ChordNode& chord, const Id& aim,
                                         std::span<const PeerIndex> tried, std::span<const PeerIndex> shunned) const;

  template <class Visitor>
  void for_each_peer(Visitor&& visit) const {
    for (const Link& link : links_) visit(link.peer.index);
  }

 private:
  struct Link {
    Peer peer;
    TimePoint heard{};
  };
  struct Standing {
    PeerIndex peer = no_peer;
    float good = 0, bad = 0;
    TimePoint at{};
  };
  static constexpr std::size_t links_max = 64;
  static constexpr std::size_t standings_max = 128;

  [[nodiscard]] double decay(TimePoint since, TimePoint now) const;
  Standing& standing(PeerIndex peer, TimePoint now);

  std::vector<Link> links_;
  std::vector<Standing> standings_;
  Duration half_life_;
  double usual_ = 0.97;  ///< Share of messages that neighbours bring on, moving average.
  double hop_ns_ = 0;    ///< Time of an acknowledgement per link, smoothed.
  double hop_variation_ns_ = 0;
  unsigned acknowledged_ = 0;  ///< How many went into that.
};

}  // namespace cicada
