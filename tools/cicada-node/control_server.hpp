#pragma once
/// The local socket through which client commands talk to a daemon: lines of JSON, requests one way and replies the
/// other. Only the daemon's own user (and root) gets in: the socket is for its owner alone, in a folder for its owner
/// alone, and the kernel's word on who called is checked too.
///
/// Limits: `clients_max` connections, `line_bytes_max` for a request, `waiting_max` requests sent ahead. A client that
/// exceeds one is disconnected.

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <filesystem>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>

#include "node_log.hpp"
#include "requests.hpp"

namespace cicada::node {

class ControlServer {
 public:
  static constexpr std::size_t clients_max = 64;
  static constexpr std::size_t line_bytes_max = std::size_t{2} << 20;
  static constexpr std::size_t waiting_max = 16;

  using Handle = std::function<void(const std::shared_ptr<Caller>&, const nlohmann::json&)>;

  /// Makes the folder where it is missing, and listens. Throws std::system_error; std::runtime_error where a daemon
  /// answers at this socket already.
  ControlServer(boost::asio::io_context& context, std::filesystem::path path, Handle handle, const NodeLog& log);
  ControlServer(const ControlServer&) = delete;
  ControlServer& operator=(const ControlServer&) = delete;
  /// Closes all connections and removes the socket.
  ~ControlServer();

 private:
  class Session;
  void accept();

  std::filesystem::path path_;
  Handle handle_;
  const NodeLog& log_;
  boost::asio::local::stream_protocol::acceptor acceptor_;
  std::set<std::shared_ptr<Session>> sessions_;
};

}  // namespace cicada::node
