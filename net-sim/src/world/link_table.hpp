#pragma once
/// Which peers hold an open link to each other. Kept only where it matters: links that cost round trips to open, or
/// that are reset by a death. 4 bytes an end; O(log n) to ask for one of a peer's n links, O(n) to open or close it.

#include <algorithm>
#include <cstddef>
#include <vector>

#include <cicada/peer.hpp>

namespace cicada::sim {

class LinkTable {
 public:
  /// Opens the link between the two; gives false where it stood already.
  bool open(PeerIndex a, PeerIndex b) {
    if (!insert(a, b)) return false;
    insert(b, a);
    return true;
  }
  void close(PeerIndex a, PeerIndex b) {
    erase(a, b);
    erase(b, a);
  }
  /// Closes all links of a peer and gives the others' indices, in ascending order.
  std::vector<PeerIndex> close_all(PeerIndex peer) {
    if (peer >= links_.size()) return {};
    std::vector<PeerIndex> others = std::move(links_[peer]);
    links_[peer].clear();
    for (const PeerIndex other : others) erase(other, peer);
    return others;
  }

 private:
  bool insert(PeerIndex a, PeerIndex b) {
    if (a >= links_.size()) links_.resize(std::size_t{a} + 1);
    std::vector<PeerIndex>& list = links_[a];
    const auto place = std::ranges::lower_bound(list, b);
    if (place != list.end() && *place == b) return false;
    list.insert(place, b);
    return true;
  }
  void erase(PeerIndex a, PeerIndex b) {
    if (a >= links_.size()) return;
    std::vector<PeerIndex>& list = links_[a];
    const auto place = std::ranges::lower_bound(list, b);
    if (place != list.end() && *place == b) list.erase(place);
  }
  std::vector<std::vector<PeerIndex>> links_;
};

}  // namespace cicada::sim
