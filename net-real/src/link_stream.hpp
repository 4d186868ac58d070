#pragma once
/// What a link's TLS runs over: a TCP connection, or a circuit through a relay. Reads and writes never wait; `wait`
/// tells when another try is worth it.

#include <sys/types.h>

#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>

#include "circuit_socket.hpp"

namespace cicada {

class LinkStream {
 public:
  using executor_type = asio::ip::tcp::socket::executor_type;

  explicit LinkStream(asio::io_context& reactor) : socket_(reactor) {}
  ~LinkStream() { close(); }
  LinkStream(const LinkStream&) = delete;
  LinkStream& operator=(const LinkStream&) = delete;

  executor_type get_executor() { return socket_.get_executor(); }

  void run_over(asio::ip::tcp::socket socket) { socket_ = std::move(socket); }
  void run_over(std::shared_ptr<CircuitSocket> circuit) { circuit_ = std::move(circuit); }

  [[nodiscard]] asio::ip::tcp::socket& socket() { return socket_; }

  /// Once, when there is a connection.
  void stop_waiting_in_calls();
  /// Bytes read, 0 at the end of the stream, or -1 with `errno`: EAGAIN where `wait` helps.
  [[nodiscard]] ssize_t read(std::span<std::uint8_t> into);
  /// Bytes written, at least one, or -1 with `errno`.
  [[nodiscard]] ssize_t write(std::span<const std::uint8_t> from);
  /// Handler: void(error_code), never called within this call. One for each direction at a time.
  template <class Handler>
  void wait(Direction direction, Handler handler) {
    using asio::ip::tcp;
    if (circuit_)
      circuit_->wait(direction, std::move(handler));
    else
      socket_.async_wait(direction == Direction::in ? tcp::socket::wait_read : tcp::socket::wait_write,
                         std::move(handler));
  }

  /// What was written still arrives; the other side ends the connection when it has read it.
  void shutdown_send();
  /// Who waits is called with an error.
  void close();

 private:
  asio::ip::tcp::socket socket_;
  std::shared_ptr<CircuitSocket> circuit_;
};

}  // namespace cicada
