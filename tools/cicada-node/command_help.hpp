#pragma once
/// Which commands and options there are, and what their help says. The only file beside command_line.cpp that knows
/// CLI11.

#include <CLI/CLI.hpp>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace cicada::node {

/// What the parser fills in. Numbers stay texts until they are checked, so that the messages are ours.
struct Arguments {
  std::vector<std::string> words;  ///< Without a dash, in their order.
  std::vector<std::string> settings, join;
  std::string config, swarm, ids, interface, port, external, state, control, key, keys, log;
  std::string count, duplicates, strategy, timeout, nickname, certify, authority, valid;
  bool json = false, no_port_mapping = false, alone = false, print_config = false, check_config = false;
};

struct CommandHelp {
  std::string_view name;
  std::string_view usage;  ///< Behind the name.
  std::string_view about;
  std::string_view footer;
  std::size_t words_min;
  std::size_t words_max;
};

[[nodiscard]] const CommandHelp* find_command(std::string_view name);
void describe_commands(CLI::App& app, Arguments& to);

}  // namespace cicada::node
