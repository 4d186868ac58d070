#include "link_index.hpp"

#include <algorithm>

namespace cicada::sim {

void LinkIndex::refresh() {
  out_.resize(world_.lives());
  in_.resize(world_.lives());
  tables_.resize(world_.lives());
  const std::vector<PeerIndex> stepped = world_.take_stepped();
  if (begun_) {
    for (const PeerIndex peer : stepped) index(peer);
    return;
  }
  begun_ = true;
  for (PeerIndex peer = 0; peer < world_.lives(); ++peer) index(peer);
}

void LinkIndex::index(PeerIndex peer) {
  scratch_.clear();
  if (world_.slot(peer).alive) for_each_link(world_, peer, [&](const Peer& other) { scratch_.push_back(other.index); });
  if (scratch_ == tables_[peer]) return;
  tables_[peer] = scratch_;
  std::ranges::sort(scratch_);
  scratch_.erase(std::ranges::unique(scratch_).begin(), scratch_.end());
  std::vector<PeerIndex>& old = out_[peer];
  for (const PeerIndex other : old) {
    if (std::ranges::binary_search(scratch_, other)) continue;
    std::vector<PeerIndex>& heads = in_[other];
    *std::ranges::find(heads, peer) = heads.back();
    heads.pop_back();
  }
  for (const PeerIndex other : scratch_)
    if (!std::ranges::binary_search(old, other)) in_[other].push_back(peer);
  old.assign(scratch_.begin(), scratch_.end());
}

}  // namespace cicada::sim
