#pragma once
/// Counter-based random streams. Draw number i of stream s under seed k is a pure function of (k, s, i), so adding a
/// draw to one stream never shifts another. Not for cryptography. The mixing function is the finaliser of SplitMix64
/// (Steele, Lea, Flood, OOPSLA 2014), applied twice.

#include <bit>
#include <cmath>
#include <cstdint>

#include <cicada/time.hpp>

namespace cicada {

/// A bijective 64-bit mixer.
constexpr std::uint64_t mix64(std::uint64_t x) {
  x ^= x >> 30;
  x *= 0xbf58476d1ce4e5b9ULL;
  x ^= x >> 27;
  x *= 0x94d049bb133111ebULL;
  x ^= x >> 31;
  return x;
}

/// A hash of two words; the basis of every "function of (seed, a, b)".
constexpr std::uint64_t mix64(std::uint64_t a, std::uint64_t b) {
  return mix64(mix64(a + 0x9e3779b97f4a7c15ULL) ^ (b * 0xd1342543de82ef95ULL + 0x2545f4914f6cdd1dULL));
}

/// What a stream is for: the high half of a stream number; the low half is a peer or another index.
enum class Purpose : std::uint32_t {
  node = 1,
  identity,
  topology,
  latency,
  loss,
  churn,
  workload,
  fault,
  adversary,
  sampling,
  test,
};

class Rng {
 public:
  constexpr Rng() = default;
  constexpr Rng(std::uint64_t seed, Purpose purpose, std::uint32_t index = 0)
      : key_(mix64(seed, (std::uint64_t{static_cast<std::uint32_t>(purpose)} << 32) | index)) {}

  /// Another stream of the same owner, independent of this one and of how far it has been drawn.
  [[nodiscard]] constexpr Rng fork(std::uint64_t salt) const {
    Rng other;
    other.key_ = mix64(key_, salt);
    return other;
  }

  /// 64 uniform bits.
  constexpr std::uint64_t next() { return mix64(key_ + 0x9e3779b97f4a7c15ULL * ++counter_); }

  /// Uniform in [0, bound). Precondition: bound > 0. The bias is below bound / 2^64.
  constexpr std::uint64_t below(std::uint64_t bound) {
    return static_cast<std::uint64_t>((static_cast<Wide>(next()) * bound) >> 64);
  }

  /// Uniform in [0, 1), 53 bits.
  constexpr double uniform() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }

  /// Uniform in (0, 1]: a safe argument for a logarithm.
  constexpr double uniform_positive() { return static_cast<double>((next() >> 11) + 1) * 0x1.0p-53; }

  constexpr bool chance(double probability) { return uniform() < probability; }

  /// Exponential with the given mean (same unit as the mean).
  double exponential(double mean) { return -mean * std::log(uniform_positive()); }

  /// Uniform duration in [low, high). Gives `low` where the range is empty.
  constexpr Duration between(Duration low, Duration high) {
    return high <= low
               ? low
               : low + Duration(static_cast<Duration::rep>(below(static_cast<std::uint64_t>((high - low).count()))));
  }

 private:
  __extension__ using Wide = unsigned __int128;  // Not ISO C++, but g++ and clang both have it.

  std::uint64_t key_ = 0;
  std::uint64_t counter_ = 0;
};

}  // namespace cicada
