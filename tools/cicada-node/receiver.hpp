#pragma once
/// Hands arriving messages to those who wait for one, in the order in which they asked. Opens what is sealed, and holds
/// peers that claim a pinned address to the pinned key. For the thread of the io_context.

#include <boost/asio/io_context.hpp>
#include <deque>
#include <functional>
#include <memory>

#include <cicada/swarm_peer.hpp>

#include "node_log.hpp"
#include "trusted_peers.hpp"

namespace cicada::node {

/// A message as it is shown to users.
struct OpenedMessage {
  Received message;          ///< Its data are opened.
  bool sealed = false;       ///< Only its source and this node could read it.
  std::string trusted_name;  ///< Of a pinned source, where it has one.
  bool is_trusted = false;
  std::uint64_t number = 0;  ///< Grows in the order in which they came.
};

class Receiver {
 public:
  /// `is_wanted` says whether the asker is still there when a message comes.
  struct Waiter {
    std::function<bool()> is_wanted;
    std::function<void(const OpenedMessage&)> deliver;
  };

  Receiver(boost::asio::io_context& context, const NodeConfig& config, const KeySeed& key, const TrustedPeers& trusted,
           const NodeLog& log)
      : context_(context), config_(config), key_(key), trusted_(trusted), log_(log) {}

  /// Takes messages from this peer; those that an earlier one holds unread are kept.
  void use(std::shared_ptr<SwarmPeer> peer);
  void stop();
  void wait(Waiter waiter);
  /// Of one that was delivered, and that its asker could do nothing with: the next asker gets it, before all that came
  /// after it.
  void give_back(OpenedMessage message);

  [[nodiscard]] std::uint64_t refused() const { return refused_; }

 private:
  void pump();
  void on_received(std::error_code error, Received message);
  void accept(Received message);
  std::optional<OpenedMessage> open(Received message);

  boost::asio::io_context& context_;
  const NodeConfig& config_;
  const KeySeed& key_;
  const TrustedPeers& trusted_;
  const NodeLog& log_;
  std::shared_ptr<SwarmPeer> peer_;
  std::uint64_t generation_ = 0;
  bool is_asking_ = false;  // One receive is under way in the peer.
  std::deque<Waiter> waiters_;
  std::uint64_t last_number_ = 0;
  std::deque<OpenedMessage> kept_;  // Arrived, and nobody wanted them: one a receive, and an earlier peer's inbox.
  std::uint64_t refused_ = 0;       // Unreadable, or not from whom they claim.
};

}  // namespace cicada::node
