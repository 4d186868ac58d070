#include "link_stream.hpp"

#include <sys/socket.h>

#include <cerrno>

namespace cicada {

void LinkStream::stop_waiting_in_calls() {
  boost::system::error_code ignored;  // A socket that is broken says so when it is used.
  if (!circuit_) socket_.native_non_blocking(true, ignored);
}

ssize_t LinkStream::read(std::span<std::uint8_t> into) {
  if (circuit_) return circuit_->read(into);
  errno = 0;
  return ::recv(socket_.native_handle(), into.data(), into.size(), 0);
}

ssize_t LinkStream::write(std::span<const std::uint8_t> from) {
  if (circuit_) return circuit_->write(from);
  errno = 0;
  return ::send(socket_.native_handle(), from.data(), from.size(), MSG_NOSIGNAL);
}

void LinkStream::shutdown_send() {
  boost::system::error_code ignored;
  if (circuit_)
    circuit_->close();
  else
    socket_.shutdown(asio::socket_base::shutdown_send, ignored);
}

void LinkStream::close() {
  boost::system::error_code ignored;
  if (circuit_) circuit_->close();
  socket_.close(ignored);
}

}  // namespace cicada
