#pragma once
/// Cryptography for simulations that do not want to pay for it: the sizes of Ed25519 and SHA-256 without their
/// strength.
///
/// A public key is a function of a number that names the identity, and a signature is a keyed mix of the bytes that
/// anyone could compute. It is unforgeable by convention: a modelled attacker signs with its own `ModelledCrypto` or
/// makes up bytes, and never computes with the key of somebody else. Within that convention it behaves like the real
/// one: `verify` is true exactly for the signature that the key's owner made on exactly these bytes, up to collisions
/// of a 64-bit hash (one in 1.8e19 for each comparison). Never for a real node.

#include <cstdint>
#include <span>

#include <cicada/environment.hpp>

namespace cicada {

/// How often the nodes of a world used cryptography; what it would have cost follows from the price of each.
struct CryptoCounts {
  std::uint64_t signs = 0;
  std::uint64_t verifies = 0;
  std::uint64_t hashes = 0;
  std::uint64_t bytes_hashed = 0;
};

/// Two words; made afresh for each step if that is convenient. Cost of every call: O(bytes), some 5 ns for each 8.
class ModelledCrypto final : public Crypto {
 public:
  /// `identity` names the key's owner and outlives its restarts; it is not the index of one life. `counts` must outlive
  /// this object and may be shared.
  ModelledCrypto(std::uint64_t identity, CryptoCounts& counts) : identity_(identity), counts_(&counts) {}

  /// The key of any identity, without an object for it.
  [[nodiscard]] static PublicKey key_of(std::uint64_t identity);

  [[nodiscard]] PublicKey public_key() const override { return key_of(identity_); }
  [[nodiscard]] Signature sign(std::span<const std::uint8_t> bytes) override;
  [[nodiscard]] bool verify(std::span<const std::uint8_t> bytes, const Signature& signature,
                            const PublicKey& key) override;
  /// Spread like SHA-256, but with 64 bits of state: a model, not the same value.
  [[nodiscard]] Id hash(std::span<const std::uint8_t> bytes) override;
  [[nodiscard]] Nonce nonce(std::uint64_t number) override;

 private:
  std::uint64_t identity_;
  CryptoCounts* counts_;
};

}  // namespace cicada
