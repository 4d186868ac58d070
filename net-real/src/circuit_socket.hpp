#pragma once
/// This peer's end of a circuit: a stream of bytes to another peer, carried by frames through a relay. It has what TLS
/// wants of a socket: reads and writes that do not wait, and a word when another try is worth it.
///
/// Each direction has a window: a side sends only what the other one has given it credit for, and gives credit back as
/// its own bytes are read. So neither the relay nor a slow reader holds more than a window for one circuit.

#include <sys/types.h>

#include <boost/asio/io_context.hpp>
#include <boost/system/error_code.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include <cicada/id.hpp>
#include <cicada/swarm_peer.hpp>

#include "frames.hpp"

namespace cicada {

namespace asio = boost::asio;

class Link;
class Circuits;

enum class Direction : std::uint8_t { in, out };

/// Bytes that may be under way in one direction of a circuit.
inline constexpr std::uint32_t circuit_window = std::uint32_t{128} << 10;

class CircuitSocket final : public std::enable_shared_from_this<CircuitSocket> {
 public:
  using Handler = std::move_only_function<void(const boost::system::error_code&)>;

  /// `carrier` is the link to the relay. Both it and `circuits` let go of the socket before they end.
  CircuitSocket(asio::io_context& reactor, SwarmStatistics& counts, Circuits& circuits, Link& carrier,
                std::uint32_t number);
  ~CircuitSocket();
  CircuitSocket(const CircuitSocket&) = delete;
  CircuitSocket& operator=(const CircuitSocket&) = delete;

  // For the stream above.
  /// Bytes read, 0 at the end of the stream, or -1 with `errno`: EAGAIN where nothing has come.
  [[nodiscard]] ssize_t read(std::span<std::uint8_t> into);
  /// Bytes written, at least one, or -1 with `errno`: EAGAIN where there is no credit left.
  [[nodiscard]] ssize_t write(std::span<const std::uint8_t> from);
  /// The handler is called once, not within this call, when a read or a write would do something. One for each
  /// direction at a time.
  void wait(Direction direction, Handler handler);
  /// The other side reads what was written, and then the end. Who waits here is called at once, with an error.
  void close();

  // For the circuits below.
  /// False when the other side sends more than it may.
  bool take(std::span<const std::uint8_t> bytes);
  bool grant(std::uint32_t bytes);
  /// Nothing comes or goes any more; what has come can still be read.
  void detach();

  [[nodiscard]] Link* carrier() const { return carrier_; }
  [[nodiscard]] std::uint32_t number() const { return number_; }

 private:
  [[nodiscard]] bool readable() const { return closed_ || circuits_ == nullptr || in_begin_ < in_.size(); }
  [[nodiscard]] bool writable() const { return closed_ || circuits_ == nullptr || credit_ > 0; }
  void wake();
  void complete(Handler handler);
  void account();

  asio::io_context& reactor_;
  SwarmStatistics* counts_;
  Circuits* circuits_;  ///< Null when detached.
  Link* carrier_;
  std::uint32_t number_;
  bool closed_ = false;                    ///< On this side.
  std::uint32_t credit_ = circuit_window;  ///< Bytes that may still be sent.
  std::uint32_t window_ = circuit_window;  ///< Bytes that the other side may still send.
  std::uint32_t consumed_ = 0;             ///< Read, and not given back as credit yet.
  std::vector<std::uint8_t> in_;
  std::size_t in_begin_ = 0;
  std::size_t accounted_ = 0;
  Handler reader_;
  Handler writer_;
};

}  // namespace cicada
