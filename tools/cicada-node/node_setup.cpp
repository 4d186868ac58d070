#include "node_setup.hpp"

#include <fmt/core.h>
#include <sodium.h>

#include <nlohmann/json.hpp>
#include <stdexcept>

#include "durable_file.hpp"
#include "key_file.hpp"

namespace cicada::node {
namespace {

void add_certificate(const NodeConfig& config, NodeIdentity& identity) {
  if (config.ids != IdPolicy::certified) return;
  identity.authority = parse_public_key(config.authority);
  const auto text = tool::read_if_exists(config.membership);
  if (!text) throw std::runtime_error(config.membership.string() + ": there is no such file");
  identity.membership = decode_membership(*text, config.membership.string());
}

}  // namespace

NodeIdentity load_identity(const NodeConfig& config, bool& is_new) {
  NodeIdentity identity;
  const auto path = key_path(config);
  auto seed = read_key_file(path);
  is_new = !seed;
  identity.key = seed ? *seed : create_key_file(path);
  add_certificate(config, identity);
  return identity;
}

NodeIdentity fresh_identity(const NodeConfig& config) {
  NodeIdentity identity;
  identity.key = random_seed();
  add_certificate(config, identity);
  return identity;
}

TrustedPeers load_trusted(const NodeConfig& config) {
  return config.trusted.empty() ? TrustedPeers() : TrustedPeers::read(config.trusted);
}

std::string encode_membership(const Membership& membership) {
  std::string signature(membership.signature.size() * 2 + 1, '\0');
  sodium_bin2hex(signature.data(), signature.size(), membership.signature.data(), membership.signature.size());
  signature.pop_back();
  return nlohmann::json{{"id", membership.id.to_hex()}, {"not_after", membership.not_after}, {"signature", signature}}
             .dump(2) +
         "\n";
}

Membership decode_membership(std::string_view text, const std::string& file) {
  try {
    const auto json = nlohmann::json::parse(text);
    Membership membership;
    const auto id = Id::from_hex(json.at("id").get<std::string>());
    const auto signature = json.at("signature").get<std::string>();
    std::size_t size = 0;
    const bool is_read = sodium_hex2bin(membership.signature.data(), membership.signature.size(), signature.data(),
                                        signature.size(), nullptr, &size, nullptr) == 0;
    if (!id || !is_read || size != membership.signature.size()) {
      throw std::runtime_error(fmt::format("{}: 'id' has 64 hexadecimal digits, 'signature' 128", file));
    }
    membership.id = *id;
    membership.not_after = json.at("not_after").get<std::uint64_t>();
    return membership;
  } catch (const nlohmann::json::exception& error) {
    throw std::runtime_error(fmt::format("{}: {}", file, error.what()));
  }
}

}  // namespace cicada::node
