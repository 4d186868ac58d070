// Guards: links to peers at places that nobody can foresee, so that a message finds a way in when all neighbours of its
// target are hostile (resilience.md §5, strong eclipse, and §6, guard links). swarm_cards.cpp tells others of them.

#include <algorithm>

#include "swarm_traffic.hpp"

namespace cicada {

// ------------------------------------------------------------------------------------------------------ own guards

/// Called now and then. Cheap while nothing is due.
void SwarmNode::look_after_guards(Environment& env) {
  Traffic& t = traffic();
  std::erase_if(t.wards, [&](const Traffic::Ward& ward) { return env.now - ward.heard > 3 * config_->guard_renewal; });
  const std::size_t before = t.guards.size();
  std::erase_if(t.guards,
                [&](const Traffic::Guard& guard) { return env.now - guard.answered > 2 * config_->guard_renewal; });
  if (t.guards.size() == config_->guards) {
    const auto oldest = std::ranges::min_element(t.guards, {}, &Traffic::Guard::since);
    if (env.now - oldest->since > config_->guard_rotation * config_->guards) t.guards.erase(oldest);
  }
  if (t.guards.size() != before) t.card = nullptr;
  for (Traffic::Guard& guard : t.guards) {
    if (env.now - guard.renewed < config_->guard_renewal) continue;
    guard.renewed = env.now;
    guard.token = chord_.fresh_nonce(env);
    env.transport.send(guard.peer, GuardRequest{guard.token});
  }
  if (t.guards.size() < config_->guards) seek_guard(env);
  publish_card(env);
}

/// Looks for the peer at a random place.
void SwarmNode::seek_guard(Environment& env) {
  const Nonce high = chord_.fresh_nonce(env);
  const Nonce low = chord_.fresh_nonce(env);
  const Id place{{high.high, high.low, low.high, low.low}};
  chord_.lookup_for_layer(env, place);
  if (const auto found = chord_.take_found_for_layer()) guard_found(env, *found);
}

void SwarmNode::guard_found(Environment& env, const Peer& peer) {
  Traffic& t = traffic();
  const auto known = [&](const Traffic::Guard& guard) { return guard.peer == peer; };
  if (peer == chord_.self() || t.guards.size() >= config_->guards || std::ranges::any_of(t.guards, known)) return;
  Traffic::Guard guard{
      .peer = peer, .since = env.now, .renewed = env.now, .answered = env.now, .token = chord_.fresh_nonce(env)};
  env.transport.send(peer, GuardRequest{guard.token});
  t.guards.push_back(guard);
}

void SwarmNode::on_guard_reply(Environment& env, const Peer& from, const GuardReply& reply) {
  if (!traffic_) return;
  Traffic& t = *traffic_;
  const auto guard = std::ranges::find(t.guards, from, &Traffic::Guard::peer);
  if (guard == t.guards.end() || guard->token != reply.token)
    return env.listener.on_refused(from, Refusal::not_asked_for);
  if (!reply.accepted) {
    t.guards.erase(guard);
    t.card = nullptr;
    return;
  }
  guard->answered = env.now;
  if (!guard->accepted) t.card = nullptr;
  guard->accepted = true;
}

void SwarmNode::add_guard(Environment& env, const Peer& guard) {
  Traffic& t = traffic();
  if (guard == chord_.self() || t.guards.size() >= config_->guards) return;
  t.guards.push_back({guard, env.now, env.now, env.now, chord_.fresh_nonce(env), true});
  t.card = nullptr;
}

// ------------------------------------------------------------------------------------------------- guard of others

void SwarmNode::on_guard_request(Environment& env, const Peer& from, const GuardRequest& request) {
  Traffic& t = traffic();
  const auto known = std::ranges::find(t.wards, from, &Traffic::Ward::peer);
  const bool accepted = chord_.is_member() && (known != t.wards.end() || t.wards.size() < config_->wards_max);
  if (accepted) add_ward(from, env.now);
  env.transport.send(from, GuardReply{.token = request.token, .accepted = accepted});
}

void SwarmNode::add_ward(const Peer& ward, TimePoint now) {
  Traffic& t = traffic();
  const auto known = std::ranges::find(t.wards, ward, &Traffic::Ward::peer);
  if (known != t.wards.end())
    known->heard = now;
  else if (t.wards.size() < config_->wards_max)
    t.wards.push_back({ward, now});
}

void SwarmNode::add_link(const Peer& peer, TimePoint now) { traffic().neighborhood.heard_from(peer, now); }

}  // namespace cicada
