#include "command_help.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <memory>

#include <cicada/send_options.hpp>

namespace cicada::node {
namespace {

constexpr std::array commands = {
    CommandHelp{"run", "[OPTIONS]", "Run a node until it is told to stop (SIGTERM, SIGINT); SIGHUP reloads its files",
                "Examples:\n"
                "  cicada-node run                                     the first node of a swarm\n"
                "  cicada-node run --join peer.example.org:49610       one more; tries for ever\n"
                "  cicada-node run --config node.yaml --set log.level=debug\n"
                "  cicada-node run --print-config                      every key, its value and its meaning\n\n"
                "Exit status: 0 stopped in order, 2 bad input, or it cannot listen.",
                0, 0},
    CommandHelp{
        "send", "TARGET [DATA]", "Send a message, and wait until its target has confirmed it",
        "TARGET is host:port, an id of 64 hexadecimal digits, or the name of a pinned peer. DATA comes from\n"
        "standard input where it is missing or '-'. What goes to a pinned peer is sealed: nobody else can read it.\n\n"
        "Examples:\n"
        "  cicada-node send 203.0.113.7:49610 'hello there'\n"
        "  cicada-node send anna - < letter.txt\n"
        "  cicada-node send --join 203.0.113.7:49610 203.0.113.9:49610 hello     without a daemon\n\n"
        "Exit status: 0 delivered, 1 not delivered, 2 bad input.",
        1, 2},
    CommandHelp{
        "broadcast", "[DATA]", "Send a message to everybody in the swarm",
        "DATA comes from standard input where it is missing or '-'. Nobody confirms a broadcast; every live peer\n"
        "gets it once, and `recv` there shows it.\n\n"
        "Examples:\n"
        "  cicada-node broadcast 'the cake is ready'\n"
        "  cicada-node broadcast - < news.txt\n\n"
        "Exit status: 0 under way, 1 refused (more than one a second, say), 2 bad input.",
        0, 1},
    CommandHelp{"recv", "[OPTIONS]", "Wait for messages, and print them",
                "Examples:\n"
                "  cicada-node recv\n"
                "  cicada-node recv --count 0 --json       for ever, a line of JSON each\n"
                "  cicada-node recv --count 3 --timeout 10s\n\n"
                "Exit status: 0 all came, 1 not all came in time, 2 bad input.",
                0, 0},
    CommandHelp{"lookup", "KEY", "Find the peer that owns a key",
                "KEY is an id of 64 hexadecimal digits, a numeric host:port, or any other text, which is hashed.\n\n"
                "Examples:\n"
                "  cicada-node lookup 203.0.113.7:49610\n"
                "  cicada-node lookup 'some text' --json\n\n"
                "Exit status: 0 found, 1 no answer, 2 bad input.",
                1, 1},
    CommandHelp{"peers", "[OPTIONS]", "List the peers that the node knows directly",
                "Example:\n  cicada-node peers --json", 0, 0},
    CommandHelp{
        "status", "[OPTIONS]", "Say where the node stands: ring, links, and how others reach it",
        "Rungs of the NAT ladder: direct (its own address), forwarded (by hand), mapped (a port opened on the\n"
        "gateway by UPnP or NAT-PMP); without an address: punched (direct links by hole punching), relayed (others\n"
        "come through a relay), outgoing (no relay yet: only links that it opened itself).\n\n"
        "Example:\n  cicada-node status",
        0, 0},
    CommandHelp{"script", "FILE", "Run the commands of a script: SEND, BCAST, RECV, OPT, WAIT",
                "A line holds one command; '#' begins a comment line; FILE may be '-'.\n"
                "  SEND host port data...    BCAST data...    RECV [count]    OPT duplicates=3    WAIT seconds (-1: "
                "for ever)\n\n"
                "Examples:\n"
                "  cicada-node script first.conf\n"
                "  cicada-node script others.conf --interface localhost -p 49611 --join localhost:49610\n\n"
                "Exit status: 0 all done, 1 a message was not delivered, 2 a line is wrong (named by its number).",
                1, 1},
    CommandHelp{
        "keygen", "FILE | --certify KEY --authority FILE [FILE]", "Make a key, or let a member into a certified swarm",
        "Examples:\n"
        "  cicada-node keygen my.key\n"
        "  cicada-node keygen --certify 64_DIGITS --authority authority.key --swarm ours --valid 365d member.json",
        0, 1},
    CommandHelp{"chat", "[OPTIONS]", "Talk to the other people of a swarm",
                "Example:\n  cicada-node chat --nick anna --join 203.0.113.7:49610\n\nWithin it, /help lists what it "
                "understands.",
                0, 0}};

class HelpText : public CLI::Formatter {
 public:
  std::string make_usage(const CLI::App* app, std::string name) const override {
    const CommandHelp* command = find_command(app->get_name());
    return fmt::format("Usage: {} {}\n", name, command != nullptr ? command->usage : "COMMAND ...");
  }
};

void add_node_options(CLI::App& command, Arguments& to, bool is_daemon) {
  command.add_option("--config", to.config, "Configuration, a YAML file")->type_name("FILE");
  command.add_option("--set", to.settings, "Set any key of the configuration; may be repeated")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  command
      .add_option("--join", to.join,
                  is_daemon ? "Peer to join through; may be repeated"
                            : "Join through this peer, with a node of its own for this one action; may be repeated")
      ->type_name("HOST:PORT")
      ->allow_extra_args(false);
  command.add_option("--state", to.state, "Folder of the daemon's state; its control socket is there")
      ->type_name("DIR");
  command.add_option("--control", to.control, "The daemon's control socket")->type_name("PATH");
  command.add_option("--interface", to.interface, "Address or name to listen on")->type_name("ADDRESS");
  command
      .add_option(
          "-p,--port", to.port,
          is_daemon ? "Port to listen on (default: 49610; 0: any)" : "Port to listen on, with --join (default: any)")
      ->type_name("PORT");
  command.add_option("--swarm", to.swarm, "Name of the swarm (default: cicada)")->type_name("NAME");
  command.add_option("--ids", to.ids, "Where ids come from: address (default), key, certified")->type_name("POLICY");
  command.add_option("--key", to.key, "File of the identity")->type_name("FILE");
  command.add_option("--keys", to.keys, "File of pinned peers (keys.json)")->type_name("FILE");
  command.add_option("--log", to.log, "error, warning, info or debug")->type_name("LEVEL");
  command.add_flag("--json", to.json, is_daemon ? "Log as JSON lines, to stdout" : "Print JSON");
}

void add_own_options(CLI::App& command, const CommandHelp& help, Arguments& to) {
  const bool is_daemon = help.name == "run";
  if (help.name != "keygen") add_node_options(command, to, is_daemon);
  if (help.words_max > 0) command.add_option("WORDS", to.words, "See below")->type_name("")->group("");
  if (is_daemon) {
    command.add_option("--external", to.external, "Where others reach it, if a port is forwarded by hand")
        ->type_name("HOST:PORT");
    command.add_flag("--check-config", to.check_config, "Only say whether the configuration is good");
    command.add_flag("--print-config", to.print_config, "Print the configuration with every default, and end");
  }
  if (is_daemon || help.name == "script") {
    command.add_flag("--no-port-mapping", to.no_port_mapping, "Do not open a port on the gateway");
  }
  if (help.name == "send") {
    command
        .add_option("--duplicates", to.duplicates,
                    fmt::format("Further paths for the message, 0 to {}", duplicates_max))
        ->type_name("N");
    command
        .add_option("--strategy", to.strategy,
                    "How its paths are chosen: cicada, entries, repair, parallel_repair, guards, adaptive")
        ->type_name("NAME");
  }
  if (help.name == "recv") {
    command.add_option("--count", to.count, "Messages to wait for; 0: without end (default: 1)")->type_name("N");
    command.add_option("--timeout", to.timeout, "Longest wait, as in 10s (default: none)")->type_name("TIME");
  }
  if (help.name == "script" || help.name == "chat") {
    command.add_flag("--first", to.alone, "With a node of its own, as the first of its swarm");
  }
  if (help.name == "chat") command.add_option("--nick", to.nickname, "The name that others see")->type_name("NAME");
  if (help.name == "keygen") {
    command.add_flag("--json", to.json, "Print JSON");
    command.add_option("--certify", to.certify, "Sign a membership for this public key")->type_name("KEY");
    command.add_option("--authority", to.authority, "Key file of the swarm's authority")->type_name("FILE");
    command.add_option("--swarm", to.swarm, "Name of the swarm (default: cicada)")->type_name("NAME");
    command.add_option("--valid", to.valid, "How long, as in 365d (default: for ever)")->type_name("TIME");
  }
}

}  // namespace

const CommandHelp* find_command(std::string_view name) {
  const auto found = std::ranges::find(commands, name, &CommandHelp::name);
  return found == commands.end() ? nullptr : &*found;
}

void describe_commands(CLI::App& app, Arguments& to) {
  app.formatter(std::make_shared<HelpText>());
  app.footer(
      "Examples:\n"
      "  cicada-node run --join peer.example.org:49610\n"
      "  cicada-node send 203.0.113.7:49610 'hello there'\n"
      "  cicada-node COMMAND --help");
  for (const CommandHelp& help : commands) {
    CLI::App& command = *app.add_subcommand(std::string(help.name), std::string(help.about));
    command.footer(std::string(help.footer));
    add_own_options(command, help, to);
  }
}

}  // namespace cicada::node
