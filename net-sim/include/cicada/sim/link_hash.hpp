#pragma once
/// How links get their random properties, without storing any of them: hashes of (seed, purpose, peer) and (seed,
/// purpose, pair), one mixing step each.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

#include <cicada/peer.hpp>
#include <cicada/rng.hpp>

namespace cicada::sim {

class LinkHash {
 public:
  /// `salt` keeps apart the properties that share a purpose.
  constexpr LinkHash(std::uint64_t seed, Purpose purpose, std::uint64_t salt)
      : key_(mix64(mix64(seed, std::uint64_t{static_cast<std::uint32_t>(purpose)} << 32), salt)) {}

  /// Hashes under a key that is itself a hash, such as that of a path.
  static constexpr LinkHash under(std::uint64_t key) {
    LinkHash hash;
    hash.key_ = key;
    return hash;
  }

  [[nodiscard]] constexpr std::uint64_t word(std::uint64_t x) const {
    return mix64(key_ ^ (x * 0xd1342543de82ef95ULL));
  }

  [[nodiscard]] constexpr std::uint64_t of_peer(PeerIndex peer) const { return word(peer); }

  /// The same in both directions.
  [[nodiscard]] constexpr std::uint64_t of_pair(PeerIndex a, PeerIndex b) const {
    return of_path(std::min(a, b), std::max(a, b));
  }

  /// Different in the two directions.
  [[nodiscard]] constexpr std::uint64_t of_path(PeerIndex from, PeerIndex to) const {
    return word((std::uint64_t{from} << 32) | to);
  }

 private:
  constexpr LinkHash() = default;
  std::uint64_t key_ = 0;
};

/// A hash as a number in (0, 1), never an end of the interval.
constexpr double unit_interval(std::uint64_t hash) { return (static_cast<double>(hash >> 12) + 0.5) * 0x1.0p-52; }

/// A hash as a number in [0, count). Precondition: 0 < count < 2^32.
constexpr std::size_t choose(std::uint64_t hash, std::size_t count) {
  return static_cast<std::size_t>(((hash >> 32) * std::uint64_t{count}) >> 32);
}

}  // namespace cicada::sim
