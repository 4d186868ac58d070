#pragma once
/// What attackers and the bookkeeping of traffic see in a message. A new kind of message needs a line here, and nothing
/// else in this folder has to change.

#include <cstdint>
#include <optional>

#include <cicada/message.hpp>
#include <cicada/rng.hpp>
#include <cicada/sim/scenario_adversaries.hpp>
#include <cicada/swarm_node.hpp>

namespace cicada::sim {

/// A message of an application on its way.
[[nodiscard]] bool is_data(const Message& message);
/// A contact card on its way to its keepers, or a question for one.
[[nodiscard]] bool is_errand(const Message& message);
/// A word on the fate of either, on its way back: the target's acknowledgement, a hop's report.
[[nodiscard]] bool is_acknowledgement(const Message& message);
/// The previous hop's receipt for a message of an application. Attackers give it, whatever they do then.
[[nodiscard]] bool is_data_receipt(const Message& message);
/// A question that travels around the ring: somebody's lookup.
[[nodiscard]] bool is_lookup(const Message& message);
/// An answer out of which others fill their lists and fingers.
[[nodiscard]] bool is_ring_answer(const Message& message);
/// Payload, digest or pull of a broadcast.
[[nodiscard]] bool is_broadcast(const Message& message);
/// Of these, the payload.
[[nodiscard]] bool is_broadcast_payload(const Message& message);

/// Does an attack with this scope touch the message? Payloads of broadcasts are data; digests and pulls are touched by
/// `all` only.
[[nodiscard]] bool in_scope(const Message& message, Scope scope);

/// The id of the message of an application that this is, or is about; nothing where it is about none.
[[nodiscard]] std::optional<MessageId> message_id(const Message& message);

/// Is the node itself the end of this message's way, so that there is nothing to forward?
[[nodiscard]] bool ends_at(const Message& message, PeerIndex self, const Id& id);

/// The receipt that the previous hop waits for; nothing where it waits for none.
[[nodiscard]] std::optional<Message> receipt_for(const Message& message);

/// Are these two the same receipt?
[[nodiscard]] bool same_receipt(const Message& a, const Message& b);

/// The id that it is on its way to; nothing where it is an answer.
[[nodiscard]] std::optional<Id> destination(const Message& message);

/// The peer that sent the message of an application, or the broadcast, first; nothing where it is no such.
[[nodiscard]] std::optional<PeerIndex> source(const Message& message);

/// Does the peer send it as its source, or ask the question itself?
[[nodiscard]] bool is_own(PeerIndex self, const Message& message);

/// The same number for all transmissions of one copy of a message by one peer; nothing where it is no copy.
[[nodiscard]] std::optional<std::uint64_t> copy_key(const Message& message);

/// A word by which hops tell each other that they repair, or can't.
[[nodiscard]] bool is_repair_word(const Message& message);

// What attackers make of a message. Nothing where that makes no sense.

/// The message as a hop passes it on.
[[nodiscard]] std::optional<Message> one_hop_on(const Message& message);
/// Changes a part of it. Of data and broadcasts the one that `what` says (the target of a broadcast is its list of
/// peers that shall not get it); of an acknowledgement the signature, of a lookup the key, of digests and pulls one id.
/// Gives false where there is nothing to change.
bool change(Message& message, TamperAttack::What what, Rng& rng);
/// An acknowledgement of this message under `key`, with a made-up signature.
[[nodiscard]] std::optional<Message> forged_acknowledgement(const Message& message, const PublicKey& key, Rng& rng);
/// A report to the previous hop.
[[nodiscard]] std::optional<Message> false_report(const Message& message, BlameAttack::Says says);
/// The answer to a lookup, which says that `owner` owns the key; and to whom it goes.
struct Answer {
  Peer to;
  Message message;
};
[[nodiscard]] std::optional<Answer> lookup_answer(const Message& message, const Peer& from, const Peer& self,
                                                  const Peer& owner);

/// How long the peers behind this one on the way of a message usually wait for its fate before they act, as far as a
/// peer can guess that has `node`'s tables.
[[nodiscard]] Duration usual_timeout(const Message& message, const ChordNode& node, const SwarmConfig& config);

}  // namespace cicada::sim
