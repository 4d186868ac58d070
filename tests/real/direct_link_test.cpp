// From a circuit to a direct link: how often that is tried, how many holes are punched at a time, and that the circuit
// serves meanwhile.

#include <catch2/catch.hpp>
#include <cmath>
#include <thread>

#include "real/circuit_stranger.hpp"
#include "real/hidden.hpp"

using namespace cicada;
using namespace cicada::test;

namespace {

/// Ports of this host where nobody listens, and nobody will: connecting there is refused.
class ClosedPorts {
 public:
  explicit ClosedPorts(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) sockets_.emplace_back(io_).open(boost::asio::ip::tcp::v4());
    for (auto& socket : sockets_) socket.bind({boost::asio::ip::make_address_v4("127.0.0.2"), 0});
  }
  [[nodiscard]] Endpoint operator[](std::size_t i) const {
    return ipv4_endpoint({127, 0, 0, 2}, sockets_[i].local_endpoint().port());
  }

 private:
  boost::asio::io_context io_;
  std::vector<boost::asio::ip::tcp::socket> sockets_;
};

/// A guest who keeps a place among the links of a peer, by never being silent for long.
class Talker {
 public:
  explicit Talker(const SwarmPeer& peer)
      : guest_(guest(peer)), thread_([this](const std::stop_token& stop) {
          while (!stop.stop_requested() && say(*guest_, CircuitCredit{0, 1})) std::this_thread::sleep_for(20ms);
        }) {}

 private:
  std::unique_ptr<Stranger> guest_;
  std::jthread thread_;
};

/// In a ring of three that leaves no room for a direct link: there are one with the relay, one over a circuit, and with
/// `guests` strangers. Both have to be so, because whoever dials has made up its mind before it hears of the limit.
SwarmPeerOptions crowded(const std::shared_ptr<Runtime>& runtime, unsigned guests) {
  SwarmPeerOptions options = quick(runtime);
  options.limits.links_max = 2 + guests;
  return options;
}

}  // namespace

TEST_CASE("So many holes are punched at a time and no more, and circuits serve whether or not there is one for them") {
  const auto runtime = std::make_shared<Runtime>();
  const auto relay = bound(quick(runtime));
  SwarmPeerOptions options = quick(runtime);
  options.limits.punches_max = 2;
  const auto peer = hidden(std::move(options), *relay);
  REQUIRE(eventually([&] { return peer->reachability().external.has_value(); }));
  const auto link = guest(*peer);
  CircuitStrangers strangers(*link);
  const ClosedPorts ports(4);
  for (std::uint32_t i = 0; i < 4; ++i) REQUIRE(strangers.open(2 * i));

  for (std::uint32_t i = 0; i < 4; ++i) strangers.say(2 * i, PunchFrame{PunchFrame::Step::go, ports[i]});
  REQUIRE(strangers.flush());
  SwarmStatistics seen;
  REQUIRE(eventually([&] {
    seen = peer->statistics();
    return seen.punches + seen.punches_failed + seen.punches_left_out == 4;
  }));
  CHECK(seen.punches <= 2);
  CHECK(seen.punches_left_out == 2);
  for (std::uint32_t i = 0; i < 4; ++i) {
    strangers.say(2 * i, PunchFrame{PunchFrame::Step::ask, ports[i]});
    REQUIRE(strangers.flush());
    auto answer = strangers.hear(2 * i);
    while (answer && answer->first != FrameType::punch) answer = strangers.hear(2 * i);
    CHECK(answer.has_value());
  }

  REQUIRE(eventually([&] { return peer->statistics().punches_failed == 2; }));
  CHECK(peer->statistics().punches == 0);
  strangers.say(6, PunchFrame{PunchFrame::Step::go, ports[3]});  // There is room again.
  REQUIRE(strangers.flush());
  CHECK(eventually([&] { return peer->statistics().punches_failed == 3; }));
  CHECK(peer->statistics().punches_left_out == 2);
}

TEST_CASE("A direct link is looked for again, ever more rarely, until there is one") {
  const auto runtime = std::make_shared<Runtime>();
  const auto relay = bound(quick(runtime));
  const auto often = [&](SwarmPeerOptions options) {
    options.punch_retry_min = 50ms;
    return options;
  };
  const auto begin = std::chrono::steady_clock::now();
  const auto first = hidden(often(crowded(runtime, 1)));
  const auto second = hidden(often(crowded(runtime, 1)));
  std::optional<Talker> at_first(*first);
  std::optional<Talker> at_second(*second);
  for (SwarmPeer* peer : {first.get(), second.get()}) peer->connect("127.0.0.1", relay->listener().port, 10s);

  const auto asked = [&] { return first->statistics().direct_asked + second->statistics().direct_asked; };
  const auto periods = [&] { return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin) / 50ms; };
  REQUIRE(eventually([&] {
    check_message(*first, *second, "while they look");
    return asked() >= 5 && periods() > 60;
  }));
  CHECK(path(*first, *second) == LinkPath::relayed);
  CHECK(first->statistics().strangers_refused + second->statistics().strangers_refused > 0);
  // Pauses that double: so many for one circuit. If one ends, the next begins anew.
  const auto times = static_cast<double>(asked());
  const auto circuits = static_cast<double>(relay->statistics().circuits_relayed);
  CHECK(times <= circuits * (2 + std::log2(periods())));

  at_first.reset();
  at_second.reset();
  const auto met = [&](const SwarmPeer& from, const SwarmPeer& to) { return path(from, to) == LinkPath::direct; };
  CHECK(eventually([&] {
    check_message(*first, *second, "until they meet");
    return met(*first, *second) && met(*second, *first);
  }));
  CHECK(eventually([&] { return relay->statistics().circuits == 0; }));
  check_message(*second, *first, "directly");
}

TEST_CASE("Nobody looks for a direct link in place of a circuit that nobody uses") {
  const auto runtime = std::make_shared<Runtime>();
  const auto quiet = [&](SwarmPeerOptions options) {
    options.punch_retry_min = options.punch_retry_max = 200ms;
    options.protocol.chord.stabilize = options.protocol.chord.fix_fingers = options.protocol.chord.check_predecessor =
        1h;
    return options;
  };
  const auto relay = bound(quiet(quick(runtime)));
  const auto second = hidden(quiet(crowded(runtime, 0)), *relay);
  const auto first = hidden(quiet(crowded(runtime, 0)), *relay);
  check_message(*first, *second, "once");
  REQUIRE(eventually([&] { return path(*first, *second) == LinkPath::relayed; }));
  const auto asked = [&] { return first->statistics().direct_asked + second->statistics().direct_asked; };
  REQUIRE(eventually([&] { return asked() > 0; }));
  CHECK_FALSE(eventually([&] { return asked() > 4; }, 3s));  // There was time for fifteen.
}
