#include <cicada/sodium_crypto.hpp>

#include <sodium.h>

#include <tuple>

#include <cicada/assert.hpp>
#include <cicada/identity.hpp>

namespace cicada {

static_assert(crypto_sign_SEEDBYTES == SodiumCrypto::seed_bytes);
static_assert(crypto_sign_PUBLICKEYBYTES == std::tuple_size_v<PublicKey>);
static_assert(crypto_sign_BYTES == std::tuple_size_v<Signature>);
static_assert(crypto_sign_SECRETKEYBYTES == 64);

SodiumCrypto::SodiumCrypto(std::span<const std::uint8_t, seed_bytes> seed) {
  const int status = crypto_sign_seed_keypair(public_key_.data(), secret_key_.data(), seed.data());
  CICADA_ASSERT(status == 0);
}

SodiumCrypto::~SodiumCrypto() { sodium_memzero(secret_key_.data(), secret_key_.size()); }

Signature SodiumCrypto::sign(std::span<const std::uint8_t> bytes) {
  Signature signature;
  const int status = crypto_sign_detached(signature.data(), nullptr, bytes.data(), bytes.size(), secret_key_.data());
  CICADA_ASSERT(status == 0);
  return signature;
}

bool SodiumCrypto::verify(std::span<const std::uint8_t> bytes, const Signature& signature, const PublicKey& key) {
  return crypto_sign_verify_detached(signature.data(), bytes.data(), bytes.size(), key.data()) == 0;
}

Id SodiumCrypto::hash(std::span<const std::uint8_t> bytes) { return sha256(bytes); }

}  // namespace cicada
