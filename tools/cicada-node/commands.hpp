#pragma once
/// The commands of cicada-node. Each returns the exit status of the program (exit_status.hpp), and prints what is wrong
/// to stderr itself.

#include <cstdint>
#include <expected>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "config.hpp"

namespace cicada::node {

/// How a client command reaches the swarm: through the daemon, or with a node of its own.
struct ClientOptions {
  NodeConfig config;
  bool by_itself = false;  ///< There was a --join.
  bool json = false;
};

struct SendRequest {
  std::string target;
  std::optional<std::string> data;  ///< None: standard input.
  std::optional<unsigned> duplicates;
  std::string strategy;  ///< Empty: the node's.
};
struct ReceiveRequest {
  std::uint64_t count = 1;  ///< 0: for ever.
  std::optional<Duration> timeout;
};
struct KeygenRequest {
  std::filesystem::path file;
  bool json = false;
  std::string certify;              ///< Public key of a member to be; hex.
  std::filesystem::path authority;  ///< Key file that signs.
  std::string swarm;
  std::optional<Duration> valid;
};

/// How the configuration is made anew, as it was made from the file and the command line.
struct ConfigSource {
  std::string file;                                                           ///< Empty: there is none.
  std::function<std::expected<NodeConfig, std::vector<std::string>>()> read;  ///< Or what is wrong, a line each.
};
int run_daemon(const NodeConfig& config, bool json, const ConfigSource& source);
int print_configuration(const NodeConfig& config);

int send_command(const ClientOptions& options, const SendRequest& request);
/// `data` as in `SendRequest`.
int broadcast_command(const ClientOptions& options, const std::optional<std::string>& data);
int receive_command(const ClientOptions& options, const ReceiveRequest& request);
int lookup_command(const ClientOptions& options, const std::string& key);
int peers_command(const ClientOptions& options);
int status_command(const ClientOptions& options);
int script_command(const ClientOptions& options, const std::filesystem::path& file);
int keygen_command(const KeygenRequest& request);
int chat_command(const ClientOptions& options, const std::string& nickname);

}  // namespace cicada::node
