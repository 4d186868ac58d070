#pragma once
/// Which bytes a signature covers. They do not depend on the wire format, so a new version of that leaves old
/// signatures valid. Each kind of statement begins with words of its own, so that no signature can be passed off as one
/// on something else.
///
///     data: | "cicada data v1" | id 16 | target 32 | source 32 | source_key 32 | SHA-256 of the payload 32 | sent_ns 8
///     | ack:  | "cicada ack v1"  | id 16 | target 32 | source 32 | target_key 32 | SHA-256 of the payload 32 | card: |
///     "cicada card v1" | owner 32 | owner_key 32 | sequence 8 | expires_ns 8 | guards: count 1, that many ids |
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

using DataStatement = std::array<std::uint8_t, 14 + 16 + 4 * 32 + 8>;
using AckStatement = std::array<std::uint8_t, 13 + 16 + 4 * 32>;

/// The hash that goes into a statement; a null payload counts as an empty one. Cost: one hash of the payload.
[[nodiscard]] Id payload_hash(Crypto& crypto, const Payload& payload);

/// What the source of a message signs. `source` is the full id of `header.source`; the signature in the header is not
/// read.
[[nodiscard]] DataStatement signed_bytes(const DataHeader& header, const Id& source, const Id& payload_hash);

/// What the target of a message signs when it acknowledges it. `header` is the one of the message and `source` the full
/// id of its source; the signature in `ack` is not read. `ack.id` is the caller's to compare with the header's.
[[nodiscard]] AckStatement signed_bytes(const DataAck& ack, const DataHeader& header, const Id& source,
                                        const Id& payload_hash);

/// What the owner of a contact card signs. `contacts` knows the ids of its guards.
[[nodiscard]] std::vector<std::uint8_t> signed_bytes(const ContactCard& card, const Contacts& contacts);

}  // namespace cicada
