#pragma once
/// Messages as bytes: the wire format, version 3. It frames nothing, compresses nothing and signs nothing: the
/// transport cuts the stream into messages, and `signing.hpp` says which bytes a signature covers.
///
/// All integers are unsigned and big-endian. Every message has exactly one encoding, and what decodes encodes to the
/// same bytes again.
///
///     message: | version u8 = 3 | type u8 | fields, see below |
///
///     type                fields
///     0x01 ping           token nonce
///     0x02 pong           token nonce
///     0x03 get_state      token nonce, known_version u32, side u8
///     0x04 state          token nonce, version u32, side u8, unchanged bool, opposite peer, list contacts
///     0x05 busy           token nonce
///     0x06 notify         (none)
///     0x07 hint           candidate contact
///     0x08 leave          predecessor peer, successor peer
///     0x10 find           key id, origin contact, lookup nonce, token nonce, hops u8, timeouts u8,
///                         confirm bool, last bool
///     0x11 hop_ack        token nonce
///     0x12 found          lookup nonce, hops u8, timeouts u8, predecessor peer, owners contacts
///     0x13 next_hop       key id, token nonce, candidates u8, names u8
///     0x14 next_hops      token nonce, final bool, peers contacts
///     0x20 data           copy u8, hops u8, timeouts u8, attempt u8, fuel u16, patience_ms u16, routing u8, want_card
///     bool, has_via bool,
///                         via id (only with has_via),
///                         id u64 u64, target id, source contact, sent_ns u64, nonce u64, kind u8,
///                         source_key 32 bytes, signature 64 bytes,
///                         has_card bool, card (only with has_card): as in data_ack,
///                         payload: length u32 (at most `payload_bytes_max`), that many bytes
///     0x21 data_ack       id u64 u64, copy u8, hops u8, attempt u8, target_key 32 bytes, signature 64 bytes,
///                         has_card bool, card (only with has_card): owner id, owner_key 32 bytes, sequence u64,
///                         expires_ns u64, guards contacts, signature 64 bytes
///     0x22 data_report    id u64 u64, copy u8, report u8, fuel u16
///     0x23 guard_request  token nonce
///     0x24 guard_reply    token nonce, accepted bool
///     0x30 broadcast      reach u64, hops u8,
///                         id u64 u64, origin contact, sequence u64, sent_ns u64, origin_key 32 bytes,
///                         signature 64 bytes,
///                         visited: count u8 (at most `broadcast_visited_max`), that many ids,
///                         payload: as in data
///     0x31 broadcast_have ids: count u8 (at most `digest_ids_max`), that many u64
///     0x32 broadcast_want ids: as in broadcast_have
///
///     bool:    u8, 0 or 1
///     side:    u8, 0 successors, 1 predecessors
///     routing: u8, 0 greedy, 1 two_sided, 2 repair
///     kind:    u8, 0 message, 1 store_card, 2 fetch_card
///     report:  u8, 0 received, 1 working, 2 exhausted, 3 no_such_peer, 4 refused
///     id:      32 bytes
///     nonce:   16 bytes that an answer repeats
///     contacts: count u8 (at most `successors_max`), that many contacts
///     peer:    a contact, or the one byte 0: nobody
///     contact: | kind u8 | what the kind says |
///         kind 2  without an endpoint    id, incarnation u32                              37 bytes in all
///         kind 4  with an IPv4 endpoint  id, incarnation u32, address 4 bytes, port u16   43
///         kind 6  with an IPv6 endpoint  id, incarnation u32, address 16 bytes, port u16  55
///
/// Kind 1 was a padded list entry in version 1; a node pads its own list now, and the code is not used again. In
/// version 2 a token was a number of 32 bits, which others could guess.

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <cicada/message.hpp>
#include <cicada/peer.hpp>

namespace cicada {

inline constexpr std::uint8_t wire_version = 3;
/// Largest application payload of one message: 1 MiB.
inline constexpr std::size_t payload_bytes_max = std::size_t{1} << 20;
/// No message is longer. A transport may refuse a longer frame before it has read it.
inline constexpr std::size_t message_bytes_max = payload_bytes_max + 4096;

/// The world's contact table, as far as the codec needs it.
class ContactBook {
 public:
  /// Precondition: the index was given out by this table.
  [[nodiscard]] virtual Contact contact_of(PeerIndex index) const = 0;
  /// The compact form of a contact, with a new entry where there is none yet; nullopt when the table is full.
  /// The contact comes from a stranger: an implementation bounds the table and decides what replaces what.
  [[nodiscard]] virtual std::optional<Peer> intern(const Contact& contact) = 0;

 protected:
  ~ContactBook() = default;
};

/// What is wrong with the bytes of a message.
enum class DecodeFault : std::uint8_t {
  too_long,          ///< More than `message_bytes_max` bytes.
  truncated,         ///< The bytes end in the middle of a field.
  unknown_version,   ///< The first byte is not `wire_version`.
  unknown_type,      ///< No message has this type.
  bad_flag,          ///< A bool that is neither 0 nor 1, or a value that its enumeration does not have.
  bad_peer,          ///< No peer has this kind.
  not_canonical,     ///< A peer in another kind than the encoder would choose.
  contact_missing,   ///< Nobody where the message needs a contact, as in every list.
  list_too_long,     ///< More than `successors_max` peers, or too many ids.
  payload_too_long,  ///< More than `payload_bytes_max` bytes.
  trailing_bytes,    ///< The message is over and the bytes go on.
  contacts_full,     ///< The message is good, but the contact table has no room for the peers in it.
};

struct DecodeError {
  DecodeFault fault{};
  std::size_t offset = 0;  ///< Of the field at fault, in bytes from the beginning of the message.
  friend bool operator==(const DecodeError&, const DecodeError&) = default;
};
/// For people, as in "list_too_long at byte 14".
[[nodiscard]] std::string to_string(const DecodeError& error);

/// Appends the encoding of `message` to `out`. Preconditions: every peer in it is in `book`, and a `Peer` exists; a
/// data message has a header, and a payload within its bound (null: empty). Cost: one copy of the payload.
void encode(const Message& message, const ContactBook& book, std::vector<std::uint8_t>& out);

/// Reads exactly one message from bytes of a stranger. The whole message is checked before the first contact is
/// interned, so a malformed one leaves `book` as it was. The numbers in it (hops, candidates, tokens) are whatever the
/// stranger wrote: the node bounds them. Allocates for data and broadcast messages only. Cost: O(bytes).
[[nodiscard]] std::expected<Message, DecodeError> decode(std::span<const std::uint8_t> bytes, ContactBook& book);

/// How many bytes `encode` appends when all contacts in the message have IPv4 endpoints, as in a simulation. Looks at
/// no contact and allocates nothing. Cost: one switch; a pass over the list for messages with one.
[[nodiscard]] std::size_t encoded_size(const Message& message);

}  // namespace cicada
