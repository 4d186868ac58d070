#pragma once
/// Payloads in JSON: as a text where they are UTF-8, else in base64.

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
/// Reads either; exactly one has to be there.
std::expected<std::vector<std::uint8_t>, std::string> get_payload(const nlohmann::json& object);

[[nodiscard]] nlohmann::json describe_peer(const RemotePeer& peer);
[[nodiscard]] nlohmann::json describe_message(const OpenedMessage& opened);

}  // namespace cicada::node
