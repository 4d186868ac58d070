// Contact cards kept for others, because a place of theirs is near: taking them in, handing them out, answering.
//
// The first peer on the way of a store that has the place within its lists hands the card to the few peers nearest to
// it: not the nearest one alone, which may be hostile and is the only one that an attacker has to be. Nobody keeps a
// card of somebody whose places are elsewhere, and a full keeper gives up the card whose place is the farthest.

#include <algorithm>
#include <array>

#include <cicada/signing.hpp>

#include "swarm_traffic.hpp"

namespace cicada {

// ------------------------------------------------------------------------------------------------------------- places

/// Does this node know the peers on both sides of `place`? So it does where its lists go on for some peers behind it,
/// and where it is the nearest itself.
bool SwarmNode::knows_around(const Id& place) const {
  const std::uint64_t own = chord_.self().prefix();
  const auto covered = [&](std::span<const Peer> list, std::uint64_t distance, bool after) {
    std::size_t behind = 0;
    for (const Peer& peer : list)
      if (peer.exists() && (after ? peer.prefix() - own : own - peer.prefix()) >= distance) ++behind;
    return behind >= config_->card_keepers;
  };
  return covered(chord_.successors(), place.prefix() - own, true) ||
         covered(chord_.predecessors(), own - place.prefix(), false) || is_near(place, 1);
}

/// The `count` peers nearest to `place` among the lists and this node, nearest first.
PeerList SwarmNode::nearest_to(const Id& place, std::size_t count) const {
  std::vector<Peer> peers{chord_.self()};
  for (const auto list : {chord_.successors(), chord_.predecessors()})
    for (const Peer& peer : list)
      if (peer.exists() && std::ranges::find(peers, peer) == peers.end()) peers.push_back(peer);
  const auto nearer = [&](const Peer& a, const Peer& b) {
    const std::uint64_t x = Neighborhood::distance(a.prefix(), place.prefix());
    const std::uint64_t y = Neighborhood::distance(b.prefix(), place.prefix());
    return x != y ? x < y : a.prefix() < b.prefix();
  };
  count = std::min(count, peers.size());
  std::ranges::partial_sort(peers, peers.begin() + static_cast<std::ptrdiff_t>(count), nearer);
  return PeerList(std::span(peers).first(count));
}

/// Is this node one of them?
bool SwarmNode::is_near(const Id& place, std::size_t count) const {
  const PeerList nearest = nearest_to(place, count);
  return std::ranges::find(nearest, chord_.self()) != nearest.end();
}

/// Is `place` one of the places for the card of `owner`?
bool SwarmNode::is_place_of(Environment& env, const Id& owner, const Id& place) const {
  for (unsigned number = 0; number < config_->card_places; ++number)
    if (card_place(env.crypto, owner, number) == place) return true;
  return false;
}

/// Hands a card to the keepers of one of its places.
void SwarmNode::hand_out_card(Environment& env, const std::shared_ptr<const ContactCard>& card, const Id& place) {
  const auto name = std::make_shared<const std::vector<std::uint8_t>>(card->signature.begin(), card->signature.end());
  for (const Peer& keeper : nearest_to(place, config_->card_keepers)) {
    if (keeper == chord_.self()) {
      keep_card(env, card, place);
      continue;
    }
    Data data;
    data.header = make_header(env, DataKind::store_card, env.contacts.id_of(keeper.index), name);
    data.payload = name;
    data.card = card;
    env.transport.send(keeper, data);
  }
}

// ------------------------------------------------------------------------------------------------------------ keeping

std::size_t SwarmNode::cards_kept() const { return traffic_ ? traffic_->kept.size() : 0; }

void SwarmNode::add_kept_card(const std::shared_ptr<const ContactCard>& card, const Id& place) {
  auto& kept = traffic().kept;
  const auto of_owner = [&](const Traffic::Kept& one) { return one.card->owner == card->owner; };
  if (kept.size() < config_->cards_kept_max && std::ranges::none_of(kept, of_owner))
    kept.push_back({card, place.prefix()});
}

/// The caller has checked the card, and that the place is one of its owner's.
void SwarmNode::keep_card(Environment& env, const std::shared_ptr<const ContactCard>& card, const Id& place) {
  Traffic& t = traffic();
  const auto known = std::ranges::find(t.kept, card->owner, [](const Traffic::Kept& kept) { return kept.card->owner; });
  if (known != t.kept.end()) {
    // Where strangers' keys cannot be told from false ones, the one that came first stays.
    const bool same_key = known->card->owner_key == card->owner_key;
    if (same_key ? card->sequence > known->card->sequence : env.contacts.is_key_of(card->owner_key, card->owner))
      *known = {card, place.prefix()};
    return;
  }
  std::erase_if(t.kept, [&](const Traffic::Kept& kept) { return kept.card->expires_ns <= to_ns(env.wall); });
  const auto far_off = [&](const Traffic::Kept& kept) {
    return Neighborhood::distance(kept.place, chord_.self().prefix());
  };
  if (t.kept.size() >= config_->cards_kept_max) {
    const auto farthest = std::ranges::max_element(t.kept, {}, far_off);
    if (far_off(*farthest) <= far_off({card, place.prefix()})) return;
    *farthest = {card, place.prefix()};
    return;
  }
  t.kept.push_back({card, place.prefix()});
}

/// A card of `owner` that this node can give others.
std::shared_ptr<const ContactCard> SwarmNode::card_kept(Environment& env, const Id& owner, std::uint64_t newer_than) {
  const auto fits = [&](const std::shared_ptr<const ContactCard>& card) {
    return card != nullptr && card->sequence > newer_than && card->expires_ns > to_ns(env.wall);
  };
  if (owner == chord_.id())
    if (auto own = contact_card(env); fits(own)) return own;
  std::shared_ptr<const ContactCard> best = card_of(env, owner);
  for (const Traffic::Kept& kept : traffic_->kept)
    if (kept.card->owner == owner && (best == nullptr || kept.card->sequence > best->sequence)) best = kept.card;
  return fits(best) ? best : nullptr;
}

// ------------------------------------------------------------------------------------------------------------- errands

/// An errand that `genuine` has passed. Gives true where it ends here.
bool SwarmNode::serve_errand(Environment& env, const Peer& from, const Data& data) {
  const DataHeader& header = *data.header;
  DataAck done;
  done.id = header.id;
  done.copy = data.copy;
  done.hops = data.hops;
  done.attempt = data.attempt;
  const auto is_within_pace = [&] {
    if (traffic_->limits.of(from.index, env.now).cards.take(env.now, config_->cards_of_neighbor)) return true;
    env.listener.on_refused(from, Refusal::over_budget);
    env.transport.send(from,
                       DataReport{.id = header.id, .copy = data.copy, .report = Report::refused, .fuel = data.fuel});
    return false;
  };
  if (header.kind == DataKind::store_card) {
    if (!knows_around(header.target)) return false;
    if (!is_within_pace()) return true;
    if (is_place_of(env, data.card->owner, header.target)) hand_out_card(env, data.card, header.target);
    env.transport.send(from, done);
    return true;
  }
  const auto request = read_card_request(data.payload);
  done.card = card_kept(env, request->owner, request->newer_than);
  if (done.card == nullptr && !is_near(header.target, config_->card_keepers)) return false;
  if (done.card != nullptr && !is_within_pace()) return true;
  if (done.card != nullptr)
    env.transport.send(from, done);
  else
    env.transport.send(from,
                       DataReport{.id = header.id, .copy = data.copy, .report = Report::exhausted, .fuel = data.fuel});
  return true;
}

/// A card handed to this very node. Whoever did so may know other peers around the place: that it is near is enough.
void SwarmNode::take_card(Environment& env, const Data& data) {
  for (unsigned number = 0; number < config_->card_places; ++number) {
    const Id place = card_place(env.crypto, data.card->owner, number);
    if (is_near(place, std::size_t{2} * config_->card_keepers)) return keep_card(env, data.card, place);
  }
}

}  // namespace cicada
