#pragma once
/// The ceiling of what any strategy can deliver: is there a way from a source to a target that passes live, honest
/// members only, by the links that the nodes' own tables name at this instant (resilience.md section 4)?
///
/// It looks at the nodes themselves and keeps nothing but scratch memory. Source and target count as clean.

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "world.hpp"

namespace cicada::sim {

class CleanPaths {
 public:
  explicit CleanPaths(const World& world) : world_(world) {}

  /// Links are used as the tables name them: from a peer to its successors, predecessors and fingers. Looks first where
  /// the target is near: a few dozen peers where a path exists, and all that can be reached where none does.
  [[nodiscard]] bool directed(PeerIndex source, PeerIndex target);

  /// Links are used in both directions. Cost: as above where a directed path exists; else O(all links).
  [[nodiscard]] bool both_ways(PeerIndex source, PeerIndex target);

  /// How many paths there are that share no peer but source and target (Menger 1927; maximum flow with every peer split
  /// in two, by Boykov and Kolmogorov's algorithm in Boost.Graph). A direct link counts as one. Cost: about 0.3 s
  /// for 10,000 peers.
  [[nodiscard]] std::size_t disjoint(PeerIndex source, PeerIndex target, bool both_ways);

 private:
  struct Waiting {
    std::uint64_t distance;
    PeerIndex peer;
  };

  [[nodiscard]] bool clean(PeerIndex peer) const {
    const PeerSlot& slot = world_.slot(peer);
    return slot.alive && slot.member && !slot.hostile;
  }
  template <class Visit>
  void for_each_link(PeerIndex peer, Visit&& visit) const;
  /// Best first by the distance on the ring; `links(peer, visit)` gives the ways on.
  template <class Links>
  bool search(PeerIndex source, PeerIndex target, Links&& links);
  void index_in_links();
  [[nodiscard]] std::span<const PeerIndex> in_links(PeerIndex peer) const {
    return std::span(heads_).subspan(first_head_[peer], first_head_[peer + 1] - first_head_[peer]);
  }

  const World& world_;
  std::vector<std::uint32_t> seen_;  ///< By peer: the number of the search that saw it last.
  std::uint32_t search_ = 0;
  std::vector<Waiting> frontier_;
  std::vector<std::size_t> first_head_;  ///< In-links, as rows of a sparse matrix.
  std::vector<PeerIndex> heads_;
};

template <class Visit>
void CleanPaths::for_each_link(PeerIndex peer, Visit&& visit) const {
  const ChordNode& node = world_.slot(peer).node.chord();
  for (const std::span<const Peer> list : {node.successors(), node.predecessors(), node.fingers()})
    for (const Peer& other : list)
      if (other.exists()) visit(other.index);
}

}  // namespace cicada::sim
