// Digests, and pulls of what is missing.

#include <algorithm>
#include <utility>

#include <cicada/broadcast.hpp>

namespace cicada {
namespace {

/// After the first digests the ring neighbours are looked at again, for newcomers among them: after these shares of
/// `BroadcastConfig::keep`, the last of which ends it.
constexpr std::array<int, 4> looks_percent = {8, 25, 50, 100};

constexpr unsigned mute_doublings_max = 6;

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

/// Whom a look tells: ring neighbours on both sides, at the first look some fingers, and at the second one everybody on
/// a side from which there was nothing to be heard.
std::vector<Peer> BroadcastNode::told_neighbors(const ChordNode& ring, const Item& item) {
  std::vector<Peer> told;
  const auto add = [&](std::span<const Peer> side) {
    unsigned left = config_->ring_neighbors;
    bool heard = item.round != 1;
    for (const Peer& peer : side) {
      if (!peer.exists()) continue;
      if (left == 0 && heard) return;
      heard = heard || spoke(item, peer);
      left -= left > 0;
      told.push_back(peer);
    }
  };
  add(ring.successors());
  add(ring.predecessors());
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
    if (item.round == looks_percent.size() || stale(env.wall, *item.header)) {
      at = items_.erase(at);
      continue;
    }
    if (ring.is_member()) {
      for (const Peer& peer : told_neighbors(ring, item)) {
        if (knows(item, peer) || excluded(*item.header, env.contacts.id_of(peer.index))) continue;
        batches.add(env, peer, at->first);
        note(item, peer, false);
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
  retry_pulls(env);
  announce(env, ring);
  TimePoint next = time_never;
  for (const auto& [id, item] : items_) next = std::min(next, item.next);
  for (const auto& [id, missing] : missing_) next = std::min(next, missing.deadline);
  wake(env, next);
}

// ------------------------------------------------------------------------------------------------------------- asking

void BroadcastNode::on_have(Environment& env, const Peer& from, const BroadcastHave& have) {
  Neighbor& teller = neighbor(env.now, from);
  if (have.ids.size() > digest_ids_max || teller.muted_until > env.now ||
      !teller.digests.take(env.now, config_->digest_pace, static_cast<unsigned>(have.ids.size())))
    return env.listener.on_refused(from, Refusal::over_budget);
  // One neighbour may not fill the table of what is missing with inventions.
  auto first_told = static_cast<std::size_t>(
      std::ranges::count_if(missing_, [&](const auto& entry) { return entry.second.holders.front().peer == from; }));
  BroadcastWant want;
  for (const std::uint64_t id : have.ids) {
    if (const auto held = items_.find(id); held != items_.end()) {
      note(held->second, from, true);
    } else if (const auto place = missing_.find(id); place != missing_.end()) {
      add_holder(env, place->second, from);
    } else if (missing_.size() < config_->missing_max && first_told < config_->missing_max / 4) {
      ++first_told;
      Missing& missing = missing_[id];
      missing.holders.push_back({from, 1, true});
      missing.deadline = env.now + config_->pull_timeout;
      wake(env, missing.deadline);
      want.ids.push_back(id);
    }
  }
  if (!want.ids.empty()) env.transport.send(from, want);
}

/// Where all places are taken, the newcomer gets that of one that was asked before, or has failed more often.
void BroadcastNode::add_holder(Environment& env, Missing& missing, const Peer& peer) {
  std::vector<Holder>& holders = missing.holders;
  if (std::ranges::find(holders, peer, &Holder::peer) != holders.end()) return;
  if (holders.size() < holders_max) {
    holders.push_back({peer, 0, false});
    return;
  }
  const auto rank = [&](const Holder& holder) {
    return std::pair(holder.pending ? 0U : holder.asked, neighbor(env.now, holder.peer).failures);
  };
  const auto worst = std::ranges::max_element(holders, {}, rank);
  const Holder newcomer{peer, 0, false};
  if (rank(*worst) > rank(newcomer)) *worst = newcomer;
}

void BroadcastNode::on_want(Environment& env, const Peer& from, const BroadcastWant& want) {
  if (want.ids.size() > digest_ids_max) return env.listener.on_refused(from, Refusal::over_budget);
  Neighbor& asker = neighbor(env.now, from);
  for (const std::uint64_t id : want.ids) {
    const auto held = items_.find(id);
    if (held == items_.end() || !held->second.payload) continue;
    Item& item = held->second;
    if (stale(env.wall, *item.header)) continue;
    if (excluded(*item.header, env.contacts.id_of(from.index))) continue;
    Knowing* const knowing = note(item, from, true);
    if ((knowing != nullptr && knowing->served == serves_max) ||
        !asker.payloads_out.take(env.now, config_->payload_pace)) {
      env.listener.on_refused(from, Refusal::over_budget);
      continue;
    }
    if (knowing != nullptr) ++knowing->served;
    const auto hops = static_cast<std::uint8_t>(std::min(item.hops + 1, 255));
    env.transport.send(from, Broadcast{item.header, item.payload, 0, hops});
  }
}

/// One of those that were asked least and have failed least, by lot; nullptr where nobody is left.
BroadcastNode::Holder* BroadcastNode::next_holder(Environment& env, Missing& missing) {
  Holder* best = nullptr;
  std::pair<unsigned, unsigned> best_rank;
  unsigned equals = 0;
  for (Holder& holder : missing.holders) {
    const Neighbor& record = neighbor(env.now, holder.peer);
    if (holder.pending || holder.asked >= asks_per_holder_max || record.muted_until > env.now) continue;
    const std::pair<unsigned, unsigned> rank(holder.asked, record.failures);
    equals = best != nullptr && rank == best_rank ? equals + 1 : 1;
    if (best != nullptr && (rank > best_rank || (rank == best_rank && rng_.below(equals) != 0))) continue;
    best = &holder;
    best_rank = rank;
  }
  return best;
}

/// Asks as many holders as it is time for; gives false where nobody is left.
bool BroadcastNode::pull(Environment& env, std::uint64_t id, Missing& missing) {
  bool any = false;
  for (unsigned i = 0; i < missing.asks_at_once; ++i) {
    Holder* holder = next_holder(env, missing);
    if (holder == nullptr) break;
    any = holder->pending = true;
    ++holder->asked;
    env.transport.send(holder->peer, BroadcastWant{{id}});
  }
  missing.deadline = env.now + config_->pull_timeout;
  wake(env, missing.deadline);
  return any;
}

/// One who told and did not deliver several times in a row is not listened to for a while, and longer each time.
void BroadcastNode::pull_failed(Environment& env, const Peer& peer) {
  Neighbor& teller = neighbor(env.now, peer);
  if (++teller.failures < config_->pull_failures_max) return;
  const unsigned doublings = std::min(teller.failures - config_->pull_failures_max, mute_doublings_max);
  teller.muted_until = env.now + config_->mute * (1U << doublings);
}

/// Without an answer in time, the next holders are asked, and twice as many at once: among those who told first there
/// may be many liars.
void BroadcastNode::retry_pulls(Environment& env) {
  for (auto at = missing_.begin(); at != missing_.end();) {
    Missing& missing = at->second;
    if (missing.deadline > env.now) {
      ++at;
      continue;
    }
    for (Holder& holder : missing.holders) {
      if (!std::exchange(holder.pending, false)) continue;
      ++counters_.unfounded;
      pull_failed(env, holder.peer);
    }
    missing.asks_at_once = static_cast<std::uint8_t>(std::min(2U * missing.asks_at_once, asks_at_once_max));
    if (pull(env, at->first, missing))
      ++at;
    else
      at = missing_.erase(at);
  }
}

void BroadcastNode::on_wake(Environment& env) {
  for (auto& [id, missing] : missing_) {
    for (Holder& holder : missing.holders)
      if (std::exchange(holder.pending, false)) --holder.asked;
    missing.deadline = env.now;
    wake(env, env.now);
  }
}

void BroadcastNode::on_peer_down(Environment& env, const Peer& peer) {
  for (auto at = missing_.begin(); at != missing_.end();) {
    Missing& missing = at->second;
    const auto gone = std::ranges::find(missing.holders, peer, &Holder::peer);
    if (gone == missing.holders.end()) {
      ++at;
      continue;
    }
    const bool pending = gone->pending;
    missing.holders.erase(gone);
    if (missing.holders.empty()) {
      at = missing_.erase(at);
      continue;
    }
    if (pending) {
      missing.deadline = env.now;
      wake(env, env.now);
    }
    ++at;
  }
}

}  // namespace cicada
