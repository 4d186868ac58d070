#include <cicada/identity.hpp>

#include <sodium.h>

#include <array>
#include <string>
#include <vector>

#include <cicada/assert.hpp>
#include <cicada/endpoint_text.hpp>

namespace cicada {

static_assert(crypto_hash_sha256_BYTES == Id::size_bytes);

Id sha256(std::span<const std::uint8_t> bytes) {
  std::array<std::uint8_t, Id::size_bytes> digest;
  const int status = crypto_hash_sha256(digest.data(), bytes.data(), bytes.size());
  CICADA_ASSERT(status == 0);
  return Id::from_bytes(digest);
}

Id id_of_endpoint(const Endpoint& endpoint) {
  const std::string text = to_string(endpoint);
  return sha256(std::vector<std::uint8_t>(text.begin(), text.end()));
}

Id id_of_key(const PublicKey& key) { return sha256(key); }

}  // namespace cicada
