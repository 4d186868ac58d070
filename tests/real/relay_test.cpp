// Peers that nobody can dial are members like all others: through relays they get what is sent to them, and where a
// direct link can be had, it takes the circuit's place. What runs over a circuit is proved from end to end.

#include <catch2/catch.hpp>

#include <cicada/codec.hpp>

#include "real/hidden.hpp"

using namespace cicada;
using namespace cicada::test;

TEST_CASE("Two peers without an address are members through a relay") {
  const auto runtime = std::make_shared<Runtime>();
  const auto relay = bound(without_punching(runtime));
  const auto first = hidden(without_punching(runtime), *relay);
  const auto second = hidden(without_punching(runtime), *relay);

  check_message(*first, *second, "one way");
  check_message(*second, *first, "the other way");
  CHECK(path(*first, *second) == LinkPath::relayed);
  CHECK(path(*second, *first) == LinkPath::relayed);
  CHECK(first->reachability().relays == std::vector{relay->endpoint()});
  CHECK(relay->statistics().relay_clients == 2);
  CHECK(relay->statistics().circuits_relayed >= 1);

  SECTION("a payload of the greatest length goes through") {
    check_message(*first, *second, std::string(payload_bytes_max, 'x'));
  }
  SECTION("a broadcast reaches everybody, whoever sends it") {
    for (SwarmPeer* source : {relay.get(), first.get(), second.get()}) {
      source->broadcast("to all");
      for (SwarmPeer* other : {relay.get(), first.get(), second.get()}) {
        if (other == source) continue;
        const auto got = other->recv_for(10s);
        REQUIRE(got.has_value());
        CHECK(got->to_all);
      }
    }
  }
  SECTION("one that leaves says so over the circuit") {
    second->close();
    CHECK(eventually([&] { return path(*first, *second) == LinkPath::none; }, 2s));
  }
}

TEST_CASE("A dozen peers, most of them without an address, are one ring") {
  const auto runtime = std::make_shared<Runtime>();
  std::vector<std::unique_ptr<SwarmPeer>> peers;
  for (int i = 0; i < 3; ++i) {
    peers.push_back(bound(without_punching(runtime)));
    if (i > 0) peers.back()->connect("127.0.0.1", peers.front()->listener().port);
  }
  for (std::size_t i = 0; i < 9; ++i) peers.push_back(hidden(without_punching(runtime), *peers[i % 3]));
  REQUIRE(settled(peers));
  for (std::size_t i = 0; i < peers.size(); ++i)
    check_message(*peers[i], *peers[(i + 5) % peers.size()], "from " + std::to_string(i));
}

TEST_CASE("A circuit gives way to a direct link over the local network") {
  const auto runtime = std::make_shared<Runtime>();
  const auto relay = bound(quick(runtime));
  std::unique_ptr<SwarmPeer> first;
  std::unique_ptr<SwarmPeer> second;
  SECTION("of two peers without an address") {
    first = hidden(quick(runtime), *relay);
    second = hidden(quick(runtime), *relay);
    CHECK(first->reachability().external == first->listener());
  }
  SECTION("of two peers behind one gateway, which both have a port there") {
    // The gateway's address is one for documentation: nobody answers there, as where a gateway has no hairpin.
    for (auto* peer : {&first, &second}) {
      SwarmPeerOptions options = quick(runtime);
      options.id_policy = IdPolicy::key;
      *peer = std::make_unique<SwarmPeer>(std::move(options));
    }
    SwarmPeerOptions options = quick(runtime);
    options.id_policy = IdPolicy::key;
    const auto other_relay = bound(std::move(options));
    first->bind("127.0.0.1", 0, HostPort{"203.0.113.9", 1001});
    second->bind("127.0.0.1", 0, HostPort{"203.0.113.9", 1002});
    first->connect("127.0.0.1", other_relay->listener().port, 10s);
    second->connect("127.0.0.1", other_relay->listener().port, 10s);
    check_message(*first, *second, "through the relay or not");
    CHECK(eventually([&] { return path(*first, *second) == LinkPath::direct; }));
    CHECK(eventually([&] { return path(*second, *first) == LinkPath::direct; }));
    return;
  }
  check_message(*first, *second, "through the relay or not");
  CHECK(eventually([&] { return path(*first, *second) == LinkPath::direct; }));
  CHECK(eventually([&] { return path(*second, *first) == LinkPath::direct; }));
  CHECK(eventually([&] { return first->statistics().links_relayed == 0; }));
  check_message(*second, *first, "directly");
}

TEST_CASE("Two peers without an address outlive their relay") {
  const auto runtime = std::make_shared<Runtime>();
  const auto first_relay = bound(without_punching(runtime));
  const auto second_relay = bound(without_punching(runtime));
  second_relay->connect("127.0.0.1", first_relay->listener().port);
  const auto first = hidden(without_punching(runtime), *first_relay);
  const auto second = hidden(without_punching(runtime), *first_relay);
  REQUIRE(eventually([&] { return first->reachability().relays.size() == 2; }));
  REQUIRE(eventually([&] { return second->reachability().relays.size() == 2; }));
  check_message(*first, *second, "before");
  first_relay->abort();
  REQUIRE(eventually([&] { return first->reachability().relays == std::vector{second_relay->endpoint()}; }));
  // Until the ring has taken notice it may say that there is no such peer.
  for (const auto& way : {std::pair(first.get(), second.get()), std::pair(second.get(), first.get())}) {
    SwarmPeer* const from = way.first;
    SwarmPeer* const to = way.second;
    CHECK(eventually([&] {
      std::error_code error;
      from->send(to->id(), "after", {}, error);
      return !error;
    }));
    const auto got = to->recv_for(10s);
    REQUIRE(got.has_value());
    CHECK(text(*got) == "after");
  }
}
