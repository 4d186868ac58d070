#pragma once
/// The fields of every message in the order of the wire, said once: the encoder, the decoder and the size counter are
/// three archives that walk over them, so they cannot disagree. A new message needs a line here and one in the table of
/// codec.hpp. Type codes are for ever: the code of a message that goes out of use is not given to another one.

#include <array>
#include <cstddef>
#include <cstdint>

#include <cicada/endpoint_text.hpp>
#include <cicada/id.hpp>
#include <cicada/message.hpp>

namespace cicada::wire {

/// `type` is the message's code. `fields` hands every field to the archive `a`, which writes, reads or measures it by
/// the field's own type: so the width of a number in message.hpp is its width on the wire, and only a `MaybePeer` may
/// be missing.
template <class M>
struct Wire;

template <>
struct Wire<Ping> {
  static constexpr std::uint8_t type = 0x01;
  static void fields(auto& a, auto& m) { a(m.token); }
};
template <>
struct Wire<Pong> {
  static constexpr std::uint8_t type = 0x02;
  static void fields(auto& a, auto& m) { a(m.token); }
};
template <>
struct Wire<GetState> {
  static constexpr std::uint8_t type = 0x03;
  static void fields(auto& a, auto& m) { a(m.token, m.known_version, m.side); }
};
template <>
struct Wire<State> {
  static constexpr std::uint8_t type = 0x04;
  static void fields(auto& a, auto& m) { a(m.token, m.version, m.side, m.unchanged, m.opposite, m.list); }
};
template <>
struct Wire<Busy> {
  static constexpr std::uint8_t type = 0x05;
  static void fields(auto& a, auto& m) { a(m.token); }
};
template <>
struct Wire<Notify> {
  static constexpr std::uint8_t type = 0x06;
  static void fields(auto&, auto&) {}
};
template <>
struct Wire<Hint> {
  static constexpr std::uint8_t type = 0x07;
  static void fields(auto& a, auto& m) { a(m.candidate); }
};
template <>
struct Wire<Leave> {
  static constexpr std::uint8_t type = 0x08;
  static void fields(auto& a, auto& m) { a(m.predecessor, m.successor); }
};

template <>
struct Wire<Find> {
  static constexpr std::uint8_t type = 0x10;
  static void fields(auto& a, auto& m) { a(m.key, m.origin, m.lookup, m.token, m.hops, m.timeouts, m.confirm, m.last); }
};
template <>
struct Wire<HopAck> {
  static constexpr std::uint8_t type = 0x11;
  static void fields(auto& a, auto& m) { a(m.token); }
};
template <>
struct Wire<Found> {
  static constexpr std::uint8_t type = 0x12;
  static void fields(auto& a, auto& m) { a(m.lookup, m.hops, m.timeouts, m.predecessor, m.owners); }
};
template <>
struct Wire<NextHop> {
  static constexpr std::uint8_t type = 0x13;
  static void fields(auto& a, auto& m) { a(m.key, m.token, m.candidates, m.names); }
};
template <>
struct Wire<NextHops> {
  static constexpr std::uint8_t type = 0x14;
  static void fields(auto& a, auto& m) { a(m.token, m.final, m.peers); }
};

/// Not a message by itself: the part of `Data` that does not change on the way.
template <>
struct Wire<DataHeader> {
  static void fields(auto& a, auto& m) {
    a(m.id.high, m.id.low, m.target, m.source, m.sent_ns, m.nonce, m.kind, m.source_key, m.signature);
  }
};
template <>
struct Wire<Data> {
  static constexpr std::uint8_t type = 0x20;
  static void fields(auto& a, auto& m) {
    a(m.copy, m.hops, m.timeouts, m.attempt, m.fuel, m.patience_ms, m.routing, m.want_card, m.has_via);
    if (m.has_via) a(m.via);
    a(m.header, m.card, m.payload);
  }
};
/// Not a message by itself: a part of `Data` and of `DataAck`.
template <>
struct Wire<ContactCard> {
  static void fields(auto& a, auto& m) { a(m.owner, m.owner_key, m.sequence, m.expires_ns, m.guards, m.signature); }
};
template <>
struct Wire<DataAck> {
  static constexpr std::uint8_t type = 0x21;
  static void fields(auto& a, auto& m) {
    a(m.id.high, m.id.low, m.copy, m.hops, m.attempt, m.target_key, m.signature, m.card);
  }
};
template <>
struct Wire<DataReport> {
  static constexpr std::uint8_t type = 0x22;
  static void fields(auto& a, auto& m) { a(m.id.high, m.id.low, m.copy, m.report, m.fuel); }
};
template <>
struct Wire<GuardRequest> {
  static constexpr std::uint8_t type = 0x23;
  static void fields(auto& a, auto& m) { a(m.token); }
};
template <>
struct Wire<GuardReply> {
  static constexpr std::uint8_t type = 0x24;
  static void fields(auto& a, auto& m) { a(m.token, m.accepted); }
};

/// Not a message by itself: the part of `Broadcast` that does not change on the way.
template <>
struct Wire<BroadcastHeader> {
  static void fields(auto& a, auto& m) {
    a(m.id.high, m.id.low, m.origin, m.sequence, m.sent_ns, m.origin_key, m.signature, m.visited);
  }
};
template <>
struct Wire<Broadcast> {
  static constexpr std::uint8_t type = 0x30;
  static void fields(auto& a, auto& m) { a(m.reach, m.hops, m.header, m.payload); }
};
template <>
struct Wire<BroadcastHave> {
  static constexpr std::uint8_t type = 0x31;
  static void fields(auto& a, auto& m) { a(m.ids); }
};
template <>
struct Wire<BroadcastWant> {
  static constexpr std::uint8_t type = 0x32;
  static void fields(auto& a, auto& m) { a(m.ids); }
};

/// The most elements that a list of ids or of digests may have.
template <class T>
inline constexpr std::size_t list_max = 0;
template <>
inline constexpr std::size_t list_max<Id> = broadcast_visited_max;
template <>
inline constexpr std::size_t list_max<std::uint64_t> = digest_ids_max;

/// The forms of a peer on the wire, by what they name.
enum class PeerKind : std::uint8_t { nobody = 0, no_endpoint = 2, ipv4 = 4, ipv6 = 6 };

/// Bytes of a peer, its kind included.
constexpr std::size_t peer_bytes(PeerKind kind) {
  constexpr std::size_t contact = 1 + Id::size_bytes + 4;
  switch (kind) {
    case PeerKind::nobody:
      return 1;
    case PeerKind::no_endpoint:
      return contact;
    case PeerKind::ipv4:
      return contact + 4 + 2;
    case PeerKind::ipv6:
      return contact + 16 + 2;
  }
  return 0;
}

/// How an IPv4 address begins in the 16 bytes of an endpoint; left out on the wire.
inline constexpr std::array<std::uint8_t, 12> ipv4_mapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

/// The one kind that a contact with this endpoint is written in.
inline PeerKind kind_of(const Endpoint& endpoint) {
  if (endpoint == Endpoint{}) return PeerKind::no_endpoint;
  return is_ipv4(endpoint) ? PeerKind::ipv4 : PeerKind::ipv6;
}

}  // namespace cicada::wire
