#include "command_line.hpp"

#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <expected>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <cicada/send_options.hpp>
#include <cicada/sim/nearest.hpp>
#include <cicada/sim/units.hpp>

#include "command_help.hpp"
#include "commands.hpp"
#include "config_file.hpp"
#include "config_keys.hpp"
#include "exit_status.hpp"
#include "output.hpp"

namespace cicada::node {
namespace {

#ifndef CICADA_VERSION
#define CICADA_VERSION "(unknown version)"
#endif

constexpr std::uint64_t count_max = 1'000'000'000;

int refuse(std::string_view where, std::string_view what) {
  tool::complain("{}: {}\n", where, what);
  return exit_bad_input;
}

/// The configuration: defaults, then the file, then --set, then the options with names of their own; or what is wrong.
std::expected<NodeConfig, std::vector<std::string>> make_config(const std::string& where, const Arguments& given,
                                                                bool is_daemon) {
  NodeConfig config;
  // A node for one action takes any port.
  if (!is_daemon) config.port = 0;
  std::vector<std::string> complaints;
  if (!given.config.empty()) complaints = read_config_file(given.config, config);
  std::vector<std::string> settings = given.settings;
  const auto add = [&](std::string_view key, const std::string& value) {
    if (!value.empty()) settings.push_back(fmt::format("{}={}", key, value));
  };
  add("swarm", given.swarm);
  add("ids", given.ids);
  add("interface", given.interface);
  add("port", given.port);
  add("external", given.external);
  add("state", given.state);
  add("control", given.control);
  add("key", given.key);
  add("trusted_keys", given.keys);
  add("log.level", given.log);
  for (const std::string& peer : given.join) add("bootstrap", peer);
  if (given.no_port_mapping) add("port_mapping.enabled", "false");
  for (const std::string& setting : settings) {
    if (const auto done = set_config_key(config, setting); !done) complaints.push_back(where + ": " + done.error());
  }
  if (complaints.empty()) {
    for (const std::string& complaint : check_config(config)) complaints.push_back(where + ": " + complaint);
  }
  if (!complaints.empty()) return std::unexpected(std::move(complaints));
  return config;
}

/// The names that may stand where `argument` stands: options for what looks like one, else subcommands.
std::vector<std::string> names_for(const CLI::App& command, bool option) {
  std::vector<std::string> names;
  if (option) {
    for (const CLI::Option* known : command.get_options()) {
      for (const std::string& name : known->get_lnames()) names.push_back("--" + name);
    }
  } else {
    for (const CLI::App* known : command.get_subcommands([](const CLI::App*) { return true; })) {
      names.push_back(known->get_name());
    }
  }
  return names;
}

/// What is wrong with the first argument that nobody took; nothing when there is none.
std::optional<std::string> complaint(const CLI::App& command) {
  std::vector<std::string> extras = command.remaining();
  if (extras.empty()) return std::nullopt;
  const auto dashed = std::ranges::find_if(extras, [](const std::string& text) { return text.starts_with("-"); });
  const bool option = dashed != extras.end();
  std::string extra = option ? *dashed : extras.front();
  if (option) extra.resize(std::min(extra.find('='), extra.size()));
  const std::vector<std::string> names = names_for(command, option);
  const std::vector<std::string_view> known(names.begin(), names.end());
  if (!option && known.empty()) return fmt::format("unexpected argument '{}'", extra);
  const auto near = sim::nearest_name(extra, known);
  return fmt::format("unknown {} '{}'; {}", option ? "option" : "subcommand", extra,
                     near ? fmt::format("did you mean '{}'?", *near)
                          : (option ? std::string("--help lists all") : sim::expected_one_of(extra, known)));
}

std::optional<Duration> time_of(const std::string& where, std::string_view option, const std::string& text,
                                bool& good) {
  if (text.empty()) return std::nullopt;
  const auto value = sim::parse_duration(text);
  if (value) return *value;
  refuse(where, fmt::format("{}: found '{}', {}", option, text, value.error()));
  good = false;
  return std::nullopt;
}

std::optional<std::uint64_t> number_of(const std::string& where, std::string_view option, const std::string& text,
                                       std::uint64_t high, bool& good) {
  if (text.empty()) return std::nullopt;
  const auto value = sim::parse_integer(text);
  if (value && *value <= high) return *value;
  refuse(where, fmt::format("{}: found '{}', expected a whole number from 0 to {}", option, text, high));
  good = false;
  return std::nullopt;
}

int generate_key(const std::string& where, const Arguments& given) {
  bool good = true;
  KeygenRequest request{.file = given.words.empty() ? "" : given.words.front(),
                        .json = given.json,
                        .certify = given.certify,
                        .authority = given.authority,
                        .swarm = given.swarm.empty() ? NodeConfig().swarm : given.swarm,
                        .valid = time_of(where, "--valid", given.valid, good)};
  if (!good) return exit_bad_input;
  if (request.certify.empty() && request.file.empty()) return refuse(where, "expected a FILE");
  if (request.certify.empty() != request.authority.empty()) {
    return refuse(where, "--certify and --authority belong together");
  }
  return keygen_command(request);
}

int dispatch(const std::string& command, const Arguments& given) {
  const std::string where = "cicada-node " + command;
  const CommandHelp& help = *find_command(command);
  if (given.words.size() < help.words_min) return refuse(where, fmt::format("expected {}", help.usage));
  if (given.words.size() > help.words_max) {
    return refuse(where, fmt::format("unexpected argument '{}'; expected {}", given.words[help.words_max], help.usage));
  }
  if (command == "keygen") return generate_key(where, given);

  const auto config = make_config(where, given, command == "run");
  if (!config) {
    for (const std::string& complaint : config.error()) tool::complain("{}\n", complaint);
    return exit_bad_input;
  }
  if (command == "run") {
    if (given.print_config) return print_configuration(*config);
    return given.check_config
               ? static_cast<int>(exit_good)
               : run_daemon(*config, given.json, {given.config, [&] { return make_config(where, given, true); }});
  }
  bool good = true;
  const auto count = number_of(where, "--count", given.count, count_max, good);
  const auto duplicates = number_of(where, "--duplicates", given.duplicates, duplicates_max, good);
  const auto timeout = time_of(where, "--timeout", given.timeout, good);
  if (!good) return exit_bad_input;

  const ClientOptions options{*config, !given.join.empty() || given.alone, given.json};
  if (command == "send") {
    std::optional<std::string> data;
    if (given.words.size() > 1 && given.words[1] != "-") data = given.words[1];
    const auto copies = duplicates ? std::optional(static_cast<unsigned>(*duplicates)) : std::nullopt;
    return send_command(options, {given.words[0], data, copies, given.strategy});
  }
  if (command == "broadcast") {
    std::optional<std::string> data;
    if (!given.words.empty() && given.words[0] != "-") data = given.words[0];
    return broadcast_command(options, data);
  }
  if (command == "recv") return receive_command(options, {count.value_or(1), timeout});
  if (command == "lookup") return lookup_command(options, given.words[0]);
  if (command == "peers") return peers_command(options);
  if (command == "status") return status_command(options);
  if (command == "script") return script_command(options, given.words[0]);
  return chat_command(options, given.nickname);
}

}  // namespace

int run_command_line(int argc, char** argv) {
  Arguments given;
  CLI::App app("A node of a Cicada swarm: messages to any peer, through any NAT.", "cicada-node");
  app.set_version_flag("--version", std::string("cicada-node " CICADA_VERSION), "Print the version");
  app.require_subcommand(0, 1);
  describe_commands(app, given);
  // The parser keeps what it doesn't know, so that we can name what was probably meant.
  app.allow_extras();
  for (CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) command->allow_extras();

  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& success) {
    std::ostringstream text;  // Help or version.
    const int status = app.exit(success, text, text);
    tool::print_text(text.str());
    return status;
  } catch (const CLI::ParseError& error) {
    const auto parsed = app.get_subcommands();
    const std::string where = parsed.empty() ? "cicada-node" : "cicada-node " + parsed.front()->get_name();
    const std::string what = error.what();
    const bool no_value = error.get_name() == "ArgumentMismatch";
    return refuse(where, no_value ? what.substr(0, what.find(':')) + " needs a value" : what);
  }
  if (const auto wrong = complaint(app)) return refuse("cicada-node", *wrong);
  const auto parsed = app.get_subcommands();
  if (parsed.empty()) {
    tool::complain("{}", app.help());
    return exit_bad_input;
  }
  const std::string command = parsed.front()->get_name();
  if (const auto wrong = complaint(*parsed.front())) return refuse("cicada-node " + command, *wrong);
  return dispatch(command, given);
}

}  // namespace cicada::node
