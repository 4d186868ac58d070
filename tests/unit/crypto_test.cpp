// Cryptography: the real one gives the published answers; real and modelled keep the same promises; what is signed
// covers everything that must not be forged.

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <cicada/identity.hpp>
#include <cicada/modelled_crypto.hpp>
#include <cicada/signing.hpp>
#include <cicada/sodium_crypto.hpp>

namespace {

using namespace cicada;
using Bytes = std::vector<std::uint8_t>;
using Seed = std::array<std::uint8_t, SodiumCrypto::seed_bytes>;

Bytes bytes_of(std::string_view text) { return {text.begin(), text.end()}; }

/// 64 hexadecimal digits.
std::array<std::uint8_t, 32> half(std::string_view digits) { return Id::from_hex(digits).value().to_bytes(); }

Signature signature_of(std::string_view first, std::string_view second) {
  Signature signature;
  std::ranges::copy(half(first), signature.begin());
  std::ranges::copy(half(second), signature.begin() + 32);
  return signature;
}

TEST_CASE("Ed25519 gives the answers of RFC 8032, section 7.1", "[crypto]") {
  struct Vector {
    const char* seed;
    const char* key;
    Bytes message;
    Signature signature;
  };
  const std::array vectors = {Vector{"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
                                     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
                                     {},
                                     signature_of("e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155",
                                                  "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b")},
                              Vector{"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
                                     "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
                                     {0x72},
                                     signature_of("92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da",
                                                  "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00")},
                              Vector{"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
                                     "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
                                     {0xaf, 0x82},
                                     signature_of("6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac",
                                                  "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a")}};
  for (const Vector& vector : vectors) {
    SodiumCrypto crypto(half(vector.seed));
    REQUIRE(crypto.public_key() == half(vector.key));
    REQUIRE(crypto.sign(vector.message) == vector.signature);
    REQUIRE(crypto.verify(vector.message, vector.signature, crypto.public_key()));
  }
}

TEST_CASE("SHA-256 gives the answers of FIPS 180-4", "[crypto]") {
  SodiumCrypto crypto(Seed{});
  for (const auto& [text, digest] :
       {std::pair{"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        std::pair{"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        std::pair{"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"}}) {
    REQUIRE(sha256(bytes_of(text)).to_hex() == digest);
    REQUIRE(crypto.hash(bytes_of(text)).to_hex() == digest);
  }
}

/// What the protocol relies on, for two identities of either kind.
void require_promises(Crypto& alice, Crypto& bob) {
  const Bytes message = bytes_of("a message of twenty-nine bytes");
  const Signature signature = alice.sign(message);
  const PublicKey key = alice.public_key();
  REQUIRE(key != bob.public_key());
  REQUIRE(alice.sign(message) == signature);
  REQUIRE(bob.sign(message) != signature);
  REQUIRE(bob.verify(message, signature, key));
  REQUIRE_FALSE(bob.verify(message, signature, bob.public_key()));
  REQUIRE_FALSE(bob.verify({}, signature, key));
  REQUIRE_FALSE(bob.verify(message, Signature{}, key));
  REQUIRE_FALSE(bob.verify(message, signature, PublicKey{}));

  for (std::size_t i = 0; i < message.size(); ++i) {
    Bytes changed = message;
    changed[i] ^= 0x10;
    REQUIRE_FALSE(bob.verify(changed, signature, key));
    REQUIRE_FALSE(bob.verify(std::span(message).first(i), signature, key));
    REQUIRE(alice.hash(changed) != alice.hash(message));
    REQUIRE(alice.hash(std::span(message).first(i)) != alice.hash(message));
  }
  for (std::size_t i = 0; i < signature.size(); ++i) {
    Signature changed = signature;
    changed[i] ^= 0x10;
    REQUIRE_FALSE(bob.verify(message, changed, key));
  }
  REQUIRE(alice.hash(message) == bob.hash(message));
  REQUIRE(alice.hash(bytes_of(std::string_view("\0", 1))) != alice.hash({}));
}

TEST_CASE("the real signatures keep the promises", "[crypto]") {
  SodiumCrypto alice(Seed{1});
  SodiumCrypto bob(Seed{2});
  require_promises(alice, bob);
}

TEST_CASE("the modelled signatures keep the same promises", "[crypto]") {
  CryptoCounts counts;
  ModelledCrypto alice(1, counts);
  ModelledCrypto bob(2, counts);
  require_promises(alice, bob);
}

/// Different numbers, different owners and different kinds of cryptography have nothing in common.
template <class Crypto>
void require_unforeseeable(Crypto& alice, Crypto& bob) {
  std::set<std::uint64_t> words;
  for (std::uint64_t number = 0; number < 1000; ++number)
    for (Crypto* crypto : {&alice, &bob}) {
      const Nonce nonce = crypto->nonce(number);
      REQUIRE(nonce == crypto->nonce(number));
      words.insert({nonce.high, nonce.low});
    }
  REQUIRE(words.size() == 4000);
  // A set bit is as likely as a clear one, in 256,000 of them.
  std::size_t ones = 0;
  for (const std::uint64_t word : words) ones += static_cast<std::size_t>(std::popcount(word));
  REQUIRE(ones > 126'500);
  REQUIRE(ones < 129'500);
}

TEST_CASE("nonces are secret functions of their numbers", "[crypto]") {
  SodiumCrypto alice(Seed{1});
  SodiumCrypto bob(Seed{2});
  require_unforeseeable(alice, bob);
  CryptoCounts counts;
  ModelledCrypto modelled(1, counts);
  ModelledCrypto other(2, counts);
  require_unforeseeable(modelled, other);
  // Nothing that is public is made of the key of nonces.
  CHECK(alice.nonce(7) != SodiumCrypto(Seed{}).nonce(7));
}

TEST_CASE("modelled cryptography is counted, and an identity keeps its key", "[crypto]") {
  CryptoCounts counts;
  ModelledCrypto first(7, counts);
  const Signature signature = first.sign(bytes_of("x"));
  ModelledCrypto second(8, counts);
  REQUIRE(second.verify(bytes_of("x"), signature, first.public_key()));
  REQUIRE_FALSE(second.verify(bytes_of("y"), signature, first.public_key()));
  static_cast<void>(second.hash(bytes_of("abc")));
  REQUIRE(counts.signs == 1);
  REQUIRE(counts.verifies == 2);
  REQUIRE(counts.hashes == 1);
  REQUIRE(counts.bytes_hashed == 3);

  CryptoCounts other_world;
  REQUIRE(ModelledCrypto(7, other_world).public_key() == first.public_key());
  REQUIRE(ModelledCrypto::key_of(7) == first.public_key());
  std::set<PublicKey> keys;
  for (std::uint64_t identity = 0; identity < 10'000; ++identity) keys.insert(ModelledCrypto::key_of(identity));
  REQUIRE(keys.size() == 10'000);
}

TEST_CASE("modelled values are the same on every machine", "[crypto]") {
  CryptoCounts counts;
  ModelledCrypto crypto(1, counts);
  CHECK(crypto.hash(bytes_of("abc")).to_hex() == "7fecbb0c8eefb0309022035b0d9d5ab993a6d5dac7a3f831ee28d8d1e6c1c29b");
  CHECK(Id::from_bytes(crypto.public_key()).to_hex() ==
        "4b5ac2f66f4af50daec703ddf1ee2d952cd93f36325d12f5150cc23667480ad7");
}

/// A data message and its acknowledgement, with every field different.
struct Signed {
  DataHeader header{.id = {1, 2},
                    .target = Id{{0x10, 0x11, 0x12, 0x13}},
                    .source = Peer(0x20, 5),
                    .sent_ns = 0x60,
                    .nonce = 0x61,
                    .kind = DataKind::fetch_card,
                    .source_key = {0x30},
                    .signature = {0x40}};
  DataAck ack{.id = {1, 2}, .copy = 5, .hops = 3, .attempt = 4, .target_key = {0x50}, .signature = {0x60}, .card = {}};
  Id source{{0x20, 0x21, 0x22, 0x23}};
  Id hash{{0x70, 0x71, 0x72, 0x73}};

  [[nodiscard]] DataStatement data() const { return signed_bytes(header, source, hash); }
  [[nodiscard]] AckStatement acknowledgement() const { return signed_bytes(ack, header, source, hash); }
};

template <std::size_t n>
std::string hex(const std::array<std::uint8_t, n>& bytes) {
  std::string text;
  for (const std::uint8_t byte : bytes) {
    text += "0123456789abcdef"[byte >> 4];
    text += "0123456789abcdef"[byte & 15];
  }
  return text;
}

TEST_CASE("signed bytes, byte by byte", "[crypto]") {
  const Signed s;
  const std::string id = "00000000000000010000000000000002";
  const std::string padding(62, '0');
  REQUIRE(hex(s.data()) ==
          "6369636164612064617461207631"
          "02" +
              s.header.target.to_hex() + s.source.to_hex() + "30" + padding + s.hash.to_hex() + "0000000000000060" +
              "0000000000000061");
  REQUIRE(hex(s.acknowledgement()) == "6369636164612061636b207631" + id + s.header.target.to_hex() + s.source.to_hex() +
                                          "50" + padding + s.hash.to_hex());
}

TEST_CASE("a signature on a message covers what must not change on the way, and only that", "[crypto]") {
  const DataStatement original = Signed().data();
  const auto changed = [&](auto change) {
    Signed s;
    change(s);
    return s.data() != original;
  };
  CHECK(changed([](Signed& s) { s.header.target.words[3] ^= 1; }));
  CHECK(changed([](Signed& s) { s.header.nonce ^= 1; }));
  CHECK(changed([](Signed& s) { s.header.kind = DataKind::message; }));
  CHECK(changed([](Signed& s) { s.header.source_key[31] ^= 1; }));
  CHECK(changed([](Signed& s) { s.header.sent_ns ^= 1; }));
  CHECK(changed([](Signed& s) { s.source.words[0] ^= 1; }));
  CHECK(changed([](Signed& s) { s.hash.words[3] ^= 1; }));
  CHECK_FALSE(changed([](Signed& s) { s.header.id.high ^= 1; }));  // The id is made of these bytes.
  // The index of the source differs from table to table; its id is what is signed.
  CHECK_FALSE(changed([](Signed& s) { s.header.source = Peer(0x20, 6); }));
  CHECK_FALSE(changed([](Signed& s) { s.header.signature = {}; }));
}

TEST_CASE("a signature on an acknowledgement is good for every copy of one message", "[crypto]") {
  const AckStatement original = Signed().acknowledgement();
  const auto changed = [&](auto change) {
    Signed s;
    change(s);
    return s.acknowledgement() != original;
  };
  CHECK(changed([](Signed& s) { s.ack.id.high ^= 1; }));
  CHECK(changed([](Signed& s) { s.ack.id.low ^= 1; }));
  CHECK(changed([](Signed& s) { s.ack.target_key[31] ^= 1; }));
  CHECK(changed([](Signed& s) { s.header.target.words[3] ^= 1; }));
  CHECK(changed([](Signed& s) { s.source.words[3] ^= 1; }));
  CHECK(changed([](Signed& s) { s.hash.words[0] ^= 1; }));
  CHECK_FALSE(changed([](Signed& s) { s.ack.hops = 0; }));
  CHECK_FALSE(changed([](Signed& s) { s.ack.attempt = 0; }));
  CHECK_FALSE(changed([](Signed& s) { s.ack.signature = {}; }));
}

TEST_CASE("a null payload is hashed like an empty one", "[crypto]") {
  SodiumCrypto crypto(Seed{});
  REQUIRE(payload_hash(crypto, nullptr) == payload_hash(crypto, std::make_shared<const Bytes>()));
  REQUIRE(payload_hash(crypto, std::make_shared<const Bytes>(bytes_of("abc"))) == sha256(bytes_of("abc")));
}

}  // namespace
