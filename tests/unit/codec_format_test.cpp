// The wire format, version 3, byte by byte: what other implementations and older nodes rely on. A change here needs a
// new version number. The corpus of the fuzz target holds recorded messages of every kind that must stay readable.

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <cicada/codec.hpp>
#include <cicada/rng.hpp>

#include "any_message.hpp"
#include "map_contact_book.hpp"

namespace {

using namespace cicada;
using test::MapContactBook;

using Bytes = std::vector<std::uint8_t>;

const std::filesystem::path corpus = std::filesystem::path(CICADA_SOURCE_DIR) / "tests/fuzz/corpus/codec";

/// Hexadecimal digits with spaces anywhere.
Bytes hex(std::string text) {
  std::erase(text, ' ');
  Bytes bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2)
    bytes.push_back(static_cast<std::uint8_t>(std::stoul(text.substr(i, 2), nullptr, 16)));
  return bytes;
}

std::string repeated(const std::string& text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

void require_encoding(const Message& message, MapContactBook& book, const std::string& expected) {
  INFO(message_name(message));
  Bytes bytes;
  encode(message, book, bytes);
  CHECK(bytes == hex(expected));
  const auto decoded = decode(bytes, book);
  REQUIRE(decoded.has_value());
  REQUIRE(test::same(*decoded, message));
}

DecodeError refusal(const Bytes& bytes) {
  MapContactBook book;
  const auto decoded = decode(bytes, book);
  REQUIRE_FALSE(decoded.has_value());
  REQUIRE(book.size() == 0);
  return decoded.error();
}

const Id some_id{{0x0102030405060708, 0x1112131415161718, 0x2122232425262728, 0x3132333435363738}};
const std::string some_id_hex = "0102030405060708 1112131415161718 2122232425262728 3132333435363738";
const Nonce some_token{0xa1a2a3a4a5a6a7a8, 0xb1b2b3b4b5b6b7b8};
const std::string token_hex = "a1a2a3a4a5a6a7a8 b1b2b3b4b5b6b7b8";
const std::string ipv4_hex = "04" + some_id_hex + "00000007 0a000001 1388";

/// A peer in the book with `some_id`, incarnation 7 and 10.0.0.1:5000.
Peer some_peer(MapContactBook& book) {
  return book.intern({.id = some_id, .incarnation = 7, .endpoint = ipv4_endpoint({10, 0, 0, 1}, 5000)}).value();
}

TEST_CASE("ring messages, byte by byte", "[codec]") {
  MapContactBook book;
  const Peer peer = some_peer(book);
  require_encoding(Ping{some_token}, book, "03 01" + token_hex);
  require_encoding(Pong{some_token}, book, "03 02" + token_hex);
  require_encoding(GetState{.token = some_token, .known_version = 2, .side = Side::predecessors}, book,
                   "03 03" + token_hex + "00000002 01");
  require_encoding(Busy{some_token}, book, "03 05" + token_hex);
  require_encoding(Notify{}, book, "03 06");
  require_encoding(Hint{peer}, book, "03 07" + ipv4_hex);
  require_encoding(Leave{.predecessor = Peer{}, .successor = peer}, book, "03 08 00" + ipv4_hex);
  State state{
      .token = some_token, .version = 2, .side = Side::predecessors, .unchanged = true, .opposite = peer, .list = {}};
  state.list.push_back(peer);
  require_encoding(state, book, "03 04" + token_hex + "00000002 01 01" + ipv4_hex + "01" + ipv4_hex);
}

TEST_CASE("lookup messages, byte by byte", "[codec]") {
  MapContactBook book;
  const Peer peer = some_peer(book);
  const Find find{.key = Id::power_of_two(8),
                  .origin = peer,
                  .lookup = {0, 1},
                  .token = some_token,
                  .hops = 3,
                  .timeouts = 4,
                  .confirm = true,
                  .last = false};
  const std::string key = repeated("00", 30) + "0100";
  require_encoding(find, book, "03 10" + key + ipv4_hex + repeated("00", 15) + "01" + token_hex + "03 04 01 00");
  require_encoding(HopAck{some_token}, book, "03 11" + token_hex);
  require_encoding(Found{.lookup = some_token, .hops = 2, .timeouts = 3, .predecessor = Peer{}, .owners = {peer}}, book,
                   "03 12" + token_hex + "02 03 00 01" + ipv4_hex);
  require_encoding(NextHop{.key = Id::power_of_two(8), .token = some_token, .candidates = 2, .names = 3}, book,
                   "03 13" + key + token_hex + "02 03");
  require_encoding(NextHops{.token = some_token, .final = true, .peers = {}}, book, "03 14" + token_hex + "01 00");
}

TEST_CASE("data messages, byte by byte", "[codec]") {
  MapContactBook book;
  DataHeader header{.id = {1, 2},
                    .target = Id::power_of_two(0),
                    .source = some_peer(book),
                    .sent_ns = 5,
                    .nonce = 6,
                    .kind = DataKind::store_card,
                    .source_key = {},
                    .signature = {}};
  header.source_key.fill(0xcc);
  header.signature.fill(0xdd);
  Data data{.header = std::make_shared<const DataHeader>(header),
            .payload = std::make_shared<const Bytes>(Bytes{0x68, 0x69}),
            .via = {},
            .fuel = 10,
            .patience_ms = 11,
            .copy = 9,
            .hops = 8,
            .timeouts = 7,
            .attempt = 6,
            .routing = Routing::repair,
            .has_via = false,
            .want_card = true,
            .card = {}};
  const std::string id = "0000000000000001 0000000000000002";
  const std::string header_hex = id + repeated("00", 31) + "01" + ipv4_hex + "0000000000000005 0000000000000006 01" +
                                 repeated("cc", 32) + repeated("dd", 64);
  const std::string rest = header_hex + "00 00000002 6869";
  require_encoding(data, book, "03 20 09 08 07 06 000a 000b 02 01 00" + rest);
  data.has_via = true;
  data.via = some_id;
  require_encoding(data, book, "03 20 09 08 07 06 000a 000b 02 01 01" + some_id_hex + rest);
  ContactCard card{.owner = some_id, .owner_key = {}, .sequence = 1, .expires_ns = 2, .guards = {}, .signature = {}};
  data.card = std::make_shared<const ContactCard>(card);
  require_encoding(data, book,
                   "03 20 09 08 07 06 000a 000b 02 01 01" + some_id_hex + header_hex + "01" + some_id_hex +
                       repeated("00", 32) + "0000000000000001 0000000000000002 00" + repeated("00", 64) +
                       "00000002 6869");
  require_encoding(DataReport{.id = {1, 2}, .copy = 3, .report = Report::exhausted, .fuel = 4}, book,
                   "03 22" + id + "03 02 0004");
}

TEST_CASE("acknowledgements and contact cards, byte by byte", "[codec]") {
  MapContactBook book;
  const std::string id = "0000000000000001 0000000000000002";
  DataAck ack{.id = {1, 2}, .copy = 5, .hops = 3, .attempt = 4, .target_key = {}, .signature = {}, .card = {}};
  ack.target_key.fill(0xcc);
  ack.signature.fill(0xdd);
  const std::string word = "03 21" + id + "05 03 04" + repeated("cc", 32) + repeated("dd", 64);
  require_encoding(ack, book, word + "00");
  ContactCard card{
      .owner = some_id, .owner_key = {}, .sequence = 1, .expires_ns = 2, .guards = {some_peer(book)}, .signature = {}};
  card.owner_key.fill(0xee);
  card.signature.fill(0xff);
  ack.card = std::make_shared<const ContactCard>(card);
  require_encoding(ack, book,
                   word + "01" + some_id_hex + repeated("ee", 32) + "0000000000000001 0000000000000002 01" + ipv4_hex +
                       repeated("ff", 64));
  require_encoding(GuardRequest{some_token}, book, "03 23" + token_hex);
  require_encoding(GuardReply{.token = some_token, .accepted = true}, book, "03 24" + token_hex + "01");
}

TEST_CASE("broadcast messages, byte by byte", "[codec]") {
  MapContactBook book;
  BroadcastHeader header;
  header.id = {1, 2};
  header.origin = some_peer(book);
  header.sequence = 3;
  header.sent_ns = 6;
  header.origin_key.fill(0xcc);
  header.signature.fill(0xdd);
  header.visited = {Id::power_of_two(8), Id::power_of_two(0)};
  Broadcast broadcast;
  broadcast.header = std::make_shared<const BroadcastHeader>(header);
  broadcast.payload = std::make_shared<const Bytes>(Bytes{0x68, 0x69});
  broadcast.reach = 4;
  broadcast.hops = 5;
  require_encoding(broadcast, book,
                   "03 30 0000000000000004 05 0000000000000001 0000000000000002" + ipv4_hex + "0000000000000003" +
                       "0000000000000006" + repeated("cc", 32) + repeated("dd", 64) + "02" + repeated("00", 30) +
                       "0100" + repeated("00", 31) + "01" + "00000002 6869");
  require_encoding(BroadcastHave{{1, 0x0203040506070809}}, book, "03 31 02 0000000000000001 0203040506070809");
  require_encoding(BroadcastWant{}, book, "03 32 00");
  CHECK(refusal(hex("03 31 31" + repeated("00", 49 * 8))) == DecodeError{DecodeFault::list_too_long, 2});
}

TEST_CASE("contacts with each kind of endpoint, byte by byte", "[codec]") {
  MapContactBook book;
  const auto hint = [&](const Endpoint& endpoint) {
    return Hint{book.intern({.id = some_id, .incarnation = 7, .endpoint = endpoint}).value()};
  };
  const std::string contact = some_id_hex + "00000007";
  require_encoding(hint({}), book, "03 07 02" + contact);
  require_encoding(hint(ipv4_endpoint({0, 0, 0, 0}, 0)), book, "03 07 04" + contact + "00000000 0000");
  require_encoding(hint({.address = {0x20, 0x01, 0x0d, 0xb8}, .port = 258}), book,
                   "03 07 06" + contact + "20010db8" + repeated("00", 12) + "0102");
  require_encoding(hint({.address = {}, .port = 1}), book, "03 07 06" + contact + repeated("00", 16) + "0001");
}

TEST_CASE("a null payload is an empty one", "[codec]") {
  MapContactBook book;
  DataHeader header;
  header.source = some_peer(book);
  Bytes bytes;
  Data data;
  data.header = std::make_shared<const DataHeader>(header);
  encode(data, book, bytes);
  const auto decoded = decode(bytes, book);
  REQUIRE(decoded.has_value());
  REQUIRE(std::get<Data>(*decoded).payload != nullptr);
  REQUIRE(std::get<Data>(*decoded).payload->empty());
}

TEST_CASE("each kind of nonsense is named, with its place", "[codec]") {
  const std::string contact = some_id_hex + "00000007";
  CHECK(refusal({}) == DecodeError{DecodeFault::truncated, 0});
  CHECK(refusal(hex("02 01 00000000")) == DecodeError{DecodeFault::unknown_version, 0});
  CHECK(refusal(hex("03 ff")) == DecodeError{DecodeFault::unknown_type, 1});
  CHECK(refusal(hex("03 01 000000")) == DecodeError{DecodeFault::truncated, 2});
  CHECK(refusal(hex("03 01" + token_hex + "00")) == DecodeError{DecodeFault::trailing_bytes, 18});
  CHECK(refusal(hex("03 03" + token_hex + "00000002 02")) == DecodeError{DecodeFault::bad_flag, 22});
  CHECK(refusal(hex("03 08 00 03")) == DecodeError{DecodeFault::bad_peer, 3});
  CHECK(refusal(hex("03 07 00")) == DecodeError{DecodeFault::contact_missing, 2});
  // Lists hold contacts only, and padding is no kind of peer.
  CHECK(refusal(hex("03 07 01 0000000000000001")) == DecodeError{DecodeFault::bad_peer, 2});
  CHECK(refusal(hex("03 08 00 01 0000000000000001")) == DecodeError{DecodeFault::bad_peer, 3});
  CHECK(refusal(hex("03 04" + token_hex + "00000002 00 00 00 01 01 0000000000000001")) ==
        DecodeError{DecodeFault::bad_peer, 26});
  CHECK(refusal(hex("03 12" + token_hex + "02 03 00 01 00")) == DecodeError{DecodeFault::contact_missing, 22});
  CHECK(refusal(hex("03 12" + token_hex + "02 03 00 02" + ipv4_hex + "01 0000000000000001")) ==
        DecodeError{DecodeFault::bad_peer, 65});
  CHECK(refusal(hex("03 14" + token_hex + "01 01 00")) == DecodeError{DecodeFault::contact_missing, 20});
  // An IPv4 address and no endpoint at all in the clothes of IPv6.
  CHECK(refusal(hex("03 07 06" + contact + repeated("00", 10) + "ffff 0a000001 1388")) ==
        DecodeError{DecodeFault::not_canonical, 2});
  CHECK(refusal(hex("03 07 06" + contact + repeated("00", 18))) == DecodeError{DecodeFault::not_canonical, 2});
  CHECK(refusal(hex("03 14" + token_hex + "01 21" + repeated("00", 33))) ==
        DecodeError{DecodeFault::list_too_long, 19});
  CHECK(refusal(Bytes(message_bytes_max + 1, 1)) == DecodeError{DecodeFault::too_long, message_bytes_max});
  CHECK(to_string(DecodeError{DecodeFault::list_too_long, 7}) == "list_too_long at byte 7");
  CHECK(to_string(DecodeError{DecodeFault::contacts_full, 90}) == "contacts_full at byte 90");
}

TEST_CASE("the longest payload passes, and one byte more does not", "[codec]") {
  MapContactBook book;
  DataHeader header;
  header.source = some_peer(book);
  Data data;
  data.header = std::make_shared<const DataHeader>(header);
  data.payload = std::make_shared<const Bytes>(payload_bytes_max, std::uint8_t{0x5a});
  Bytes bytes;
  encode(data, book, bytes);
  REQUIRE(bytes.size() == encoded_size(data));
  REQUIRE(bytes.size() <= message_bytes_max);
  REQUIRE(decode(bytes, book).has_value());

  const std::size_t length_at = bytes.size() - payload_bytes_max - 4;
  bytes[length_at + 3] = 1;
  bytes.push_back(0x5a);
  REQUIRE(refusal(bytes) == DecodeError{DecodeFault::payload_too_long, length_at});
}

/// Writes two random messages of each kind into the corpus. To be used when a new message has been added.
void write_corpus() {
  struct Source {
    Rng rng;
    std::uint64_t word() { return rng.next(); }
    std::uint64_t below(std::uint64_t bound) { return rng.below(bound); }
  };
  for (std::uint32_t i = 0; i < 2 * std::variant_size_v<Message>; ++i) {
    Source source{Rng(2, Purpose::test, i)};
    MapContactBook book;
    const Message message = test::AnyMessage(source, book, test::Endpoints::any).message(i / 2);
    Bytes bytes;
    encode(message, book, bytes);
    std::ofstream file(corpus / (std::string(message_name(message)) + '-' + std::to_string(i % 2)), std::ios::binary);
    std::ranges::copy(bytes, std::ostreambuf_iterator<char>(file));
  }
}

TEST_CASE("recorded messages of every kind stay readable", "[codec]") {
  // CICADA_WRITE_CORPUS=1 records anew; without it the test only reads.
  if (std::getenv("CICADA_WRITE_CORPUS") != nullptr) write_corpus();
  std::set<std::size_t> seen;
  for (const auto& entry : std::filesystem::directory_iterator(corpus)) {
    INFO(entry.path().filename().string());
    std::ifstream file(entry.path(), std::ios::binary);
    const Bytes bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    MapContactBook book;
    const auto message = decode(bytes, book);
    REQUIRE(message.has_value());
    Bytes again;
    encode(*message, book, again);
    REQUIRE(again == bytes);
    REQUIRE(entry.path().filename().string().starts_with(std::string(message_name(*message)) + '-'));
    seen.insert(message->index());
  }
  REQUIRE(seen.size() == std::variant_size_v<Message>);
}

}  // namespace
