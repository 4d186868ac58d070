// Whatever strangers say, nothing crashes, what they cost is bounded, they are told or cut off, and honest peers keep
// being served.

#include <catch2/catch.hpp>

#include <cicada/codec.hpp>
#include <cicada/rng.hpp>

#include "real/loopback.hpp"
#include "real/stranger.hpp"

using namespace cicada;
using namespace cicada::test;

namespace {

/// An honest pair that still works while something else goes on.
void check_service(SwarmPeer& peer) {
  const auto friendly = bound(quick());
  friendly->connect("127.0.0.1", peer.listener().port);
  friendly->send(peer, "served?");
  const auto received = peer.recv_for(5s);
  REQUIRE(received);
  CHECK(text(*received) == "served?");
}

Bytes noise(Rng& rng, std::size_t count) {
  Bytes bytes(count);
  for (auto& byte : bytes) byte = static_cast<std::uint8_t>(rng.next());
  return bytes;
}

Bytes encoded(const Message& message) {
  struct NoContacts final : ContactBook {
    [[nodiscard]] Contact contact_of(PeerIndex) const override { return {}; }
    [[nodiscard]] std::optional<Peer> intern(const Contact&) override { return std::nullopt; }
  } const none;
  Bytes bytes;
  encode(message, none, bytes);
  return bytes;
}

}  // namespace

TEST_CASE("a stranger with a proper hello is let in, and answered") {
  const auto peer = bound(quick());
  Stranger stranger(peer->listener().port);
  REQUIRE(stranger.handshake());
  REQUIRE(stranger.say(stranger.hello()));
  const auto answer = stranger.hear();
  REQUIRE(answer);
  CHECK(answer->first == FrameType::hello);
  const auto hello = decode_hello(answer->second);
  REQUIRE(hello);
  CHECK(hello->contact.id == peer->id());
  CHECK(hello->observed.port == stranger.socket().local_endpoint().port());
  REQUIRE(stranger.say(framed(FrameType::message, encoded(Ping{{0, 7}}))));
  const auto pong = stranger.hear();
  REQUIRE(pong);
  CHECK(pong->second == encoded(Pong{{0, 7}}));
  CHECK(peer->statistics().links_incoming == 1);
}

TEST_CASE("a hello that does not fit is answered with the reason") {
  const auto peer = bound(quick());
  const auto reason = [&](auto change) {
    Stranger stranger(peer->listener().port);
    REQUIRE(stranger.handshake());
    Hello hello = stranger.hello();
    change(hello);
    Bytes bytes;
    encode(hello, bytes);
    return std::pair(std::move(bytes), stranger.say(hello) ? stranger.hear_goodbye() : std::nullopt).second;
  };
  CHECK(reason([](Hello& hello) { hello.swarm = "other"; }) == Goodbye::wrong_swarm);
  CHECK(reason([](Hello& hello) { hello.policy = IdPolicy::key; }) == Goodbye::wrong_swarm);
  CHECK(reason([](Hello& hello) { hello.contact.id = Id::power_of_two(3); }) == Goodbye::wrong_identity);
  // Somebody else's address: the dial-back meets another key, or nobody.
  const auto victim = bound(quick());
  CHECK(reason([&](Hello& hello) {
          hello.contact.endpoint = victim->endpoint();
          hello.contact.id = victim->id();
        }) == Goodbye::wrong_identity);
  CHECK(reason([&](Hello& hello) {
          hello.contact.endpoint = ipv4_endpoint({127, 0, 0, 1}, 1);
          hello.contact.id = id_of_endpoint(hello.contact.endpoint);
        }) == Goodbye::wrong_identity);
  for (const std::uint64_t clock_ns : {std::uint64_t{0}, std::uint64_t{1} << 63, ~std::uint64_t{0}})
    CHECK(reason([&](Hello& hello) { hello.clock_ns = clock_ns; }) == Goodbye::wrong_clock);
  CHECK(peer->statistics().clocks_refused == 3);
  CHECK(peer->clock().compared == 0);  // Whoever comes in and is turned away may say anything.
  CHECK(peer->statistics().strangers_refused == 8);
  CHECK(peer->statistics().links == 0);
  Stranger newer(peer->listener().port);
  REQUIRE(newer.handshake());
  Bytes bytes;
  encode(newer.hello(), bytes);
  bytes[5] = protocol_version + 1;
  REQUIRE(newer.say(framed(FrameType::hello, bytes)));
  CHECK(newer.hear_goodbye() == Goodbye::wrong_protocol);
  check_service(*peer);
}

TEST_CASE("random bytes, with and without TLS, before and after the hello, end the link and nothing else") {
  const auto peer = bound(quick());
  Rng rng(11, Purpose::test);
  for (int round = 0; round < 20; ++round) {
    Stranger plain(peer->listener().port);
    plain.say_plainly(noise(rng, 1 + rng.below(3000)));
    Stranger early(peer->listener().port);
    REQUIRE(early.handshake());
    early.say(noise(rng, 1 + rng.below(3000)));
    Stranger late(peer->listener().port);
    REQUIRE(late.handshake());
    late.say(late.hello());
    late.say(framed(FrameType::message, noise(rng, 1 + rng.below(3000))));
    late.say(noise(rng, 3000));
    late.say(noise(rng, 1 << 20));
    CHECK(late.is_cut_off());
  }
  CHECK(peer->statistics().malformed > 0);
  check_service(*peer);
}

TEST_CASE("frames that are too long are refused before they have been read") {
  const auto peer = bound(quick());
  Stranger early(peer->listener().port);
  REQUIRE(early.handshake());
  early.say({1, 0, 5, 0});  // A hello of 1280 bytes.
  CHECK(early.is_cut_off());
  Stranger late(peer->listener().port);
  REQUIRE(late.handshake());
  late.say(late.hello());
  late.say({2, 0xff, 0xff, 0xff});
  CHECK(late.is_cut_off());
  check_service(*peer);
}

TEST_CASE("valid messages with impossible contents do no harm") {
  const auto peer = bound(quick());
  Stranger stranger(peer->listener().port);
  REQUIRE(stranger.handshake());
  REQUIRE(stranger.say(stranger.hello()));
  Rng rng(5, Purpose::test);
  // A hint that names a peer whose id is not its address's hash; answers to questions that nobody asked.
  Bytes hint = {wire_version, 0x07, 4};
  const Bytes random = noise(rng, 32 + 4 + 4 + 2);
  hint.insert(hint.end(), random.begin(), random.end());
  CHECK(stranger.say(framed(FrameType::message, hint)));
  // Nobody, and what version 1 called padding, in a list of owners.
  Bytes found = {wire_version, 0x12};
  found.resize(2 + 16);
  for (const int byte : {2, 3, 0, 1}) found.push_back(static_cast<std::uint8_t>(byte));
  for (const Bytes& owner : {Bytes{0}, Bytes{1, 0, 0, 0, 0, 0, 0, 0, 1}}) {
    Bytes message = found;
    message.insert(message.end(), owner.begin(), owner.end());
    CHECK(stranger.say(framed(FrameType::message, message)));
  }
  State state;
  state.token = {0, 9};
  for (const Message& message : {Message(state), Message(Pong{{0, 1}}), Message(HopAck{{0, 0x80000001U}}),
                                 Message(Busy{{0, 3}}), Message(Notify{}), Message(Leave{}), Message(Ping{{0, 4}})})
    CHECK(stranger.say(framed(FrameType::message, encoded(message))));
  while (const auto frame = stranger.hear())
    if (frame->second == encoded(Pong{{0, 4}})) break;
  CHECK(peer->statistics().dropped_full == 1);
  CHECK(peer->statistics().malformed == 2);
  CHECK(peer->statistics().protocol_refused[static_cast<std::size_t>(Refusal::not_asked_for)] == 3);
  check_service(*peer);
}

TEST_CASE("half handshakes are bounded in number and time, and do not keep others out") {
  SwarmPeerOptions options = quick();
  options.limits.handshakes_max = 8;
  options.limits.handshake_timeout = 500ms;
  const auto peer = bound(std::move(options));
  std::vector<std::unique_ptr<Stranger>> crowd;
  for (int i = 0; i < 40; ++i) {
    crowd.push_back(std::make_unique<Stranger>(peer->listener().port));
    if (i % 2 == 0) crowd.back()->handshake();
  }
  CHECK(peer->statistics().handshakes <= 8);
  check_service(*peer);
  CHECK(eventually([&] { return peer->statistics().handshakes == 0; }));
  CHECK(crowd.back()->is_cut_off());
}

TEST_CASE("links are bounded in number; an idle one that the ring does not need gives way") {
  SwarmPeerOptions options = quick();
  options.limits.links_max = 4;
  const auto peer = bound(std::move(options));
  std::vector<std::unique_ptr<Stranger>> crowd;
  for (int i = 0; i < 10; ++i) {
    crowd.push_back(std::make_unique<Stranger>(peer->listener().port));
    REQUIRE(crowd.back()->handshake());
    crowd.back()->say(crowd.back()->hello());
    const auto answer = crowd.back()->hear();
    REQUIRE(answer);
    CHECK(answer->first == (i < 4 ? FrameType::hello : FrameType::goodbye));
    CHECK(peer->statistics().links <= 4);
  }
  // A second of silence makes the others idle.
  CHECK(eventually([&] {
    const auto friendly = bound(quick());
    std::error_code error;
    friendly->connect("127.0.0.1", peer->listener().port, 1s, error);
    return !error;
  }));
}

TEST_CASE("a slow reader's queue is bounded, and it is cut off in the end") {
  SwarmPeerOptions options = quick();
  options.limits.write_queue_bytes_max = std::size_t{2} << 20;
  options.limits.vanished_after = 4s;
  const auto peer = bound(std::move(options));
  Stranger stranger(peer->listener().port);
  REQUIRE(stranger.handshake());
  REQUIRE(stranger.say(stranger.hello()));
  // It asks and asks, and reads no answer.
  Bytes questions;
  for (std::uint32_t i = 0; i < 4000; ++i) {
    const Bytes one = framed(FrameType::message, encoded(Ping{{0, i}}));
    questions.insert(questions.end(), one.begin(), one.end());
  }
  bool cut_off = false;
  for (int round = 0; round < 2000 && !cut_off; ++round) {
    cut_off = !stranger.say(questions);
    CHECK(peer->statistics().buffer_bytes < std::size_t{12} << 20);
  }
  CHECK(cut_off);
  check_service(*peer);
}

TEST_CASE("a flood from one link is throttled, and others are served meanwhile") {
  SwarmPeerOptions options = quick();
  options.limits.messages_per_second = 1000;
  const auto peer = bound(std::move(options));
  Stranger stranger(peer->listener().port);
  REQUIRE(stranger.handshake());
  REQUIRE(stranger.say(stranger.hello()));
  Bytes flood;
  for (std::uint32_t i = 0; i < 5000; ++i) {
    const Bytes one = framed(FrameType::message, encoded(Pong{{0, i}}));
    flood.insert(flood.end(), one.begin(), one.end());
  }
  const auto begin = std::chrono::steady_clock::now();
  REQUIRE(stranger.say(flood));
  check_service(*peer);
  CHECK(eventually([&] { return peer->statistics().throttled > 0; }));
  const SwarmStatistics counts = peer->statistics();
  const double elapsed_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  // The honest peer's messages are among them.
  CHECK(static_cast<double>(counts.messages_in) < 1000 + 1000 * elapsed_s + 200);
}

TEST_CASE("memory for long frames is bounded for all strangers together") {
  SwarmPeerOptions options = quick();
  options.limits.buffer_bytes_max = std::size_t{4} << 20;
  const auto peer = bound(std::move(options));
  std::vector<std::unique_ptr<Stranger>> crowd;
  Bytes most_of_a_frame = {2, 0x0f, 0xff, 0xff};
  most_of_a_frame.resize(1'000'000);
  for (int i = 0; i < 12; ++i) {
    crowd.push_back(std::make_unique<Stranger>(peer->listener().port));
    REQUIRE(crowd.back()->handshake());
    crowd.back()->say(crowd.back()->hello());
    crowd.back()->say(most_of_a_frame);
    CHECK(peer->statistics().buffer_bytes < std::size_t{8} << 20);
  }
  CHECK(eventually([&] { return peer->statistics().dropped_full > 0; }));
  check_service(*peer);
}
