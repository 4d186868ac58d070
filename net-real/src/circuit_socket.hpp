#pragma once
/// This peer's end of a circuit: a stream of bytes to another peer, carried by frames through a relay. It has what TLS
/// wants of a socket, asynchronous reads and writes, one of each at a time.
///
/// Each direction has a window: a side sends only what the other one has given it credit for, and gives credit back as
/// its own bytes are read. So neither the relay nor a slow reader holds more than a window for one circuit.

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
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

/// Bytes that may be under way in one direction of a circuit.
inline constexpr std::uint32_t circuit_window = std::uint32_t{128} << 10;

class CircuitSocket final : public std::enable_shared_from_this<CircuitSocket> {
 public:
  using Handler = std::move_only_function<void(const boost::system::error_code&, std::size_t)>;

  /// `carrier` is the link to the relay. Both it and `circuits` let go of the socket before they end.
  CircuitSocket(asio::io_context& reactor, SwarmStatistics& counts, Circuits& circuits, Link& carrier,
                std::uint32_t number);
  ~CircuitSocket();
  CircuitSocket(const CircuitSocket&) = delete;
  CircuitSocket& operator=(const CircuitSocket&) = delete;

  // For the stream above. Handlers are called once, not within these calls.
  void read_some(asio::mutable_buffer buffer, Handler handler);
  void write_some(asio::const_buffer buffer, Handler handler);
  /// The other side reads what was written, and then the end. Reads and writes under way here end at once.
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
  void serve_read();
  void serve_write();
  void complete(Handler handler, boost::system::error_code error, std::size_t bytes);
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
  asio::mutable_buffer reading_;
  Handler reader_;
  asio::const_buffer writing_;
  Handler writer_;
};

}  // namespace cicada
