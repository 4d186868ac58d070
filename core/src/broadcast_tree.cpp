// The push along the tree: who gets which arc, and what is believed of one that comes.

#include <algorithm>
#include <bit>
#include <limits>
#include <utility>

#include <cicada/assert.hpp>
#include <cicada/broadcast.hpp>
#include <cicada/codec.hpp>
#include <cicada/signing.hpp>

#include "message_age.hpp"

namespace cicada {
namespace {

constexpr unsigned hops_max = 64;               // A tree is as deep as log2 N; a longer way is a stranger's invention.
constexpr std::uint64_t next_finger_gaps = 12;  // One of the first five of its level; the 12th gap holds fewer in 1 %.
constexpr std::uint64_t whole_ring = std::numeric_limits<std::uint64_t>::max();

/// Clockwise from a to b, in prefixes.
template <class A, class B>
std::uint64_t distance(const A& a, const B& b) {
  return b.prefix() - a.prefix();
}

}  // namespace

MessageId BroadcastNode::broadcast(Environment& env, const ChordNode& ring, Payload payload,
                                   std::span<const Id> visited) {
  CICADA_ASSERT(payload != nullptr);
  if (!ring.is_member() || payload->size() > payload_bytes_max || visited.size() > broadcast_visited_max) return {};
  if (!own_pace_.take(env.now, config_->origin_pace)) return {};
  const std::uint32_t incarnation = env.contacts.incarnation_of(ring.self().index);
  auto header = std::make_shared<BroadcastHeader>();
  header->origin = ring.self();
  header->sequence = ++sequence_;
  header->sent_ns = to_ns(env.wall);
  header->origin_key = env.crypto.public_key();
  header->visited.assign(visited.begin(), visited.end());
  const auto statement = signed_bytes(*header, ring.id(), incarnation, payload_hash(env.crypto, payload),
                                      visited_hash(env.crypto, header->visited));
  header->id = broadcast_id(env.crypto, statement);
  header->signature = env.crypto.sign(statement);
  const MessageId id = header->id;
  Item& item = keep(env.now, {std::move(header), std::move(payload), 0, 0}, true);
  pass_on(env, ring, item, whole_ring, Manner::payload);
  schedule(env, item, false);
  return id;
}

void BroadcastNode::on_message(Environment& env, const ChordNode& ring, const Peer& from, const Message& message) {
  if (!ring.is_member() || from == ring.self()) return;
  if (const auto* broadcast = std::get_if<Broadcast>(&message)) on_broadcast(env, ring, from, *broadcast);
  if (const auto* have = std::get_if<BroadcastHave>(&message)) on_have(env, from, *have);
  if (const auto* want = std::get_if<BroadcastWant>(&message)) on_want(env, from, *want);
}

void BroadcastNode::on_broadcast(Environment& env, const ChordNode& ring, const Peer& from, const Broadcast& message) {
  if (message.header == nullptr) return;
  Neighbor& sender = neighbor(env.now, from);
  if (!sender.payloads_in.take(env.now, config_->payload_pace) ||
      !sender.forgeries.allows(env.now, config_->forgery_pace))
    return env.listener.on_refused(from, Refusal::over_budget);
  const std::uint64_t id = message.header->id.high;
  if (const auto held = items_.find(id); held != items_.end()) {
    ++counters_.duplicates;
    Item& item = held->second;
    note(item, from, true);
    if (item.payload) pass_on(env, ring, item, own_reach(ring, from, message), Manner::digest);
    return;
  }
  const auto missing = missing_.find(id);
  const bool pulled = missing != missing_.end() && std::ranges::any_of(missing->second.holders, [&](const Holder& h) {
                        return h.peer == from && h.asked > 0;
                      });
  const Verdict verdict = judge(env, ring, from, message, missing != missing_.end());
  switch (verdict) {
    case Verdict::good:
      return accept(env, ring, from, message, pulled);
    case Verdict::tampered:
    case Verdict::strange:
      ++counters_.tampered;
      env.listener.on_refused(from, verdict == Verdict::tampered ? Refusal::forged : Refusal::strange_key);
      if (verdict == Verdict::tampered) neighbor(env.now, from).forgeries.take(env.now, config_->forgery_pace);
      pull_failed(env, from);
      if (pulled && !pull(env, id, missing->second)) missing_.erase(missing);
      return;
    case Verdict::repeated:
      ++counters_.repeated;
      break;
    case Verdict::stale:
      ++counters_.stale;
      env.listener.on_refused(from, Refusal::untimely);
      break;
    case Verdict::ahead:
      ++counters_.stale;
      env.listener.on_refused(from, Refusal::untimely);
      missing_.erase(id);
      return;
    case Verdict::refused:  // For now: whoever tells of it later is asked.
      ++counters_.refused;
      env.listener.on_refused(from, Refusal::over_budget);
      missing_.erase(id);
      return;
  }
  if (missing == missing_.end()) return;
  missing_.erase(missing);  // It is the origin's, and not wanted: nobody is asked for it again.
  schedule(env, keep(env.now, message, false), false);
}

/// What is cheap comes first. A broadcast that was asked for is verified in any case, so that nobody but its origin can
/// end the search for it. The own words are not news, whatever life they are from.
BroadcastNode::Verdict BroadcastNode::judge(Environment& env, const ChordNode& ring, const Peer& from,
                                            const Broadcast& message, bool asked_for) {
  const BroadcastHeader& header = *message.header;
  const Id origin_id = env.contacts.id_of(header.origin.index);
  const Verdict at_sight = look(env.wall, header, origin_id == ring.id());
  if (at_sight != Verdict::good && !asked_for) return at_sight;
  if (header.visited.size() > broadcast_visited_max || (message.payload && message.payload->size() > payload_bytes_max))
    return Verdict::tampered;
  if (!env.contacts.is_key_of(header.origin_key, origin_id)) return Verdict::strange;
  if (!is_signed(env, message)) return Verdict::tampered;
  if (at_sight != Verdict::good) return at_sight;
  Origin& origin = origin_of(env.now, origin_id, from);
  const ReplayMemory::Limits limits{
      .entries_max = config_->seen_max, .age_max = config_->age_max, .fresh = config_->fresh};
  if (!origin.pace.allows(env.now, config_->origin_pace_heard) ||
      !seen_.add(env.wall, header.sent_ns, header.id.high, limits))
    return Verdict::refused;
  origin.pace.take(env.now, config_->origin_pace_heard);
  return Verdict::good;
}

/// By the key that it names. Whose key that is the caller looks at.
bool BroadcastNode::is_signed(Environment& env, const Broadcast& message) {
  const BroadcastHeader& header = *message.header;
  const auto statement =
      signed_bytes(header, env.contacts.id_of(header.origin.index), env.contacts.incarnation_of(header.origin.index),
                   payload_hash(env.crypto, message.payload), visited_hash(env.crypto, header.visited));
  return header.id == broadcast_id(env.crypto, statement) &&
         env.crypto.verify(statement, header.signature, header.origin_key);
}

/// What waits counts once more when it is handed in: it costs as much again.
bool BroadcastNode::is_worth_waiting(Environment& env, const ChordNode& ring, const Peer& from,
                                     const Broadcast& message) {
  if (message.header == nullptr) return false;
  const BroadcastHeader& header = *message.header;
  const Id origin = env.contacts.id_of(header.origin.index);
  const auto refuse = [&](Refusal reason) {
    env.listener.on_refused(from, reason);
    return false;
  };
  Neighbor& sender = neighbor(env.now, from);
  if (!sender.payloads_in.take(env.now, config_->payload_pace) ||
      !sender.forgeries.allows(env.now, config_->forgery_pace))
    return refuse(Refusal::over_budget);
  if (items_.contains(header.id.high)) return false;
  const Verdict at_sight = look(env.wall, header, origin == ring.id());
  if (at_sight == Verdict::repeated) return false;
  if (at_sight != Verdict::good) return refuse(Refusal::untimely);
  if (!env.contacts.may_be_key_of(header.origin_key, origin)) return refuse(Refusal::strange_key);
  if (header.visited.size() <= broadcast_visited_max && is_signed(env, message)) return true;
  ++counters_.tampered;
  sender.forgeries.take(env.now, config_->forgery_pace);
  return refuse(Refusal::forged);
}

/// What can be said of a broadcast before its signature is looked at.
BroadcastNode::Verdict BroadcastNode::look(TimePoint wall, const BroadcastHeader& header, bool own) const {
  switch (age_of(header.sent_ns, wall, config_->age_max, config_->ahead_max)) {
    case Age::stale:
      return Verdict::stale;
    case Age::ahead:
      return Verdict::ahead;
    case Age::good:
      break;
  }
  return own || seen_.had(header.sent_ns, header.id.high) ? Verdict::repeated : Verdict::good;
}

void BroadcastNode::accept(Environment& env, const ChordNode& ring, const Peer& from, const Broadcast& message,
                           bool pulled) {
  missing_.erase(message.header->id.high);
  if (pulled) neighbor(env.now, from).failures = 0;
  const bool wanted = !excluded(*message.header, ring.id());
  Item& item = keep(env.now, message, wanted);
  note(item, from, true);
  note(item, message.header->origin, false);
  if (wanted) {
    ++counters_.handed_up;
    env.listener.on_broadcast(*message.header, item.payload);
    pass_on(env, ring, item, own_reach(ring, from, message), Manner::payload);
  }
  schedule(env, item, pulled);
}

/// How much of the arc that the sender leaves to this node may really be its own. The sender sends to each of its
/// successors itself, so one that has this node's successor in its list leaves nothing to it. Else this node is its
/// last successor or one of its fingers; the next finger lies in the next level of distance, and not far into it by the
/// density of the own neighbourhood. No arc goes past the origin.
std::uint64_t BroadcastNode::own_reach(const ChordNode& ring, const Peer& from, const Broadcast& message) {
  const std::span<const Peer> before = ring.predecessors();
  const std::span<const Peer> after = ring.successors();
  const auto place = std::ranges::find(before, from);
  if (place != before.end() && static_cast<std::size_t>(place - before.begin()) + 1 < after.size()) return 0;
  std::uint64_t reach = message.reach;
  if (const std::uint64_t origin = distance(ring.self(), message.header->origin); origin != 0)
    reach = std::min(reach, origin);
  const std::uint64_t from_here = distance(from, ring.self());
  const auto level = static_cast<unsigned>(std::bit_width(from_here));  // 2^(level - 1) <= from_here < 2^level.
  const Peer& first = before.empty() ? ring.self() : before.back();
  const auto known = static_cast<std::uint64_t>(std::ranges::count_if(after, &Peer::exists));
  if (level >= 64 || known == 0) return reach;
  const std::uint64_t gap = distance(first, after[known - 1]) / (known + before.size());
  const std::uint64_t next_level = (std::uint64_t{1} << level) - from_here;
  if (gap > (whole_ring - next_level) / next_finger_gaps) return reach;
  return std::min(reach, next_level + next_finger_gaps * gap);
}

/// Serves each successor and finger within `reach`, beyond what has been passed on: with the payload, and with the arc
/// up to the next one; or with a digest only. Nobody is served who is known to have it.
void BroadcastNode::pass_on(Environment& env, const ChordNode& ring, Item& item, std::uint64_t reach, Manner manner) {
  if (reach <= item.passed || item.hops >= hops_max) return;
  const Peer& self = ring.self();
  std::vector<Peer> heirs;
  const auto add = [&](std::span<const Peer> peers) {
    for (const Peer& peer : peers) {
      const std::uint64_t at = distance(self, peer);
      if (peer.exists() && peer != self && at >= item.passed && at < reach &&
          !excluded(*item.header, env.contacts.id_of(peer.index)))
        heirs.push_back(peer);
    }
  };
  add(ring.successors());
  add(ring.fingers());
  std::ranges::sort(heirs, {}, [&](const Peer& peer) { return std::pair(distance(self, peer), peer.index); });
  const auto repeated = std::ranges::unique(heirs);
  heirs.erase(repeated.begin(), repeated.end());
  item.passed = reach;
  Broadcast copy{item.header, item.payload, 0, static_cast<std::uint8_t>(item.hops + 1)};
  for (std::size_t i = 0; i < heirs.size(); ++i) {
    if (knows(item, heirs[i])) continue;
    const std::uint64_t end = i + 1 < heirs.size() ? distance(self, heirs[i + 1]) : reach;
    copy.reach = end - distance(self, heirs[i]);
    if (manner == Manner::payload)
      env.transport.send(heirs[i], copy);
    else
      env.transport.send(heirs[i], BroadcastHave{{item.header->id.high}});
    note(item, heirs[i], false);
  }
}

}  // namespace cicada
