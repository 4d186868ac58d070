#pragma once
/// The requests that a node answers, as JSON: what client commands send through the control socket, or hand to a node
/// of their own. README.md lists them.
///
/// Every request ends in exactly one reply with "done": true; `recv` gives messages before it. A reply has "ok", and
/// where that is false "error" (for people) and "status" (for the exit).

#include <functional>
#include <memory>
#include <nlohmann/json.hpp>

#include "node_service.hpp"

namespace cicada::node {

/// Who asked. Replies to somebody who is gone are not made.
struct Caller {
  /// Sends a reply and calls `written` when the caller is ready for another one.
  std::function<void(const nlohmann::json& reply, std::function<void()> written)> reply;
  bool is_gone = false;

  void end(nlohmann::json reply);
  void fail(int status, const std::string& why);
};

/// Never throws; what is wrong with the request is a reply. For the service's thread.
void handle_request(NodeService& service, const std::shared_ptr<Caller>& caller, const nlohmann::json& request);

}  // namespace cicada::node
