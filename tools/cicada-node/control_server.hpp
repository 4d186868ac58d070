#pragma once
/// The local socket through which client commands talk to a daemon: lines of JSON, requests one way and replies the
/// other. Only the daemon's own user (and root) gets in: the socket is for its owner alone, in a folder for its owner
/// alone, and the kernel's word on who called is checked too.
///
/// Limits: `clients_max` connections, `line_bytes_max` for a request, `waiting_max` requests sent ahead. A client that
/// exceeds one is disconnected.

#include <sys/types.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <utility>

#include "node_log.hpp"
#include "requests.hpp"

namespace cicada::node {

class ControlServer {
 public:
  static constexpr std::size_t clients_max = 64;
  static constexpr std::size_t line_bytes_max = std::size_t{2} << 20;
  static constexpr std::size_t waiting_max = 16;
  static constexpr std::chrono::milliseconds accept_pause{500};  ///< After an accept that failed.

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
  void pause(const boost::system::error_code& error);

  std::filesystem::path path_;
  Handle handle_;
  const NodeLog& log_;
  boost::asio::local::stream_protocol::acceptor acceptor_;
  std::set<std::shared_ptr<Session>> sessions_;
  boost::asio::steady_timer pause_;
  bool is_short_ = false;                               // Accepting fails; that was logged.
  std::optional<std::pair<dev_t, ino_t>> socket_file_;  // The one that we made.
};

}  // namespace cicada::node
