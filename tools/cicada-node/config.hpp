#pragma once
/// The configuration of a node, with its defaults. config_keys.cpp says what every key is called and what it may be.

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <cicada/swarm_peer.hpp>

namespace cicada::node {

/// How others are told to reach this node.
enum class Reach : std::uint8_t {
  automatic,  ///< A mapped port, else whatever fits the addresses (rung.hpp).
  direct,     ///< Where it listens.
  outgoing,   ///< Not at all: it lives on the links that it opens.
};

enum class LogLevel : std::uint8_t { error, warning, info, debug };

struct NodeConfig {
  std::string swarm = "cicada";
  IdPolicy ids = IdPolicy::address;
  std::string authority;             ///< Public key, hex; policy `certified`.
  std::filesystem::path membership;  ///< File with the authority's word; policy `certified`.

  std::string interface;
  std::uint16_t port = 49610;
  std::optional<HostPort> external;
  Reach reach = Reach::automatic;
  std::vector<HostPort> bootstrap;

  bool map_port = true;
  bool upnp = true;
  bool nat_pmp = true;
  std::string gateway;
  Duration lease = std::chrono::hours(1);
  Duration mapping_check = std::chrono::seconds(30);

  bool punch = true;
  Duration punch_retry_min = std::chrono::seconds(4);
  Duration punch_retry_max = std::chrono::minutes(30);

  std::filesystem::path state;    ///< Empty: `default_state_folder()`.
  std::filesystem::path control;  ///< Empty: `control.socket` in the state folder.
  std::filesystem::path key;      ///< Empty: `key` in the state folder.
  std::filesystem::path trusted;  ///< Empty: nobody is pinned.
  bool require_sealed = false;

  unsigned duplicates = 0;
  Strategy strategy = Strategy::adaptive;
  unsigned successors = 16;
  unsigned proximity = 4;
  Duration stabilize = std::chrono::seconds(30);
  Duration connect_timeout = std::chrono::seconds(5);
  Duration retry_min = std::chrono::seconds(1);
  Duration retry_max = std::chrono::seconds(60);
  Duration save_every = std::chrono::seconds(60);
  SwarmLimits limits;  ///< Not all of them have keys.

  LogLevel log = LogLevel::info;
  bool log_json = false;
};

/// Takes over from `fresh` what a node at work can change: whom it joins through and how, limits, what holds for sends
/// and receives, and the level of the log. The rest stays as it is until a restart.
void take_reloadable(NodeConfig& running, const NodeConfig& fresh);

/// $STATE_DIRECTORY (which systemd sets), else cicada-node in $XDG_STATE_HOME or in ~/.local/state. Variables that are
/// empty or relative are ignored; throws std::runtime_error where none is left.
[[nodiscard]] std::filesystem::path default_state_folder();
[[nodiscard]] std::filesystem::path state_folder(const NodeConfig& config);
[[nodiscard]] std::filesystem::path control_path(const NodeConfig& config);
[[nodiscard]] std::filesystem::path key_path(const NodeConfig& config);

/// "host:port", "[v6]:port"; the port 1 .. 65535. Nothing for anything else.
[[nodiscard]] std::optional<HostPort> parse_host_port(std::string_view text);
[[nodiscard]] std::string to_string(const HostPort& address);

}  // namespace cicada::node
