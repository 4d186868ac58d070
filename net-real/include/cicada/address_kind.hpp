#pragma once
/// Is an address one that the whole internet can reach?

#include <string_view>

namespace cicada {

/// What kind of IPv4 or IPv6 address the text is, in words that fit behind "the address is": "public", "private",
/// "shared by a carrier's customers", "loopback", "link-local", "reserved", "not an address". After IANA's registries
/// of special-purpose addresses (RFC 6890). Any thread.
[[nodiscard]] std::string_view address_kind(std::string_view text);

/// A public IPv4 address, as the outside of a gateway has one.
[[nodiscard]] inline bool is_public_ipv4(std::string_view text) {
  return text.find(':') == std::string_view::npos && address_kind(text) == "public";
}

}  // namespace cicada
