// Guards: links to peers at places that nobody can foresee, so that a message finds a way in when all neighbours of its
// target are hostile (resilience.md §5, strong eclipse, and §6, guard links); and the contact cards that name them.

#include <algorithm>

#include <cicada/signing.hpp>

#include "swarm_traffic.hpp"

namespace cicada {
namespace {

constexpr std::uint64_t to_ns(TimePoint time) { return static_cast<std::uint64_t>(time.time_since_epoch().count()); }

}  // namespace

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
    guard.token = ++t.last_token;
    env.transport.send(guard.peer, GuardRequest{guard.token});
  }
  if (t.guards.size() < config_->guards) seek_guard(env);
}

/// Looks for the peer at a random place.
void SwarmNode::seek_guard(Environment& env) {
  const Id place{{rng_.next(), rng_.next(), rng_.next(), rng_.next()}};
  chord_.lookup_for_layer(env, place);
  if (const auto found = chord_.take_found_for_layer()) guard_found(env, *found);
}

void SwarmNode::guard_found(Environment& env, const Peer& peer) {
  Traffic& t = traffic();
  const auto known = [&](const Traffic::Guard& guard) { return guard.peer == peer; };
  if (peer == chord_.self() || t.guards.size() >= config_->guards || std::ranges::any_of(t.guards, known)) return;
  Traffic::Guard guard{
      .peer = peer, .since = env.now, .renewed = env.now, .answered = env.now, .token = ++t.last_token};
  env.transport.send(peer, GuardRequest{guard.token});
  t.guards.push_back(guard);
}

void SwarmNode::on_guard_reply(Environment& env, const Peer& from, const GuardReply& reply) {
  if (!traffic_) return;
  Traffic& t = *traffic_;
  const auto guard = std::ranges::find(t.guards, from, &Traffic::Guard::peer);
  if (guard == t.guards.end() || guard->token != reply.token) return;
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
  t.guards.push_back({guard, env.now, env.now, env.now, ++t.last_token, true});
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

// ----------------------------------------------------------------------------------------------------------- cards

std::shared_ptr<const ContactCard> SwarmNode::contact_card(Environment& env) {
  Traffic& t = traffic();
  const std::uint64_t now = to_ns(env.now);
  const auto life = static_cast<std::uint64_t>(config_->card_life.count());
  if (t.card && t.card->expires_ns > now + life / 2) return t.card;
  auto card = std::make_shared<ContactCard>();
  for (const Traffic::Guard& guard : t.guards)
    if (guard.accepted) card->guards.push_back(guard.peer);
  if (card->guards.empty()) return nullptr;
  card->owner = chord_.id();
  card->owner_key = env.crypto.public_key();
  t.card_sequence = std::max(t.card_sequence + 1, now);  // Grows over restarts too.
  card->sequence = t.card_sequence;
  card->expires_ns = now + life;
  card->signature = env.crypto.sign(signed_bytes(*card, env.contacts));
  t.card = std::move(card);
  return t.card;
}

bool SwarmNode::learn_card(Environment& env, const std::shared_ptr<const ContactCard>& card) {
  Traffic& t = traffic();
  if (card == nullptr || card->expires_ns <= to_ns(env.now) || card->guards.empty()) return false;
  const auto known = t.cards.find(card->owner);
  if (known != t.cards.end() && known->second->sequence >= card->sequence) return false;
  if (std::ranges::any_of(card->guards, [](const Peer& guard) { return !guard.exists(); })) return false;
  if (!env.contacts.is_key_of(card->owner_key, card->owner) ||
      !env.crypto.verify(signed_bytes(*card, env.contacts), card->signature, card->owner_key))
    return false;
  if (known != t.cards.end()) {
    known->second = card;
    return true;
  }
  t.cards.emplace(card->owner, card);
  t.cards_order.push_back(card->owner);
  if (t.cards_order.size() > config_->cards_max) {
    t.cards.erase(t.cards_order.front());
    t.cards_order.pop_front();
  }
  return true;
}

std::shared_ptr<const ContactCard> SwarmNode::card_of(const Environment& env, const Id& target) const {
  const auto place = traffic_->cards.find(target);
  if (place == traffic_->cards.end() || place->second->expires_ns <= to_ns(env.now)) return nullptr;
  return place->second;
}

}  // namespace cicada
