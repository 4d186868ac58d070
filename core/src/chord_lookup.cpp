// Lookups: how they begin and end, recursive ones with an acknowledgement at every hop, and the choice of the next hop.

#include <bit>
#include <utility>

#include <cicada/assert.hpp>
#include <cicada/chord_node.hpp>

namespace cicada {
namespace {

constexpr std::size_t hops_tracked_max = 1024;  // Beyond it a message is forwarded without being watched over.
constexpr std::size_t hop_tries_max = 16;       // Peers that a message is given to in vain before it is dropped.

bool holds(std::span<const PeerIndex> peers, const Peer& peer) {
  return std::ranges::find(peers, peer.index) != peers.end();
}

}  // namespace

bool ChordNode::owns(const Environment& env, const Id& key) const {
  if (!member_) return false;
  if (alone()) return !stranded();
  const Peer behind = predecessor();
  return behind.exists() && RingOrder(env.contacts).left_open(behind, key, id_);
}

std::optional<ChordNode::NextStep> ChordNode::next_step(const Environment& env, const Id& key,
                                                        std::span<const PeerIndex> excluded) const {
  if (!member_ || alone()) return std::nullopt;
  const RingOrder order(env.contacts);
  if (const auto owner = owner_in_list(env, key)) {
    for (const Peer& peer : successors().subspan(*owner))
      if (peer.exists() && !holds(excluded, peer)) return NextStep{peer, true};
    return std::nullopt;
  }
  Peer best;
  const std::uint64_t distance = key.prefix() - id_.prefix();
  const std::size_t level = distance == 0 ? 0U : static_cast<std::size_t>(std::countl_zero(distance));
  for (std::size_t l = level; l < fingers_.size(); ++l) {
    const Peer& finger = fingers_[l];
    if (!finger.exists() || !order.open(id_, finger, key) || holds(excluded, finger)) continue;
    best = finger;
    break;
  }
  const std::span<const Peer> list = successors();
  for (std::size_t i = list.size(); i-- > 0;) {
    const Peer& peer = list[i];
    if (!peer.exists()) continue;
    if (best.exists() && best.prefix() - id_.prefix() > peer.prefix() - id_.prefix()) break;
    if (!order.open(id_, peer, key) || holds(excluded, peer)) continue;
    if (!best.exists() || order.open(best, peer, key)) best = peer;
    break;
  }
  if (!best.exists()) return std::nullopt;
  return NextStep{best, false};
}

/// Which successor owns `key`, where this node may say so: the first one, or with `owner_from_list` any of them.
std::optional<std::size_t> ChordNode::owner_in_list(const Environment& env, const Id& key) const {
  return owner_among(env, key, config_->owner_from_list ? successors().size() : 1);
}

/// Which of the first `known` successors owns `key`.
std::optional<std::size_t> ChordNode::owner_among(const Environment& env, const Id& key, std::size_t known) const {
  if (alone()) return std::nullopt;
  const RingOrder order(env.contacts);
  const std::span<const Peer> list = successors();
  for (std::size_t i = 0; i < known && list[i].exists(); ++i)
    if (order.left_open(id_, key, list[i])) return i;
  return std::nullopt;
}

PeerList ChordNode::owners_list(const Environment& env, const Id& key, unsigned candidates) const {
  PeerList owners;
  if (alone()) owners.push_back(self_);
  for (const Peer& peer : successors().subspan(owner_in_list(env, key).value_or(0))) {
    if (!peer.exists() || owners.size() > candidates) break;
    owners.push_back(peer);
  }
  return owners;
}

// --------------------------------------------------------------------------------------------------------- at the
// origin

void ChordNode::lookup(Environment& env, const Id& key, std::uint64_t tag) {
  Lookup& lookup = open_lookup(env, key, Why::user);
  lookup.tag = tag;
  launch(env, lookup);
}

void ChordNode::lookup_for_layer(Environment& env, const Id& key) { launch(env, open_lookup(env, key, Why::layer)); }

ChordNode::Lookup& ChordNode::open_lookup(Environment& env, const Id& key, Why why) {
  Lookup& lookup = lookups_.push({});
  lookup.key = key;
  lookup.why = why;
  lookup.number = ++last_lookup_;
  lookup.token = fresh_nonce(env);
  lookup.started = env.now;
  lookup.deadline = env.now + config_->lookup_timeout;
  arm_request_timer(env, lookup.deadline);
  return lookup;
}

ChordNode::Lookup* ChordNode::find_lookup(std::uint32_t number) {
  return lookups_.find([&](const Lookup& lookup) { return lookup.number == number; });
}

ChordNode::Lookup* ChordNode::find_lookup(const Nonce& token) {
  return lookups_.find([&](const Lookup& lookup) { return lookup.token == token; });
}

void ChordNode::launch(Environment& env, Lookup& lookup) {
  if (!member_ || stranded()) return;  // The time-out ends it, or a membership regained by then.
  if ((alone() || !config_->look_ahead_only) && owns(env, lookup.key))
    return lookup_ended(env, lookup.number, LookupStatus::found, self_, std::span(&self_, 1));
  if (config_->lookup == LookupMode::iterative) return launch_iterative(env, lookup);
  Find find;
  find.key = lookup.key;
  find.origin = self_;
  find.lookup = lookup.token;
  find.confirm = config_->confirm && lookup.why == Why::user;
  route(env, find, {});
}

/// Starts a lookup at another peer: for a node that is no member yet, or that asks a member of another ring.
void ChordNode::launch_through(Environment& env, Lookup& lookup, const Peer& first) {
  Find find;
  find.key = lookup.key;
  find.origin = self_;
  find.lookup = lookup.token;
  forward(env, find, first, {});
}

void ChordNode::on_found(Environment& env, const Peer& from, const Found& found) {
  Lookup* lookup = find_lookup(found.lookup);
  if (lookup == nullptr || found.owners.empty()) return env.listener.on_refused(from, Refusal::not_asked_for);
  lookup->hops = found.hops;
  lookup->timeouts = static_cast<std::uint8_t>(std::min(255, lookup->timeouts + found.timeouts));
  const Peer predecessor = found.predecessor.exists() ? found.predecessor.or_nobody() : from;
  lookup_ended(env, lookup->number, LookupStatus::found, predecessor, found.owners.view());
}

void ChordNode::lookup_ended(Environment& env, std::uint32_t number, LookupStatus status, const Peer& from,
                             std::span<const Peer> owners) {
  const std::optional<Lookup> taken = lookups_.take([&](const Lookup& other) { return other.number == number; });
  CICADA_ASSERT(taken.has_value());
  const Lookup& lookup = *taken;
  const bool found = status == LookupStatus::found;
  switch (lookup.why) {
    case Why::user: {
      LookupDone done;
      done.tag = lookup.tag;
      done.key = lookup.key;
      done.status = status;
      done.owner = found ? owners[0] : Peer{};
      done.started = lookup.started;
      done.hops = lookup.hops;
      done.timeouts = lookup.timeouts;
      done.tries = lookup.tries;
      return env.listener.on_lookup_done(done);
    }
    case Why::finger:
      if (found) took_finger(env, lookup.level, owners);
      return;
    case Why::layer:
      if (found) rare().found_for_layer = owners[0];
      return;
    case Why::join:
      return found ? join_found(env, from) : join_failed(env);
    case Why::merge:
      if (!found || !owners[0].exists() || !member_) return;
      if (owners[0] == self_) {  // One ring: that peer is not lost any more.
        if (rare_) std::erase_if(rare_->lost, [&](const LostPeer& lost) { return lost.peer.index == lookup.tag; });
        return;
      }
      // Two rings grow together from both sides: the other one's predecessor of this node is told of it.
      env.listener.on_mark(Mark::merge_candidate);
      if (from.exists() && from != self_) env.transport.send(from, Hint{self_});
      return consider(env, owners[0]);
  }
}

void ChordNode::lookup_timed_out(Environment& env, Lookup& lookup) {
  if (lookup.why != Why::user || lookup.tries >= config_->lookup_tries)
    return lookup_ended(env, lookup.number, LookupStatus::timed_out, {}, {});
  ++lookup.tries;
  if (lookup.search && lookup.search->both_sides() && lookup.search->open() > 0) return resume(env, lookup);
  lookup.number = ++last_lookup_;
  lookup.token = fresh_nonce(env);  // Late answers to the earlier try are not counted with this one's hops.
  lookup.hops = 0;
  lookup.deadline = env.now + config_->lookup_timeout;
  arm_request_timer(env, lookup.deadline);
  launch(env, lookup);
}

// -------------------------------------------------------------------------------------------------------------
// recursive

void ChordNode::route(Environment& env, Find find, const Tried& tried) {
  if (!member_ || stranded() || find.hops >= config_->hops_max) return;
  if (alone()) return answer_find(env, find);
  const auto step = next_step(env, find.key, tried.last());
  if (!step) return;
  if (step->last && !find.confirm) return answer_find(env, find);
  find.last = step->last;
  forward(env, find, step->peer, tried);
}

void ChordNode::forward(Environment& env, const Find& find, const Peer& to, const Tried& tried) {
  Find sent = find;
  sent.token = fresh_nonce(env);
  if (hops_.size() < hops_tracked_max) {
    Hop& hop = hops_.push({});
    hop.find = sent;
    hop.to = to;
    hop.sent = env.now;
    hop.deadline = env.now + timeout_for(to);
    hop.tried = tried;
    arm_request_timer(env, hop.deadline);
  }
  if (!sent.last) ++sent.hops;  // The way from a key's predecessor to its owner is not counted: chord.md §1.2.
  env.transport.send(to, sent);
}

void ChordNode::on_find(Environment& env, const Peer& from, const Find& find) {
  if (!member_ || stranded()) return;  // Without an acknowledgement the sender finds another way.
  env.transport.send(from, HopAck{find.token});
  if (!find.last) return route(env, find, {});
  const Peer behind = predecessor();
  if (owns(env, find.key) || !behind.exists() || predecessor_dead_ || behind == from) return answer_find(env, find);
  // Somebody has come between the key and this node since the sender last heard of it.
  if (find.hops >= config_->hops_max) return;
  Find back = find;
  ++back.hops;
  forward(env, back, behind, {});
}

void ChordNode::answer_find(Environment& env, const Find& find) {
  Found found;
  found.lookup = find.lookup;
  found.hops = find.hops;
  found.timeouts = find.timeouts;
  if (find.last) {
    found.predecessor = predecessor();
    found.owners.push_back(self_);
  } else {
    const std::size_t owner = owner_in_list(env, find.key).value_or(0);
    found.predecessor = owner == 0 ? self_ : successors()[owner - 1];
    found.owners = owners_list(env, find.key, find.confirm ? 0 : config_->proximity);
  }
  if (find.origin == self_) return on_found(env, self_, found);
  env.transport.send(find.origin, found);
}

void ChordNode::on_hop_ack(Environment& env, const Peer& from, const HopAck& ack) {
  const auto hop = hops_.take([&](const Hop& other) { return other.find.token == ack.token && other.to == from; });
  if (!hop) return env.listener.on_refused(from, Refusal::not_asked_for);
  rtt_.sample(from.index, env.now - hop->sent);
  rest_if_idle(env);
}

void ChordNode::hop_timed_out(Environment& env, Hop hop) {
  const bool own = hop.find.origin == self_;
  const Lookup* lookup = own ? find_lookup(hop.find.lookup) : nullptr;
  if (own && lookup == nullptr) return report_timeout(env, hop.to);
  if (own && lookup->why != Why::user && lookup->why != Why::finger)
    return lookup_ended(env, lookup->number, LookupStatus::timed_out, {}, {});  // The peer to join through is silent.
  report_timeout(env, hop.to);
  if (hop.tried.count() == hop_tries_max) return;
  env.listener.on_mark(Mark::hop_rerouted);
  hop.tried.add(hop.to);
  if (hop.find.timeouts < 255) ++hop.find.timeouts;
  // The predecessor that seemed to have taken the key is silent: the key is this node's again.
  if (hop.find.last && member_ && !alone() && !owner_in_list(env, hop.find.key)) return answer_find(env, hop.find);
  hop.find.last = false;
  route(env, hop.find, hop.tried);
}

}  // namespace cicada
