#include <cicada/signing.hpp>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <span>
#include <string_view>

#include <cicada/assert.hpp>

namespace cicada {
namespace {

/// Fills an array of known size from front to back.
class Filler {
 public:
  explicit Filler(std::span<std::uint8_t> room) : room_(room) {}

  Filler& words(std::string_view text) {
    for (const char c : text) byte(static_cast<std::uint8_t>(c));
    return *this;
  }
  Filler& byte(std::uint8_t value) {
    CICADA_ASSERT(!room_.empty());
    room_.front() = value;
    room_ = room_.subspan(1);
    return *this;
  }
  Filler& bytes(std::span<const std::uint8_t> values) {
    CICADA_ASSERT(values.size() <= room_.size());
    std::ranges::copy(values, room_.begin());
    room_ = room_.subspan(values.size());
    return *this;
  }
  Filler& id(const Id& id) { return bytes(id.to_bytes()); }
  Filler& id(const MessageId& id) { return number(id.high).number(id.low); }
  Filler& number(std::uint64_t value) {
    for (int shift = 56; shift >= 0; shift -= 8) byte(static_cast<std::uint8_t>(value >> shift));
    return *this;
  }
  Filler& integer(std::unsigned_integral auto value) {
    for (unsigned shift = 8 * sizeof value; shift > 0; shift -= 8)
      byte(static_cast<std::uint8_t>(value >> (shift - 8)));
    return *this;
  }
  void end() const { CICADA_ASSERT(room_.empty()); }

 private:
  std::span<std::uint8_t> room_;
};

MessageId first_half(const Id& hash) { return {hash.words[0], hash.words[1]}; }

}  // namespace

Id payload_hash(Crypto& crypto, const Payload& payload) {
  return crypto.hash(payload ? std::span<const std::uint8_t>(*payload) : std::span<const std::uint8_t>());
}

DataStatement signed_bytes(const DataHeader& header, const Id& source, const Id& payload_hash) {
  DataStatement statement;
  Filler(statement)
      .words("cicada data v1")
      .byte(static_cast<std::uint8_t>(header.kind))
      .id(header.target)
      .id(source)
      .bytes(header.source_key)
      .id(payload_hash)
      .number(header.sent_ns)
      .number(header.nonce)
      .end();
  return statement;
}

AckStatement signed_bytes(const DataAck& ack, const DataHeader& header, const Id& source, const Id& payload_hash) {
  AckStatement statement;
  Filler(statement)
      .words("cicada ack v1")
      .id(ack.id)
      .id(header.target)
      .id(source)
      .bytes(ack.target_key)
      .id(payload_hash)
      .end();
  return statement;
}

std::vector<std::uint8_t> signed_bytes(const ContactCard& card, const Contacts& contacts) {
  std::vector<std::uint8_t> statement(14 + 32 + 32 + 8 + 8 + 1 + 32 * card.guards.size());
  Filler filler(statement);
  filler.words("cicada card v1")
      .id(card.owner)
      .bytes(card.owner_key)
      .number(card.sequence)
      .number(card.expires_ns)
      .byte(static_cast<std::uint8_t>(card.guards.size()));
  for (const Peer& guard : card.guards) filler.id(contacts.id_of(guard.index));
  filler.end();
  return statement;
}

BroadcastStatement signed_bytes(const BroadcastHeader& header, const Id& origin, std::uint32_t incarnation,
                                const Id& payload_hash, const Id& visited_hash) {
  BroadcastStatement statement;
  Filler(statement)
      .words("cicada broadcast v1")
      .id(origin)
      .integer(incarnation)
      .integer(header.sequence)
      .number(header.sent_ns)
      .bytes(header.origin_key)
      .id(payload_hash)
      .id(visited_hash)
      .end();
  return statement;
}

Id visited_hash(Crypto& crypto, const std::vector<Id>& visited) {
  std::vector<std::uint8_t> bytes(visited.size() * Id::size_bytes);
  Filler filler(bytes);
  for (const Id& id : visited) filler.id(id);
  return crypto.hash(bytes);
}

MessageId data_id(Crypto& crypto, const DataStatement& statement) { return first_half(crypto.hash(statement)); }

MessageId broadcast_id(Crypto& crypto, const BroadcastStatement& statement) {
  return first_half(crypto.hash(statement));
}

Id card_place(Crypto& crypto, const Id& owner, unsigned number) {
  CICADA_ASSERT(number < card_places_max);
  std::array<std::uint8_t, 20 + Id::size_bytes + 1> bytes;
  Filler(bytes).words("cicada card place v1").id(owner).byte(static_cast<std::uint8_t>(number)).end();
  return crypto.hash(bytes);
}

}  // namespace cicada
