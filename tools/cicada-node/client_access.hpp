#pragma once
/// What the client commands share: the way to the swarm, and what is said at the end.

#include <cstdio>
#include <exception>
#include <nlohmann/json.hpp>
#include <string_view>

#include "commands.hpp"
#include "exit_status.hpp"
#include "message_text.hpp"
#include "node_access.hpp"
#include "output.hpp"

namespace cicada::node {

/// Runs `action` with the daemon or with a node of its own. What cannot be reached is bad input.
template <class Action>
int with_access(const ClientOptions& options, std::string_view command, Action action) {
  std::unique_ptr<NodeAccess> access;
  try {
    access = options.by_itself ? join_by_itself(options.config) : open_daemon(control_path(options.config));
  } catch (const std::exception& error) {
    tool::complain("cicada-node {}: {}\n", command, error.what());
    return exit_bad_input;
  }
  return action(*access);
}

/// Prints a message that has arrived: as JSON, or its bytes as they are and a line's end behind them. What is printed
/// is handed to the system at once. False where it cannot be written.
inline bool print_message(const nlohmann::json& message, bool as_json) {
  if (as_json) {
    tool::write_data(message.dump());
  } else {
    const auto payload = get_payload(message).value_or(std::vector<std::uint8_t>{});
    tool::write_data({reinterpret_cast<const char*>(payload.data()), payload.size()});  // NOLINT: bytes as text.
  }
  tool::write_data("\n");
  return tool::flush_output();
}

/// Prints the last reply, as JSON or by `print`, or what went wrong. The exit status.
template <class Print>
int finish(const ClientOptions& options, std::string_view command, const nlohmann::json& reply, Print print) {
  const bool is_good = reply.value("ok", false);
  if (options.json) {
    tool::write_data(reply.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
  } else if (is_good) {
    print();
  }
  if (is_good) return exit_good;
  if (!options.json) tool::complain("cicada-node {}: {}\n", command, reply.value("error", "no reason given"));
  return reply.value("status", static_cast<int>(exit_internal));
}

}  // namespace cicada::node
