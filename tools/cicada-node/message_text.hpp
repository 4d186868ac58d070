#pragma once
/// Payloads in JSON: as a text where they are UTF-8 and JSON's escapes do not make them long, else in base64. So a
/// payload of any legal length fits into a line of the control socket.

#include <cstdint>
#include <expected>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

#include "receiver.hpp"

namespace cicada::node {

/// Sets "data" or "data_base64".
void put_payload(nlohmann::json& object, std::span<const std::uint8_t> payload);
/// The reply to a request whose payload is longer than a message may be; null where it is not.
[[nodiscard]] nlohmann::json payload_complaint(std::size_t payload_bytes);
/// Reads either; exactly one has to be there.
std::expected<std::vector<std::uint8_t>, std::string> get_payload(const nlohmann::json& object);

[[nodiscard]] nlohmann::json describe_peer(const RemotePeer& peer);
[[nodiscard]] nlohmann::json describe_message(const OpenedMessage& opened);

}  // namespace cicada::node
