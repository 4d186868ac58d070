// What is believed: is a copy what its source signed, and is an acknowledgement the target's word?
//
// Whoever passes on what is false is held responsible only where it could have seen that itself: the id and the
// signature everybody can check. Whose key that is only those know who have met the signer, and how old it is changes
// on the way: for these nobody is blamed, or an attacker could have honest peers blame each other.

#include <algorithm>

#include <cicada/signing.hpp>

#include "swarm_traffic.hpp"

namespace cicada {

namespace {

constexpr double forgery = 4.0;  // What it weighs against a neighbour.

}  // namespace

/// Counts what is refused. A neighbour that forges is held responsible, and its signatures are not verified for a while
/// after some of that kind.
void SwarmNode::hold_against(Environment& env, const Peer& from, Judgement judgement) {
  switch (judgement) {
    case Judgement::genuine:
      return;
    case Judgement::untimely:
      return env.listener.on_refused(from, Refusal::untimely);
    case Judgement::strange:
      return env.listener.on_refused(from, Refusal::strange_key);
    case Judgement::forged:
      env.listener.on_refused(from, Refusal::forged);
      traffic_->neighborhood.failed(from, env.now, forgery);
      traffic_->limits.of(from.index, env.now).forgeries.take(env.now, config_->forgeries_of_neighbor);
      return;
  }
}

/// Refuses, and answers so, what is too much or not what its source signed.
bool SwarmNode::passes(Environment& env, const Peer& from, const Data& data, KeyProof proof) {
  const auto answer = [&] {
    env.transport.send(
        from, DataReport{.id = data.header->id, .copy = data.copy, .report = Report::refused, .fuel = data.fuel});
    return false;
  };
  if (const auto reason = refusal_at_sight(env, from, data)) {
    env.listener.on_refused(from, *reason);
    return answer();
  }
  const Judgement judgement = judge(env, data, proof);
  if (judgement == Judgement::genuine) return true;
  env.listener.on_mark(Mark::data_refused);
  hold_against(env, from, judgement);
  return answer();
}

bool SwarmNode::is_worth_waiting(Environment& env, const Peer& from, const Message& message) {
  if (!chord_.is_member()) return false;
  if (const auto* broadcast = std::get_if<Broadcast>(&message))
    return broadcasts().is_worth_waiting(env, chord_, from, *broadcast);
  const auto* data = std::get_if<Data>(&message);
  if (data == nullptr || data->header == nullptr) return false;
  traffic();
  return passes(env, from, *data, KeyProof::possible);
}

/// The caller has looked at its age. Cheap checks come first.
SwarmNode::Judgement SwarmNode::judge(Environment& env, const Data& data, KeyProof proof) const {
  const DataHeader& header = *data.header;
  const bool has_card = data.card != nullptr;
  if (has_card != (header.kind == DataKind::store_card)) return Judgement::forged;
  if (header.kind == DataKind::fetch_card && !read_card_request(data.payload)) return Judgement::forged;
  if (has_card && (data.payload == nullptr || !std::ranges::equal(*data.payload, data.card->signature)))
    return Judgement::forged;
  const Id source = env.contacts.id_of(header.source.index);
  if (!(proof == KeyProof::proved ? env.contacts.is_key_of(header.source_key, source)
                                  : env.contacts.may_be_key_of(header.source_key, source)))
    return Judgement::strange;
  const auto statement = signed_bytes(header, source, payload_hash(env.crypto, data.payload));
  if (header.id != data_id(env.crypto, statement) || !env.crypto.verify(statement, header.signature, header.source_key))
    return Judgement::forged;
  if (!has_card) return Judgement::genuine;
  if (!env.contacts.may_be_key_of(data.card->owner_key, data.card->owner)) return Judgement::strange;
  return judge(env, *data.card);
}

/// A copy of a message at the peer that it is for, or at one on its way: the source knows the target's key for certain.
SwarmNode::Judgement SwarmNode::judge(Environment& env, const Relay& relay, const DataAck& ack) const {
  const DataHeader& header = *relay.data.header;
  const auto judge_key = [&](const PublicKey& key, const Id& id) {
    const bool known = relay.own ? env.contacts.is_key_of(key, id) : env.contacts.may_be_key_of(key, id);
    return known ? Judgement::genuine : Judgement::strange;
  };
  switch (header.kind) {
    case DataKind::message: {
      const Id hash = relay.payload_hash ? *relay.payload_hash : payload_hash(env.crypto, relay.data.payload);
      const auto statement = signed_bytes(ack, header, env.contacts.id_of(header.source.index), hash);
      if (!env.crypto.verify(statement, ack.signature, ack.target_key)) return Judgement::forged;
      return judge_key(ack.target_key, header.target);
    }
    case DataKind::store_card:
      return Judgement::genuine;  // Anybody's word: nothing is learned from it.
    case DataKind::fetch_card: {
      const auto request = read_card_request(relay.data.payload);
      if (ack.card == nullptr || ack.card->owner != request->owner || ack.card->sequence <= request->newer_than)
        return Judgement::forged;
      const Judgement card = judge(env, *ack.card);
      return card == Judgement::genuine ? judge_key(ack.card->owner_key, ack.card->owner) : card;
    }
  }
  return Judgement::forged;
}

/// Is it signed by its key, of use, and of our time? The caller looks at whether that is its owner's key.
SwarmNode::Judgement SwarmNode::judge(Environment& env, const ContactCard& card) const {
  if (card.guards.empty()) return Judgement::forged;
  const std::uint64_t now = to_ns(env.wall);
  const auto life_max = 2 * static_cast<std::uint64_t>(config_->card_life.count());
  if (card.expires_ns <= now || card.expires_ns - now > life_max) return Judgement::untimely;
  return env.crypto.verify(signed_bytes(card, env.contacts), card.signature, card.owner_key) ? Judgement::genuine
                                                                                             : Judgement::forged;
}

}  // namespace cicada
