// Endpoints have one text each, whoever wrote them and however; ids are hashes of it. The system's own parser and
// printer of addresses are the reference.

#include <arpa/inet.h>
#include <rapidcheck.h>
#include <catch2/catch.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <cicada/endpoint_text.hpp>
#include <cicada/identity.hpp>

namespace {

using namespace cicada;

/// Addresses in which zero groups, runs of them, and small numbers are frequent.
Endpoint any_endpoint() {
  Endpoint endpoint;
  for (std::size_t i = 0; i < endpoint.address.size(); i += 2) {
    const auto group = *rc::gen::oneOf(rc::gen::just<std::uint16_t>(0), rc::gen::just<std::uint16_t>(0),
                                       rc::gen::element<std::uint16_t>(1, 0x10, 0xff, 0xffff, 0xabc),
                                       rc::gen::arbitrary<std::uint16_t>());
    endpoint.address[i] = static_cast<std::uint8_t>(group >> 8);
    endpoint.address[i + 1] = static_cast<std::uint8_t>(group);
  }
  if (*rc::gen::inRange(0, 4) == 0) {
    const auto& a = endpoint.address;
    endpoint = ipv4_endpoint({a[12], a[13], a[14], a[15]}, 0);
  }
  endpoint.port = *rc::gen::arbitrary<std::uint16_t>();
  return endpoint;
}

std::string printed_by_system(const Endpoint& endpoint) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const bool v4 = is_ipv4(endpoint);
  const void* address = endpoint.address.data() + (v4 ? 12 : 0);
  RC_ASSERT(inet_ntop(v4 ? AF_INET : AF_INET6, address, text.data(), text.size()) != nullptr);
  return text.data();
}

/// What the system makes of an address without a port.
std::optional<Endpoint> parsed_by_system(const std::string& text) {
  Endpoint endpoint;
  if (inet_pton(AF_INET6, text.c_str(), endpoint.address.data()) == 1) return endpoint;
  std::array<std::uint8_t, 4> v4{};
  if (inet_pton(AF_INET, text.c_str(), v4.data()) == 1) return ipv4_endpoint(v4, 0);
  return std::nullopt;
}

TEST_CASE("the text of an endpoint parses back to it", "[identity]") {
  REQUIRE(rc::check("round trip", [] {
    const Endpoint endpoint = any_endpoint();
    RC_ASSERT(parse_endpoint(to_string(endpoint)) == endpoint);
  }));
}

TEST_CASE("addresses are printed as the system prints them", "[identity]") {
  REQUIRE(rc::check("inet_ntop", [] {
    const Endpoint endpoint = any_endpoint();
    const std::string system = printed_by_system(endpoint);
    // The C library writes ::/96, long deprecated, with a dotted quad; RFC 5952 does not.
    RC_PRE(is_ipv4(endpoint) || system.find('.') == std::string::npos);
    const std::string port = ':' + std::to_string(endpoint.port);
    RC_ASSERT(to_string(endpoint) == (is_ipv4(endpoint) ? system + port : '[' + system + ']' + port));
  }));
}

TEST_CASE("text is an address exactly when the system says so", "[identity]") {
  std::size_t accepted = 0;
  REQUIRE(rc::check("inet_pton", [&] {
    // Pieces that often make an address, and as often nearly one.
    const auto pieces = *rc::gen::resize(12, rc::gen::container<std::vector<std::string>>(rc::gen::element<std::string>(
                                                 ":", ":", ":", "::", "::", ".", "0", "1", "ab", "FFFF", "12345", "00",
                                                 "1.2.3.4", "255", "256", "g", "%")));
    std::string text;
    for (const std::string& piece : pieces) text += piece;
    const auto system = parsed_by_system(text);
    if (system) ++accepted;
    RC_ASSERT(parse_address(text, 0) == system);
  }));
  REQUIRE(rc::check("a mutated address", [&] {
    std::string text = printed_by_system(any_endpoint());
    const auto at = *rc::gen::inRange<std::size_t>(0, text.size());
    switch (*rc::gen::inRange(0, 3)) {
      case 0:
        text.erase(at, 1);
        break;
      case 1:
        text.insert(at, 1, *rc::gen::element(':', '.', '0', 'f', '1', ' '));
        break;
      default:
        text[at] = *rc::gen::element(':', '.', '0', 'F', '9', 'x');
        break;
    }
    const auto system = parsed_by_system(text);
    if (system) ++accepted;
    RC_ASSERT(parse_address(text, 0) == system);
  }));
  REQUIRE(accepted > 10);
}

TEST_CASE("known texts of endpoints", "[identity]") {
  const auto canonical = [](const char* text) { return to_string(parse_endpoint(text).value()); };
  CHECK(canonical("1.2.3.4:5000") == "1.2.3.4:5000");
  CHECK(canonical("[::ffff:1.2.3.4]:5000") == "1.2.3.4:5000");
  CHECK(canonical("[::FFFF:102:304]:5000") == "1.2.3.4:5000");
  CHECK(canonical("[2001:DB8:0:0:0:0:0:1]:65535") == "[2001:db8::1]:65535");
  CHECK(canonical("[2001:db8:0:1:1:1:1:1]:1") == "[2001:db8:0:1:1:1:1:1]:1");
  CHECK(canonical("[2001:0:0:1:0:0:0:1]:1") == "[2001:0:0:1::1]:1");
  CHECK(canonical("[1:0:0:2:3:0:0:4]:1") == "[1::2:3:0:0:4]:1");
  CHECK(canonical("[::]:0") == "[::]:0");
  CHECK(canonical("[1::]:80") == "[1::]:80");
  CHECK(canonical("[64:ff9b::192.0.2.33]:1") == "[64:ff9b::c000:221]:1");
}

TEST_CASE("what is not an endpoint is refused", "[identity]") {
  for (const char* text : {"",
                           ":",
                           "1.2.3.4",
                           "1.2.3.4:",
                           ":5000",
                           "1.2.3.4:65536",
                           "1.2.3.4:05000",
                           "1.2.3.4:+5",
                           "1.2.3.4:-1",
                           "1.2.3.4: 1",
                           "1.2.3:5000",
                           "1.2.3.4.5:5000",
                           "1.2.3.256:5000",
                           "01.2.3.4:5000",
                           "1.2.3.4 :5000",
                           " 1.2.3.4:5000",
                           "[1.2.3.4]:5000",
                           "::1:5000",
                           "[::1]",
                           "[::1]:",
                           "[::1]5000",
                           "[::1:5000",
                           "::1]:5000",
                           "[]:5000",
                           "[::1%eth0]:5000",
                           "[1::2::3]:5000",
                           "[1:2:3:4:5:6:7:8:9]:5000",
                           "[1:2:3:4:5:6:7]:5000",
                           "[1:2:3:4:5:6:7:8::]:5000",
                           "[:1::2]:5000",
                           "[12345::]:5000",
                           "[1.2.3.4::]:5000",
                           "localhost:5000"}) {
    INFO(text);
    CHECK_FALSE(parse_endpoint(text));
  }
}

TEST_CASE("ids of addresses and keys are pinned", "[identity]") {
  // printf '1.2.3.4:5000' | sha256sum, and so on.
  CHECK(id_of_endpoint(ipv4_endpoint({1, 2, 3, 4}, 5000)).to_hex() ==
        "b9bf6c9d56b02e8267d9fbd9d308f42c598eb53293be7b4929183cfd5f4a3a1a");
  CHECK(id_of_endpoint(*parse_endpoint("[2001:DB8::1]:5000")).to_hex() ==
        "74c79d2e07696c983cdf2d9cfd26ea024a7015144199f8cb79a8590825b08ff7");
  CHECK(id_of_key(PublicKey{1}).to_hex() == "01d0fabd251fcbbe2b93b4b927b26ad2a1a99077152e45ded1e678afa45dbec5");
}

TEST_CASE("IPv4 is recognised by its whole prefix", "[identity]") {
  const Endpoint v4 = ipv4_endpoint({10, 0, 0, 1}, 1);
  REQUIRE(is_ipv4(v4));
  for (std::size_t i = 0; i < 12; ++i) {
    Endpoint other = v4;
    other.address[i] ^= 1;
    REQUIRE_FALSE(is_ipv4(other));
  }
  REQUIRE_FALSE(is_ipv4(Endpoint{}));
}

}  // namespace
