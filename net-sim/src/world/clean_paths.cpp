#include "clean_paths.hpp"

#include <algorithm>

namespace cicada::sim {
namespace {

/// The shorter way around the ring.
std::uint64_t ring_distance(std::uint64_t a, std::uint64_t b) {
  const std::uint64_t clockwise = b - a;
  return std::min(clockwise, 0 - clockwise);
}

}  // namespace

std::uint64_t CleanPaths::distance(PeerIndex peer, PeerIndex goal) const {
  return ring_distance(world_.id(peer).prefix(), world_.id(goal).prefix());
}

LinkIndex& CleanPaths::index() {
  if (!index_) index_.emplace(world_);
  index_->refresh();
  return *index_;
}

std::uint32_t CleanPaths::new_mark() {
  if (seen_.size() < 2 * world_.lives()) seen_.resize(2 * world_.lives(), 0);
  return ++mark_;
}

/// The clean one of these that is nearest to the goal, if it is nearer than `limit`, which moves there then; the target
/// itself where it is among them.
PeerIndex CleanPaths::nearest_clean(std::span<const Peer> peers, PeerIndex target, std::uint64_t& limit) const {
  const std::uint64_t goal = world_.id(target).prefix();
  // Whether a peer is clean waits for memory: the nearest is asked first, and the next nearest only where it is not.
  for (std::uint64_t refused = 0;;) {
    std::uint64_t nearest = limit;
    PeerIndex candidate = no_peer;
    for (const Peer& peer : peers) {
      if (peer.index == target) return target;
      const std::uint64_t left = ring_distance(peer.prefix(), goal);
      if (left >= nearest || left <= refused || !peer.exists()) continue;
      nearest = left;
      candidate = peer.index;
    }
    if (candidate != no_peer && !clean(candidate)) {
      refused = nearest;
      continue;
    }
    limit = nearest;
    return candidate;
  }
}

/// From peer to peer, each time to a clean one that is nearer to the target: by fingers while it is far, by the lists
/// where these reach as far. False means nothing.
bool CleanPaths::walk(PeerIndex source, PeerIndex target) const {
  std::uint64_t left = distance(source, target);
  for (PeerIndex at = source; at != no_peer;) {
    const ChordNode& node = world_.slot(at).node.chord();
    const std::uint64_t own = world_.id(at).prefix(), clockwise = world_.id(target).prefix() - own;
    const std::span<const Peer> list = clockwise >> 63 == 0 ? node.successors() : node.predecessors();
    const bool near = !list.empty() && ring_distance(own, list.back().prefix()) >= left;
    at = nearest_clean(near ? list : node.fingers(), target, left);
    if (at == no_peer) at = nearest_clean(near ? node.fingers() : list, target, left);
    if (at == target) return true;
  }
  return false;
}

/// From both ends by turns, on each side the peers first that are nearest to the other end.
bool CleanPaths::search(PeerIndex source, PeerIndex target, bool both_ways) {
  const LinkIndex& links = index();
  const auto later = [](const Waiting& a, const Waiting& b) {
    return a.distance != b.distance ? a.distance > b.distance : a.peer > b.peer;
  };
  const std::uint32_t from_source = new_mark(), from_target = new_mark(), refused = new_mark();
  ahead_.assign(1, {0, source, true});
  behind_.assign(1, {0, target, true});
  seen_[source] = from_source;
  seen_[target] = from_target;
  std::size_t looked_ahead = 0, looked_behind = 0;
  bool met = false;
  while (!met && !ahead_.empty() && !behind_.empty()) {
    const bool forward = looked_ahead <= looked_behind;
    std::vector<Waiting>& frontier = forward ? ahead_ : behind_;
    const std::uint32_t mine = forward ? from_source : from_target, other_side = forward ? from_target : from_source;
    const PeerIndex at = frontier.front().peer;
    std::ranges::pop_heap(frontier, later);
    frontier.pop_back();
    const auto look_at = [&](std::span<const PeerIndex> others) {
      (forward ? looked_ahead : looked_behind) += others.size();
      for (const PeerIndex other : others) {
        met = met || seen_[other] == other_side;
        if (met || seen_[other] == mine || seen_[other] == refused) continue;
        seen_[other] = clean(other) ? mine : refused;
        if (seen_[other] == refused) continue;
        frontier.push_back({distance(other, forward ? target : source), other, true});
        std::ranges::push_heap(frontier, later);
      }
    };
    if (forward || both_ways) look_at(links.out(at));
    if (!forward || both_ways) look_at(links.in(at));
  }
  return met;
}

bool CleanPaths::directed(PeerIndex source, PeerIndex target) {
  if (!world_.slot(source).alive || !world_.slot(target).alive) return false;
  return source == target || walk(source, target) || search(source, target, false);
}

bool CleanPaths::both_ways(PeerIndex source, PeerIndex target) {
  if (!world_.slot(source).alive || !world_.slot(target).alive) return false;
  return source == target || walk(source, target) || search(source, target, true);
}

}  // namespace cicada::sim
