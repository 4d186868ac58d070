#pragma once
/// Scripts of the older program: one command a line, `#` begins a comment line.
///
///     SEND host port data...     to one peer; the line's rest is the message
///     RECV [count]               waits for so many messages (1)
///     BCAST data...              to everybody; the line's rest is the message
///     OPT key=value...           for the lines below: duplicates, 0 to `duplicates_max`
///     WAIT seconds               for another peer to turn up, at most so long; -1: for ever

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <cicada/swarm_peer.hpp>

namespace cicada::node {

struct SendCommand {
  HostPort target;
  std::string data;
};
struct BroadcastCommand {
  std::string data;
};
struct ReceiveCommand {
  unsigned count = 1;
};
struct OptionCommand {
  unsigned duplicates = 0;
};
struct WaitCommand {
  std::optional<Duration> time;  ///< None: for ever.
};

struct ScriptLine {
  unsigned line = 0;  ///< From 1.
  std::variant<SendCommand, BroadcastCommand, ReceiveCommand, OptionCommand, WaitCommand> command;
};

/// All lines of a script, or "file:line: what was found, what was expected" for each that is wrong.
[[nodiscard]] std::expected<std::vector<ScriptLine>, std::vector<std::string>> parse_script(std::string_view text,
                                                                                            std::string_view file);

}  // namespace cicada::node
