#pragma once
/// The first frame of each side of a link, after the TLS handshake: who it is, and what swarm it belongs to.
///
///     hello: | "CCDA" | protocol version u16 | policy u8 | swarm: length u8 (at most 64), bytes | id 32 |
///            | incarnation u32 | clock u64 | endpoint 18 | observed 18 | local 18 | membership? u8 |
///            | not_after u64 | signature 64 |     only where membership? is 1
///
/// `clock` is the sender's time of day in nanoseconds since 1970, read when it began the link or answered on it.
///
/// An endpoint is 16 bytes of address (IPv4 as ::ffff:a.b.c.d) and a port u16. Numbers are big-endian. A later version
/// keeps the first six bytes, so that each side can tell the other that it is too old.

#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <cicada/membership.hpp>
#include <cicada/peer.hpp>
#include <cicada/swarm_error.hpp>

namespace cicada {

inline constexpr std::uint16_t protocol_version = 4;
inline constexpr std::size_t swarm_name_bytes_max = 64;
inline constexpr std::size_t hello_bytes_max = 1024;  ///< Room for later versions.

struct Hello {
  IdPolicy policy = IdPolicy::address;
  std::string swarm;
  Contact contact;
  Endpoint observed;  ///< Where the sender sees the receiver's end of this link.
  /// Over a circuit: where the sender listens in its own network, behind its NAT. Else port 0.
  Endpoint local;
  std::optional<Membership> membership;
  std::uint64_t clock_ns = 0;  ///< Anything may be said.
};

void encode(const Hello& hello, std::vector<std::uint8_t>& out);
/// Fails with `wrong_protocol` on everything but a whole hello of this version.
[[nodiscard]] std::expected<Hello, SwarmError> decode_hello(std::span<const std::uint8_t> bytes);

}  // namespace cicada
