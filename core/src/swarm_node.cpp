// A node of the swarm: its inputs, and who of the parts they belong to.

#include <cicada/swarm_node.hpp>

#include <algorithm>

#include "swarm_traffic.hpp"

namespace cicada {
namespace {

/// The stream for message ids is another one than the ring's.
constexpr std::uint64_t message_salt = 0x6d65737361676573ULL;

constexpr std::uint64_t broadcast_salt = 0x62726f6164636173ULL;

}  // namespace

SwarmNode::SwarmNode(const SwarmConfig& config, Peer self, const Id& id, Rng rng)
    : chord_(config.chord, self, id, rng), config_(&config), rng_(rng.fork(message_salt)) {}
SwarmNode::SwarmNode(SwarmNode&&) noexcept = default;
SwarmNode& SwarmNode::operator=(SwarmNode&&) noexcept = default;
SwarmNode::~SwarmNode() = default;

SwarmNode::Traffic& SwarmNode::traffic() {
  if (!traffic_) traffic_ = std::make_unique<Traffic>(*config_);
  return *traffic_;
}

BroadcastNode& SwarmNode::broadcasts() {
  if (!broadcasts_) broadcasts_ = std::make_unique<BroadcastNode>(config_->broadcast, rng_.fork(broadcast_salt));
  return *broadcasts_;
}

std::uint64_t SwarmNode::copies_seen() const { return traffic_ ? traffic_->copies_seen : 0; }
SwarmNode::Load SwarmNode::load() const { return traffic_ ? traffic_->relays.load() : Load{}; }
std::size_t SwarmNode::relays() const { return traffic_ ? traffic_->relays.size() : 0; }
bool SwarmNode::is_consistent() const { return !traffic_ || traffic_->relays.is_consistent(); }

void SwarmNode::visit_traffic(const std::function<void(PeerIndex)>& visit) const {
  const Traffic& t = *traffic_;
  const auto visit_card = [&](const ContactCard& card) {
    for (const Peer& guard : card.guards) visit(guard.index);
  };
  t.neighborhood.for_each_peer(visit);
  for (const auto& [key, relay] : t.relays) {
    visit(relay.data.header->source.index);
    for (std::size_t i = 0; i < relay.previous_count; ++i) visit(relay.previous[i].index);
    for (const Relay::Attempt& attempt : relay.attempts) visit(attempt.to.index);
    if (relay.data.card) visit_card(*relay.data.card);
    if (relay.proof && relay.proof->card) visit_card(*relay.proof->card);
  }
  for (const auto& [id, pending] : t.pending) visit(pending.header->source.index);
  for (const Traffic::Guard& guard : t.guards) visit(guard.peer.index);
  for (const Traffic::Ward& ward : t.wards) visit(ward.peer.index);
  if (t.card) visit_card(*t.card);
  for (const auto& [owner, card] : t.cards) visit_card(*card);
  for (const Traffic::Kept& kept : t.kept) visit_card(*kept.card);
}

// -------------------------------------------------------------------------------------------------------------- inputs

void SwarmNode::on_message(Environment& env, const Peer& from, const Message& message) {
  if (traffic_) traffic_->neighborhood.heard_from(from, env.now);
  if (chord_.on_message(env, from, message)) {
    if (const auto found = chord_.take_found_for_layer()) guard_found(env, *found);
    return;
  }
  if (const auto* data = std::get_if<Data>(&message)) return on_data(env, from, *data);
  if (const auto* report = std::get_if<DataReport>(&message)) return on_report(env, from, *report);
  if (const auto* ack = std::get_if<DataAck>(&message)) return on_ack(env, from, *ack);
  if (const auto* request = std::get_if<GuardRequest>(&message)) return on_guard_request(env, from, *request);
  if (const auto* reply = std::get_if<GuardReply>(&message)) return on_guard_reply(env, from, *reply);
  if (BroadcastNode::takes(message)) broadcasts().on_message(env, chord_, from, message);
}

void SwarmNode::on_timer(Environment& env, Timer timer) {
  if (timer == Timer::data) return on_data_timer(env);
  if (timer == Timer::broadcast) return broadcasts().on_timer(env, chord_);
  chord_.on_timer(env, timer);
  if (timer == Timer::stabilize && config_->guards > 0 && chord_.is_member()) look_after_guards(env);
}

/// What waits for a dead peer goes another way at once.
void SwarmNode::on_peer_down(Environment& env, const Peer& peer) {
  chord_.on_peer_down(env, peer);
  if (broadcasts_) broadcasts_->on_peer_down(env, peer);
  if (!traffic_) return;
  Traffic& t = *traffic_;
  t.neighborhood.drop(peer.index);
  std::erase_if(t.wards, [&](const Traffic::Ward& ward) { return ward.peer == peer; });
  if (std::erase_if(t.guards, [&](const Traffic::Guard& guard) { return guard.peer == peer; }) > 0) t.card = nullptr;
  for (auto& [key, relay] : t.relays) {
    if (relay.phase != Relay::Phase::open || relay.attempts.empty()) continue;
    Relay::Attempt& attempt = relay.attempts.back();
    if (attempt.to != peer || attempt.state == Relay::State::over) continue;
    attempt.state = Relay::State::sent;  // As if it had never said that it had the copy.
    relay.deadline = env.now;
    watch(env, relay, env.now);
  }
}

/// Nobody is to blame for what came too late while this node did not run. Whoever holds a copy gets the time for one
/// more word; after that the copy goes another way.
void SwarmNode::on_wake(Environment& env) {
  chord_.on_wake(env);
  if (broadcasts_) broadcasts_->on_wake(env);
  if (!traffic_) return;
  for (auto& [key, relay] : traffic_->relays) {
    if (relay.phase != Relay::Phase::open || relay.attempts.empty()) continue;
    for (Relay::Attempt& attempt : relay.attempts) attempt.blame_at = time_never;
    Relay::Attempt& newest = relay.attempts.back();
    if (newest.state == Relay::State::over) continue;
    newest.state = Relay::State::sent;  // As if it had never said that it had the copy.
    relay.deadline = env.now + chord_.likely_timeout_for(newest.to);
    watch(env, relay, relay.deadline);
  }
}

// --------------------------------------------------------------------------------------------------------------- time

void SwarmNode::wake(Environment& env, const Due& due) {
  Traffic& t = traffic();
  t.due.push(due);
  if (due.at >= t.deadline) return;
  t.deadline = due.at;
  env.clock.arm(Timer::data, due.at);
}

/// `relay` wants to be looked at then. Its entry, if it has one, is only ever replaced by an earlier one, and moves on
/// when its time has come: so most changes of a deadline cost nothing.
void SwarmNode::watch(Environment& env, Relay& relay, TimePoint at) {
  if (at >= relay.queued) return;
  relay.queued = at;
  wake(env, {.at = at, .key = {relay.data.header->id, relay.data.copy}, .what = Due::What::relay});
}

void SwarmNode::watch(Environment& env, Pending& pending) {
  if (pending.deadline >= pending.queued) return;
  pending.queued = pending.deadline;
  wake(env, {.at = pending.deadline, .key = {pending.header->id, 0}, .what = Due::What::pending});
}

void SwarmNode::on_data_timer(Environment& env) {
  if (!traffic_) return;
  Traffic& t = *traffic_;
  t.deadline = time_never;
  // What a step on one of them makes due at once waits for the next round, so that none can go on for ever.
  std::vector<Due> ripe;
  for (; !t.due.empty() && t.due.top().at <= env.now; t.due.pop()) ripe.push_back(t.due.top());
  for (const Due& due : ripe) {
    if (due.what == Due::What::search) {
      look_at_searches(env);
    } else if (due.what == Due::What::relay) {
      Relay* relay = t.relays.find(due.key);
      if (relay == nullptr || relay->queued != due.at) continue;
      relay->queued = time_never;
      look_at(env, due.key, *relay);
    } else {
      const auto place = t.pending.find(due.key.id);
      if (place == t.pending.end() || place->second.queued != due.at) continue;
      place->second.queued = time_never;
      if (place->second.deadline <= env.now)
        try_again(env, place->second);
      else
        watch(env, place->second);
    }
  }
  if (t.due.empty() || t.due.top().at >= t.deadline) return;
  t.deadline = t.due.top().at;
  env.clock.arm(Timer::data, t.deadline);
}

/// What is due of one copy; and when it wants to be looked at again.
void SwarmNode::look_at(Environment& env, const RouteKey& key, Relay& relay) {
  if (relay.expires <= env.now) {
    if (relay.phase == Relay::Phase::open && relay.own) copy_given_up(env, relay);
    return traffic_->relays.erase(key);
  }
  if (relay.phase == Relay::Phase::open && relay.deadline <= env.now) overdue(env, relay);
  if (relay.phase == Relay::Phase::open && relay.reassure <= env.now) reassure_previous(env, relay);
  for (std::size_t i = 0; i < relay.attempts.size() && relay.phase == Relay::Phase::open; ++i)
    if (relay.attempts[i].blame_at <= env.now) blame(env, relay, relay.attempts[i]);
  TimePoint next = relay.expires;
  if (relay.phase == Relay::Phase::open) {
    next = std::min({next, relay.deadline, relay.reassure});
    for (const Relay::Attempt& attempt : relay.attempts) next = std::min(next, attempt.blame_at);
  }
  watch(env, relay, next);
}

}  // namespace cicada
