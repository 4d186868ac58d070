#include "tls_stream.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>

#include <algorithm>
#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <cerrno>
#include <climits>
#include <new>

namespace cicada {
namespace {

namespace asio = boost::asio;

// What lies below, as a BIO.

LinkStream& below(BIO* bio) { return *static_cast<LinkStream*>(BIO_get_data(bio)); }

bool may_be_retried(ssize_t result) {
  return result < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR);
}

int read_below(BIO* bio, char* into, int length) {
  BIO_clear_retry_flags(bio);
  const ssize_t result = below(bio).read({reinterpret_cast<std::uint8_t*>(into), static_cast<std::size_t>(length)});
  if (may_be_retried(result)) BIO_set_retry_read(bio);
  return static_cast<int>(result);
}

int write_below(BIO* bio, const char* from, int length) {
  BIO_clear_retry_flags(bio);
  const ssize_t result =
      below(bio).write({reinterpret_cast<const std::uint8_t*>(from), static_cast<std::size_t>(length)});
  if (may_be_retried(result)) BIO_set_retry_write(bio);
  return static_cast<int>(result);
}

long control_below(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

const BIO_METHOD* method_below() {
  static const BIO_METHOD* const method = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "cicada link stream");
    if (made == nullptr || BIO_meth_set_read(made, read_below) != 1 || BIO_meth_set_write(made, write_below) != 1 ||
        BIO_meth_set_ctrl(made, control_below) != 1)
      throw std::bad_alloc();
    return made;  // As long as the program.
  }();
  return method;
}

int bounded(std::size_t length) { return static_cast<int>(std::min<std::size_t>(length, INT_MAX)); }

}  // namespace

TlsStream::TlsStream(asio::io_context& reactor, SSL_CTX* context) : below_(reactor), ssl_(SSL_new(context)) {
  BIO* const bio = ssl_ == nullptr ? nullptr : BIO_new(method_below());
  if (bio == nullptr) throw std::bad_alloc();
  BIO_set_data(bio, &below_);
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl_.get(), bio, bio);
  SSL_set_read_ahead(ssl_.get(), 1);  // One system call for many records.
}

void TlsStream::prepare(Side side) {
  below_.stop_waiting_in_calls();
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
