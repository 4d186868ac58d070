// Applications in the simulator: what their peers do is what real peers do, time passes only while all threads wait,
// and a run is the same each time.

#include <chrono>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include <cicada/identity.hpp>
#include <cicada/sim/simulated_swarm.hpp>

using namespace cicada;
using cicada::sim::SimulatedSwarm;
using namespace std::chrono_literals;

namespace {

std::string text_of(const Received& received) { return {received.data.begin(), received.data.end()}; }

/// So many peers in one ring, joined one after the other.
std::vector<sim::SwarmPeer> joined(SimulatedSwarm& swarm, std::size_t count) {
  std::vector<sim::SwarmPeer> peers;
  for (std::size_t i = 0; i < count; ++i) {
    peers.push_back(swarm.peer());
    peers.back().bind("127.0.0.1", 0);
    if (i > 0) peers.back().connect("127.0.0.1", peers.front().listener().port);
  }
  return peers;
}

}  // namespace

TEST_CASE("peers of a simulated application send, answer and look up", "[application]") {
  SimulatedSwarm swarm;
  auto peers = joined(swarm, 12);
  for (std::size_t i = 0; i < peers.size(); ++i) {
    sim::SwarmPeer& target = peers[(i * 5 + 1) % peers.size()];
    const SendReport report = peers[i].send(target, "number " + std::to_string(i));
    CHECK(report.transmissions >= (&target == &peers[i] ? 0U : 1U));
    const Received received = target.recv();
    CHECK(text_of(received) == "number " + std::to_string(i));
    CHECK(received.source.id == peers[i].id());
    CHECK(received.source.endpoint == peers[i].endpoint());
    CHECK(received.id == report.id);
    CHECK_FALSE(received.more);
    CHECK(peers[0].lookup(target.id()).owner.id == target.id());
  }
  CHECK(peers[3].id() == id_of_endpoint(peers[3].endpoint()));
  swarm.sleep_for(5min);  // All have looked after the ring some times.
  CHECK(peers[3].peers().size() == 11);
}

TEST_CASE("a simulated broadcast reaches everybody but the sender and those that were named", "[application]") {
  SimulatedSwarm swarm;
  auto peers = joined(swarm, 9);
  const Id visited = peers[4].id();
  peers[2].broadcast("to all", std::span(&visited, 1));
  for (std::size_t i = 0; i < peers.size(); ++i) {
    const auto received = peers[i].recv_for(10s);
    INFO("peer " << i);
    REQUIRE(received.has_value() == (i != 2 && i != 4));
    if (received) CHECK((received->to_all && text_of(*received) == "to all"));
  }
}

TEST_CASE("time passes only while all threads of a simulated application wait", "[application]") {
  SimulatedSwarm swarm;
  std::vector<std::string> order;
  auto late = swarm.thread([&] {
    swarm.sleep_for(20ms);
    order.emplace_back("late");
    CHECK(swarm.now() == TimePoint(20ms));
  });
  auto early = swarm.thread([&] {
    swarm.sleep_for(10ms);
    order.emplace_back("early");
    CHECK(swarm.now() == TimePoint(10ms));
  });
  CHECK(order.empty());
  CHECK(swarm.now() == TimePoint());
  late.join();
  CHECK(order == std::vector<std::string>{"early", "late"});
  CHECK(swarm.now() == TimePoint(20ms));
}

TEST_CASE("what simulated peers wait for takes what the links take", "[application]") {
  SimulatedSwarm swarm({.links = sim::tcp_links(10ms)});
  auto peers = joined(swarm, 2);
  peers[0].send(peers[1], "to open the link");
  const SendReport report = peers[0].send(peers[1], "there and back");
  CHECK(report.took == 20ms);
  CHECK(report.hops == 1);
  const TimePoint before = swarm.now();
  while (peers[1].try_recv()) {
  }
  CHECK_FALSE(peers[1].recv_for(3s));
  CHECK(swarm.now() == before + 3s);
}

TEST_CASE("simulated peers fail as real ones do", "[application]") {
  SimulatedSwarm swarm;
  auto peers = joined(swarm, 3);
  std::error_code error;
  auto fresh = swarm.peer();
  fresh.send(peers[0], "too early", {}, error);
  CHECK(error == SwarmError::not_bound);
  fresh.bind("127.0.0.1", peers[0].listener().port, {}, error);
  CHECK(error == std::errc::address_in_use);
  fresh.bind("nowhere.example", 1, {}, error);
  CHECK(error == SwarmError::bad_address);
  fresh.bind("127.0.0.1", 0);
  fresh.bind("127.0.0.1", 0, {}, error);
  CHECK(error == SwarmError::already_bound);
  fresh.connect("127.0.0.1", 1, 1s, error);
  CHECK(error == std::errc::connection_refused);
  fresh.connect("127.0.0.1", fresh.listener().port, 1s, error);
  CHECK(error == SwarmError::connected_to_self);
  peers[1].connect("127.0.0.1", fresh.listener().port, 1s, error);
  CHECK(error == SwarmError::already_connected);
  peers[0].send(sim::Target("127.0.0.1", 9), "to nobody", {}, error);
  CHECK((error == SwarmError::no_such_peer || error == SwarmError::timed_out));
  fresh.close();
  fresh.recv(error);
  CHECK(error == SwarmError::closed);
  CHECK_THROWS_AS(fresh.send(peers[0], "too late"), std::system_error);
}

TEST_CASE("a simulated peer that closes wakes who waits for its messages, and others go on", "[application]") {
  SimulatedSwarm swarm;
  auto peers = joined(swarm, 5);
  std::error_code error;
  auto waiting = swarm.thread([&] { peers[4].recv(error); });
  swarm.sleep_for(1s);
  peers[4].close();
  waiting.join();
  CHECK(error == SwarmError::closed);
  peers[3].abort();
  for (std::size_t i = 0; i < 3; ++i) {
    peers[i].send(peers[(i + 1) % 3], "still here");
    CHECK(text_of(peers[(i + 1) % 3].recv()) == "still here");
  }
}

TEST_CASE("equal seeds give equal runs of a simulated application", "[application]") {
  const auto digest = [](std::uint64_t seed) {
    SimulatedSwarm swarm({.seed = seed});
    auto peers = joined(swarm, 6);
    auto server = swarm.thread([&] {
      std::error_code error;
      for (Received message = peers[5].recv(error); !error; message = peers[5].recv(error))
        peers[5].send(message.source, message.data, {}, error);
    });
    for (std::size_t i = 0; i < 5; ++i) {
      peers[i].send(peers[5], "ping");
      CHECK(text_of(peers[i].recv()) == "ping");
    }
    peers[5].close();
    server.join();
    swarm.sleep_for(5min);  // The periods of the ring are random.
    return swarm.digest();
  };
  CHECK(digest(1) == digest(1));
  CHECK(digest(1) != digest(2));
}
