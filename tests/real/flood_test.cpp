// Neighbours that flood a node: what honest peers do goes on, whoever forges is cut off and kept out, and the operator
// is told who it is.

#include <catch2/catch.hpp>

#include <cstdio>

#include "endpoints.hpp"
#include "real/hostile_neighbor.hpp"
#include "real/loopback.hpp"

using namespace cicada;
using namespace cicada::test;

namespace {

std::uint64_t refused(const SwarmPeer& peer, LinkRefusal reason) {
  return peer.statistics().link_refused[static_cast<std::size_t>(reason)];
}

/// Messages for `target` whose signatures are wrong.
std::function<Bytes(Stranger&)> forgeries(const Id& target, unsigned count) {
  return [target, count](Stranger& stranger) {
    Bytes bytes;
    for (unsigned i = 0; i < count; ++i) {
      const Bytes one = data_bytes(stranger.seed(), stranger.hello().contact, target, i, 64, true);
      bytes.insert(bytes.end(), one.begin(), one.end());
    }
    return bytes;
  };
}

/// Frames of many messages, one for each of the first numbers.
std::function<Bytes(Stranger&)> messages(unsigned count, std::function<Bytes(Stranger&, unsigned)> one) {
  return [count, one = std::move(one)](Stranger& stranger) {
    Bytes bytes;
    for (unsigned i = 0; i < count; ++i) {
      const Bytes next = one(stranger, i);
      bytes.insert(bytes.end(), next.begin(), next.end());
    }
    return bytes;
  };
}

/// The receiver owns the key, it says, and is to tell the origin.
Bytes find_bytes(const Id& key, const Contact& origin, unsigned number) {
  ContactList book;
  Find find;
  find.key = key;
  find.origin = *book.intern(origin);
  find.last = true;
  find.hops = static_cast<std::uint8_t>(1 + number % 8);
  Bytes bytes;
  encode(find, book, bytes);
  return framed(FrameType::message, bytes);
}

/// Newcomers join and are heard of at once.
void check_newcomers(SwarmPeer& peer, int count) {
  for (int i = 0; i < count; ++i) {
    const auto newcomer = bound(quick());
    std::error_code error;
    newcomer->connect("127.0.0.1", peer.listener().port, 5s, error);
    CHECK(!error);
    if (error) continue;
    newcomer->send(peer, "first", {}, error);
    CHECK(!error);
    CHECK(peer.recv_for(5s));
  }
}

struct Figures {
  double per_second = 0;
  double median_ms = 0;
};

/// Sends one after the other for so long.
Figures send_for(SwarmPeer& from, SwarmPeer& to, Duration time) {
  std::vector<double> latencies;
  const auto begin = std::chrono::steady_clock::now();
  while (std::chrono::steady_clock::now() - begin < time) {
    const auto sent = std::chrono::steady_clock::now();
    from.send(to, "honest");
    latencies.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - sent).count());
    while (to.recv_for(0s)) {
    }
  }
  std::ranges::sort(latencies);
  const double elapsed = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return {static_cast<double>(latencies.size()) / elapsed, latencies[latencies.size() / 2]};
}

}  // namespace

TEST_CASE("a neighbour that floods with forged messages is cut off and kept out, and honest sends go on") {
  std::vector<PeerRefusals> told;
  SwarmPeerOptions options = quick();
  options.limits.expulsion = 2s;
  options.hooks.refused = [&](const PeerRefusals& refusals) { told.push_back(refusals); };
  const auto peer = bound(std::move(options));
  const auto honest = bound(quick());
  honest->connect("127.0.0.1", peer->listener().port);
  {
    const Flood flood(peer->listener().port, 20'000, forgeries(peer->id(), 200), 200);
    for (int i = 0; i < 100; ++i) honest->send(*peer, "honest");
    CHECK(eventually([&] { return flood.cut_off(); }, 5s));
  }
  CHECK(refused(*peer, LinkRefusal::forging) == 1);
  CHECK(peer->statistics().protocol_refused[static_cast<std::size_t>(Refusal::forged)] >= 1);
  CHECK(peer->statistics().links == 1);

  const KeySeed seed = random_seed();
  const auto enter = [&] {
    auto stranger = std::make_unique<Stranger>(peer->listener().port, seed);
    REQUIRE(stranger->handshake());
    REQUIRE(stranger->say(stranger->hello()));
    return stranger;
  };
  const auto forger = enter();
  REQUIRE(forger->hear());
  CHECK(forger->say(forgeries(peer->id(), 1)(*forger)));
  CHECK(forger->is_cut_off());
  CHECK(enter()->hear_goodbye() == Goodbye::refused);
  CHECK(refused(*peer, LinkRefusal::expelled) == 1);
  CHECK(eventually([&] {  // When its time is over.
    const auto answer = enter()->hear();
    return answer && answer->first == FrameType::hello;
  }));
  peer->close();
  REQUIRE(!told.empty());
  CHECK(told.front().link[static_cast<std::size_t>(LinkRefusal::forging)] == 1);
  CHECK(told.front().address.port != 0);
}

TEST_CASE("whoever makes a node dial silent addresses takes no dials from others") {
  const SilentHosts silent;
  const auto peer = bound(quick());
  const Flood finds(peer->listener().port, 4000,
                    messages(400, [&](Stranger&, unsigned i) { return find_bytes(peer->id(), silent.contact(i), i); }),
                    400);
  const Flood sources(peer->listener().port, 400,
                      messages(400,
                               [&](Stranger& stranger, unsigned i) {
                                 return data_bytes(stranger.seed(), silent.contact(i), peer->id(), i, 10, false);
                               }),
                      400);
  CHECK(eventually([&] { return refused(*peer, LinkRefusal::dial_refused) > 0; }, 5s));
  CHECK(peer->statistics().dials <= 2 * 16);
  check_newcomers(*peer, 4);
  // A newcomer passes on questions of the flood, and pays for what they make this node dial: some dials are left.
  CHECK(peer->statistics().dials < 64);
}

TEST_CASE("messages that wait for their source's key take a part of the memory for buffers") {
  const SilentHosts silent;
  SwarmPeerOptions options = quick();
  options.limits.buffer_bytes_max = std::size_t{16} << 20;
  const auto peer = bound(std::move(options));
  const Flood flood(peer->listener().port, 40,
                    messages(8,
                             [&](Stranger& stranger, unsigned i) {
                               return data_bytes(stranger.seed(), silent.contact(0), peer->id(), i, 900'000, false);
                             }),
                    8);
  CHECK(eventually([&] { return refused(*peer, LinkRefusal::parked_full) > 0; }, 5s));
  check_newcomers(*peer, 4);
  CHECK(peer->statistics().buffer_bytes < std::size_t{12} << 20);
}

TEST_CASE("first messages of honest sources arrive while a neighbour floods with those of silent ones") {
  const auto runtime = std::make_shared<Runtime>();
  const auto peers = ring(12, [&] {
    SwarmPeerOptions options = quick(runtime);
    options.protocol.chord.successors = 1;
    return options;
  });
  SwarmPeer& target = *peers.back();
  const SilentHosts silent;
  const bool one_source = GENERATE(true, false);
  const Flood flood(target.listener().port, 800,
                    messages(200,
                             [&](Stranger& stranger, unsigned i) {
                               return data_bytes(stranger.seed(), silent.contact(one_source ? 0 : i), target.id(), i,
                                                 100, false);
                             }),
                    200);
  const LinkRefusal reason = one_source ? LinkRefusal::parked_full : LinkRefusal::dial_refused;
  CHECK(eventually([&] { return refused(target, reason) > 0; }, 5s));
  const auto knows = [&](const SwarmPeer& source) {
    return std::ranges::any_of(
        target.peers(), [&](const PeerInfo& info) { return info.contact.id == source.id() && info.key.has_value(); });
  };
  int first = 0;
  for (const auto& source : peers) {
    if (source.get() == &target || knows(*source)) continue;
    ++first;
    std::error_code error;
    const SendReport report = source->send(target, "first", {}, error);
    CHECK(!error);
    CHECK(report.took < 3s);  // Then it would have been sent again.
    CHECK(target.recv_for(1s));
  }
  CHECK(first > 0);
}

TEST_CASE("a message is verified before it waits for its source's key") {
  const SilentHosts silent;
  const auto peer = bound(quick());
  Stranger stranger(peer->listener().port);
  REQUIRE(stranger.handshake());
  REQUIRE(stranger.say(stranger.hello()));
  CHECK(stranger.say(data_bytes(stranger.seed(), silent.contact(0), peer->id(), 1, 10, true)));
  CHECK(stranger.is_cut_off());
  CHECK(refused(*peer, LinkRefusal::forging) == 1);
  CHECK(peer->statistics().dials == 0);
  CHECK(peer->statistics().dials_failed == 0);
  REQUIRE(peer->refusals().size() == 1);
  CHECK(peer->refusals().front().contact.id == stranger.hello().contact.id);
}

TEST_CASE("the bytes of a link are bounded before they are decoded") {
  SwarmPeerOptions options = quick();
  options.limits.bytes_per_second = std::size_t{1} << 20;
  const auto peer = bound(std::move(options));
  Stranger stranger(peer->listener().port);
  REQUIRE(stranger.handshake());
  REQUIRE(stranger.say(stranger.hello()));
  const auto begin = std::chrono::steady_clock::now();
  const Bytes undecodable = framed(FrameType::message, Bytes(std::size_t{1} << 20, std::uint8_t{0xff}));
  for (int i = 0; i < 3; ++i) CHECK(stranger.say(undecodable));
  CHECK(eventually([&] { return refused(*peer, LinkRefusal::undecodable) == 3; }));
  CHECK(std::chrono::steady_clock::now() - begin > 900ms);
  CHECK(refused(*peer, LinkRefusal::over_pace) > 0);
}

TEST_CASE("a host that knocks and claims silent addresses ends no dial-back of others") {
  const SilentHosts silent;
  SwarmPeerOptions options = quick();
  options.limits.dials_max = 8;
  const auto peer = bound(std::move(options));
  std::vector<std::unique_ptr<Stranger>> crowd;
  const auto knock = [&](const char* from, const Contact& contact) {
    crowd.push_back(std::make_unique<Stranger>(peer->listener().port, random_seed(), from));
    REQUIRE(crowd.back()->handshake());
    Hello hello = crowd.back()->hello();
    hello.contact = contact;
    REQUIRE(crowd.back()->say(hello));
  };
  // An honest one, slow to answer its dial-back.
  boost::asio::io_context io;
  boost::asio::ip::tcp::acceptor slow(io, {boost::asio::ip::address_v4::loopback(), 0});
  const Endpoint endpoint = from_asio(slow.local_endpoint());
  knock("127.0.0.3", {id_of_endpoint(endpoint), 1, endpoint});
  auto dial_back = slow.accept();
  for (unsigned i = 0; i < 20; ++i) knock("127.0.0.2", silent.contact(i));
  CHECK(eventually([&] { return peer->statistics().dials_failed >= 13; }, 5s));
  CHECK(peer->statistics().dials <= 8);
  boost::system::error_code error;
  dial_back.non_blocking(true);
  for (Bytes read(4096); !error;) dial_back.read_some(boost::asio::buffer(read), error);
  CHECK(error == boost::asio::error::would_block);
  check_newcomers(*peer, 2);
}

TEST_CASE("honest sends beside floods, in figures", "[.measure]") {
  for (const Duration expulsion : {Duration(0s), Duration(10min)}) {
    SwarmPeerOptions options = quick();
    options.limits.expulsion = expulsion;
    const auto peer = bound(std::move(options));
    const auto honest = bound(quick());
    honest->connect("127.0.0.1", peer->listener().port);
    const auto show = [&](const char* what) {
      const Figures pace = send_for(*honest, *peer, 3s);
      std::printf("%-24s %8.0f sends/s, median %.2f ms\n", what, pace.per_second, pace.median_ms);
    };
    const auto beside = [&](const char* what, const std::function<Bytes(Stranger&, unsigned)>& one) {
      const Flood flood(peer->listener().port, 20'000, messages(200, one), 200);
      show(what);
      std::printf("    sent %llu, cut off: %d\n", static_cast<unsigned long long>(flood.sent()), flood.cut_off());
    };
    std::printf("expulsion for %.0f s, 20,000 messages/s\n", std::chrono::duration<double>(expulsion).count());
    show("no flood");
    const auto data = [&](Stranger& stranger, const Contact& source, unsigned i, bool forged) {
      return data_bytes(stranger.seed(), source, peer->id(), i, 64, forged);
    };
    beside("forged", [&](Stranger& s, unsigned i) { return data(s, s.hello().contact, i, true); });
    if (expulsion > 0s) {
      unsigned forgers = 0;
      std::jthread crowd([&](const std::stop_token& stop) {  // Each with a new key.
        for (; !stop.stop_requested(); ++forgers) {
          Stranger stranger(peer->listener().port);
          if (stranger.handshake() && stranger.say(stranger.hello()))
            stranger.say(forgeries(peer->id(), 200)(stranger));
          static_cast<void>(stranger.is_cut_off());
        }
      });
      show("forgers in turn");
      crowd.request_stop();
      crowd.join();
      std::printf("    %u forgers, %llu expelled\n", forgers,
                  static_cast<unsigned long long>(refused(*peer, LinkRefusal::forging)));
    }
    beside("genuine, again and again", [&](Stranger& s, unsigned i) { return data(s, s.hello().contact, i, false); });
    beside("of another's key",
           [&](Stranger& s, unsigned i) { return data(s, {honest->id(), 1, honest->endpoint()}, i, false); });
    beside("of itself", [&](Stranger& s, unsigned i) { return data(s, {peer->id(), 1, peer->endpoint()}, i, false); });
    beside("undecodable",
           [](Stranger&, unsigned) { return framed(FrameType::message, Bytes(200, std::uint8_t{0xff})); });
  }
}
