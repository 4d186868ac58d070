#pragma once
/// Identities of the id policies: how a peer's id comes about, and the certificates of swarms that let in only whom
/// their authority has signed.

#include <array>
#include <cstdint>
#include <string_view>

#include <cicada/id.hpp>
#include <cicada/message.hpp>

namespace cicada {

/// How the swarm binds ids to keys. All peers of a swarm have the same policy; others are turned away.
enum class IdPolicy : std::uint8_t {
  address = 1,    ///< SHA-256 of "ip:port"; a key counts as that address's when dialling the address meets the key.
  key = 2,        ///< SHA-256 of the public key.
  certified = 3,  ///< Whatever id the swarm's authority has signed for the key. Nobody else gets in.
};

/// 32 random bytes from which an Ed25519 key pair is made. Secret.
using KeySeed = std::array<std::uint8_t, 32>;

/// A seed from the operating system's generator. Throws std::system_error when that fails.
[[nodiscard]] KeySeed random_seed();
/// The public key that belongs to a seed.
[[nodiscard]] PublicKey public_key_of(const KeySeed& seed);

/// The authority's word: in the swarm of this name, `id` belongs to the key, until `not_after`.
struct Membership {
  Id id;
  std::uint64_t not_after = 0;  ///< Seconds since 1970-01-01 UTC; 0: for ever.
  Signature signature{};
};

/// Signs a membership with the authority's key. `swarm` is at most 64 bytes long.
[[nodiscard]] Membership sign_membership(const KeySeed& authority, std::string_view swarm, const PublicKey& member,
                                         const Id& id, std::uint64_t not_after = 0);
/// Is this the authority's word for `member`, and does it hold at `now_s` (seconds since 1970-01-01 UTC)?
[[nodiscard]] bool is_valid(const Membership& membership, const PublicKey& authority, std::string_view swarm,
                            const PublicKey& member, std::uint64_t now_s);

}  // namespace cicada
