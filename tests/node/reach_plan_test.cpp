// What others are told about a node follows from its configuration, its address and its gateway; the rung says which.

#include <catch2/catch.hpp>

#include "reach_plan.hpp"

using namespace cicada;
using namespace cicada::node;

namespace {

PortMappingStatus mapping(MappingState state) {
  PortMappingStatus status;
  status.state = state;
  status.method = MappingMethod::upnp;
  status.external_address = "11.22.33.44";
  status.eport = state == MappingState::mapped ? 5001 : 0;
  status.reason = "because";
  return status;
}

NodeConfig joining(const char* host) {
  NodeConfig config;
  config.bootstrap.push_back({host, 5000});
  return config;
}

}  // namespace

TEST_CASE("reach: a mapped port is told, as the gateway gave it", "[reach]") {
  const auto plan = plan_reach(joining("11.22.33.10"), {"192.168.1.11", {}}, mapping(MappingState::mapped));
  CHECK(plan.rung == Rung::mapped);
  CHECK(plan.external->host == "11.22.33.44");
  CHECK(plan.external->port == 5001);
}

TEST_CASE("reach: without a mapping, a private address is told to others as private only", "[reach]") {
  for (const auto state : {MappingState::no_gateway, MappingState::double_nat, MappingState::refused}) {
    const auto outside = plan_reach(joining("11.22.33.10"), {"192.168.1.11", {}}, mapping(state));
    CHECK(outside.rung == Rung::outgoing);
    CHECK(outside.external->port == 0);
    CHECK(outside.why.find("because") != std::string::npos);
    const auto inside = plan_reach(joining("192.168.1.12"), {"192.168.1.11", {}}, mapping(state));
    CHECK(inside.rung == Rung::direct);
    CHECK_FALSE(inside.external);
  }
  CHECK(plan_reach(joining("peer.example.org"), {"192.168.1.11", {}}, std::nullopt).rung == Rung::outgoing);
  CHECK(plan_reach({}, {"192.168.1.11", {}}, std::nullopt).rung == Rung::direct);
}

TEST_CASE("reach: public and loopback addresses need nobody", "[reach]") {
  for (const char* address : {"11.22.33.10", "127.0.0.1", "::1"}) {
    CHECK_FALSE(wants_mapping({}, address));
    CHECK(plan_reach(joining("11.22.33.11"), {address, {}}, std::nullopt).rung == Rung::direct);
  }
  CHECK(wants_mapping({}, "192.168.1.11"));
  CHECK(wants_mapping({}, "100.64.1.2"));
}

TEST_CASE("reach: the configuration has the last word", "[reach]") {
  NodeConfig config;
  config.external = HostPort{"1.2.3.4", 5};
  CHECK_FALSE(wants_mapping(config, "192.168.1.11"));
  CHECK(plan_reach(config, {"192.168.1.11", {}}, std::nullopt).rung == Rung::forwarded);
  config.external.reset();
  config.reach = Reach::outgoing;
  CHECK(plan_reach(config, {"11.22.33.10", {}}, std::nullopt).rung == Rung::outgoing);
  config.reach = Reach::direct;
  CHECK(plan_reach(config, {"192.168.1.11", {}}, mapping(MappingState::mapped)).rung == Rung::direct);
}

TEST_CASE("reach: an IPv6 address is told where others can use it", "[reach]") {
  const LocalAddresses only{"2a00:1::11", {}};
  const LocalAddresses both{"192.168.1.11", "2a00:1::11"};
  NodeConfig config = joining("2a00:1::10");
  config.port = 5000;
  for (const LocalAddresses& local : {only, both}) {
    const auto plan = plan_reach(config, local, std::nullopt);
    CHECK(plan.rung == Rung::direct);
    REQUIRE(plan.external);
    CHECK(plan.external->host == "2a00:1::11");
    CHECK(plan.external->port == 5000);
  }
  CHECK_FALSE(wants_mapping({}, "2a00:1::11"));
  CHECK_FALSE(wants_mapping({}, "fd00::1"));
  // Behind an IPv4 NAT: a mapped port serves everybody; without one, a swarm that is joined by IPv4 needs relays.
  CHECK(plan_reach({}, both, mapping(MappingState::mapped)).rung == Rung::mapped);
  CHECK(plan_reach({}, both, mapping(MappingState::no_gateway)).external->host == "2a00:1::11");
  CHECK(plan_reach(joining("11.22.33.10"), both, mapping(MappingState::no_gateway)).rung == Rung::outgoing);
}

TEST_CASE("reach: a link-local IPv6 address, or none at all, is told to nobody", "[reach]") {
  const auto plan = plan_reach({}, {"fe80::1", {}}, std::nullopt);
  CHECK(plan.rung == Rung::outgoing);
  CHECK(plan.why.find("link-local") != std::string::npos);
  CHECK(plan_reach(joining("11.22.33.10"), {}, std::nullopt).why == "this host has no address towards others");
  CHECK(plan_reach(joining("fd00::2"), {"fd00::1", {}}, std::nullopt).external->host == "fd00::1");
}
