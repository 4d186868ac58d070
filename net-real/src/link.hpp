#pragma once
/// One link: a TCP connection with TLS 1.3, on which frames travel both ways. It knows nothing of the ring: what a
/// hello means, which link is used, and when one is closed is decided by its owner (links.hpp).
///
///     frame: | type u8 | length u24, big-endian | that many bytes |
///         type 1  hello    the first frame of each side, and never again (hello.hpp)
///         type 2  message  one message of the protocol (core, codec.hpp)
///         type 3  goodbye  one byte, a `Goodbye`, and with `wrong_clock` the time of day u64; nothing follows it
///         type 4 to 13     for peers that cannot dial each other (frames.hpp)
///
/// Or it is a circuit with TLS 1.3: the same from end to end, led through a relay (link_stream.hpp).
///
/// Sending only appends to a queue. What was appended during one turn of the reactor, or while an earlier batch is
/// being written, goes out together: few system calls, few TLS records.
///
/// Whether the other host still lives is asked by the kernel, with TCP keep-alives; the owner looks now and then when
/// it last heard anything (`unheard_for`).

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <system_error>
#include <vector>

#include <cicada/assert.hpp>
#include <cicada/swarm_peer.hpp>

#include "frames.hpp"
#include "hello.hpp"
#include "link_budget.hpp"
#include "tls_stream.hpp"

namespace cicada {

namespace asio = boost::asio;

class Link;

/// Why a side closes a link that works.
enum class Goodbye : std::uint8_t {
  idle = 1,   ///< Not needed now.
  duplicate,  ///< There is another link between the two.
  leaving,    ///< This life of the peer is over.
  refused,    ///< No room.
  wrong_protocol,
  wrong_swarm,
  wrong_identity,
  not_certified,
  wrong_clock,  ///< The two times of day differ by too much.
};

/// Whoever has links. All calls come from the reactor, never from inside a call to the link.
class LinkOwner {
 public:
  /// The TLS handshake is over, `link.key()` is known.
  virtual void on_key(Link& link) = 0;
  /// The other side's hello, or what is wrong with it. The link reads no further until `stand`.
  virtual void on_hello(Link& link, const std::expected<Hello, SwarmError>& hello) = 0;
  virtual void on_message(Link& link, std::span<const std::uint8_t> message) = 0;
  /// A frame of another kind, from a standing link. False where no honest peer says so; the link ends then.
  virtual bool on_detour(Link& /*link*/, const DetourFrame& /*frame*/) { return false; }
  /// Something of the other side was refused here. The link looks after the rest, so it may not be touched.
  virtual void on_refused(const Link& /*link*/, LinkRefusal /*reason*/) {}
  /// The link is gone. `why` is empty after an orderly end that says nothing about the other side's life.
  virtual void on_ended(Link& link, std::error_code why) = 0;

 protected:
  ~LinkOwner() = default;
};

/// What all links of one peer share.
struct LinkContext {
  asio::io_context& reactor;
  asio::ssl::context& tls;
  const SwarmLimits& limits;
  SwarmStatistics& counts;
};

class Link final : public std::enable_shared_from_this<Link> {
 public:
  /// `probe`: dialled only to see which key answers; it says no hello.
  enum class Role : std::uint8_t { dialled, accepted, probe };
  using Clock = std::chrono::steady_clock;

  Link(LinkOwner& owner, const LinkContext& context, Role role);
  ~Link();
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  // Beginning. One of these, once. The side that dials says its hello first (empty: none, a probe); the other side
  // answers with its own, in `stand`, when it lets the link in, and with a goodbye when it does not.
  /// From the local port where it is not 0 and can be had, else from any.
  void dial(const asio::ip::tcp::endpoint& remote, std::span<const std::uint8_t> hello, std::uint16_t local_port = 0);
  /// Dials over what is connected already.
  void dial_over(asio::ip::tcp::socket socket, std::span<const std::uint8_t> hello);
  void accept(asio::ip::tcp::socket socket);
  void accept(std::shared_ptr<CircuitSocket> circuit);
  /// A circuit is being looked for; it comes with `dial_over`, or the link ends by itself after twice the usual time.
  void await_circuit();
  void dial_over(std::shared_ptr<CircuitSocket> circuit, std::span<const std::uint8_t> hello);

  /// The owner is content with the other side's hello: messages flow from now on. After `on_hello`.
  void stand(std::span<const std::uint8_t> hello);
  /// Queues one message; `write` appends its bytes to the vector that it is given. Before `stand` it waits. Gives
  /// false, and drops the message, on a full queue or a link that has been closed.
  template <class Write>
  bool send(Write&& write) {
    return !closing_ && state_ != State::ended && frame(standing_ ? queue_ : held_, FrameType::message, write);
  }
  /// Queues one frame of another kind, like `send`.
  template <class Write>
  bool control(FrameType type, Write&& write) {
    return !closing_ && state_ != State::ended && frame(standing_ ? queue_ : held_, type, write);
  }
  /// Takes away the messages that wait for `stand`, as frames for `send_frames` of another link.
  std::vector<std::uint8_t> take_held() { return std::exchange(held_, {}); }
  void send_frames(std::span<const std::uint8_t> frames);

  /// Says goodbye after what is queued, and ends, with `on_ended`, when that is out or after half a second.
  /// With `wrong_clock`, `clock_ns` is told too: this side's time of day.
  void close(Goodbye reason, std::uint64_t clock_ns = 0);
  /// Ends at once and without `on_ended`.
  void abort();

  [[nodiscard]] Role role() const { return role_; }
  [[nodiscard]] bool standing() const { return standing_; }
  [[nodiscard]] bool closing() const { return closing_; }
  /// Is the TLS handshake over?
  [[nodiscard]] bool authenticated() const { return key_.has_value(); }
  /// Known from `on_key` on.
  [[nodiscard]] const PublicKey& key() const { return *key_; }
  /// Port 0 for a circuit.
  [[nodiscard]] Endpoint remote() const { return remote_; }
  /// The port of this end; 0 for a circuit.
  [[nodiscard]] std::uint16_t local_port();
  /// Does it go through a relay?
  [[nodiscard]] bool relayed() const { return relayed_; }
  /// The other side's time of day, where its goodbye was `wrong_clock`.
  [[nodiscard]] const std::optional<std::uint64_t>& goodbye_clock() const { return goodbye_clock_; }
  /// When something last went through the link, in either direction.
  [[nodiscard]] Clock::time_point last_used() const { return last_used_; }
  /// Since when the other side has not taken what is being written; nullopt when there is nothing.
  [[nodiscard]] std::optional<Clock::time_point> write_stuck_since() const {
    return writing_.empty() ? std::nullopt : std::optional(write_progress_);
  }
  /// For how long the kernel has heard nothing at all from the other side's host, not even an answer to a keep-alive.
  [[nodiscard]] Clock::duration unheard_for();
  /// For the owner, who finds that nothing moves any more. Calls `on_ended`.
  void give_up() { fail(std::make_error_code(std::errc::timed_out)); }
  void fail(std::error_code why) { end(why); }

 private:
  enum class State : std::uint8_t { connecting, greeting, judged, open, ended };

  void say_hello(std::span<const std::uint8_t> hello);
  void connect(const asio::ip::tcp::endpoint& remote, std::uint16_t local_port);
  void configure_socket();
  void handshake(TlsStream::Side side);
  void read();
  void process();
  bool handle(FrameType type, std::span<const std::uint8_t> body);
  void rest_until_budget();
  void refuse_frame(LinkRefusal reason);
  void schedule_flush();
  void flush();
  void write_some();
  void written_all();
  void set_deadline(Clock::duration time);
  void end(std::error_code why);
  void account();
  [[nodiscard]] bool room_for(std::size_t bytes);
  template <class Write>
  bool frame(std::vector<std::uint8_t>& out, FrameType type, Write&& write);

  static constexpr std::size_t header_bytes = 4;

  LinkOwner& owner_;
  LinkContext context_;
  TlsStream stream_;
  asio::steady_timer timer_;  ///< The handshake's deadline; later a rest, or the end of a goodbye.
  Role role_;
  State state_ = State::connecting;
  bool relayed_ = false;
  bool standing_ = false;
  bool closing_ = false;
  bool flush_scheduled_ = false;
  bool reading_ = false;
  Endpoint remote_;
  std::optional<PublicKey> key_;
  std::optional<std::uint64_t> goodbye_clock_;
  Clock::time_point last_used_ = Clock::now();
  Clock::time_point write_progress_{};
  LinkBudget budget_;
  std::vector<std::uint8_t> in_;  ///< What is read lies in [in_begin_, in_end_).
  std::size_t in_begin_ = 0, in_end_ = 0;
  std::vector<std::uint8_t> queue_;    ///< Frames for the next batch.
  std::vector<std::uint8_t> held_;     ///< Messages that wait for `stand`.
  std::vector<std::uint8_t> writing_;  ///< The batch under way, from `written_` on.
  std::size_t written_ = 0;
  std::size_t accounted_ = 0;  ///< This link's part of `counts.buffer_bytes`.
};

template <class Write>
bool Link::frame(std::vector<std::uint8_t>& out, FrameType type, Write&& write) {
  const std::size_t begin = out.size();
  out.resize(begin + header_bytes);
  write(out);
  const std::size_t length = out.size() - begin - header_bytes;
  CICADA_ASSERT(length < (1U << 24));
  if (!room_for(out.size() - begin)) {
    out.resize(begin);
    ++context_.counts.dropped_full;
    return false;
  }
  out[begin] = static_cast<std::uint8_t>(type);
  for (unsigned i = 1; i < header_bytes; ++i) out[begin + i] = static_cast<std::uint8_t>(length >> (8 * (3 - i)));
  if (type == FrameType::message) ++context_.counts.messages_out;
  if (&out == &queue_) schedule_flush();
  return true;
}

}  // namespace cicada
