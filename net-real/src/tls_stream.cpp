#include "tls_stream.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <cerrno>
#include <climits>
#include <new>

namespace cicada {
namespace {

namespace asio = boost::asio;

// The socket as OpenSSL's own BIO for sockets has it, but that a broken connection raises no signal.

int handle_of(BIO* bio) { return static_cast<asio::ip::tcp::socket*>(BIO_get_data(bio))->native_handle(); }

bool may_be_retried(ssize_t result) {
  return result < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR);
}

int read_socket(BIO* bio, char* into, int length) {
  BIO_clear_retry_flags(bio);
  errno = 0;
  const ssize_t result = ::recv(handle_of(bio), into, static_cast<std::size_t>(length), 0);
  if (may_be_retried(result)) BIO_set_retry_read(bio);
  return static_cast<int>(result);
}

int write_socket(BIO* bio, const char* from, int length) {
  BIO_clear_retry_flags(bio);
  errno = 0;
  const ssize_t result = ::send(handle_of(bio), from, static_cast<std::size_t>(length), MSG_NOSIGNAL);
  if (may_be_retried(result)) BIO_set_retry_write(bio);
  return static_cast<int>(result);
}

long control_socket(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

const BIO_METHOD* socket_method() {
  static const BIO_METHOD* const method = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "cicada socket");
    if (made == nullptr || BIO_meth_set_read(made, read_socket) != 1 || BIO_meth_set_write(made, write_socket) != 1 ||
        BIO_meth_set_ctrl(made, control_socket) != 1)
      throw std::bad_alloc();
    return made;  // As long as the program.
  }();
  return method;
}

int bounded(std::size_t length) { return static_cast<int>(std::min<std::size_t>(length, INT_MAX)); }

}  // namespace

TlsStream::TlsStream(asio::io_context& reactor, SSL_CTX* context) : socket_(reactor), ssl_(SSL_new(context)) {
  BIO* const bio = ssl_ == nullptr ? nullptr : BIO_new(socket_method());
  if (bio == nullptr) throw std::bad_alloc();
  BIO_set_data(bio, &socket_);
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl_.get(), bio, bio);
  SSL_set_read_ahead(ssl_.get(), 1);  // One system call for many records.
}

void TlsStream::prepare(Side side) {
  ErrorCode ignored;  // A socket that is broken says so when it is used.
  socket_.native_non_blocking(true, ignored);
  if (side == Side::client)
    SSL_set_connect_state(ssl_.get());
  else
    SSL_set_accept_state(ssl_.get());
}

TlsStream::Outcome TlsStream::try_handshake() {
  ERR_clear_error();
  return outcome_of(SSL_do_handshake(ssl_.get()));
}

/// As many records as have arrived and fit.
TlsStream::Outcome TlsStream::try_read(std::span<std::uint8_t> into) {
  std::size_t bytes = 0;
  do {
    ERR_clear_error();
    const int result = SSL_read(ssl_.get(), into.data() + bytes, bounded(into.size() - bytes));
    if (result <= 0) {
      if (bytes > 0) break;  // An end or an error is found again.
      return outcome_of(result);
    }
    bytes += static_cast<std::size_t>(result);
  } while (bytes < into.size() && SSL_has_pending(ssl_.get()) == 1);
  return {Next::done, bytes, {}};
}

TlsStream::Outcome TlsStream::try_write(std::span<const std::uint8_t> from) {
  ERR_clear_error();
  return outcome_of(SSL_write(ssl_.get(), from.data(), bounded(from.size())));
}

TlsStream::Outcome TlsStream::outcome_of(int result) {
  if (result > 0) return {Next::done, static_cast<std::size_t>(result), {}};
  const int system = errno;
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      return {Next::readable, 0, {}};
    case SSL_ERROR_WANT_WRITE:
      return {Next::writable, 0, {}};
    case SSL_ERROR_SSL:
      if (const auto error = ERR_get_error(); error != 0)
        return {Next::done, 0, ErrorCode(static_cast<int>(error), asio::error::get_ssl_category())};
      return {Next::done, 0, asio::error::eof};
    case SSL_ERROR_SYSCALL:
      if (system != 0) return {Next::done, 0, ErrorCode(system, boost::system::system_category())};
      [[fallthrough]];
    default:  // The end of the stream, said so or not.
      return {Next::done, 0, asio::error::eof};
  }
}

}  // namespace cicada
