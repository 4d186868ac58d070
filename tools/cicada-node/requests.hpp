#pragma once
/// The requests that a node answers, as JSON: what client commands send through the control socket, or hand to a node
/// of their own. README.md lists them.
///
/// Every request ends in exactly one reply with "done": true; `recv` gives messages before it. A reply has "ok", and
/// where that is false "error" (for people) and "status" (for the exit). A `recv` with "confirm" waits after each
/// message until it is told that the message was taken; one that was not goes to whoever asks next.

#include <functional>
#include <memory>
#include <nlohmann/json.hpp>

#include "node_service.hpp"

namespace cicada::node {

/// Who asked. Replies to somebody who is gone are not made.
struct Caller {
  /// Sends a reply and calls `written` when the caller is ready for another one.
  std::function<void(const nlohmann::json& reply, std::function<void()> written)> reply;
  std::function<void()> on_taken;  ///< The caller has taken what it was given last.
  std::function<void()> on_gone;   ///< Called once, where the caller goes away before the end.
  bool is_gone = false;

  void take() const;
  void go();
  void end(nlohmann::json reply);
  void fail(int status, const std::string& why);
};

/// Never throws; what is wrong with the request is a reply. For the service's thread.
void handle_request(NodeService& service, const std::shared_ptr<Caller>& caller, const nlohmann::json& request);

}  // namespace cicada::node
