// Whatever message is changed, the result of changing a field is again one that can be encoded, and mostly one that
// decodes; changed bytes are decoded or refused, and many are neither too short nor nonsense.

#include <catch2/catch.hpp>
#include <cstdint>
#include <variant>
#include <vector>

#include <cicada/codec.hpp>
#include <cicada/rng.hpp>

#include "adversaries/mutated_message.hpp"
#include "any_message.hpp"
#include "map_contact_book.hpp"

namespace {

using namespace cicada;
using namespace cicada::sim;
using test::AnyMessage;
using test::MapContactBook;

struct SeededSource {
  Rng rng;
  std::uint64_t word() { return rng.next(); }
  std::uint64_t below(std::uint64_t bound) { return rng.below(bound); }
};

struct Tally {
  unsigned all = 0, decoded = 0, changed = 0;
};

/// Changes many messages of one kind, in one way, and counts what came of it.
template <class Change>
Tally tally(std::size_t kind, Change change_one) {
  Tally tally;
  for (std::uint32_t seed = 1; seed <= 400; ++seed) {
    SeededSource source{Rng(seed, Purpose::test)};
    MapContactBook book;
    AnyMessage any(source, book, test::Endpoints::any);
    const Message message = any.message(kind);
    const std::vector<Peer> peers{any.existing_peer(), any.existing_peer()};
    std::vector<std::uint8_t> before;
    encode(message, book, before);
    const std::vector<std::uint8_t> after = change_one(message, peers, book, source.rng);
    REQUIRE(after.size() <= before.size() + 64);
    ++tally.all;
    tally.changed += after != before ? 1U : 0U;
    tally.decoded += decode(after, book).has_value() ? 1U : 0U;
  }
  return tally;
}

TEST_CASE("a changed field can be encoded, and nearly always decodes") {
  for (std::size_t kind = 0; kind < std::variant_size_v<Message>; ++kind) {
    const Tally fields = tally(kind, [](Message message, const auto& peers, const auto& book, Rng& rng) {
      const std::vector<Id> ids{book.contact_of(peers[0].index).id};
      change_field(message, peers, ids, rng);
      std::vector<std::uint8_t> bytes;
      encode(message, book, bytes);
      return bytes;
    });
    CAPTURE(kind, fields.changed, fields.decoded);
    const bool empty = std::is_same_v<std::variant_alternative_t<5, Message>, Notify> && kind == 5;
    CHECK(fields.changed >= (empty ? 0 : fields.all / 2));  // Not where one of two equal entries goes, say.
    CHECK(fields.decoded >= fields.all * 9 / 10);
  }
}

TEST_CASE("changed bytes are decoded or refused") {
  unsigned decoded = 0, all = 0;
  for (std::size_t kind = 0; kind < std::variant_size_v<Message>; ++kind) {
    const Tally bytes = tally(kind, [](const Message& message, const auto&, const auto& book, Rng& rng) {
      std::vector<std::uint8_t> encoded;
      encode(message, book, encoded);
      change_bytes(encoded, rng);
      return encoded;
    });
    CAPTURE(kind, bytes.changed, bytes.decoded);
    CHECK(bytes.changed > bytes.all * 9 / 10);
    decoded += bytes.decoded;
    all += bytes.all;
  }
  CHECK(decoded > all / 20);
  CHECK(decoded < all / 2);
}

}  // namespace
