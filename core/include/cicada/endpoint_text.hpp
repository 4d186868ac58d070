#pragma once
/// Endpoints as text: "1.2.3.4:5000", "[2001:db8::1]:5000". The text of an endpoint is part of the protocol, because
/// ids are hashes of it; so it comes from here and not from the C library, whose forms differ between systems. No host
/// names: resolving those is the business of the world.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <cicada/peer.hpp>

namespace cicada {

/// The one canonical form: IPv4 as a dotted quad, IPv6 in brackets after RFC 5952 section 4 (lower case, no leading
/// zeros, the first longest run of at least two zero groups as "::"). An address in ::ffff:0:0/96 is IPv4.
[[nodiscard]] std::string to_string(const Endpoint& endpoint);

/// Reads "a.b.c.d:port" or "[v6]:port", where v6 is any form of RFC 4291 section 2.2 (also with a dotted quad at its
/// end) without a zone. Numbers are decimal without leading zeros; the port is 0..65535. Anything else gives nullopt.
[[nodiscard]] std::optional<Endpoint> parse_endpoint(std::string_view text);

/// The address alone, "a.b.c.d" or "v6" without brackets; `port` is put beside it. Nullopt as above.
[[nodiscard]] std::optional<Endpoint> parse_address(std::string_view text, std::uint16_t port);

/// The endpoint of an IPv4 address in its usual order: {127, 0, 0, 1}.
[[nodiscard]] constexpr Endpoint ipv4_endpoint(const std::array<std::uint8_t, 4>& address, std::uint16_t port) {
  Endpoint endpoint{.address = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, .port = port};
  for (std::size_t i = 0; i < address.size(); ++i) endpoint.address[12 + i] = address[i];
  return endpoint;
}

/// Is this an IPv4 endpoint (::ffff:0:0/96)?
[[nodiscard]] constexpr bool is_ipv4(const Endpoint& endpoint) {
  const auto& a = endpoint.address;
  for (std::size_t i = 0; i < 10; ++i)
    if (a[i] != 0) return false;
  return a[10] == 0xff && a[11] == 0xff;
}

}  // namespace cicada
