#pragma once
/// The ceiling of what any strategy can deliver: is there a way from a source to a target that passes live, honest
/// members only, by the links that the nodes' own tables name at this instant (resilience.md section 4)?
///
/// All answers are exact. Source and target count as clean. Nearly every question is answered by walking straight
/// towards the target through the tables themselves. Only where that leads nowhere is an index of all links made, and
/// searched from both ends: it is over as soon as one end has nothing left, and whoever is cut off is cut off in a
/// small part.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "link_index.hpp"
#include "world.hpp"

namespace cicada::sim {

class CleanPaths {
 public:
  explicit CleanPaths(World& world) : world_(world) {}

  /// Links are used as the tables name them: from a peer to its successors, predecessors and fingers. Cost: some
  /// hundred table entries as a rule; else a search of the smaller of the parts that source and target are in.
  [[nodiscard]] bool directed(PeerIndex source, PeerIndex target);

  /// Links are used in both directions. Cost: as above.
  [[nodiscard]] bool both_ways(PeerIndex source, PeerIndex target);

  /// How many paths there are that share no peer but source and target (Menger 1927): the maximum flow with every peer
  /// split in two, by augmenting paths (Ford and Fulkerson 1956), the nearest to the target first. A direct link counts
  /// as one. Cost: some thousand links as a rule, as it is over when the cleaner of source and target has no
  /// further neighbour; O(all links) for each path where the narrowest place is elsewhere.
  [[nodiscard]] std::size_t disjoint(PeerIndex source, PeerIndex target, bool both_ways);

 private:
  struct Waiting {
    std::uint64_t distance;
    PeerIndex peer;
    bool out;  ///< Of a peer split in two: the half that links leave from.
  };
  class Flow;

  [[nodiscard]] bool clean(PeerIndex peer) const {
    const PeerSlot& slot = world_.slot(peer);
    return slot.alive && slot.member && !slot.hostile;
  }
  [[nodiscard]] std::uint64_t distance(PeerIndex peer, PeerIndex goal) const;
  PeerIndex nearest_clean(std::span<const Peer> peers, PeerIndex target, std::uint64_t& limit) const;
  bool walk(PeerIndex source, PeerIndex target) const;
  bool search(PeerIndex source, PeerIndex target, bool both_ways);
  LinkIndex& index();
  /// The mark of a new search; no peer has it yet.
  std::uint32_t new_mark();

  World& world_;
  std::optional<LinkIndex> index_;
  std::vector<std::uint32_t> seen_;  ///< Two for each peer: the mark of the search that saw it last.
  std::uint32_t mark_ = 0;
  std::vector<Waiting> ahead_, behind_;  ///< Heaps: the frontiers of a search.
};

}  // namespace cicada::sim
