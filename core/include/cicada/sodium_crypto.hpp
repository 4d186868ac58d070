#pragma once
/// Real cryptography: Ed25519 (RFC 8032) and SHA-256 by libsodium. It draws no entropy: the caller brings the 32-byte
/// seed of the key, from the operating system in a real node, from `Rng` in a simulation.
///
/// `sodium_init` is not called, here or anywhere in the core: it opens /dev/urandom and chooses among implementations
/// of primitives that this class does not use. Those it does use (SHA-256, SHA-512 inside Ed25519, Ed25519) have a
/// single portable implementation, keep no state, and are safe without it and from any thread.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include <cicada/environment.hpp>

namespace cicada {

/// The Ed25519 key pair of one node. Signing is deterministic: equal seed and bytes give an equal signature.
/// Measured on one x86-64 core: 15 µs for a key pair or a signature, 40 µs for a verification.
class SodiumCrypto final : public Crypto {
 public:
  static constexpr std::size_t seed_bytes = 32;

  explicit SodiumCrypto(std::span<const std::uint8_t, seed_bytes> seed);
  SodiumCrypto(const SodiumCrypto&) = delete;
  SodiumCrypto& operator=(const SodiumCrypto&) = delete;
  ~SodiumCrypto();  ///< Wipes the secret key.

  [[nodiscard]] PublicKey public_key() const override { return public_key_; }
  [[nodiscard]] Signature sign(std::span<const std::uint8_t> bytes) override;
  /// False for everything that is not the key's signature on these bytes, malformed keys and signatures included.
  [[nodiscard]] bool verify(std::span<const std::uint8_t> bytes, const Signature& signature,
                            const PublicKey& key) override;
  [[nodiscard]] Id hash(std::span<const std::uint8_t> bytes) override;
  /// SHA-256 of a key of its own, which follows from the seed, and the number.
  [[nodiscard]] Nonce nonce(std::uint64_t number) override;

 private:
  PublicKey public_key_{};
  std::array<std::uint8_t, 64> secret_key_{};  ///< As libsodium has it: the seed, then the public key.
  Id nonce_key_;
};

}  // namespace cicada
