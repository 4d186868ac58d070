#pragma once
/// A node at work: binds, opens a port on the gateway, joins and joins again, keeps its state, and answers requests.
/// The daemon runs one, and so does a client command that joins by itself.
///
/// Everything here belongs to the thread that runs the io_context; what other threads report is carried over to it.

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include <cicada/port_mapping.hpp>
#include <cicada/swarm_peer.hpp>

#include "config.hpp"
#include "joiner.hpp"
#include "node_log.hpp"
#include "reach_plan.hpp"
#include "receiver.hpp"
#include "state_store.hpp"
#include "trusted_peers.hpp"

namespace cicada::node {

struct NodeIdentity {
  KeySeed key{};
  std::optional<PublicKey> authority;
  std::optional<Membership> membership;
};

/// For the status and the log: who, from where, and how often what was refused.
[[nodiscard]] nlohmann::json describe(const PeerRefusals& refusals);

class NodeService {
 public:
  struct Events {
    std::function<void()> listening;                ///< Bound for the first time.
    std::function<void(std::error_code)> joined;    ///< After every round of attempts to join; no error: joined.
    std::function<void(const std::string&)> fatal;  ///< It cannot listen; the text says why.
  };

  /// `store` may be null: then nothing outlives the program. It and `context` must outlive the service.
  NodeService(boost::asio::io_context& context, NodeConfig config, NodeIdentity identity, TrustedPeers trusted,
              StateStore* store, const NodeLog& log, Events events);
  NodeService(const NodeService&) = delete;
  NodeService& operator=(const NodeService&) = delete;
  ~NodeService();

  void start();
  /// Leaves the ring, removes the mapping and saves, all at the same time. Blocks for at most 200 ms, plus two flushes
  /// of the disk.
  void stop();

  /// Takes over of `config` what may change while the node runs (`take_reloadable`), and the pinned peers. Throws
  /// std::system_error where the limits are no good; then nothing has changed.
  void reload(const NodeConfig& config, TrustedPeers trusted);

  // What the requests use (requests.hpp).
  [[nodiscard]] const NodeConfig& config() const { return config_; }
  [[nodiscard]] const NodeIdentity& identity() const { return identity_; }
  [[nodiscard]] const TrustedPeers& trusted() const { return trusted_; }
  [[nodiscard]] boost::asio::io_context& context() { return context_; }
  /// Null before it listens.
  [[nodiscard]] const std::shared_ptr<SwarmPeer>& peer() const { return peer_; }
  [[nodiscard]] Receiver& receiver() { return receiver_; }
  /// Why the last attempt to join failed; empty after a success.
  [[nodiscard]] const std::string& join_failure() const { return joiner_.last_failure(); }
  [[nodiscard]] nlohmann::json status() const;

 private:
  void start_mapping();
  void on_mapping(const PortMappingStatus& status);
  void on_clock(const ClockEvent& event);
  void open_peer();
  void close_peer();
  void reopen_peer();
  void watch_address();
  void plan_save();
  void save();
  void refresh_known_peers();
  [[nodiscard]] std::vector<HostPort> candidates() const;
  [[nodiscard]] SwarmPeerOptions options();

  boost::asio::io_context& context_;
  NodeConfig config_;
  NodeIdentity identity_;
  TrustedPeers trusted_;
  StateStore* store_;
  const NodeLog& log_;
  Events events_;
  NodeState state_;
  NodeState saved_;
  LocalAddresses local_;
  std::optional<PortMappingStatus> mapping_status_;
  ReachPlan plan_;
  std::shared_ptr<SwarmPeer> peer_;
  Receiver receiver_;
  Joiner joiner_;
  boost::asio::steady_timer mapping_timer_;
  boost::asio::steady_timer save_timer_;
  boost::asio::steady_timer address_timer_;
  std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
  bool is_stopped_ = false;
  std::unique_ptr<PortMapping> mapping_;  // Last: its thread posts to the rest.
};

}  // namespace cicada::node
