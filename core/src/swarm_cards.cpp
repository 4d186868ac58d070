// Contact cards: making the own one and storing it in the ring, learning those of others, and looking for one there.
//
// A card is stored at a few places that follow from its owner's id, all over the ring, by an errand (`DataKind`) that
// travels like any repaired message. Who looks for one sends an errand the same way; the card that comes back proves
// itself, so nobody on the way can do more than keep silent, or give an older one. Two places are asked first, and the
// others where those don't know.

#include <algorithm>

#include <cicada/assert.hpp>
#include <cicada/signing.hpp>

#include "swarm_traffic.hpp"

namespace cicada {
namespace {

constexpr unsigned places_at_once = 2;   // Of those that a card may be at.
constexpr unsigned ways_for_errand = 3;  // Fuel of an errand, in undisturbed ways.

}  // namespace

// -------------------------------------------------------------------------------------------------------- the own one

std::shared_ptr<const ContactCard> SwarmNode::contact_card(Environment& env) {
  Traffic& t = traffic();
  const std::uint64_t now = to_ns(env.wall);
  const auto life = static_cast<std::uint64_t>(config_->card_life.count());
  // Its end is too far off where the clock was set back: nobody would believe the card.
  if (t.card && t.card->expires_ns > now + life / 2 && t.card->expires_ns - now < life + life / 2) return t.card;
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

/// Stores the card where others look for it, when it is due. Called now and then; cheap while it isn't.
void SwarmNode::publish_card(Environment& env) {
  Traffic& t = *traffic_;
  if (config_->card_places == 0) return;
  const bool changed = t.card == nullptr || t.card->sequence != t.published_sequence;
  const Duration pause = changed ? config_->card_pause : config_->card_renewal;
  if (t.published_sequence != 0 && env.now - t.published_at < pause) return;
  const auto card = contact_card(env);
  if (card == nullptr) return;
  t.published_sequence = card->sequence;
  t.published_at = env.now;
  const auto name = std::make_shared<const std::vector<std::uint8_t>>(card->signature.begin(), card->signature.end());
  for (unsigned number = 0; number < config_->card_places; ++number) {
    const Id place = card_place(env.crypto, card->owner, number);
    if (knows_around(place))
      hand_out_card(env, card, place);
    else
      run_errand(env, DataKind::store_card, place, name, card);
  }
}

std::shared_ptr<const ContactCard> SwarmNode::card_as_published(Environment& env) {
  auto card = contact_card(env);
  if (card == nullptr) return nullptr;
  Traffic& t = *traffic_;
  t.published_sequence = card->sequence;
  t.published_at =
      env.now -
      Duration(static_cast<Duration::rep>(rng_.below(static_cast<std::uint64_t>(config_->card_renewal.count()))));
  return card;
}

// ---------------------------------------------------------------------------------------------------- those of others

bool SwarmNode::learn_card(Environment& env, const std::shared_ptr<const ContactCard>& card) {
  if (!remember_card(env, card)) return false;
  card_came(env, card->owner);
  return true;
}

bool SwarmNode::remember_card(Environment& env, const std::shared_ptr<const ContactCard>& card) {
  Traffic& t = traffic();
  if (card == nullptr) return false;
  const auto known = t.cards.find(card->owner);
  if (known != t.cards.end() && known->second->sequence >= card->sequence) return false;
  if (!env.contacts.is_key_of(card->owner_key, card->owner) || judge(env, *card) != Judgement::genuine) return false;
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
  if (place == traffic_->cards.end() || place->second->expires_ns <= to_ns(env.wall)) return nullptr;
  return place->second;
}

// ------------------------------------------------------------------------------------------------------------ searches

/// Looks for a card of `owner` that is newer than the one known. Does nothing while it is at it.
void SwarmNode::seek_card(Environment& env, const Id& owner) {
  Traffic& t = *traffic_;
  if (config_->card_places == 0 || config_->guards == 0 || t.searches.size() >= config_->searches_max ||
      t.searches.contains(owner))
    return;
  const auto known = card_of(env, owner);
  const std::uint64_t newer_than = known ? known->sequence : 0;
  if (const auto kept = card_kept(env, owner, newer_than); kept && learn_card(env, kept)) return;
  Search& search = t.searches[owner];
  search.newer_than = newer_than;
  ask_places(env, owner, search);
}

void SwarmNode::ask_places(Environment& env, const Id& owner, Search& search) {
  const unsigned last = std::min(search.asked + places_at_once, config_->card_places);
  const Payload request = card_request(owner, search.newer_than);
  for (; search.asked < last; ++search.asked)
    if (run_errand(env, DataKind::fetch_card, card_place(env.crypto, owner, search.asked), request, nullptr))
      ++search.open;
  search.deadline = env.now + config_->ack_timeout;
  wake(env, {.at = search.deadline, .key = {}, .what = Due::What::search});
}

/// Those whose errands have come back with nothing, or not in time.
void SwarmNode::look_at_searches(Environment& env) {
  std::map<Id, Search>& searches = traffic_->searches;
  for (auto place = searches.begin(); place != searches.end();) {
    auto& [owner, search] = *place;
    const bool over = search.deadline <= env.now && search.asked >= config_->card_places;
    if (search.deadline <= env.now && !over) ask_places(env, owner, search);
    place = over ? searches.erase(place) : std::next(place);
  }
}

void SwarmNode::errand_given_up(Environment& env, const Relay& relay) {
  if (relay.data.header->kind != DataKind::fetch_card) return;
  const auto request = read_card_request(relay.data.payload);
  const auto place = traffic_->searches.find(request->owner);
  if (place == traffic_->searches.end() || place->second.open == 0) return;
  if (--place->second.open > 0) return;
  place->second.deadline = env.now;  // At the timer: not from within this step.
  wake(env, {.at = env.now, .key = {}, .what = Due::What::search});
}

// ------------------------------------------------------------------------------------------------------------- errands

Payload SwarmNode::card_request(const Id& owner, std::uint64_t newer_than) {
  const auto id = owner.to_bytes();
  auto bytes = std::make_shared<std::vector<std::uint8_t>>(id.begin(), id.end());
  for (int shift = 56; shift >= 0; shift -= 8) bytes->push_back(static_cast<std::uint8_t>(newer_than >> shift));
  return bytes;
}

std::optional<SwarmNode::CardRequest> SwarmNode::read_card_request(const Payload& payload) {
  if (payload == nullptr || payload->size() != Id::size_bytes + 8) return std::nullopt;
  CardRequest request;
  request.owner = Id::from_bytes(std::span(*payload).first<Id::size_bytes>());
  for (std::size_t i = Id::size_bytes; i < payload->size(); ++i)
    request.newer_than = (request.newer_than << 8) | (*payload)[i];
  return request;
}

/// Sends an errand of this node's own to a place. Gives false where there is nobody to hand it to.
bool SwarmNode::run_errand(Environment& env, DataKind kind, const Id& place, const Payload& payload,
                           const std::shared_ptr<const ContactCard>& card) {
  Data data;
  data.header = make_header(env, kind, place, payload);
  data.payload = payload;
  data.card = card;
  data.routing = Routing::repair;
  const unsigned way = Neighborhood::hops_to(chord_, Neighborhood::distance(chord_.self().prefix(), place.prefix()));
  return start_copy(env, std::move(data), ways_for_errand * (way + 1));
}

}  // namespace cicada
