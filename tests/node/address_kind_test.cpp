// An address counts as public only if the whole internet can reach it.

#include <catch2/catch.hpp>

#include <cicada/address_kind.hpp>

using cicada::address_kind;
using cicada::is_public_ipv4;

TEST_CASE("address_kind: special-purpose blocks, at both of their ends", "[address_kind]") {
  for (const char* text : {"10.0.0.0", "10.255.255.255", "172.16.0.0", "172.31.255.255", "192.168.0.0", "fd00::1"})
    CHECK(address_kind(text) == "private");
  for (const char* text : {"100.64.0.0", "100.127.255.255"})
    CHECK(address_kind(text) == "shared by a carrier's customers");
  for (const char* text : {"0.0.0.0", "192.0.2.7", "198.18.0.1", "198.51.100.3", "203.0.113.9", "224.0.0.1",
                           "255.255.255.255", "::", "ff02::1", "2001:db8::1"})
    CHECK(address_kind(text) == "reserved");
  for (const char* text : {"127.0.0.1", "127.255.255.255", "::1"}) CHECK(address_kind(text) == "loopback");
  for (const char* text : {"169.254.1.1", "fe80::1"}) CHECK(address_kind(text) == "link-local");
}

TEST_CASE("address_kind: what lies beside those blocks is public", "[address_kind]") {
  for (const char* text : {"9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "172.15.255.255", "172.32.0.0",
                           "192.167.255.255", "192.169.0.0", "223.255.255.255", "126.255.255.255", "128.0.0.0"}) {
    CHECK(address_kind(text) == "public");
    CHECK(is_public_ipv4(text));
  }
  CHECK(address_kind("2a00::1") == "public");
  CHECK_FALSE(is_public_ipv4("2a00::1"));
}

TEST_CASE("address_kind: what is no address", "[address_kind]") {
  for (const char* text : {"", "1.2.3", "1.2.3.4.5", "256.1.1.1", "peer.example.org", "1.2.3.4:5"})
    CHECK(address_kind(text) == "not an address");
}
