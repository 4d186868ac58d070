#pragma once
/// One side of a TCP simultaneous open (RFC 9293, section 3.5): both sides connect at once from their listening ports
/// to where the other's listening port shows outside. Each gateway takes what comes in for an answer to what went out.

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <memory>

namespace cicada {

namespace asio = boost::asio;

class Punch final : public std::enable_shared_from_this<Punch> {
 public:
  /// How long one is tried. Refusals within that time are tried again: a gateway may refuse what comes too early.
  static constexpr auto duration = std::chrono::milliseconds(2500);
  /// Gets the connection; or a closed socket, when the time is up.
  using Handler = std::move_only_function<void(asio::ip::tcp::socket)>;

  Punch(asio::io_context& reactor, const asio::ip::tcp::endpoint& remote, std::uint16_t local_port, Handler handler);

  /// `handler` is called once, not within this call; never after `stop`.
  void start();
  void stop();
  [[nodiscard]] const asio::ip::tcp::endpoint& remote() const { return remote_; }

 private:
  void connect();
  void finish();

  asio::ip::tcp::socket socket_;
  asio::steady_timer deadline_;
  asio::steady_timer pause_;
  asio::ip::tcp::endpoint remote_;
  std::uint16_t local_port_;
  Handler handler_;
};

}  // namespace cicada
