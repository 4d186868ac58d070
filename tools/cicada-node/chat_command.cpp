#include <fmt/core.h>

#include <atomic>
#include <cstdio>
#include <iostream>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include <cicada/port_mapping.hpp>
#include <cicada/swarm_peer.hpp>

#include "chat_room.hpp"
#include "commands.hpp"
#include "exit_status.hpp"
#include "node_setup.hpp"
#include "output.hpp"
#include "reach_plan.hpp"

namespace cicada::node {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view chat_help =
    "  what you type      to everybody\n"
    "  /msg NAME TEXT     to one of them\n"
    "  /who               who is here\n"
    "  /nick NAME         another name for you\n"
    "  /quit              leave (so does the end of the input)\n";

/// One person's end of the chat: a thread that receives, and the caller's that reads what is typed. Both use `room_`,
/// which `mutex_` guards; a SwarmPeer may be used by both.
class Chat {
 public:
  Chat(SwarmPeer& peer, std::string nickname) : peer_(peer), room_(peer.id(), std::move(nickname)) {}

  void run() {
    std::thread receiving([this] { receive(); });
    greet();
    std::string line;
    while (std::getline(std::cin, line) && obey(line)) {
    }
    say_bye();
    is_over_ = true;
    receiving.join();
  }

 private:
  void receive() {
    while (!is_over_) {
      const auto message = peer_.recv_for(100ms);
      if (!message) continue;
      const std::lock_guard lock(mutex_);
      const auto outcome = room_.receive(message->source.id, std::string(message->data.begin(), message->data.end()));
      for (const std::string& text : outcome.lines) show(text);
      for (const auto& reply : outcome.replies) send(reply.to, reply.message);
    }
  }

  /// Everybody whom the ring knows from here. They tell us of the others.
  void greet() {
    const std::lock_guard lock(mutex_);
    for (const PeerInfo& info : peer_.peers()) send(info.contact.id, room_.hello());
  }

  /// False when that was the last line.
  bool obey(const std::string& line) {
    if (line.empty()) return true;
    if (line == "/quit") return false;
    const std::lock_guard lock(mutex_);
    if (!line.starts_with('/')) {
      for (const Id& id : room_.people()) send(id, room_.encode("say", line));
      if (room_.people().empty()) show("* nobody else is here yet");
    } else if (line == "/who") {
      show(fmt::format("* {} (you)", room_.nickname()));
      for (const Id& id : room_.people()) show(fmt::format("* {}", room_.name_of(id)));
    } else if (line.starts_with("/nick ")) {
      rename(line.substr(6));
    } else if (line.starts_with("/msg ")) {
      whisper(line.substr(5));
    } else {
      if (line != "/help") show(fmt::format("* there is no {}", line.substr(0, line.find(' '))));
      tool::print("{}", chat_help);
    }
    return true;
  }

  void rename(const std::string& nickname) {
    if (!is_nickname(nickname)) return show("* a name has 1 to 24 letters, digits, '-' or '_'");
    room_.rename(nickname);
    for (const Id& id : room_.people()) send(id, room_.hello());
  }

  void whisper(const std::string& rest) {
    const auto blank = rest.find(' ');
    const auto to = room_.find(rest.substr(0, blank));
    if (blank == std::string::npos) return show("* expected /msg NAME TEXT");
    if (!to) return show(fmt::format("* there is no {} here", rest.substr(0, blank)));
    send(*to, room_.encode("whisper", rest.substr(blank + 1)));
  }

  void say_bye() {
    const std::lock_guard lock(mutex_);
    for (const Id& id : room_.people()) {
      // Nobody waits for the outcome: closing gives the last messages a moment.
      peer_.async_send(id, bytes(room_.encode("bye", "")), {}, [](std::error_code, const SendReport&) {});
    }
  }

  void send(const Id& to, const std::string& message) {
    peer_.async_send(to, bytes(message), {}, [this, to](std::error_code error, const SendReport&) {
      if (!error || error == SwarmError::closed) return;
      const std::lock_guard lock(mutex_);
      if (const auto line = room_.remove(to)) show(*line);
    });
  }

  static std::vector<std::uint8_t> bytes(const std::string& text) { return {text.begin(), text.end()}; }

  static void show(const std::string& line) { tool::print("{}\n", line); }

  SwarmPeer& peer_;
  std::mutex mutex_;
  ChatRoom room_;
  std::atomic<bool> is_over_{false};
};

/// Joins through the first peer that answers.
void join(SwarmPeer& peer, const NodeConfig& config) {
  std::error_code error;
  for (const HostPort& through : config.bootstrap) {
    peer.connect(through.host, through.port, config.connect_timeout, error);
    if (!error) return;
  }
  if (!config.bootstrap.empty()) throw std::system_error(error, "could not join");
}

}  // namespace

int chat_command(const ClientOptions& options, const std::string& nickname) {
  NodeConfig config = options.config;
  if (!options.by_itself) {
    tool::complain("cicada-node chat: expected --join HOST:PORT, or --first to begin a chat\n");
    return exit_bad_input;
  }
  if (!nickname.empty() && !is_nickname(nickname)) {
    tool::complain("cicada-node chat: --nick: found '{}', expected 1 to 24 letters, digits, '-' or '_'\n", nickname);
    return exit_bad_input;
  }
  // Other programs' peers would not know what to do with greetings.
  if (config.swarm == NodeConfig().swarm) config.swarm = "chat";
  try {
    const NodeIdentity identity = fresh_identity(config);
    SwarmPeerOptions peer_options;
    peer_options.swarm = config.swarm;
    peer_options.id_policy = config.ids;
    peer_options.key = identity.key;
    peer_options.authority = identity.authority;
    peer_options.membership = identity.membership;
    SwarmPeer peer(peer_options);

    const std::string local = find_local_address(config.interface);
    std::optional<PortMapping> mapping;
    std::optional<PortMappingStatus> mapped;
    if (config.port != 0 && wants_mapping(config, local)) {
      mapping.emplace(config.port);
      mapping->wait_for(8s);
      mapped = mapping->status();
    }
    peer.bind(config.interface, config.port, plan_reach(config, local, mapped).external);
    join(peer, config);
    const std::string name = nickname.empty() ? "guest-" + peer.id().to_hex().substr(0, 4) : nickname;
    tool::print("* you are {}, at {}; /help lists what you can do\n", name, cicada::to_string(peer.endpoint()));
    Chat(peer, name).run();
    peer.close();
    return exit_good;
  } catch (const std::system_error& error) {
    tool::complain("cicada-node chat: {}\n", error.what());
    return exit_not_delivered;
  } catch (const std::runtime_error& error) {
    tool::complain("cicada-node chat: {}\n", error.what());
    return exit_bad_input;
  }
}

}  // namespace cicada::node
