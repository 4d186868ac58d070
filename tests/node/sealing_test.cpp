// What is sealed opens for its target and from its source only, and not at all once a bit of it was changed.

#include <catch2/catch.hpp>
#include <string>

#include "sealing.hpp"

using namespace cicada;
using namespace cicada::node;

namespace {

std::vector<std::uint8_t> bytes(const std::string& text) { return {text.begin(), text.end()}; }

}  // namespace

TEST_CASE("sealing: opens for the target, whatever the length", "[sealing]") {
  const KeySeed anna = random_seed();
  const KeySeed bert = random_seed();
  for (const std::size_t size : {0U, 1U, 1000U, 60'000U}) {
    const std::vector<std::uint8_t> payload(size, 0x5a);
    const auto message = seal(payload, anna, public_key_of(bert));
    REQUIRE(message);
    CHECK(message->size() == size + sealing_overhead_bytes);
    CHECK(is_sealed(*message));
    CHECK(unseal(*message, public_key_of(anna), bert) == payload);
    CHECK(seal(payload, anna, public_key_of(bert)) != message);
  }
}

TEST_CASE("sealing: for nobody else, from nobody else, and unchanged", "[sealing]") {
  const KeySeed anna = random_seed();
  const KeySeed bert = random_seed();
  const KeySeed eve = random_seed();
  const auto message = *seal(bytes("hello"), anna, public_key_of(bert));
  CHECK_FALSE(unseal(message, public_key_of(anna), eve));
  CHECK_FALSE(unseal(message, public_key_of(eve), bert));
  for (std::size_t i = 0; i < message.size() * 8; ++i) {
    auto damaged = message;
    damaged[i / 8] = static_cast<std::uint8_t>(damaged[i / 8] ^ (1 << (i % 8)));
    CHECK_FALSE(unseal(damaged, public_key_of(anna), bert));
  }
}

TEST_CASE("sealing: other messages are not sealed, and bad keys are refused", "[sealing]") {
  const KeySeed anna = random_seed();
  CHECK_FALSE(is_sealed(bytes("hello")));
  CHECK_FALSE(is_sealed(bytes("cicada sealed v1 and then too little")));
  CHECK_FALSE(unseal(bytes("hello"), public_key_of(anna), anna));
  CHECK_FALSE(seal(bytes("x"), anna, PublicKey{}));
}
