#pragma once
/// What a link's TLS runs over: a TCP connection, or a circuit through a relay. For Asio it is an asynchronous stream
/// like any other (AsyncReadStream, AsyncWriteStream).

#include <boost/asio/async_result.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <memory>
#include <utility>

#include "circuit_socket.hpp"

namespace cicada {

class LinkStream {
 public:
  using executor_type = asio::ip::tcp::socket::executor_type;
  using lowest_layer_type = LinkStream;

  explicit LinkStream(asio::io_context& reactor) : socket_(reactor) {}
  ~LinkStream() { close(); }
  LinkStream(const LinkStream&) = delete;
  LinkStream& operator=(const LinkStream&) = delete;

  executor_type get_executor() { return socket_.get_executor(); }
  lowest_layer_type& lowest_layer() { return *this; }

  void run_over(asio::ip::tcp::socket socket) { socket_ = std::move(socket); }
  void run_over(std::shared_ptr<CircuitSocket> circuit) { circuit_ = std::move(circuit); }

  [[nodiscard]] asio::ip::tcp::socket& socket() { return socket_; }
  [[nodiscard]] CircuitSocket* circuit() const { return circuit_.get(); }

  /// What was written still arrives; the other side ends the connection when it has read it.
  void shutdown_send() {
    boost::system::error_code ignored;
    if (circuit_)
      circuit_->close();
    else
      socket_.shutdown(asio::socket_base::shutdown_send, ignored);
  }
  void close() {
    boost::system::error_code ignored;
    if (circuit_) circuit_->close();
    socket_.close(ignored);
  }

  template <class Buffers, class Token>
  auto async_read_some(const Buffers& buffers, Token&& token) {
    return asio::async_initiate<Token, void(boost::system::error_code, std::size_t)>(
        [this](auto handler, const Buffers& into) {
          if (circuit_)
            circuit_->read_some(first<asio::mutable_buffer>(into), std::move(handler));
          else
            socket_.async_read_some(into, std::move(handler));
        },
        token, buffers);
  }
  template <class Buffers, class Token>
  auto async_write_some(const Buffers& buffers, Token&& token) {
    return asio::async_initiate<Token, void(boost::system::error_code, std::size_t)>(
        [this](auto handler, const Buffers& from) {
          if (circuit_)
            circuit_->write_some(first<asio::const_buffer>(from), std::move(handler));
          else
            socket_.async_write_some(from, std::move(handler));
        },
        token, buffers);
  }

 private:
  template <class Buffer, class Buffers>
  static Buffer first(const Buffers& buffers) {
    for (auto i = asio::buffer_sequence_begin(buffers); i != asio::buffer_sequence_end(buffers); ++i)
      if (const Buffer buffer(*i); buffer.size() != 0) return buffer;
    return {};
  }

  asio::ip::tcp::socket socket_;
  std::shared_ptr<CircuitSocket> circuit_;
};

}  // namespace cicada
