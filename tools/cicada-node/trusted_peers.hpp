#pragma once
/// The peers that this node pins: who they are has been agreed outside the swarm. A JSON file,
///
///     {"trusted_hosts": [{"name": "anna", "address": "75.23.66.101:50000", "key": "<64 hexadecimal digits>"}, …]}
///
/// `name` and `address` may be left out. The older program had a passphrase for each direction here (`outbound_key`,
/// `inbound_key`); there is one public key instead, so that nobody but the peer itself has its secret.

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <cicada/id.hpp>
#include <cicada/message.hpp>
#include <cicada/peer.hpp>

namespace cicada::node {

struct TrustedPeer {
  std::string name;
  std::optional<Endpoint> address;
  PublicKey key{};
};

class TrustedPeers {
 public:
  TrustedPeers() = default;
  /// Throws std::runtime_error: "file: trusted_hosts[2].key: found 'x', expected …".
  static TrustedPeers read(const std::filesystem::path& path);
  static TrustedPeers parse(std::string_view text, std::string_view file);

  [[nodiscard]] const TrustedPeer* by_name(std::string_view name) const;
  [[nodiscard]] const TrustedPeer* by_key(const PublicKey& key) const;
  /// The pinned peer that must be behind this id: by its address (policy `address`) or its key (policy `key`).
  [[nodiscard]] const TrustedPeer* by_id(const Id& id) const;
  [[nodiscard]] const std::vector<TrustedPeer>& all() const { return peers_; }

 private:
  std::vector<TrustedPeer> peers_;
};

}  // namespace cicada::node
