#pragma once
/// Is an IPv4 address one that the whole internet can reach?

#include <string_view>

namespace cicada {

/// What kind of IPv4 address the text is, in words that fit behind "the gateway's external address is": "public",
/// "private", "shared by a carrier's customers", "loopback", "link-local", "reserved", "not an address". After IANA's
/// registry of special-purpose addresses (RFC 6890).
[[nodiscard]] std::string_view address_kind(std::string_view text);

[[nodiscard]] inline bool is_public_address(std::string_view text) { return address_kind(text) == "public"; }

}  // namespace cicada
