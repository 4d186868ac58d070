#pragma once
/// Two ways for a command to get a request answered: by the daemon behind the control socket, or by a node of its own
/// that joins the swarm for this one action.

#include <filesystem>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "config.hpp"

namespace cicada::node {

class NodeAccess {
 public:
  virtual ~NodeAccess() = default;
  /// Gives every reply that is not the last to `on_reply`, which says whether it could do something with it, and
  /// returns the last. Blocks until then. Where there is no more getting an answer, or `on_reply` said no, the last is
  /// one with "ok": false; nothing more can be asked then.
  virtual nlohmann::json ask(const nlohmann::json& request,
                             const std::function<bool(const nlohmann::json&)>& on_reply) = 0;
};

/// Throws std::runtime_error that says what to do where no daemon answers.
[[nodiscard]] std::unique_ptr<NodeAccess> open_daemon(const std::filesystem::path& control);

/// A node of its own with this configuration; joins through `config.bootstrap`, and leaves when it is destroyed. It has
/// no state and opens no port on a gateway. Throws std::runtime_error where it cannot listen. The first `ask` waits
/// until it has joined, or fails where it can't.
[[nodiscard]] std::unique_ptr<NodeAccess> join_by_itself(const NodeConfig& config);

}  // namespace cicada::node
