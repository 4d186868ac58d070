#pragma once
/// 256-bit identifiers on the Chord ring, and arcs of that ring.
/// Ring arithmetic is modulo 2^256. Nothing else in the project open-codes a wrap-around.

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace cicada {

/// A point of the identifier ring: 256 bits, most significant word first.
struct Id {
  static constexpr unsigned bits = 256;
  static constexpr std::size_t size_bytes = 32;

  std::array<std::uint64_t, 4> words{};

  friend constexpr auto operator<=>(const Id&, const Id&) = default;

  /// The 64 most significant bits: the position on the ring at the resolution that routing tables keep.
  [[nodiscard]] constexpr std::uint64_t prefix() const { return words[0]; }

  /// An id with the given prefix and zeros after it.
  static constexpr Id from_prefix(std::uint64_t prefix) { return Id{{prefix, 0, 0, 0}}; }

  /// 2^exponent. Precondition: exponent < 256.
  static constexpr Id power_of_two(unsigned exponent) {
    Id id;
    id.words[3 - exponent / 64] = std::uint64_t{1} << (exponent % 64);
    return id;
  }

  static Id from_bytes(std::span<const std::uint8_t, size_bytes> bytes);
  [[nodiscard]] std::array<std::uint8_t, size_bytes> to_bytes() const;

  /// 64 lower-case hexadecimal digits.
  [[nodiscard]] std::string to_hex() const;
  /// Parses exactly 64 hexadecimal digits (either case); anything else gives nullopt.
  static std::optional<Id> from_hex(std::string_view text);
};

/// a + b modulo 2^256.
constexpr Id operator+(const Id& a, const Id& b) {
  Id sum;
  unsigned carry = 0;
  for (std::size_t i = 4; i-- > 0;) {
    const std::uint64_t partial = a.words[i] + b.words[i];
    sum.words[i] = partial + carry;
    carry = (partial < a.words[i] || sum.words[i] < partial) ? 1 : 0;
  }
  return sum;
}

/// a - b modulo 2^256: the clockwise distance from b to a.
constexpr Id operator-(const Id& a, const Id& b) {
  Id difference;
  unsigned borrow = 0;
  for (std::size_t i = 4; i-- > 0;) {
    const std::uint64_t partial = a.words[i] - b.words[i];
    difference.words[i] = partial - borrow;
    borrow = (partial > a.words[i] || difference.words[i] > partial) ? 1 : 0;
  }
  return difference;
}

/// An arc of the ring, clockwise from `from` to `to`, written as the Chord papers write intervals.
/// `from == to` denotes the whole ring (without the ends that the form leaves open), as in Stoica et al. 2001, §4.
class Arc {
 public:
  /// (a, b)
  static constexpr Arc open(const Id& a, const Id& b) { return {a, b, false}; }
  /// (a, b]
  static constexpr Arc left_open(const Id& a, const Id& b) { return {a, b, true}; }

  [[nodiscard]] constexpr bool contains(const Id& x) const {
    const Id reach = x - from_;
    const Id length = to_ - from_;
    if (reach == Id{}) return closed_ && length == Id{};
    if (length == Id{}) return true;
    return closed_ ? reach <= length : reach < length;
  }

 private:
  constexpr Arc(const Id& from, const Id& to, bool closed) : from_(from), to_(to), closed_(closed) {}
  Id from_;
  Id to_;
  bool closed_;
};

}  // namespace cicada
