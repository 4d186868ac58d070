// Encoding, and the size of what it would give.

#include <cicada/codec.hpp>

#include <array>
#include <concepts>
#include <memory>
#include <span>
#include <variant>

#include <cicada/assert.hpp>

#include "byte_io.hpp"
#include "wire_fields.hpp"

namespace cicada {
namespace {

using wire::PeerKind;
using wire::Wire;

// The longest message without its payload: no fixed part exceeds 512 bytes.
static_assert(512 + broadcast_visited_max * Id::size_bytes <= message_bytes_max - payload_bytes_max);
static_assert(512 + (successors_max + 2) * wire::peer_bytes(PeerKind::ipv6) <= message_bytes_max - payload_bytes_max);

/// Writes each field by its type.
class Encoder {
 public:
  Encoder(const ContactBook& book, std::vector<std::uint8_t>& out) : book_(book), out_(out) {}

  void operator()(const auto&... fields) { (put(fields), ...); }

 private:
  template <std::unsigned_integral T>
  void put(T value) {
    if constexpr (std::same_as<T, bool>)
      out_.integer(static_cast<std::uint8_t>(value ? 1 : 0));
    else
      out_.integer(value);
  }
  void put(Side side) { put(side == Side::predecessors); }
  void put(Routing routing) { put(static_cast<std::uint8_t>(routing)); }
  void put(Report report) { put(static_cast<std::uint8_t>(report)); }
  void put(DataKind kind) { put(static_cast<std::uint8_t>(kind)); }
  void put(const Id& id) { out_.run(id.to_bytes()); }
  void put(const Nonce& nonce) {
    put(nonce.high);
    put(nonce.low);
  }
  template <std::size_t n>
  void put(const std::array<std::uint8_t, n>& bytes) {
    out_.run(bytes);
  }
  void put(const Peer& peer);
  void put(const MaybePeer& peer) {
    if (peer.exists())
      put(peer.or_nobody());
    else
      put(static_cast<std::uint8_t>(PeerKind::nobody));
  }
  void put(const PeerList& peers) {
    put(static_cast<std::uint8_t>(peers.size()));
    for (const Peer& peer : peers) put(peer);
  }
  template <class T>
  void put(const std::vector<T>& list) {
    CICADA_ASSERT(list.size() <= wire::list_max<T>);
    put(static_cast<std::uint8_t>(list.size()));
    for (const T& element : list) put(element);
  }
  template <class Header>
  void put(const std::shared_ptr<const Header>& header) {
    CICADA_ASSERT(header != nullptr);
    Wire<Header>::fields(*this, *header);
  }
  void put(const std::shared_ptr<const ContactCard>& card) {
    put(card != nullptr);
    if (card) Wire<ContactCard>::fields(*this, *card);
  }
  void put(const Payload& payload) {
    const std::size_t length = payload ? payload->size() : 0;
    CICADA_ASSERT(length <= payload_bytes_max);
    put(static_cast<std::uint32_t>(length));
    if (payload) out_.run(*payload);
  }

  const ContactBook& book_;
  ByteWriter out_;
};

void Encoder::put(const Peer& peer) {
  CICADA_ASSERT(peer.exists());
  const Contact contact = book_.contact_of(peer.index);
  CICADA_ASSERT(contact.id.prefix() == peer.prefix());
  const PeerKind kind = wire::kind_of(contact.endpoint);
  put(static_cast<std::uint8_t>(kind));
  put(contact.id);
  put(contact.incarnation);
  if (kind == PeerKind::no_endpoint) return;
  out_.run(std::span(contact.endpoint.address).subspan(kind == PeerKind::ipv4 ? wire::ipv4_mapped.size() : 0));
  put(contact.endpoint.port);
}

/// Adds up what the encoder would write.
class Measure {
 public:
  std::size_t bytes = 2;  ///< Version and type.

  void operator()(const auto&... fields) { ((bytes += size(fields)), ...); }

 private:
  template <std::unsigned_integral T>
  static std::size_t size(T) {
    return sizeof(T);
  }
  static std::size_t size(Side) { return 1; }
  static std::size_t size(Routing) { return 1; }
  static std::size_t size(Report) { return 1; }
  static std::size_t size(DataKind) { return 1; }
  static std::size_t size(const Id&) { return Id::size_bytes; }
  static std::size_t size(const Nonce&) { return 16; }
  template <std::size_t n>
  static std::size_t size(const std::array<std::uint8_t, n>&) {
    return n;
  }
  static std::size_t size(const Peer&) { return wire::peer_bytes(PeerKind::ipv4); }
  static std::size_t size(const MaybePeer& peer) {
    return wire::peer_bytes(peer.exists() ? PeerKind::ipv4 : PeerKind::nobody);
  }
  static std::size_t size(const PeerList& peers) { return 1 + peers.size() * wire::peer_bytes(PeerKind::ipv4); }
  template <class T>
  static std::size_t size(const std::vector<T>& list) {
    return 1 + list.size() * sizeof(T);
  }
  template <class Header>
  static std::size_t size(const std::shared_ptr<const Header>& header) {
    return part(*header);
  }
  static std::size_t size(const std::shared_ptr<const ContactCard>& card) { return 1 + (card ? part(*card) : 0); }
  template <class Part>
  static std::size_t part(const Part& part) {
    Measure inner;
    inner.bytes = 0;
    Wire<Part>::fields(inner, part);
    return inner.bytes;
  }
  static std::size_t size(const Payload& payload) { return 4 + (payload ? payload->size() : 0); }
};

}  // namespace

void encode(const Message& message, const ContactBook& book, std::vector<std::uint8_t>& out) {
  std::visit(
      [&]<class M>(const M& alternative) {
        out.insert(out.end(), {wire_version, Wire<M>::type});
        Encoder encoder(book, out);
        Wire<M>::fields(encoder, alternative);
      },
      message);
}

std::size_t encoded_size(const Message& message) {
  return std::visit(
      []<class M>(const M& alternative) {
        Measure measure;
        Wire<M>::fields(measure, alternative);
        return measure.bytes;
      },
      message);
}

}  // namespace cicada
