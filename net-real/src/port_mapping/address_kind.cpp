#include <cicada/address_kind.hpp>

#include <array>
#include <cstdint>

#include <cicada/endpoint_text.hpp>

namespace cicada {
namespace {

struct Block {
  std::uint32_t first;
  unsigned prefix_bits;
  std::string_view kind;
};

constexpr std::uint32_t address(std::uint32_t a, std::uint32_t b, std::uint32_t c, std::uint32_t d) {
  return a << 24 | b << 16 | c << 8 | d;
}

constexpr std::array blocks = {
    Block{address(0, 0, 0, 0), 8, "reserved"},
    Block{address(10, 0, 0, 0), 8, "private"},
    Block{address(100, 64, 0, 0), 10, "shared by a carrier's customers"},
    Block{address(127, 0, 0, 0), 8, "loopback"},
    Block{address(169, 254, 0, 0), 16, "link-local"},
    Block{address(172, 16, 0, 0), 12, "private"},
    Block{address(192, 0, 0, 0), 24, "reserved"},
    Block{address(192, 0, 2, 0), 24, "reserved"},
    Block{address(192, 168, 0, 0), 16, "private"},
    Block{address(198, 18, 0, 0), 15, "reserved"},
    Block{address(198, 51, 100, 0), 24, "reserved"},
    Block{address(203, 0, 113, 0), 24, "reserved"},
    Block{address(224, 0, 0, 0), 4, "reserved"},
    Block{address(240, 0, 0, 0), 4, "reserved"},
};

std::string_view ipv6_kind(const Endpoint& endpoint) {
  const auto& bytes = endpoint.address;
  if (endpoint == Endpoint{}) return "reserved";
  Endpoint loopback;
  loopback.address[15] = 1;
  if (endpoint == loopback) return "loopback";
  if ((bytes[0] & 0xfe) == 0xfc) return "private";
  if (bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0x80) return "link-local";
  // 2000::/3 is what has been given out as global unicast.
  const bool is_global = bytes[0] >> 5 == 1;
  const bool is_documentation = bytes[0] == 0x20 && bytes[1] == 0x01 && bytes[2] == 0x0d && bytes[3] == 0xb8;
  return is_global && !is_documentation ? "public" : "reserved";
}

}  // namespace

std::string_view address_kind(std::string_view text) {
  const auto endpoint = parse_address(text, 0);
  if (!endpoint) return "not an address";
  if (!is_ipv4(*endpoint)) return ipv6_kind(*endpoint);
  const auto& bytes = endpoint->address;
  const std::uint32_t value = address(bytes[12], bytes[13], bytes[14], bytes[15]);
  for (const Block& block : blocks) {
    if ((value ^ block.first) >> (32 - block.prefix_bits) == 0) return block.kind;
  }
  return "public";
}

}  // namespace cicada
