// A relay keeps its limits against clients that misbehave, and gives nothing out that did not come in.

#include <catch2/catch.hpp>

#include "real/detour_stranger.hpp"
#include "way_book.hpp"

using namespace cicada;
using namespace cicada::test;

TEST_CASE("A relay promises itself to so many and no more") {
  SwarmPeerOptions options = quick();
  options.limits.relay_clients_max = 1;
  const auto peer = bound(std::move(options));
  const auto first = client(*peer);
  const auto second = guest(*peer);
  const auto answer = [&] {
    REQUIRE(say(*second, Reserve{}));
    const auto heard = hear<Reserve>(*second);
    REQUIRE(heard.has_value());
    return heard->answer;
  };
  CHECK(answer() == Reserve::Answer::no);
  CHECK(peer->statistics().relay_clients == 1);
  const auto asker = guest(*peer);
  circuit(*asker, *first, 0);  // The promise that was given is kept.
  boost::system::error_code ignored;
  first->socket().close(ignored);
  REQUIRE(eventually([&] { return peer->statistics().relay_clients == 0; }));
  CHECK(answer() == Reserve::Answer::yes);
  CHECK(peer->statistics().relay_clients == 1);
}

TEST_CASE("Circuits lead to those only who asked for a relay") {
  const auto peer = bound(quick());
  const auto quiet = guest(*peer);
  const auto asker = guest(*peer);
  for (const Id& target : {id_of(*quiet), id_of(*asker), peer->id(), Id::from_prefix(7)}) {
    REQUIRE(say(*asker, CircuitAsk{0, target}));
    const auto answer = hear<CircuitEnd>(*asker);
    REQUIRE(answer.has_value());
    CHECK(answer->reason == CircuitEnding::unknown);
  }
}

TEST_CASE("A relay passes on what came in, once, and nothing beyond a window") {
  const auto peer = bound(quick());
  const auto target = client(*peer);
  const auto asker = guest(*peer);
  const std::uint32_t number = circuit(*asker, *target, 2);

  const Bytes words(1000, 7);
  REQUIRE(say(*asker, CircuitData{2, words}));
  Bytes body;
  const auto got = hear<CircuitData>(*target, body);
  REQUIRE(got.has_value());
  CHECK(got->number == number);
  CHECK(Bytes(got->bytes.begin(), got->bytes.end()) == words);
  CHECK(peer->statistics().relayed_bytes == 1000);

  SECTION("more than the other side gave credit for") {
    const Bytes most(circuit_data_bytes_max, 7);
    for (int i = 0; i < 8; ++i) REQUIRE(say(*asker, CircuitData{2, most}));
    CHECK(asker->is_cut_off());
    const auto end = hear<CircuitEnd>(*target);
    REQUIRE(end.has_value());
    CHECK(end->reason == CircuitEnding::misused);
  }
  SECTION("credit for what was never sent") {
    REQUIRE(say(*target, CircuitCredit{number, 1001}));
    CHECK(target->is_cut_off());
  }
  SECTION("credit for what was") {
    REQUIRE(say(*target, CircuitCredit{number, 1000}));
    const auto credit = hear<CircuitCredit>(*asker);
    REQUIRE(credit.has_value());
    CHECK(credit->bytes == 1000);
  }
  SECTION("one end's link is lost") {
    boost::system::error_code ignored;
    target->socket().close(ignored);
    const auto end = hear<CircuitEnd>(*asker);
    REQUIRE(end.has_value());
    CHECK(end->number == 2);
  }
}

TEST_CASE("A relay slows a pair down to its rate, by holding credit back") {
  SwarmPeerOptions options = quick();
  options.limits.circuit_bytes_per_second = 100'000;
  const auto peer = bound(std::move(options));
  const auto target = client(*peer);
  const auto asker = guest(*peer);
  const std::uint32_t number = circuit(*asker, *target, 2);
  const Bytes most(circuit_data_bytes_max, 7);
  const auto begin = std::chrono::steady_clock::now();
  for (int window = 0; window < 3; ++window) {
    for (int i = 0; i < 8; ++i) REQUIRE(say(*asker, CircuitData{2, most}));
    Bytes body;
    for (int i = 0; i < 8; ++i) REQUIRE(hear<CircuitData>(*target, body).has_value());
    REQUIRE(say(*target, CircuitCredit{number, 8 * circuit_data_bytes_max}));
    REQUIRE(hear<CircuitCredit>(*asker).has_value());
  }
  // The bucket is full in the beginning, and lends one window: the third has to wait for what the first two took.
  CHECK(std::chrono::steady_clock::now() - begin > 1500ms);
  CHECK(peer->statistics().throttled > 0);
}

TEST_CASE("Circuits are bounded, for one link and for all") {
  SwarmPeerOptions options = quick();
  options.limits.circuits_per_link_max = 3;
  options.limits.circuits_max = 4;
  const auto peer = bound(std::move(options));
  const auto target = client(*peer);
  const auto other_target = client(*peer);
  const auto asker = guest(*peer);
  for (std::uint32_t i = 0; i < 3; ++i) circuit(*asker, *target, 2 * i);
  const auto refusal = [&](Stranger& from, std::uint32_t number, const Stranger& to) {
    REQUIRE(say(from, CircuitAsk{number, id_of(to)}));
    const auto end = hear<CircuitEnd>(from);
    REQUIRE(end.has_value());
    return end->reason;
  };
  CHECK(refusal(*asker, 6, *other_target) == CircuitEnding::full);  // The asker has three.
  const auto second = guest(*peer);
  CHECK(refusal(*second, 0, *target) == CircuitEnding::full);  // The target has three.
  circuit(*second, *other_target, 2);
  CHECK(refusal(*second, 4, *other_target) == CircuitEnding::full);  // There are four.
  REQUIRE(say(*asker, CircuitEnd{0, CircuitEnding::closed}));
  REQUIRE(hear<CircuitEnd>(*target).has_value());
  circuit(*second, *target, 6);  // One of the four has gone.
  CHECK(peer->statistics().circuits == 4);
}

TEST_CASE("Where there is no room for a circuit, the one that has been silent for longest gives way") {
  SwarmPeerOptions options = quick();
  options.limits.circuits_max = 2;
  options.limits.circuit_idle = 300ms;
  const auto peer = bound(std::move(options));
  const auto target = client(*peer);
  const auto asker = guest(*peer);
  const std::uint32_t used = circuit(*asker, *target, 0);
  const std::uint32_t silent = circuit(*asker, *target, 2);
  const auto pass = [&](std::uint8_t word) {
    const Bytes words(10, word);
    REQUIRE(say(*asker, CircuitData{0, words}));
    Bytes body;
    const auto got = hear<CircuitData>(*target, body);
    REQUIRE(got.has_value());
    CHECK(got->number == used);
    CHECK(Bytes(got->bytes.begin(), got->bytes.end()) == words);
  };
  pass(1);  // The older one was used last.

  const auto newcomer = guest(*peer);
  std::uint32_t number = 0;
  const auto is_let_in = [&] {
    // The second question is answered at once, after whatever the relay had to say to the first one.
    REQUIRE(say(*newcomer, CircuitAsk{number, id_of(*target)}));
    REQUIRE(say(*newcomer, CircuitAsk{number + 2, Id::from_prefix(7)}));
    auto end = hear<CircuitEnd>(*newcomer);
    REQUIRE(end.has_value());
    const bool refused = end->number == number;
    if (refused) {
      CHECK(end->reason == CircuitEnding::full);
      end = hear<CircuitEnd>(*newcomer);
      REQUIRE(end.has_value());
    }
    CHECK(end->number == number + 2);
    number += 4;
    return !refused;
  };
  REQUIRE(eventually(is_let_in));
  const auto at_target = hear<CircuitEnd>(*target);
  REQUIRE(at_target.has_value());
  CHECK(at_target->number == silent);
  CHECK(at_target->reason == CircuitEnding::full);
  const auto at_asker = hear<CircuitEnd>(*asker);
  REQUIRE(at_asker.has_value());
  CHECK(at_asker->number == 2);
  const auto offer = hear<CircuitOffer>(*target);
  REQUIRE(offer.has_value());
  CHECK(offer->source == id_of(*newcomer));
  CHECK(peer->statistics().circuits == 2);
  pass(2);
}

TEST_CASE("Whoever says what no honest peer says is cut off, and others are served") {
  const auto peer = bound(quick());
  const auto honest = client(*peer);
  const auto liar = client(*peer);
  const Bytes some(10, 1);
  SECTION("a number that is the other side's to give") { REQUIRE(say(*liar, CircuitAsk{1, id_of(*honest)})); }
  SECTION("data before the circuit is open") {
    REQUIRE(say(*liar, CircuitAsk{0, id_of(*honest)}));
    REQUIRE(say(*liar, CircuitData{0, some}));
  }
  SECTION("a circuit opened by the one who asked for it") {
    REQUIRE(say(*liar, CircuitAsk{0, id_of(*honest)}));
    REQUIRE(say(*liar, CircuitOpen{0}));
  }
  SECTION("an answer to no question") { REQUIRE(say(*liar, Reserve{Reserve::Answer::yes})); }
  SECTION("a punch without a circuit") { REQUIRE(say(*liar, PunchFrame{})); }
  SECTION("a frame of a kind that does not exist") { REQUIRE(liar->say(framed(static_cast<FrameType>(77), some))); }
  SECTION("a frame with the wrong length") { REQUIRE(liar->say(framed(FrameType::way, some))); }
  CHECK(liar->is_cut_off());
  CHECK(eventually([&] { return peer->statistics().relay_clients == 1; }));
  const auto asker = guest(*peer);
  circuit(*asker, *honest, 0);
}

TEST_CASE("Offers of circuits are like connections from strangers: so many at a time, and the oldest is ended") {
  SwarmPeerOptions options = quick();
  options.limits.handshakes_max = 4;
  options.limits.circuits_per_link_max = 1000;
  const auto peer = bound(std::move(options));
  const auto liar = guest(*peer);
  for (std::uint32_t i = 0; i < 100; ++i) REQUIRE(say(*liar, CircuitOffer{2 * i, Id::from_prefix(i)}));
  for (int ended = 0; ended < 96;) {
    const auto end = hear<CircuitEnd>(*liar);
    REQUIRE(end.has_value());
    ++ended;
  }
  CHECK(peer->statistics().handshakes <= 4);
}

TEST_CASE("Ways that strangers tell are bounded, and do not push out what others say") {
  WayBook book(1);
  const Endpoint relay = ipv4_endpoint({192, 0, 2, 1}, 1);
  const Endpoint wrong = ipv4_endpoint({192, 0, 2, 2}, 2);
  const Id honest = Id::from_prefix(1);
  const Id liar = Id::from_prefix(2);
  book.hear(Id::from_prefix(77), 1, {relay}, honest, false);
  for (std::uint64_t i = 0; i < 100'000; ++i) book.hear(Id::from_prefix(i), 1, {wrong}, liar, false);
  CHECK(book.size() <= WayBook::ways_per_teller_max + 1);
  CHECK(std::ranges::count(book.find(Id::from_prefix(77), 1).relays, relay) == 1);
  for (std::uint64_t i = 0; i < 100'000; ++i) book.hear(Id::from_prefix(i), 1, {wrong}, Id::from_prefix(i), false);
  CHECK(book.size() <= WayBook::ways_max);

  // What a peer says itself counts, for as long as there is a link with it.
  book.hear(honest, 3, {relay}, honest, true);
  book.hear(honest, 3, {wrong}, liar, false);
  CHECK(book.find(honest, 3).relays == std::vector{relay});
  book.release(honest, 3);
  book.hear(honest, 3, {wrong}, liar, false);
  CHECK(book.find(honest, 3).relays == std::vector{wrong, relay});
  CHECK(book.find(honest, 4).relays.empty());
}

TEST_CASE("Each frame has one encoding, and no other bytes are taken") {
  const Bytes some = {1, 2, 3};
  const std::vector<DetourFrame> frames = {
      Reserve{Reserve::Answer::no},
      WayFrame{Id::from_prefix(5), 6, {ipv4_endpoint({192, 0, 2, 1}, 7)}},
      CircuitAsk{8, Id::from_prefix(9)},
      CircuitOffer{10, Id::from_prefix(11)},
      CircuitOpen{12},
      CircuitData{13, some},
      CircuitCredit{14, 15},
      CircuitEnd{16, CircuitEnding::full},
      PunchFrame{PunchFrame::Step::go, ipv4_endpoint({192, 0, 2, 1}, 7)},
  };
  for (const DetourFrame& frame : frames) {
    Bytes bytes;
    encode(frame, bytes);
    const auto again = decode_detour(type_of(frame), bytes);
    REQUIRE(again.has_value());
    Bytes second;
    encode(*again, second);
    CHECK(again->index() == frame.index());
    CHECK(second == bytes);
    if (type_of(frame) == FrameType::circuit_data) continue;  // Any length is good there.
    bytes.push_back(0);
    CHECK_FALSE(decode_detour(type_of(frame), bytes).has_value());
    bytes.resize(bytes.size() - 2);
    CHECK_FALSE(decode_detour(type_of(frame), bytes).has_value());
  }
  Bytes bytes(4 + circuit_data_bytes_max + 1);
  CHECK_FALSE(decode_detour(FrameType::circuit_data, bytes).has_value());
  CHECK_FALSE(decode_detour(FrameType::message, some).has_value());
}
