#include <cicada/membership.hpp>

#include <sys/random.h>

#include <cerrno>
#include <system_error>
#include <vector>

#include <cicada/sodium_crypto.hpp>

#include "bytes.hpp"

namespace cicada {
namespace {

/// What the authority signs: | "cicada membership v1" | swarm: length u8, bytes | key 32 | id 32 | not_after u64 |
std::vector<std::uint8_t> statement(std::string_view swarm, const PublicKey& member, const Id& id,
                                    std::uint64_t not_after) {
  static constexpr std::string_view words = "cicada membership v1";
  std::vector<std::uint8_t> bytes(words.begin(), words.end());
  BytesOut out(bytes);
  out.number(static_cast<std::uint8_t>(swarm.size()));
  bytes.insert(bytes.end(), swarm.begin(), swarm.end());
  out.run(member);
  out.run(id.to_bytes());
  out.number(not_after);
  return bytes;
}

}  // namespace

KeySeed random_seed() {
  KeySeed seed;
  // Fewer than 256 bytes are given in one piece or not at all.
  while (getrandom(seed.data(), seed.size(), 0) != static_cast<ssize_t>(seed.size()))
    if (errno != EINTR) throw std::system_error(errno, std::generic_category(), "getrandom");
  return seed;
}

PublicKey public_key_of(const KeySeed& seed) { return SodiumCrypto(seed).public_key(); }

Membership sign_membership(const KeySeed& authority, std::string_view swarm, const PublicKey& member, const Id& id,
                           std::uint64_t not_after) {
  return {id, not_after, SodiumCrypto(authority).sign(statement(swarm, member, id, not_after))};
}

bool is_valid(const Membership& membership, const PublicKey& authority, std::string_view swarm, const PublicKey& member,
              std::uint64_t now_s) {
  if (membership.not_after != 0 && membership.not_after < now_s) return false;
  // Verification needs no key of one's own; any seed will do.
  return SodiumCrypto(KeySeed{}).verify(statement(swarm, member, membership.id, membership.not_after),
                                        membership.signature, authority);
}

}  // namespace cicada
