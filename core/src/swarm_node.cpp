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

void SwarmNode::visit_traffic(const std::function<void(PeerIndex)>& visit) const {
  const Traffic& t = *traffic_;
  t.neighborhood.for_each_peer(visit);
  for (const auto& [key, relay] : t.relays) {
    visit(relay.data.header->source.index);
    for (std::size_t i = 0; i < relay.previous_count; ++i) visit(relay.previous[i].index);
    for (const Relay::Attempt& attempt : relay.attempts) visit(attempt.to.index);
  }
  for (const auto& [id, pending] : t.pending) visit(pending.header->source.index);
  for (const Traffic::Guard& guard : t.guards) visit(guard.peer.index);
  for (const Traffic::Ward& ward : t.wards) visit(ward.peer.index);
  const auto visit_card = [&](const ContactCard& card) {
    for (const Peer& guard : card.guards)
      if (guard.exists()) visit(guard.index);
  };
  if (t.card) visit_card(*t.card);
  for (const auto& [owner, card] : t.cards) visit_card(*card);
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
    arm(env, env.now);
  }
}

// --------------------------------------------------------------------------------------------------------------- time

void SwarmNode::arm(Environment& env, TimePoint deadline) {
  Traffic& t = traffic();
  if (deadline >= t.deadline) return;
  t.deadline = deadline;
  env.clock.arm(Timer::data, deadline);
}

void SwarmNode::on_data_timer(Environment& env) {
  if (!traffic_) return;
  Traffic& t = *traffic_;
  t.deadline = time_never;
  // A step on a relay may end others (their message is proven, or its source gives up), and begins none before it in
  // the map's order that would be due by now: so one pass by key is enough.
  for (auto place = t.relays.begin(); place != t.relays.end();) {
    Relay& relay = place->second;
    if (relay.expires <= env.now) {
      if (relay.phase == Relay::Phase::open && relay.own) copy_given_up(env, relay);
      place = t.relays.erase(place);
      continue;
    }
    ++place;
    if (relay.phase == Relay::Phase::open && relay.deadline <= env.now) overdue(env, relay);
    if (relay.phase == Relay::Phase::open && relay.reassure <= env.now) reassure_previous(env, relay);
    for (Relay::Attempt& attempt : relay.attempts)
      if (attempt.blame_at <= env.now && relay.phase == Relay::Phase::open) blame(env, relay, attempt);
  }
  for (auto place = t.pending.begin(); place != t.pending.end();) {
    Pending& pending = place->second;
    ++place;
    if (pending.deadline <= env.now) try_again(env, pending);
  }
  TimePoint next = time_never;
  for (const auto& [key, relay] : t.relays) {
    next = std::min(next, relay.expires);
    if (relay.phase == Relay::Phase::open) next = std::min({next, relay.deadline, relay.reassure});
    for (const Relay::Attempt& attempt : relay.attempts)
      if (relay.phase == Relay::Phase::open) next = std::min(next, attempt.blame_at);
  }
  for (const auto& [id, pending] : t.pending) next = std::min(next, pending.deadline);
  t.deadline = time_never;
  if (next != time_never) arm(env, next);
}

}  // namespace cicada
