// Vertex-disjoint clean paths by maximum flow. Every peer is split into a half that links come in at and a half that
// they leave from, with an arc of unit capacity between the two, so that one path at most passes it. What the flow is
// now stands in two arrays: the peer before and after each one on its path.

#include <algorithm>

#include "clean_paths.hpp"

namespace cicada::sim {

class CleanPaths::Flow {
 public:
  Flow(CleanPaths& paths, const LinkIndex& links, PeerIndex source, PeerIndex target, bool both_ways)
      : paths_(paths),
        links_(links),
        source_(source),
        target_(target),
        both_ways_(both_ways),
        before_(paths.world_.lives(), no_peer),
        after_(paths.world_.lives(), no_peer),
        came_from_(2 * paths.world_.lives()) {}

  std::size_t maximum() {
    const std::size_t bound = std::min(neighbours(source_, true), neighbours(target_, false));
    std::size_t flow = 0;
    while (flow < bound && augment()) ++flow;
    return flow;
  }

 private:
  static std::size_t half(PeerIndex peer, bool out) { return 2 * std::size_t{peer} + out; }

  template <class Visit>
  void for_each_neighbour(PeerIndex peer, bool forward, Visit&& visit) const {
    if (forward || both_ways_) std::ranges::for_each(links_.out(peer), visit);
    if (!forward || both_ways_) std::ranges::for_each(links_.in(peer), visit);
  }

  /// Clean ones, and the other end. No flow can be larger.
  std::size_t neighbours(PeerIndex end, bool forward) {
    const std::uint32_t mark = paths_.new_mark();
    std::size_t count = 0;
    for_each_neighbour(end, forward, [&](PeerIndex other) {
      if (other == source_ || other == target_ ? other == end : !paths_.clean(other)) return;
      count += paths_.seen_[half(other, false)] != mark;
      paths_.seen_[half(other, false)] = mark;
    });
    return count;
  }

  [[nodiscard]] bool on_a_path(PeerIndex peer) const { return before_[peer] != no_peer; }

  void reach(PeerIndex peer, bool out, std::size_t from) {
    std::uint32_t& seen = paths_.seen_[half(peer, out)];
    if (seen == mark_) return;
    seen = mark_;
    came_from_[half(peer, out)] = from;
    paths_.ahead_.push_back({paths_.distance(peer, goal_), peer, out});
    std::ranges::push_heap(paths_.ahead_, later);
  }

  static bool later(const Waiting& a, const Waiting& b) {
    if (a.distance != b.distance) return a.distance > b.distance;
    return a.peer != b.peer ? a.peer > b.peer : a.out > b.out;
  }

  /// A neighbour of the target that no path leads through yet: those may be anywhere on the ring, and a search towards
  /// the target itself would come to them last.
  [[nodiscard]] PeerIndex next_goal() const {
    PeerIndex goal = target_;
    for_each_neighbour(target_, false, [&](PeerIndex peer) {
      if (goal == target_ && peer != source_ && !on_a_path(peer) && paths_.clean(peer)) goal = peer;
    });
    return goal;
  }

  /// Finds a way on which one more unit can flow, and lets it. Gives false where there is none.
  bool augment() {
    mark_ = paths_.new_mark();
    goal_ = next_goal();
    paths_.ahead_.clear();
    reach(source_, true, 0);
    while (!paths_.ahead_.empty()) {
      const Waiting at = paths_.ahead_.front();
      std::ranges::pop_heap(paths_.ahead_, later);
      paths_.ahead_.pop_back();
      const std::size_t here = half(at.peer, at.out);
      if (!at.out) {  // What flows in from the peer before can be taken back.
        if (before_[at.peer] != source_) reach(before_[at.peer], true, here);
        continue;
      }
      if (on_a_path(at.peer)) reach(at.peer, false, here);
      bool arrived = false;
      for_each_neighbour(at.peer, true, [&](PeerIndex next) {
        if (next == target_) {
          arrived = arrived || !(at.peer == source_ ? direct_ : after_[at.peer] == target_);
          return;
        }
        const bool out = !on_a_path(next);
        std::uint32_t& seen = paths_.seen_[half(next, out)];
        if (seen == mark_ || next == source_ || after_[at.peer] == next) return;
        if (out && !paths_.clean(next))
          seen = mark_;  // Not to be asked again.
        else
          reach(next, out, here);
      });
      if (!arrived) continue;
      change_flow(here);
      return true;
    }
    return false;
  }

  /// Along the way that has led to the half `last`, and from there to the target.
  void change_flow(std::size_t last) {
    struct Link {
      PeerIndex from, to;
    };
    std::vector<Link> added{{static_cast<PeerIndex>(last / 2), target_}}, removed;
    for (std::size_t at = last; at != half(source_, true); at = came_from_[at]) {
      const auto peer = static_cast<PeerIndex>(at / 2), previous = static_cast<PeerIndex>(came_from_[at] / 2);
      if (peer == previous) continue;  // From one half to the other.
      const bool back = came_from_[at] % 2 == 0;
      if (back)
        removed.push_back({peer, previous});
      else
        added.push_back({previous, peer});
    }
    for (const Link& link : removed) after_[link.from] = before_[link.to] = no_peer;
    for (const Link& link : added) {
      if (link.from == source_ && link.to == target_) direct_ = true;
      if (link.from != source_) after_[link.from] = link.to;
      if (link.to != target_) before_[link.to] = link.from;
    }
  }

  CleanPaths& paths_;
  const LinkIndex& links_;
  PeerIndex source_, target_;
  bool both_ways_;
  bool direct_ = false;                    ///< The link from source to target is used.
  std::vector<PeerIndex> before_, after_;  ///< By peer: its neighbours on the path through it.
  std::vector<std::size_t> came_from_;     ///< By half: the half before it in the search.
  PeerIndex goal_ = no_peer;               ///< Peers near to it are looked at first.
  std::uint32_t mark_ = 0;
};

std::size_t CleanPaths::disjoint(PeerIndex source, PeerIndex target, bool both_ways) {
  if (!world_.slot(source).member || !world_.slot(target).member || source == target) return 0;
  return Flow(*this, index(), source, target, both_ways).maximum();
}

}  // namespace cicada::sim
