#pragma once
/// Where ids come from: the hash of an address (policy `address`) or of a key (policy `key`).

#include <cstdint>
#include <span>

#include <cicada/id.hpp>
#include <cicada/message.hpp>
#include <cicada/peer.hpp>

namespace cicada {

/// SHA-256, the first byte of the digest most significant. A pure function; safe from any thread.
[[nodiscard]] Id sha256(std::span<const std::uint8_t> bytes);

/// Policy `address`: SHA-256 of the endpoint's canonical text, "1.2.3.4:5000" or "[2001:db8::1]:5000"
/// (endpoint_text.hpp).
[[nodiscard]] Id id_of_endpoint(const Endpoint& endpoint);

/// Policy `key`: SHA-256 of the 32 bytes of the public key.
[[nodiscard]] Id id_of_key(const PublicKey& key);

}  // namespace cicada
