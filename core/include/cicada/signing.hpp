#pragma once
/// Which bytes a signature covers. They do not depend on the wire format, so a new version of that leaves old
/// signatures valid. Each kind of statement begins with words of its own, so that no signature can be passed off as one
/// on something else.
///
///     data:      | "cicada data v1" | kind 1 | target 32 | source 32 | source_key 32 | SHA-256 of the payload 32 |
///                | sent_ns 8 | nonce 8 |
///     ack:       | "cicada ack v1" | id 16 | target 32 | source 32 | target_key 32 | SHA-256 of the payload 32 |
///     card:      | "cicada card v1" | owner 32 | owner_key 32 | sequence 8 | expires_ns 8 |
///                | guards: count 1, that many ids |
///
///     broadcast: | "cicada broadcast v1" | origin 32 | its incarnation 4 | sequence 8 | sent_ns 8 |
///                | origin_key 32 | SHA-256 of the payload 32 | SHA-256 of the visited ids one after the other 32 |
///
/// Ids, keys and hashes as they are; numbers big-endian, the message id high word first. What belongs to one copy and
/// changes on the way is outside. So one signature is good for all copies of a message, and for the acknowledgement of
/// any of them.

#include <array>
#include <cstdint>
#include <vector>

#include <cicada/environment.hpp>
#include <cicada/id.hpp>
#include <cicada/message.hpp>

namespace cicada {

using DataStatement = std::array<std::uint8_t, 14 + 1 + 4 * 32 + 2 * 8>;
using AckStatement = std::array<std::uint8_t, 13 + 16 + 4 * 32>;

using BroadcastStatement = std::array<std::uint8_t, 19 + 4 + 2 * 8 + 4 * 32>;

/// The hash that goes into a statement; a null payload counts as an empty one. Cost: one hash of the payload.
[[nodiscard]] Id payload_hash(Crypto& crypto, const Payload& payload);

/// What the source of a message signs. `source` is the full id of `header.source`; id and signature in the header are
/// not read.
[[nodiscard]] DataStatement signed_bytes(const DataHeader& header, const Id& source, const Id& payload_hash);

/// What the target of a message signs when it acknowledges it. `header` is the one of the message and `source` the full
/// id of its source; the signature in `ack` is not read. `ack.id` is the caller's to compare with the header's.
[[nodiscard]] AckStatement signed_bytes(const DataAck& ack, const DataHeader& header, const Id& source,
                                        const Id& payload_hash);

/// What the owner of a contact card signs. `contacts` knows the ids of its guards.
[[nodiscard]] std::vector<std::uint8_t> signed_bytes(const ContactCard& card, const Contacts& contacts);

/// What the origin of a broadcast signs. `origin` and `incarnation` are those of `header.origin`; id and signature in
/// the header are not read.
[[nodiscard]] BroadcastStatement signed_bytes(const BroadcastHeader& header, const Id& origin,
                                              std::uint32_t incarnation, const Id& payload_hash,
                                              const Id& visited_hash);

/// The hash over the excluded ids that goes into the statement.
[[nodiscard]] Id visited_hash(Crypto& crypto, const std::vector<Id>& visited);

/// The id that belongs to a statement: so two messages have the same id only where SHA-256 is broken. A copy that was
/// changed and signed by another key is another message, for everybody on its way, and half of an id is still out of
/// reach for one who wants to hide another's broadcast behind its own (2^64 hashes).
[[nodiscard]] MessageId data_id(Crypto& crypto, const DataStatement& statement);
[[nodiscard]] MessageId broadcast_id(Crypto& crypto, const BroadcastStatement& statement);

/// Upper bound of the places at which a contact card is stored.
inline constexpr unsigned card_places_max = 16;
/// The place number `number` for the card of `owner`: | "cicada card place v1" | owner 32 | number 1 |, hashed. So the
/// places of one card lie all over the ring.
[[nodiscard]] Id card_place(Crypto& crypto, const Id& owner, unsigned number);

}  // namespace cicada
