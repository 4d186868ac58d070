// Identifiers: arithmetic modulo 2^256 against schoolbook addition on bytes, arcs against a walk around small rings,
// text and bytes back and forth.

#include <rapidcheck.h>
#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <cicada/id.hpp>

#include "small_rings.hpp"

namespace {

using namespace cicada;
using Bytes = std::array<std::uint8_t, Id::size_bytes>;

const Id zero{};
const Id one = Id::power_of_two(0);
const Id largest = zero - one;

/// Random words with many zeros and many ones among them, so that carries run far.
Id any_id() {
  Id id;
  for (std::uint64_t& word : id.words)
    word = *rc::gen::oneOf(rc::gen::arbitrary<std::uint64_t>(),
                           rc::gen::element<std::uint64_t>(0, 1, ~0ULL, ~0ULL - 1, 1ULL << 63));
  return id;
}

/// Addition as one does it on paper, in base 256 from the last byte.
Bytes added_on_paper(const Bytes& a, const Bytes& b) {
  Bytes sum{};
  unsigned carry = 0;
  for (std::size_t i = sum.size(); i-- > 0;) {
    carry += unsigned{a[i]} + b[i];
    sum[i] = static_cast<std::uint8_t>(carry);
    carry >>= 8;
  }
  return sum;
}

TEST_CASE("ids add like numbers on paper", "[id]") {
  REQUIRE(rc::check("a + b", [] {
    const Id a = any_id();
    const Id b = any_id();
    RC_ASSERT((a + b).to_bytes() == added_on_paper(a.to_bytes(), b.to_bytes()));
  }));
}

TEST_CASE("subtraction undoes addition, around the ring too", "[id]") {
  REQUIRE(rc::check("a - b", [] {
    const Id a = any_id();
    const Id b = any_id();
    RC_ASSERT(added_on_paper((a - b).to_bytes(), b.to_bytes()) == a.to_bytes());
    RC_ASSERT((a - a) == zero);
    RC_ASSERT((a + b) - b == a);
  }));
  REQUIRE(largest.to_hex() == std::string(64, 'f'));
  REQUIRE(largest + one == zero);
}

TEST_CASE("ids compare like their bytes", "[id]") {
  REQUIRE(rc::check("a < b", [] {
    const Id a = any_id();
    const Id b = any_id();
    const Bytes left = a.to_bytes();
    const Bytes right = b.to_bytes();
    RC_ASSERT((a < b) == std::ranges::lexicographical_compare(left, right));
    RC_ASSERT((a == b) == (left == right));
  }));
}

TEST_CASE("powers of two have their one bit in place", "[id]") {
  Id power = one;
  for (unsigned exponent = 0; exponent < Id::bits; ++exponent) {
    REQUIRE(Id::power_of_two(exponent) == power);
    power = power + power;
  }
  REQUIRE(power == zero);
}

TEST_CASE("hexadecimal digits and bytes go back and forth", "[id]") {
  REQUIRE(rc::check("round trips", [] {
    const Id id = any_id();
    RC_ASSERT(Id::from_bytes(id.to_bytes()) == id);
    RC_ASSERT(id.to_hex().size() == 64U);
    RC_ASSERT(Id::from_hex(id.to_hex()) == id);
    RC_ASSERT(Id::from_prefix(id.prefix()).prefix() == id.prefix());
  }));
  const Id id{{0x0123456789abcdef, 0xfedcba9876543210, 0, 0xff}};
  REQUIRE(id.to_hex() == "0123456789abcdeffedcba9876543210000000000000000000000000000000ff");
  REQUIRE(id.to_bytes()[0] == 0x01);
  REQUIRE(id.to_bytes()[31] == 0xff);
}

TEST_CASE("only 64 hexadecimal digits are an id", "[id]") {
  const std::string digits(64, 'A');
  REQUIRE(Id::from_hex(digits) == Id::from_hex(std::string(64, 'a')));
  REQUIRE_FALSE(Id::from_hex(""));
  REQUIRE_FALSE(Id::from_hex(digits.substr(1)));
  REQUIRE_FALSE(Id::from_hex(digits + "A"));
  for (const char wrong : {'g', 'G', ' ', '-', '/', ':', '@', '`', '\0'}) {
    std::string text = digits;
    text[31] = wrong;
    REQUIRE_FALSE(Id::from_hex(text));
  }
}

TEST_CASE("arcs contain what a walk along them meets", "[id]") {
  for (const auto& [name, ring] : test::small_rings()) {
    INFO(name);
    const test::Walk walk(ring);
    std::size_t wrong = 0;
    for (std::size_t a = 0; a < ring.size(); ++a)
      for (std::size_t x = 0; x < ring.size(); ++x)
        for (std::size_t b = 0; b < ring.size(); ++b) {
          if (Arc::open(ring[a], ring[b]).contains(ring[x]) != walk.open(a, x, b)) ++wrong;
          if (Arc::left_open(ring[a], ring[b]).contains(ring[x]) != walk.left_open(a, x, b)) ++wrong;
        }
    REQUIRE(wrong == 0);
  }
}

}  // namespace
