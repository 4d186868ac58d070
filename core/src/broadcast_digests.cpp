// Digests, and pulls of what is missing.

#include <algorithm>
#include <utility>

#include <cicada/broadcast.hpp>

namespace cicada {
namespace {

/// After the first digests the ring neighbours are looked at again, for newcomers among them: after these shares of
/// `BroadcastConfig::keep`, the last of which ends it.
constexpr std::array<int, 4> looks_percent = {8, 25, 50, 100};

/// One message for each neighbour, however many broadcasts it is told of or asked for.
template <class Digests>
class Batches {
 public:
  void add(Environment& env, const Peer& to, std::uint64_t id) {
    const auto place = std::ranges::find(batches_, to, &std::pair<Peer, Digests>::first);
    Digests& digests = place != batches_.end() ? place->second : batches_.emplace_back(to, Digests{}).second;
    digests.ids.push_back(id);
    if (digests.ids.size() == digest_ids_max) {
      env.transport.send(to, digests);
      digests.ids.clear();
    }
  }
  void send(Environment& env) const {
    for (const auto& [to, digests] : batches_)
      if (!digests.ids.empty()) env.transport.send(to, digests);
  }

 private:
  std::vector<std::pair<Peer, Digests>> batches_;  ///< In the order of their first ids.
};

}  // namespace

// ------------------------------------------------------------------------------------------------------------ telling

void BroadcastNode::wake(Environment& env, TimePoint at) {
  if (at >= deadline_) return;
  deadline_ = at;
  env.clock.arm(Timer::broadcast, at);
}

/// When the item is looked at next.
void BroadcastNode::schedule(Environment& env, Item& item, bool pulled) {
  if (!item.payload) {
    item.next = item.arrived + config_->keep;
    item.round = looks_percent.size();
  } else if (item.round == 0) {
    const Duration mean = pulled ? config_->announce_pulled : config_->announce;
    item.next = env.now + rng_.between(mean / 2, mean + mean / 2);
  } else {
    item.next = std::max(env.now, item.arrived + config_->keep * looks_percent[item.round - 1] / 100);
  }
  wake(env, item.next);
}

/// Whom a look tells: ring neighbours on both sides, and at the first look some fingers.
std::vector<Peer> BroadcastNode::told_neighbors(const ChordNode& ring, const Item& item) {
  std::vector<Peer> told;
  const auto add = [&](std::span<const Peer> peers, std::size_t count) {
    for (const Peer& peer : peers) {
      if (count == 0) return;
      if (!peer.exists()) continue;
      told.push_back(peer);
      --count;
    }
  };
  add(ring.successors(), config_->ring_neighbors);
  add(ring.predecessors(), config_->ring_neighbors);
  if (item.round > 0) return told;
  std::vector<Peer> fingers;
  for (const Peer& finger : ring.fingers())
    if (finger.exists() && std::ranges::find(told, finger) == told.end() &&
        std::ranges::find(fingers, finger) == fingers.end())
      fingers.push_back(finger);
  for (unsigned i = 0; i < config_->fingers && !fingers.empty(); ++i) {
    const auto drawn = fingers.begin() + static_cast<std::ptrdiff_t>(rng_.below(fingers.size()));
    told.push_back(*drawn);
    fingers.erase(drawn);
  }
  return told;
}

/// Looks at all items that are due, and at those that would be soon, so that they share messages.
void BroadcastNode::announce(Environment& env, const ChordNode& ring) {
  const TimePoint due = env.now + config_->announce / 4;
  Batches<BroadcastHave> batches;
  for (auto at = items_.begin(); at != items_.end();) {
    Item& item = at->second;
    if (item.next > (item.round == 0 ? due : env.now)) {
      ++at;
      continue;
    }
    if (item.round == looks_percent.size()) {
      at = items_.erase(at);
      continue;
    }
    if (ring.is_member()) {
      for (const Peer& peer : told_neighbors(ring, item)) {
        if (knows(item, peer) || excluded(*item.header, env.contacts.id_of(peer.index))) continue;
        batches.add(env, peer, at->first);
        note(item, peer);
      }
    }
    ++item.round;
    schedule(env, item, false);
    ++at;
  }
  batches.send(env);
}

void BroadcastNode::on_timer(Environment& env, const ChordNode& ring) {
  deadline_ = time_never;
  retry_pulls(env, ring);
  announce(env, ring);
  TimePoint next = time_never;
  for (const auto& [id, item] : items_) next = std::min(next, item.next);
  for (const auto& [id, missing] : missing_) next = std::min(next, missing.deadline);
  wake(env, next);
}

// ------------------------------------------------------------------------------------------------------------- asking

void BroadcastNode::on_have(Environment& env, const ChordNode& ring, const Peer& from, const BroadcastHave& have) {
  Neighbor& teller = neighbor(env.now, from);
  if (have.ids.empty() || have.ids.size() > digest_ids_max || teller.muted_until > env.now ||
      !teller.digests.take(env.now, config_->digest_pace, static_cast<unsigned>(have.ids.size())))
    return;
  // One neighbour may not fill the table of what is missing with inventions.
  auto asked = static_cast<std::size_t>(
      std::ranges::count_if(missing_, [&](const auto& entry) { return entry.second.asked == from; }));
  BroadcastWant want;
  for (const std::uint64_t id : have.ids) {
    if (const auto held = items_.find(id); held != items_.end()) {
      note(held->second, from);
      continue;
    }
    if (const auto place = missing_.find(id); place != missing_.end()) {
      std::vector<Holder>& holders = place->second.holders;
      if (holders.size() < holders_max && std::ranges::find(holders, from, &Holder::peer) == holders.end())
        holders.push_back({from, 0});
      continue;
    }
    if (missing_.size() >= config_->missing_max || asked >= config_->missing_max / 4) continue;
    ++asked;
    Missing& missing = missing_[id];
    missing.holders.push_back({from, 1});
    missing.asked = from;
    missing.deadline = env.now + std::max(config_->pull_timeout, ring.timeout_for(from));
    wake(env, missing.deadline);
    want.ids.push_back(id);
  }
  if (!want.ids.empty()) env.transport.send(from, want);
}

void BroadcastNode::on_want(Environment& env, const ChordNode&, const Peer& from, const BroadcastWant& want) {
  if (want.ids.size() > digest_ids_max) return;
  Neighbor& asker = neighbor(env.now, from);
  for (const std::uint64_t id : want.ids) {
    const auto held = items_.find(id);
    if (held == items_.end() || !held->second.payload) continue;
    Item& item = held->second;
    if (excluded(*item.header, env.contacts.id_of(from.index))) continue;
    if (!asker.payloads_out.take(env.now, config_->payload_pace)) return;
    note(item, from);
    const auto hops = static_cast<std::uint8_t>(std::min(item.hops + 1, 255));
    env.transport.send(from, Broadcast{item.header, item.payload, 0, hops});
  }
}

/// Asks the next holder, one of those that were asked least and have failed least; gives false where nobody is left.
bool BroadcastNode::pull_next(Environment& env, const ChordNode& ring, std::uint64_t id, Missing& missing) {
  Holder* best = nullptr;
  std::pair<unsigned, unsigned> best_record;
  unsigned equals = 0;
  for (Holder& holder : missing.holders) {
    const Neighbor& record = neighbor(env.now, holder.peer);
    if (holder.asked >= asks_per_holder_max || record.muted_until > env.now) continue;
    const std::pair rank(holder.asked, record.failures);
    equals = best != nullptr && rank == best_record ? equals + 1 : 1;
    if (best != nullptr && (rank > best_record || (rank == best_record && rng_.below(equals) != 0))) continue;
    best = &holder;
    best_record = rank;
  }
  if (best == nullptr) return false;
  ++best->asked;
  missing.asked = best->peer;
  missing.deadline = env.now + std::max(config_->pull_timeout, ring.timeout_for(best->peer));
  wake(env, missing.deadline);
  env.transport.send(best->peer, BroadcastWant{{id}});
  return true;
}

void BroadcastNode::pull_failed(Environment& env, const Peer& peer) {
  Neighbor& teller = neighbor(env.now, peer);
  if (++teller.failures < config_->pull_failures_max) return;
  teller.failures = 0;
  teller.muted_until = env.now + config_->mute;
}

void BroadcastNode::retry_pulls(Environment& env, const ChordNode& ring) {
  for (auto at = missing_.begin(); at != missing_.end();) {
    if (at->second.deadline > env.now) {
      ++at;
      continue;
    }
    ++counters_.unfounded;
    pull_failed(env, at->second.asked);
    if (pull_next(env, ring, at->first, at->second))
      ++at;
    else
      at = missing_.erase(at);
  }
}

void BroadcastNode::on_peer_down(Environment& env, const Peer& peer) {
  for (auto& [id, missing] : missing_) {
    std::erase_if(missing.holders, [&](const Holder& holder) { return holder.peer == peer; });
    if (missing.asked != peer) continue;
    missing.deadline = env.now;
    wake(env, env.now);
  }
}

}  // namespace cicada
