// The successor list and the predecessor list: how they are replaced, cut, padded and shortened by a death.

#include <cicada/assert.hpp>
#include <cicada/chord_node.hpp>

namespace cicada {
namespace {

bool same_entries(std::span<const Peer> a, std::span<const Peer> b) {
  return std::ranges::equal(
      a, b, [](const Peer& x, const Peer& y) { return x.index == y.index && x.prefix() == y.prefix(); });
}

bool holds(std::span<const Peer> peers, const Peer& peer) { return std::ranges::find(peers, peer) != peers.end(); }

}  // namespace

bool ChordNode::between(const Environment& env, const Peer& a, const Peer& x, const Peer& b) const {
  if (config_->flaws.has(Flaw::no_wrap_around)) [[unlikely]]
    return a.prefix() < x.prefix() && x.prefix() < b.prefix();
  return RingOrder(env.contacts).open(a, x, b);
}

/// Replaces the list by head ++ rest, cut where it would come back to this node, and padded. Gives true where that
/// changed anything.
bool ChordNode::adopt_successors(Environment& env, const Peer& head, std::span<const Peer> rest) {
  const RingOrder order(env.contacts);
  const Flaws flaws = config_->flaws;
  const std::size_t r = config_->successors;
  PeerList list;
  list.push_back(head);
  const auto offer = [&](const Peer& peer) {
    if (!peer.exists() || list.size() == r) return;
    if (flaws.has(Flaw::own_id_in_list) && peer == self_ && !holds(list.view(), peer)) [[unlikely]] {
      list.push_back(peer);
      return;
    }
    if (between(env, list[list.size() - 1], peer, self_)) list.push_back(peer);
  };
  if (flaws.has(Flaw::reconcile_unchecked)) {
    // A merge of both lists in ring order, so that old entries stay until they reach the head.
    const std::span<const Peer> old = successors();
    std::size_t i = 0;
    for (const Peer& peer : rest) {
      while (i < old.size() && old[i].exists() && order.open(self_, old[i], peer)) offer(old[i++]);
      offer(peer);
    }
    while (i < old.size()) offer(old[i++]);
  } else if (flaws.has(Flaw::stabilize_every_second_entry)) {
    for (std::size_t i = 1; i < rest.size(); i += 2) offer(rest[i]);
  } else {
    for (const Peer& peer : rest) offer(peer);
  }

  const std::size_t used = list.size();
  const bool changed = successor_count_ < used || !same_entries({lists_.get(), used}, list.view()) ||
                       (successor_count_ > used && lists_[used].exists());
  stranded_ = false;
  head_unasked_ = false;
  if (!changed) return false;
  std::ranges::copy(list.view(), lists_.get());
  pad_successors(env, static_cast<unsigned>(used));
  ++version_;
  return true;
}

/// Fills the list from position `used` on with positions right after its last entry: nobody, at no peer's place.
void ChordNode::pad_successors(Environment& env, unsigned used) {
  if (config_->flaws.has(Flaw::shrinking_lists) || (config_->flaws.has(Flaw::join_single_successor) && used == 1)) {
    successor_count_ = static_cast<std::uint8_t>(used);
    return;
  }
  const std::uint64_t last = used > 0 ? lists_[used - 1].prefix() : self_.prefix();
  if (used < config_->successors) env.listener.on_mark(Mark::list_padded);
  for (unsigned i = used; i < config_->successors; ++i) lists_[i] = Peer(last + 1 + i - used, no_peer);
  successor_count_ = static_cast<std::uint8_t>(config_->successors);
}

/// Gives true where `peer` was the first successor.
bool ChordNode::drop_from_successors(Environment& env, const Peer& peer) {
  const std::span<Peer> list(lists_.get(), successor_count_);
  const auto place = std::ranges::find(list, peer);
  if (place == list.end()) return false;
  const bool was_head = place == list.begin();
  std::ranges::move(place + 1, list.end(), place);
  unsigned used = 0;
  while (used + 1 < list.size() && lists_[used].exists()) ++used;
  pad_successors(env, used);
  successors_from_ = {};
  ++version_;
  env.listener.on_mark(Mark::successor_dropped);
  return was_head;
}

/// Replaces the list by head ++ rest; keeps what lies in order, counter-clockwise. Gives true where it changed
/// anything.
bool ChordNode::adopt_predecessors(Environment& env, const Peer& head, std::span<const Peer> rest) {
  const RingOrder order(env.contacts);
  PeerList list;
  list.push_back(head);
  for (const Peer& peer : rest) {
    if (list.size() == config_->successors) break;
    if (peer.exists() && order.open(self_, peer, list[list.size() - 1])) list.push_back(peer);
  }
  if (same_entries(predecessors(), list.view())) return false;
  std::ranges::copy(list.view(), lists_.get() + config_->successors);
  predecessor_count_ = static_cast<std::uint8_t>(list.size());
  ++version_;
  return true;
}

/// The first one stays, dead as it may be, until a better one comes: it is the only hint for a repair (chord.md §3.1).
void ChordNode::drop_from_predecessors(const Peer& peer) {
  const std::span<Peer> list(lists_.get() + config_->successors, predecessor_count_);
  const auto place = std::ranges::find(list, peer);
  if (place == list.end()) return;
  if (place == list.begin()) {
    if (!predecessor_dead_) ++version_;
    predecessor_dead_ = true;
    if (!config_->flaws.has(Flaw::flush_predecessor)) return;
    predecessor_dead_ = false;
    predecessor_count_ = 0;
    return;
  }
  std::ranges::move(place + 1, list.end(), place);
  --predecessor_count_;
  ++version_;
}

}  // namespace cicada
