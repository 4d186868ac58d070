#include "clean_paths.hpp"

#include <algorithm>

namespace cicada::sim {
namespace {

/// The shorter way around the ring.
std::uint64_t ring_distance(const Id& a, const Id& b) {
  const std::uint64_t clockwise = b.prefix() - a.prefix();
  return std::min(clockwise, 0 - clockwise);
}

}  // namespace

template <class Links>
bool CleanPaths::search(PeerIndex source, PeerIndex target, Links&& links) {
  if (!world_.slot(source).alive || !world_.slot(target).alive) return false;
  if (seen_.size() < world_.lives()) seen_.resize(world_.lives(), 0);
  ++search_;
  const auto later = [](const Waiting& a, const Waiting& b) {
    return a.distance != b.distance ? a.distance > b.distance : a.peer > b.peer;
  };
  const Id& goal = world_.id(target);
  frontier_.assign(1, {0, source});
  seen_[source] = search_;
  bool found = false;
  while (!frontier_.empty() && !found) {
    const PeerIndex at = frontier_.front().peer;
    std::ranges::pop_heap(frontier_, later);
    frontier_.pop_back();
    links(at, [&](PeerIndex next) {
      found = found || next == target;
      if (seen_[next] == search_ || !clean(next)) return;
      seen_[next] = search_;
      frontier_.push_back({ring_distance(world_.id(next), goal), next});
      std::ranges::push_heap(frontier_, later);
    });
  }
  return found;
}

bool CleanPaths::directed(PeerIndex source, PeerIndex target) {
  return search(source, target, [&](PeerIndex peer, auto&& visit) { for_each_link(peer, visit); });
}

bool CleanPaths::both_ways(PeerIndex source, PeerIndex target) {
  if (directed(source, target)) return true;
  index_in_links();
  // From the target's side: where there is no way, the target's surroundings are usually the smaller part.
  return search(target, source, [&](PeerIndex peer, auto&& visit) {
    for_each_link(peer, visit);
    for (const PeerIndex other : in_links(peer)) visit(other);
  });
}

void CleanPaths::index_in_links() {
  first_head_.assign(world_.lives() + 2, 0);
  for (const PeerIndex peer : world_.members()) for_each_link(peer, [&](PeerIndex other) { ++first_head_[other + 2]; });
  for (std::size_t i = 2; i < first_head_.size(); ++i) first_head_[i] += first_head_[i - 1];
  heads_.resize(first_head_.back());
  for (const PeerIndex peer : world_.members())
    for_each_link(peer, [&](PeerIndex other) { heads_[first_head_[other + 1]++] = peer; });
  first_head_.pop_back();
}

}  // namespace cicada::sim
