#include "trusted_peers.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include <cicada/endpoint_text.hpp>
#include <cicada/identity.hpp>
#include <cicada/sim/nearest.hpp>

#include "durable_file.hpp"
#include "key_file.hpp"

namespace cicada::node {
namespace {

constexpr std::size_t peers_max = 4096;
constexpr std::array<std::string_view, 3> known_keys = {"name", "address", "key"};

[[noreturn]] void refuse(std::string_view file, std::string_view where, std::string_view what) {
  throw std::runtime_error(fmt::format("{}: {}: {}", file, where, what));
}

TrustedPeer read_peer(const nlohmann::json& entry, std::string_view file, const std::string& where) {
  if (!entry.is_object()) refuse(file, where, "expected an object with 'key', and perhaps 'name' and 'address'");
  TrustedPeer peer;
  bool has_key = false;
  for (const auto& [key, value] : entry.items()) {
    const std::string here = where + "." + key;
    if (key == "outbound_key" || key == "inbound_key") {
      refuse(file, here,
             "passphrases are not used any more; expected 'key', the peer's public key (cicada-node status)");
    }
    if (std::ranges::find(known_keys, key) == known_keys.end()) {
      refuse(file, here, "unknown key; " + sim::expected_one_of(key, known_keys));
    }
    if (!value.is_string()) refuse(file, here, "expected a text");
    const auto text = value.get<std::string>();
    if (key == "name") {
      peer.name = text;
    } else if (key == "address") {
      peer.address = parse_endpoint(text);
      if (!peer.address)
        refuse(file, here, fmt::format("found '{}', expected an address and a port, 1.2.3.4:5000", text));
    } else {
      const auto parsed = parse_public_key(text);
      if (!parsed) refuse(file, here, fmt::format("found '{}', expected 64 hexadecimal digits", text));
      peer.key = *parsed;
      has_key = true;
    }
  }
  if (!has_key) refuse(file, where, "'key' is missing");
  return peer;
}

}  // namespace

TrustedPeers TrustedPeers::read(const std::filesystem::path& path) {
  const auto text = tool::read_if_exists(path);
  if (!text) throw std::runtime_error(path.string() + ": there is no such file");
  return parse(*text, path.string());
}

TrustedPeers TrustedPeers::parse(std::string_view text, std::string_view file) {
  nlohmann::json json;
  try {
    json = nlohmann::json::parse(text);
  } catch (const nlohmann::json::exception& error) {
    throw std::runtime_error(fmt::format("{}: {}", file, error.what()));
  }
  if (!json.is_object() || json.size() != 1 || !json.contains("trusted_hosts") || !json["trusted_hosts"].is_array()) {
    refuse(file, "top", "expected an object with the list 'trusted_hosts' and nothing else");
  }
  TrustedPeers trusted;
  for (const auto& entry : json["trusted_hosts"]) {
    const std::string where = fmt::format("trusted_hosts[{}]", trusted.peers_.size());
    if (trusted.peers_.size() == peers_max) refuse(file, where, fmt::format("expected at most {} peers", peers_max));
    TrustedPeer peer = read_peer(entry, file, where);
    if (trusted.by_key(peer.key) != nullptr) refuse(file, where, "the same key is there twice");
    if (!peer.name.empty() && trusted.by_name(peer.name) != nullptr)
      refuse(file, where, "the same name is there twice");
    trusted.peers_.push_back(std::move(peer));
  }
  return trusted;
}

const TrustedPeer* TrustedPeers::by_name(std::string_view name) const {
  for (const TrustedPeer& peer : peers_)
    if (peer.name == name) return &peer;
  return nullptr;
}

const TrustedPeer* TrustedPeers::by_key(const PublicKey& key) const {
  for (const TrustedPeer& peer : peers_)
    if (peer.key == key) return &peer;
  return nullptr;
}

const TrustedPeer* TrustedPeers::by_id(const Id& id) const {
  for (const TrustedPeer& peer : peers_)
    if (id_of_key(peer.key) == id || (peer.address && id_of_endpoint(*peer.address) == id)) return &peer;
  return nullptr;
}

}  // namespace cicada::node
