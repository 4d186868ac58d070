// The wire format: every message survives the way through bytes, its size is known beforehand, and no bytes of a
// stranger do harm: all that is accepted is exactly what the encoder writes.

#include <rapidcheck.h>
#include <catch2/catch.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <cicada/codec.hpp>
#include <cicada/rng.hpp>

#include "any_message.hpp"
#include "map_contact_book.hpp"

namespace {

using namespace cicada;
using test::AnyMessage;
using test::Endpoints;
using test::MapContactBook;

using Bytes = std::vector<std::uint8_t>;

/// Random numbers from rapidcheck, so that a failing case is printed and replayed like any other.
struct CheckedSource {
  static std::uint64_t word() { return *rc::gen::arbitrary<std::uint64_t>(); }
  static std::uint64_t below(std::uint64_t bound) { return *rc::gen::inRange<std::uint64_t>(0, bound); }
};

/// A random number generator of the project in the same role, for the tests that need many more draws.
struct SeededSource {
  Rng rng;
  std::uint64_t word() { return rng.next(); }
  std::uint64_t below(std::uint64_t bound) { return rng.below(bound); }
};

Bytes encoded(const Message& message, const ContactBook& book) {
  Bytes bytes;
  encode(message, book, bytes);
  return bytes;
}

/// Runs `property` for random messages of every alternative.
void for_every_alternative(Endpoints endpoints, void (*property)(const Message&, MapContactBook&)) {
  for (std::size_t alternative = 0; alternative < std::variant_size_v<Message>; ++alternative) {
    const std::string name = "alternative " + std::to_string(alternative);
    REQUIRE(rc::check(name, [&] {
      CheckedSource source;
      MapContactBook book;
      const Message message = AnyMessage(source, book, endpoints).message(alternative);
      RC_ASSERT(message.index() == alternative);
      property(message, book);
    }));
  }
}

/// What every byte string must satisfy: it is refused at an offset inside it, or it is the encoding of what it gave.
void require_refused_or_canonical(const Bytes& bytes) {
  MapContactBook book;
  const auto message = decode(bytes, book);
  if (message) {
    RC_ASSERT(encoded(*message, book) == bytes);
  } else {
    RC_ASSERT(message.error().offset <= bytes.size());
    RC_ASSERT(book.size() == 0U);
  }
}

TEST_CASE("every message decodes to itself", "[codec]") {
  for_every_alternative(Endpoints::any, [](const Message& message, MapContactBook& book) {
    const Bytes bytes = encoded(message, book);
    const std::size_t known = book.size();
    const auto decoded = decode(bytes, book);
    RC_ASSERT(decoded.has_value());
    RC_ASSERT(test::same(*decoded, message));
    RC_ASSERT(book.size() == known);
  });
}

TEST_CASE("another peer's contact table reads the same message", "[codec]") {
  for_every_alternative(Endpoints::any, [](const Message& message, MapContactBook& book) {
    const Bytes bytes = encoded(message, book);
    MapContactBook other;
    RC_ASSERT(other.intern(Contact{.id = Id::from_prefix(1), .incarnation = 1, .endpoint = {}}).has_value());
    const auto decoded = decode(bytes, other);
    RC_ASSERT(decoded.has_value());
    RC_ASSERT(encoded(*decoded, other) == bytes);
  });
}

TEST_CASE("encoded_size is the size, when endpoints are IPv4", "[codec]") {
  for_every_alternative(Endpoints::ipv4, [](const Message& message, MapContactBook& book) {
    RC_ASSERT(encoded_size(message) == encoded(message, book).size());
  });
}

TEST_CASE("encode appends", "[codec]") {
  const MapContactBook book;
  Bytes bytes = {9, 9};
  encode(Ping{{0x0102030405060708, 0x090a0b0c0d0e0f10}}, book, bytes);
  REQUIRE(bytes == Bytes{9, 9, wire_version, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16});
}

TEST_CASE("every truncation of a message is refused as such", "[codec]") {
  for_every_alternative(Endpoints::any, [](const Message& message, MapContactBook& book) {
    const Bytes bytes = encoded(message, book);
    for (std::size_t length = 0; length < bytes.size(); ++length) {
      MapContactBook other;
      const auto decoded = decode(std::span(bytes).first(length), other);
      RC_ASSERT(!decoded.has_value());
      RC_ASSERT(decoded.error().fault == DecodeFault::truncated);
      RC_ASSERT(decoded.error().offset <= length);
      RC_ASSERT(other.size() == 0U);
    }
  });
}

TEST_CASE("trailing bytes are refused", "[codec]") {
  for_every_alternative(Endpoints::any, [](const Message& message, MapContactBook& book) {
    Bytes bytes = encoded(message, book);
    const std::size_t end = bytes.size();
    bytes.push_back(0);
    const auto decoded = decode(bytes, book);
    RC_ASSERT(!decoded.has_value());
    RC_ASSERT((decoded.error() == DecodeError{DecodeFault::trailing_bytes, end}));
  });
}

TEST_CASE("a message with one bit flipped is refused, or is another message in its only encoding", "[codec]") {
  for_every_alternative(Endpoints::any, [](const Message& message, MapContactBook& book) {
    Bytes bytes = encoded(message, book);
    // All bits of short messages, about a thousand of long ones.
    const std::size_t stride = 1 + bytes.size() * 8 / 1000;
    for (std::size_t bit = 0; bit < bytes.size() * 8; bit += stride) {
      bytes[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
      require_refused_or_canonical(bytes);
      bytes[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    }
  });
}

TEST_CASE("random bytes are refused, or are a message in its only encoding", "[codec]") {
  REQUIRE(rc::check("random bodies behind a good version", [] {
    auto bytes = *rc::gen::container<Bytes>(rc::gen::resize(40, rc::gen::arbitrary<std::uint8_t>()));
    bytes.insert(bytes.begin(), wire_version);
    require_refused_or_canonical(bytes);
  }));
}

TEST_CASE("a full contact table refuses the message", "[codec]") {
  SeededSource source{Rng(1, Purpose::test)};
  MapContactBook book;
  AnyMessage any(source, book, Endpoints::ipv4);
  State state;
  for (int i = 0; i < 3; ++i) state.list.push_back(any.existing_peer());
  const Bytes bytes = encoded(state, book);

  MapContactBook two(2);
  // 2 for version and type, 4 + 4 + 1 + 1, nobody, the count, two contacts of 43.
  const auto decoded = decode(bytes, two);
  REQUIRE_FALSE(decoded.has_value());
  REQUIRE(decoded.error() == DecodeError{DecodeFault::contacts_full, 24 + 1 + 1 + 2 * 43});
  MapContactBook three(3);
  REQUIRE(decode(bytes, three).has_value());
}

}  // namespace
