#include "sealing.hpp"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <string_view>

#include <cicada/assert.hpp>

namespace cicada::node {
namespace {

constexpr std::string_view sealed_magic = "cicada sealed v1";
constexpr std::size_t nonce_at = sealed_magic.size();
constexpr std::size_t box_at = nonce_at + crypto_box_NONCEBYTES;
static_assert(box_at + crypto_box_MACBYTES == sealing_overhead_bytes);

/// The X25519 secret that belongs to an Ed25519 seed; wiped when it goes.
class BoxSecret {
 public:
  explicit BoxSecret(const KeySeed& seed) {
    std::array<std::uint8_t, crypto_sign_PUBLICKEYBYTES> unused;
    std::array<std::uint8_t, crypto_sign_SECRETKEYBYTES> sign_secret;
    int status = crypto_sign_seed_keypair(unused.data(), sign_secret.data(), seed.data());
    CICADA_ASSERT(status == 0);
    status = crypto_sign_ed25519_sk_to_curve25519(secret_.data(), sign_secret.data());
    CICADA_ASSERT(status == 0);
    sodium_memzero(sign_secret.data(), sign_secret.size());
  }
  BoxSecret(const BoxSecret&) = delete;
  BoxSecret& operator=(const BoxSecret&) = delete;
  ~BoxSecret() { sodium_memzero(secret_.data(), secret_.size()); }
  [[nodiscard]] const std::uint8_t* data() const { return secret_.data(); }

 private:
  std::array<std::uint8_t, crypto_box_SECRETKEYBYTES> secret_{};
};

/// Fails for texts that are no point of the curve, and for points of small order.
std::optional<std::array<std::uint8_t, crypto_box_PUBLICKEYBYTES>> box_key(const PublicKey& key) {
  std::array<std::uint8_t, crypto_box_PUBLICKEYBYTES> result;
  if (crypto_sign_ed25519_pk_to_curve25519(result.data(), key.data()) != 0) return std::nullopt;
  return result;
}

}  // namespace

std::optional<std::vector<std::uint8_t>> seal(std::span<const std::uint8_t> payload, const KeySeed& source,
                                              const PublicKey& target) {
  // Before the first nonce is drawn; safe to repeat, from any thread.
  CICADA_ASSERT(sodium_init() >= 0);
  const auto key = box_key(target);
  if (!key) return std::nullopt;
  std::vector<std::uint8_t> message(sealing_overhead_bytes + payload.size());
  std::ranges::copy(sealed_magic, message.begin());
  randombytes_buf(&message[nonce_at], crypto_box_NONCEBYTES);
  const BoxSecret secret(source);
  const int status =
      crypto_box_easy(&message[box_at], payload.data(), payload.size(), &message[nonce_at], key->data(), secret.data());
  if (status != 0) return std::nullopt;
  return message;
}

bool is_sealed(std::span<const std::uint8_t> message) {
  return message.size() >= sealing_overhead_bytes &&
         std::equal(sealed_magic.begin(), sealed_magic.end(), message.begin());
}

std::optional<std::vector<std::uint8_t>> unseal(std::span<const std::uint8_t> message, const PublicKey& source,
                                                const KeySeed& target) {
  const auto key = box_key(source);
  if (!is_sealed(message) || !key) return std::nullopt;
  std::vector<std::uint8_t> payload(message.size() - sealing_overhead_bytes);
  const BoxSecret secret(target);
  const auto box = message.subspan(box_at);
  const int status = crypto_box_open_easy(payload.data(), box.data(), box.size(), message.subspan(nonce_at).data(),
                                          key->data(), secret.data());
  if (status != 0) return std::nullopt;
  return payload;
}

}  // namespace cicada::node
