// A swarm of real peers on loopback does what the API promises: joining, sending by address, id and peer, receiving,
// looking up, leaving, and the survivors of a crash go on.

#include <catch2/catch.hpp>
#include <future>
#include <set>

#include <cicada/codec.hpp>
#include <cicada/identity.hpp>

#include "real/loopback.hpp"

using namespace cicada;
using namespace cicada::test;

TEST_CASE("two peers exchange messages and know each other's source") {
  const auto peers = ring(2, [] { return quick(); });
  SwarmPeer& a = *peers[0];
  SwarmPeer& b = *peers[1];
  const SendReport report = b.send({"127.0.0.1", a.listener().port}, "hello");
  CHECK(report.hops == 1);
  CHECK(report.transmissions == 1);
  const Received received = a.recv();
  CHECK(text(received) == "hello");
  CHECK(received.id == report.id);
  CHECK_FALSE(received.more);
  CHECK(received.source.id == b.id());
  CHECK(received.source.endpoint == b.endpoint());
  CHECK(received.source.key == b.public_key());
  a.send(received.source, "back");
  CHECK(text(b.recv()) == "back");
}

TEST_CASE("a broadcast reaches everybody but its origin and those excluded, once") {
  const auto peers = ring(6, [] { return quick(); });
  const Id left_out = peers[4]->id();
  const MessageId id = peers[1]->broadcast("to all", std::span(&left_out, 1));
  CHECK(id != MessageId{});
  for (const std::size_t at : {0U, 2U, 3U, 5U}) {
    const auto received = peers[at]->recv_for(10s);
    REQUIRE(received);
    CHECK(text(*received) == "to all");
    CHECK(received->to_all);
    CHECK(received->id == id);
    CHECK(received->source.id == peers[1]->id());
    CHECK(received->source.key == peers[1]->public_key());
  }
  // A message that was sent after it arrives; nothing else did before.
  for (std::size_t at = 0; at < peers.size(); ++at) {
    if (at == 2) continue;
    peers[2]->send(*peers[at], "to one");
    const Received next = peers[at]->recv();
    CHECK(text(next) == "to one");
    CHECK_FALSE(next.to_all);
  }
}

TEST_CASE("a broadcast that cannot be is refused with the reason") {
  const auto peers = ring(2, [] { return quick(); });
  std::error_code error;
  const std::vector<std::uint8_t> data(3);
  const std::vector<Id> crowd(broadcast_visited_max + 1);
  peers[0]->broadcast(data, crowd, error);
  CHECK(error == SwarmError::bad_option);
  peers[0]->broadcast(std::vector<std::uint8_t>(payload_bytes_max + 1), {}, error);
  CHECK(error == SwarmError::payload_too_long);
  for (unsigned i = 0; i < 100 && error != SwarmError::too_many_pending; ++i) peers[0]->broadcast(data, {}, error);
  CHECK(error == SwarmError::too_many_pending);
}

TEST_CASE("the id of an address is the hash of its text") {
  const auto peer = bound(quick());
  CHECK(peer->id() == id_of_endpoint(peer->endpoint()));
  CHECK(peer->endpoint() == peer->listener());
}

TEST_CASE("eight peers form a ring, and each reaches each by address, by id and as a peer") {
  const auto runtime = std::make_shared<Runtime>();
  const auto peers = ring(8, [&] { return quick(runtime); });
  std::size_t sent = 0;
  for (const auto& from : peers)
    for (const auto& to : peers) {
      const std::string words = std::to_string(sent);
      switch (sent++ % 3) {
        case 0:
          from->send({"127.0.0.1", to->listener().port}, words);
          break;
        case 1:
          from->send(to->id(), words, 2);
          break;
        default:
          from->send(*to, words);
      }
      const auto received = to->recv_for(5s);
      REQUIRE(received);
      CHECK(text(*received) == words);
      CHECK(received->source.id == from->id());
    }
  CHECK(eventually(
      [&] { return std::ranges::all_of(peers, [](const auto& peer) { return peer->statistics().neighbours == 7; }); }));
}

TEST_CASE("a lookup finds the owner of a key") {
  const auto peers = ring(5, [] { return quick(); });
  REQUIRE(settled(peers));
  std::vector<Id> ids;
  for (const auto& peer : peers) ids.push_back(peer->id());
  std::ranges::sort(ids);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const Id key = i == 0 ? Id{} : ids[i - 1] + Id::power_of_two(0);
    CHECK(peers[i]->lookup(key).owner.id == ids[i]);
  }
}

TEST_CASE("after a crash of two of eight every accepted send still arrives") {
  const auto runtime = std::make_shared<Runtime>();
  auto peers = ring(8, [&] { return quick(runtime); });
  REQUIRE(eventually(
      [&] { return std::ranges::all_of(peers, [](const auto& peer) { return peer->statistics().neighbours == 7; }); }));
  peers[2]->abort();
  peers[5]->abort();
  peers.erase(peers.begin() + 5);
  peers.erase(peers.begin() + 2);
  for (const auto& from : peers)
    for (const auto& to : peers) {
      from->send(*to, "still here");
      CHECK(to->recv_for(1s));
    }
}

TEST_CASE("a message to an id that nobody has is given up with the reason") {
  auto options = [] {
    SwarmPeerOptions o = quick();
    o.protocol.ack_timeout = 100ms;
    return o;
  };
  const auto peers = ring(3, options);
  REQUIRE(settled(peers));
  // Right before another peer, which would own that id.
  const Id nobody = peers[1]->id() - Id::power_of_two(0);
  std::error_code error;
  peers[0]->send(nobody, "anybody?", {}, error);
  CHECK(error == SwarmError::no_such_peer);
  CHECK_THROWS_AS(peers[0]->send(nobody, "anybody?"), std::system_error);
}

TEST_CASE("a peer that leaves tells its neighbours, and is alone again in a new life") {
  const auto peers = ring(3, [] { return quick(); });
  REQUIRE(settled(peers));
  peers[1]->disconnect();
  CHECK(eventually([&] { return peers[0]->statistics().neighbours == 1 && peers[2]->statistics().neighbours == 1; }));
  CHECK(peers[1]->peers().empty());
  peers[1]->connect("127.0.0.1", peers[2]->listener().port);
  peers[1]->send(*peers[0], "again");
  CHECK(text(peers[0]->recv()) == "again");
}

TEST_CASE("what cannot work fails with a reason") {
  SwarmPeer peer(quick());
  std::error_code error;
  const auto is = [&](SwarmError expected) { return error == expected; };
  peer.connect("127.0.0.1", 1, 1s, error);
  CHECK(is(SwarmError::not_bound));
  peer.send(Id{}, "x", {}, error);
  CHECK(is(SwarmError::not_bound));
  peer.recv(error);
  CHECK(is(SwarmError::not_bound));
  CHECK_THROWS_AS(peer.id(), std::system_error);
  peer.bind("256.0.0.1", 0, std::nullopt, error);
  CHECK(is(SwarmError::bad_address));
  const auto other = bound(quick());
  peer.bind("127.0.0.1", other->listener().port, std::nullopt, error);
  CHECK(error == std::errc::address_in_use);
  peer.bind("localhost", 0);
  peer.bind("127.0.0.1", 0, std::nullopt, error);
  CHECK(is(SwarmError::already_bound));
  peer.connect("127.0.0.1", peer.listener().port, 1s, error);
  CHECK(is(SwarmError::connected_to_self));
  peer.connect("", 5, 1s, error);
  CHECK(is(SwarmError::bad_address));
  std::uint16_t free_port = 0;
  {
    const auto gone = bound(quick());
    free_port = gone->listener().port;
  }
  peer.connect("127.0.0.1", free_port, 5s, error);
  CHECK(error == std::errc::connection_refused);
  peer.connect("127.0.0.1", other->listener().port, 5s, error);
  CHECK_FALSE(error);
  peer.connect("127.0.0.1", other->listener().port, 5s, error);
  CHECK(is(SwarmError::already_connected));
  peer.send(*other, std::string(payload_bytes_max + 1, 'x'), {}, error);
  CHECK(is(SwarmError::payload_too_long));
  peer.close();
  peer.close();
  peer.send(*other, "x", {}, error);
  CHECK(is(SwarmError::closed));
  peer.connect("127.0.0.1", other->listener().port, 5s, error);
  CHECK(is(SwarmError::closed));
  peer.recv(error);
  CHECK(is(SwarmError::closed));
}

TEST_CASE("the largest payload arrives whole") {
  const auto peers = ring(2, [] { return quick(); });
  std::string large(payload_bytes_max, 'x');
  for (std::size_t i = 0; i < large.size(); i += 100) large[i] = static_cast<char>('a' + i % 23);
  peers[0]->send(*peers[1], large);
  CHECK(text(peers[1]->recv()) == large);
}

TEST_CASE("hooks see every packet, every payload and every new peer") {
  std::atomic<int> packets = 0;
  std::atomic<int> payloads = 0;
  std::atomic<int> met = 0;
  std::error_code from_hook;
  std::promise<void> called;
  const auto other = bound(quick());
  SwarmPeerOptions options = quick();
  SwarmPeer* self = nullptr;
  options.hooks.send = [&](const RemotePeer&, std::span<const std::uint8_t> bytes) { packets += !bytes.empty(); };
  options.hooks.recv = [&](const RemotePeer&, std::span<const std::uint8_t>) {
    ++payloads;
    self->send(*other, "x", {}, from_hook);
    called.set_value();
  };
  options.hooks.new_peer = [&](const RemotePeer& peer) { met += peer.id == other->id(); };
  const auto peer = std::make_unique<SwarmPeer>(std::move(options));
  self = peer.get();
  peer->bind("127.0.0.1", 0);
  peer->connect("127.0.0.1", other->listener().port);
  other->send(*peer, "hooked");
  REQUIRE(called.get_future().wait_for(5s) == std::future_status::ready);
  CHECK(from_hook == SwarmError::would_deadlock);
  CHECK(text(peer->recv()) == "hooked");
  CHECK(packets > 0);
  CHECK(payloads == 1);
  CHECK(met == 1);
}

TEST_CASE("a full inbox acknowledges nothing, and takes messages again when it has been read") {
  const auto receiver = bound([] {
    SwarmPeerOptions options = quick();
    options.limits.inbox_messages_max = 2;
    return options;
  }());
  SwarmPeerOptions options = quick();
  options.protocol.ack_timeout = 100ms;
  const auto sender = bound(std::move(options));
  sender->connect("127.0.0.1", receiver->listener().port);
  sender->send(*receiver, "1");
  sender->send(*receiver, "2");
  std::promise<std::error_code> third;
  sender->async_send(*receiver, {'3'}, {}, [&](std::error_code error, SendReport) { third.set_value(error); });
  auto outcome = third.get_future();
  CHECK(eventually([&] { return receiver->statistics().dropped_full > 0; }));
  CHECK(outcome.wait_for(0s) == std::future_status::timeout);
  const Received first = receiver->recv();
  CHECK(text(first) == "1");
  CHECK(first.more);
  CHECK_FALSE(outcome.get());
  CHECK(text(receiver->recv()) == "2");
  CHECK(text(receiver->recv()) == "3");
  CHECK_FALSE(receiver->try_recv());
}

TEST_CASE("a peer that is alone soon says that there is nobody else") {
  const auto peer = bound(quick());
  std::error_code error;
  peer->send(Id::power_of_two(9), "anybody?", {}, error);
  CHECK(error == SwarmError::no_such_peer);
  peer->send(*peer, "myself");
  CHECK(text(peer->recv()) == "myself");
}

TEST_CASE("in a swarm of two either one may crash and come back at the same address") {
  auto peers = ring(2, [] { return quick(); });
  for (const std::size_t victim : {1U, 0U, 1U}) {
    const std::uint16_t port = peers[victim]->listener().port;
    SwarmPeer& survivor = *peers[1 - victim];
    peers[victim]->abort();
    peers[victim] = std::make_unique<SwarmPeer>(quick());
    peers[victim]->bind("127.0.0.1", port);
    peers[victim]->connect("127.0.0.1", survivor.listener().port);
    survivor.send(*peers[victim], "welcome back");
    CHECK(text(peers[victim]->recv()) == "welcome back");
  }
}

TEST_CASE("two that lost each other, and live, find together again") {
  // Both believe the other one dead at the same moment: their links are cut at both ends.
  const auto peers = ring(2, [] { return quick(); });
  REQUIRE(settled(peers));
  for (int round = 0; round < 3; ++round) {
    for (const auto& peer : peers) peer->drop_links();
    REQUIRE(settled(peers));
    peers[0]->send(*peers[1], "still friends");
    CHECK(text(peers[1]->recv()) == "still friends");
  }
}
