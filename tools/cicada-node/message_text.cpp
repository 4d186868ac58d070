#include "message_text.hpp"

#include <fmt/core.h>
#include <sodium.h>

#include <cicada/codec.hpp>
#include <cicada/endpoint_text.hpp>

#include "exit_status.hpp"
#include "key_file.hpp"

namespace cicada::node {
namespace {

using nlohmann::json;

constexpr std::size_t short_text_bytes = 4096;

/// UTF-8, and either short or not much longer in JSON than base64 would be: there, a control character takes six bytes.
bool fits_as_text(const std::string& text, std::size_t base64_bytes) {
  try {
    const std::size_t bytes = json(text).dump().size();
    return text.size() <= short_text_bytes || bytes <= base64_bytes + 2;
  } catch (const json::type_error&) {
    return false;
  }
}

}  // namespace

void put_payload(json& object, std::span<const std::uint8_t> payload) {
  std::string text(payload.begin(), payload.end());
  std::string base64(sodium_base64_encoded_len(payload.size(), sodium_base64_VARIANT_ORIGINAL), '\0');
  if (fits_as_text(text, base64.size())) {
    object["data"] = std::move(text);
    return;
  }
  sodium_bin2base64(base64.data(), base64.size(), payload.data(), payload.size(), sodium_base64_VARIANT_ORIGINAL);
  base64.pop_back();  // The terminating zero.
  object["data_base64"] = std::move(base64);
}

json payload_complaint(std::size_t payload_bytes) {
  if (payload_bytes <= payload_bytes_max) return nullptr;
  const std::string why = fmt::format("the message is too long: at most {} bytes", payload_bytes_max);
  return {{"ok", false}, {"done", true}, {"status", exit_bad_input}, {"error", why}};
}

std::expected<std::vector<std::uint8_t>, std::string> get_payload(const json& object) {
  const bool as_text = object.contains("data");
  const bool as_base64 = object.contains("data_base64");
  if (as_text == as_base64) return std::unexpected("expected either 'data' or 'data_base64'");
  const json& value = object[as_text ? "data" : "data_base64"];
  if (!value.is_string()) return std::unexpected("expected a text as 'data'");
  const auto text = value.get<std::string>();
  if (as_text) return std::vector<std::uint8_t>(text.begin(), text.end());
  std::vector<std::uint8_t> payload(text.size());
  std::size_t size = 0;
  const int status = sodium_base642bin(payload.data(), payload.size(), text.data(), text.size(), nullptr, &size,
                                       nullptr, sodium_base64_VARIANT_ORIGINAL);
  if (status != 0) return std::unexpected("'data_base64' is not base64");
  payload.resize(size);
  return payload;
}

json describe_peer(const RemotePeer& peer) {
  json object = {{"id", peer.id.to_hex()}};
  object["endpoint"] = peer.endpoint.port != 0 ? json(cicada::to_string(peer.endpoint)) : json();
  object["key"] = peer.key ? json(to_hex(*peer.key)) : json();
  return object;
}

json describe_message(const OpenedMessage& opened) {
  json object = {{"from", describe_peer(opened.message.source)},
                 {"sealed", opened.sealed},
                 {"trusted", opened.is_trusted},
                 {"name", opened.trusted_name},
                 {"more", opened.message.more},
                 {"message_id", fmt::format("{:016x}{:016x}", opened.message.id.high, opened.message.id.low)}};
  put_payload(object, opened.message.data);
  return object;
}

}  // namespace cicada::node
