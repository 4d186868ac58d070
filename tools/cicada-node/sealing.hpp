#pragma once
/// Payloads that only one peer can read: libsodium's crypto_box (X25519, XSalsa20, Poly1305) between the Ed25519 keys
/// of source and target, turned into X25519 keys by libsodium. The target needs to know nothing in advance: the message
/// brings its source's verified key.
///
///     | "cicada sealed v1" 16 | nonce 24 | box: tag 16, payload |
///
/// The box is bound to both keys, so nobody can pass it off as a message of his own. There is no forward secrecy: who
/// gets hold of a secret key can read what was sealed for it before.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <cicada/membership.hpp>

namespace cicada::node {

inline constexpr std::size_t sealing_overhead_bytes = 16 + 24 + 16;

/// Nothing where `target` is no valid key. Draws a nonce from the system's generator. Any thread.
[[nodiscard]] std::optional<std::vector<std::uint8_t>> seal(std::span<const std::uint8_t> payload,
                                                            const KeySeed& source, const PublicKey& target);

[[nodiscard]] bool is_sealed(std::span<const std::uint8_t> message);

/// Nothing where the message is not one that `source` sealed for the key of `target`.
[[nodiscard]] std::optional<std::vector<std::uint8_t>> unseal(std::span<const std::uint8_t> message,
                                                              const PublicKey& source, const KeySeed& target);

}  // namespace cicada::node
