#pragma once
/// Who names whom, and who is named by whom: the links of all live nodes by their own tables, indexed in both
/// directions. The tables stay where they are; this is a copy that is brought up to date when it is asked.
///
/// Cost: 12 bytes for each link. The first `refresh` looks at all tables, a later one only at those of peers that have
/// taken a step since.

#include <cstddef>
#include <span>
#include <vector>

#include "world.hpp"

namespace cicada::sim {

/// Calls `visit(other)` for each entry of the tables of a live peer: successors, predecessors, fingers. Some are named
/// twice.
template <class Visit>
void for_each_link(const World& world, PeerIndex peer, Visit&& visit) {
  const ChordNode& node = world.slot(peer).node.chord();
  for (const std::span<const Peer> list : {node.successors(), node.predecessors(), node.fingers()})
    for (const Peer& other : list)
      if (other.exists() && other.index != peer) visit(other);
}

class LinkIndex {
 public:
  /// From now on the world remembers who took steps. It must outlive this.
  explicit LinkIndex(World& world) : world_(world) { world.watch_steps(); }

  /// Brings it up to date with this instant.
  void refresh();

  /// Whom the peer names: each once, in ascending order. Nobody where it is dead. As of the last `refresh`.
  [[nodiscard]] std::span<const PeerIndex> out(PeerIndex peer) const { return out_[peer]; }
  /// Who names the peer: each once, in no order that means anything.
  [[nodiscard]] std::span<const PeerIndex> in(PeerIndex peer) const { return in_[peer]; }

 private:
  void index(PeerIndex peer);

  World& world_;
  bool begun_ = false;
  std::vector<std::vector<PeerIndex>> out_, in_;  ///< By peer.
  std::vector<std::vector<PeerIndex>> tables_;    ///< By peer, as they were: nearly all are so still.
  std::vector<PeerIndex> scratch_;
};

}  // namespace cicada::sim
