#include <cicada/sodium_crypto.hpp>

#include <sodium.h>

#include <algorithm>
#include <string_view>
#include <tuple>

#include <cicada/assert.hpp>
#include <cicada/identity.hpp>

namespace cicada {
namespace {

/// Keeps the key of nonces apart from all else that is made of the seed.
constexpr std::string_view nonce_domain = "cicada nonce key v1";

}  // namespace

static_assert(crypto_sign_SEEDBYTES == SodiumCrypto::seed_bytes);
static_assert(crypto_sign_PUBLICKEYBYTES == std::tuple_size_v<PublicKey>);
static_assert(crypto_sign_BYTES == std::tuple_size_v<Signature>);
static_assert(crypto_sign_SECRETKEYBYTES == 64);

SodiumCrypto::SodiumCrypto(std::span<const std::uint8_t, seed_bytes> seed) {
  const int status = crypto_sign_seed_keypair(public_key_.data(), secret_key_.data(), seed.data());
  CICADA_ASSERT(status == 0);
  std::array<std::uint8_t, nonce_domain.size() + seed_bytes> named;
  std::ranges::copy(seed, std::ranges::copy(nonce_domain, named.begin()).out);
  nonce_key_ = sha256(named);
  sodium_memzero(named.data(), named.size());
}

SodiumCrypto::~SodiumCrypto() {
  sodium_memzero(secret_key_.data(), secret_key_.size());
  sodium_memzero(&nonce_key_, sizeof nonce_key_);
}

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

Nonce SodiumCrypto::nonce(std::uint64_t number) {
  std::array<std::uint8_t, Id::size_bytes + sizeof number> numbered;
  const auto end = std::ranges::copy(nonce_key_.to_bytes(), numbered.begin()).out;
  for (std::size_t i = 0; i < sizeof number; ++i) end[i] = static_cast<std::uint8_t>(number >> (8 * i));
  const Id digest = sha256(numbered);
  sodium_memzero(numbered.data(), numbered.size());
  return {digest.words[0], digest.words[1]};
}

}  // namespace cicada
