#pragma once
/// How the core names other peers: `Contact` in full (what travels on the wire), `Peer` in twelve bytes (what routing
/// tables and simulated messages hold). A `Peer` names one *life* of a peer: the same id after a restart has a higher
/// incarnation and another index.

#include <array>
#include <compare>
#include <cstdint>
#include <limits>

#include <cicada/id.hpp>

namespace cicada {

/// Index of one life of a peer in the contact table that the environment owns.
using PeerIndex = std::uint32_t;
inline constexpr PeerIndex no_peer = std::numeric_limits<PeerIndex>::max();

/// Where a peer listens: an IPv6 address (IPv4 as ::ffff:a.b.c.d) and a TCP port; port 0 = not reachable from outside.
struct Endpoint {
  std::array<std::uint8_t, 16> address{};
  std::uint16_t port = 0;
  friend constexpr auto operator<=>(const Endpoint&, const Endpoint&) = default;
};

/// Everything that one peer has to know to reach another one.
struct Contact {
  Id id;
  std::uint32_t incarnation = 0;  ///< Grows with every restart of the same id; the greater one is the living one.
  Endpoint endpoint;
  friend constexpr auto operator<=>(const Contact&, const Contact&) = default;
};

/// A peer in compact form: the id's 64 most significant bits and the index of its contact. 12 bytes, alignment 4.
/// A default-constructed `Peer` is nobody. A padded entry of a node's own successor list has a position but no index.
struct Peer {
  std::uint32_t prefix_high = 0;
  std::uint32_t prefix_low = 0;
  PeerIndex index = no_peer;

  constexpr Peer() = default;
  constexpr Peer(std::uint64_t prefix, PeerIndex peer)
      : prefix_high(static_cast<std::uint32_t>(prefix >> 32)),
        prefix_low(static_cast<std::uint32_t>(prefix)),
        index(peer) {}

  [[nodiscard]] constexpr std::uint64_t prefix() const { return (std::uint64_t{prefix_high} << 32) | prefix_low; }
  [[nodiscard]] constexpr bool exists() const { return index != no_peer; }

  /// Same life of the same peer (or both nobody, whatever their position).
  friend constexpr bool operator==(const Peer& a, const Peer& b) { return a.index == b.index; }
};
static_assert(sizeof(Peer) == 12);

/// A peer or nobody, in a message. A `Peer` in a message always exists; where one may be missing, the type says so.
class MaybePeer {
 public:
  constexpr MaybePeer() = default;
  /// A padded entry is nobody.
  constexpr MaybePeer(const Peer& peer) : peer_(peer.exists() ? peer : Peer{}) {}  // NOLINT: a peer may be one.

  [[nodiscard]] constexpr bool exists() const { return peer_.exists(); }
  /// As the tables of a node hold it: a `Peer` that perhaps does not exist.
  [[nodiscard]] constexpr const Peer& or_nobody() const { return peer_; }
  friend constexpr bool operator==(const MaybePeer&, const MaybePeer&) = default;

 private:
  Peer peer_;
};

}  // namespace cicada
