#pragma once
/// TLS on a link's stream, as asio::ssl::stream has it, at a quarter of the memory: OpenSSL reads and writes the stream
/// itself, instead of a pair of buffers beside it (DESIGN.md, "TLS without buffers between"). All cryptography and all
/// of the protocol is OpenSSL's.
///
/// One handshake, then at most one read and one write at a time. Handlers are called once, from the reactor, never
/// inside the call that was given them. Whoever has the stream keeps it alive until they have been called, for instance
/// by what they hold; closing what lies below ends what is under way.

#include <openssl/ssl.h>

#include <boost/asio/post.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>

#include "link_stream.hpp"

namespace cicada {

class TlsStream {
 public:
  using ErrorCode = boost::system::error_code;
  enum class Side : std::uint8_t { client, server };

  /// Throws std::bad_alloc where OpenSSL has no memory left.
  TlsStream(boost::asio::io_context& reactor, SSL_CTX* context);
  TlsStream(const TlsStream&) = delete;
  TlsStream& operator=(const TlsStream&) = delete;

  [[nodiscard]] LinkStream& below() { return below_; }
  [[nodiscard]] SSL* ssl() { return ssl_.get(); }

  /// Handler: void(error_code).
  template <class Handler>
  void async_handshake(Side side, Handler handler) {
    prepare(side);
    go_on([this] { return try_handshake(); },
          [handler = std::move(handler)](const ErrorCode& error, std::size_t) mutable { handler(error); }, true);
  }
  /// Reads at least one byte. Handler: void(error_code, bytes read).
  template <class Handler>
  void async_read_some(std::span<std::uint8_t> into, Handler handler) {
    const auto attempt = [this, into] { return try_read(into); };
    if (SSL_has_pending(ssl_.get()) == 1) return go_on(attempt, std::move(handler), true);
    wait(Next::readable, attempt, std::move(handler));
  }
  /// Writes at least one byte. Handler: void(error_code, bytes written).
  template <class Handler>
  void async_write_some(std::span<const std::uint8_t> from, Handler handler) {
    go_on([this, from] { return try_write(from); }, std::move(handler), true);
  }

 private:
  enum class Next : std::uint8_t { done, readable, writable };
  struct Outcome {
    Next next = Next::done;
    std::size_t bytes = 0;
    ErrorCode error;
  };
  struct Free {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
  };

  void prepare(Side side);
  Outcome try_handshake();
  Outcome try_read(std::span<std::uint8_t> into);
  Outcome try_write(std::span<const std::uint8_t> from);
  Outcome outcome_of(int result);

  template <class Attempt, class Handler>
  void go_on(const Attempt& attempt, Handler handler, bool inside_call) {
    const Outcome outcome = attempt();
    if (outcome.next != Next::done) return wait(outcome.next, attempt, std::move(handler));
    if (!inside_call) return handler(outcome.error, outcome.bytes);
    boost::asio::post(below_.get_executor(),
                      [handler = std::move(handler), outcome]() mutable { handler(outcome.error, outcome.bytes); });
  }
  template <class Attempt, class Handler>
  void wait(Next next, const Attempt& attempt, Handler handler) {
    below_.wait(next == Next::readable ? Direction::in : Direction::out,
                [this, attempt, handler = std::move(handler)](const ErrorCode& error) mutable {
                  if (error) return handler(error, 0);
                  go_on(attempt, std::move(handler), false);
                });
  }

  LinkStream below_;
  std::unique_ptr<SSL, Free> ssl_;
};

}  // namespace cicada
