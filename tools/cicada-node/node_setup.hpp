#pragma once
/// From a configuration to what a node needs: its identity and the peers that it pins.

#include "config.hpp"
#include "node_service.hpp"
#include "trusted_peers.hpp"

namespace cicada::node {

/// The key of `key_path(config)`, which is made where it is missing (and `is_new` set), with what `ids: certified`
/// needs. Throws std::runtime_error and std::system_error that name the file.
NodeIdentity load_identity(const NodeConfig& config, bool& is_new);

/// A fresh key that is stored nowhere.
NodeIdentity fresh_identity(const NodeConfig& config);

/// Throws std::runtime_error that names the file.
TrustedPeers load_trusted(const NodeConfig& config);

/// A membership as a file: {"id": hex, "not_after": seconds since 1970, "signature": hex}.
[[nodiscard]] std::string encode_membership(const Membership& membership);
/// Throws std::runtime_error that names `file`.
[[nodiscard]] Membership decode_membership(std::string_view text, const std::string& file);

}  // namespace cicada::node
