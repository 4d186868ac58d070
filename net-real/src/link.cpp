#include "link.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>

#include <algorithm>
#include <array>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/error.hpp>

#include <cicada/codec.hpp>

#include "bytes.hpp"
#include "endpoints.hpp"
#include "tls_identity.hpp"

namespace cicada {
namespace {

using boost::system::error_code;

constexpr std::size_t read_bytes_first = 1024;                  ///< Of a link that carries little; it grows.
constexpr std::size_t read_bytes_bulk = std::size_t{64} << 10;  ///< Not more, but for one frame that is longer.
constexpr std::size_t kept_bytes_max = std::size_t{64} << 10;   ///< Larger write buffers are given back when empty.
constexpr std::size_t write_bytes_max = std::size_t{64} << 10;  ///< Handed to TLS at a time.
constexpr unsigned frames_per_turn = 64;                        ///< Then other links have their turn.
constexpr std::size_t bytes_of_control = 2048;                  ///< A hello and a goodbye always fit.
constexpr std::size_t clock_goodbye_bytes = 9;                  ///< Of a goodbye that tells the time of day.
constexpr auto goodbye_time = std::chrono::milliseconds(500);

/// What a failed connection means to whoever wanted it.
std::error_code meaning(const error_code& error) {
  const auto& category = error.category();
  if (category == asio::error::get_ssl_category()) return SwarmError::wrong_protocol;
  if (category == asio::error::get_misc_category())
    return SwarmError::unreachable;  // The end of the stream where none was agreed upon.
  return error;
}

std::error_code meaning(Goodbye goodbye) {
  switch (goodbye) {
    case Goodbye::idle:
    case Goodbye::duplicate:
      return {};
    case Goodbye::leaving:
      return SwarmError::closed;
    case Goodbye::refused:
      return SwarmError::refused;
    case Goodbye::wrong_protocol:
      return SwarmError::wrong_protocol;
    case Goodbye::wrong_swarm:
      return SwarmError::wrong_swarm;
    case Goodbye::wrong_identity:
      return SwarmError::wrong_identity;
    case Goodbye::not_certified:
      return SwarmError::not_certified;
    case Goodbye::wrong_clock:
      return SwarmError::wrong_clock;
  }
  return SwarmError::wrong_protocol;
}

}  // namespace

Link::Link(LinkOwner& owner, const LinkContext& context, Role role)
    : owner_(owner),
      context_(context),
      stream_(context.reactor, context.tls.native_handle()),
      timer_(context.reactor),
      role_(role) {}

/// A link that has ended may outlive its owner, in a handler that has still to be told so; it touches nothing of it.
Link::~Link() { abort(); }

// ----------------------------------------------------------------------------------------------------------- beginning

void Link::dial(const asio::ip::tcp::endpoint& remote, std::span<const std::uint8_t> hello, std::uint16_t local_port) {
  remote_ = from_asio(remote);
  say_hello(hello);
  set_deadline(context_.limits.handshake_timeout);
  connect(remote, local_port);
}

void Link::connect(const asio::ip::tcp::endpoint& remote, std::uint16_t local_port) {
  auto& socket = stream_.below().socket();
  if (local_port != 0 && !open_from_port(socket, remote.protocol(), local_port)) local_port = 0;
  if (local_port == 0) {
    // The kernel may take our own listening port for it before that is bound; its remains must not keep us from
    // binding.
    error_code ignored;  // Connecting says what is wrong.
    socket.open(remote.protocol(), ignored);
    socket.set_option(asio::socket_base::reuse_address(true), ignored);
  }
  socket.async_connect(remote, [self = shared_from_this(), remote, local_port](const error_code& error) {
    if (self->state_ == State::ended) return;
    // There is, or was a moment ago, another connection between these two ports.
    if (local_port != 0 && (error == asio::error::address_in_use || error == std::errc::address_not_available)) {
      error_code ignored;
      self->stream_.below().socket().close(ignored);
      return self->connect(remote, 0);
    }
    if (error) return self->end(meaning(error));
    self->handshake(TlsStream::Side::client);
  });
}

void Link::dial_over(asio::ip::tcp::socket socket, std::span<const std::uint8_t> hello) {
  error_code error;
  remote_ = from_asio(socket.remote_endpoint(error));
  stream_.below().run_over(std::move(socket));
  say_hello(hello);
  set_deadline(context_.limits.handshake_timeout);
  handshake(TlsStream::Side::client);
}

void Link::await_circuit() {
  relayed_ = true;
  set_deadline(2 * context_.limits.handshake_timeout);  // First the relay may have to be dialled.
}

void Link::dial_over(std::shared_ptr<CircuitSocket> circuit, std::span<const std::uint8_t> hello) {
  say_hello(hello);
  stream_.below().run_over(std::move(circuit));
  handshake(TlsStream::Side::client);
}

void Link::say_hello(std::span<const std::uint8_t> hello) {
  if (hello.empty()) return;
  frame(queue_, FrameType::hello, [&](auto& out) { out.insert(out.end(), hello.begin(), hello.end()); });
}

void Link::accept(asio::ip::tcp::socket socket) {
  error_code error;
  remote_ = from_asio(socket.remote_endpoint(error));
  stream_.below().run_over(std::move(socket));
  set_deadline(context_.limits.handshake_timeout);
  handshake(TlsStream::Side::server);
}

void Link::accept(std::shared_ptr<CircuitSocket> circuit) {
  relayed_ = true;
  stream_.below().run_over(std::move(circuit));
  set_deadline(context_.limits.handshake_timeout);
  handshake(TlsStream::Side::server);
}

std::uint16_t Link::local_port() {
  error_code error;
  const auto local = stream_.below().socket().local_endpoint(error);
  return error ? std::uint16_t{0} : local.port();
}

void Link::configure_socket() {
  if (relayed_) return;  // The links to and from the relay are looked after.
  auto& socket = stream_.below().socket();
  error_code ignored;  // A socket that is broken says so when it is used.
  socket.set_option(asio::ip::tcp::no_delay(true), ignored);
  socket.set_option(asio::socket_base::keep_alive(true), ignored);
  // A silent link is asked after less than half the time in which a vanished host is to be noticed, by default after
  // two seconds and then each second: nearly all that an idle node sends. The owner of the link is faster to give it
  // up; the kernel's own limits are for what it does not see, a window that stays shut above all.
  const int milliseconds = static_cast<int>(context_.limits.vanished_after / std::chrono::milliseconds(1));
  const int handle = socket.native_handle();
  const auto set = [handle](int option, int value) { setsockopt(handle, IPPROTO_TCP, option, &value, sizeof value); };
  const int seconds = milliseconds / 1000;  // At least 4 (SwarmLimits).
  set(TCP_KEEPIDLE, seconds / 2);
  set(TCP_KEEPINTVL, seconds / 4);
  set(TCP_KEEPCNT, std::clamp(seconds - 2, 1, 127));
  set(TCP_USER_TIMEOUT, milliseconds);
}

Link::Clock::duration Link::unheard_for() {
  if (relayed_) return {};
  tcp_info info{};
  socklen_t length = sizeof info;
  if (getsockopt(stream_.below().socket().native_handle(), IPPROTO_TCP, TCP_INFO, &info, &length) != 0) return {};
  return std::chrono::milliseconds(info.tcpi_last_ack_recv);
}

void Link::handshake(TlsStream::Side side) {
  configure_socket();
  stream_.async_handshake(side, [self = shared_from_this()](const error_code& error) {
    if (self->state_ == State::ended) return;
    if (error) return self->end(meaning(error));
    self->key_ = peer_key(self->stream_.ssl());
    if (!self->key_) return self->end(SwarmError::wrong_protocol);
    self->state_ = State::greeting;
    self->owner_.on_key(*self);
    if (self->state_ == State::ended) return;
    self->flush();
    self->read();
  });
}

void Link::stand(std::span<const std::uint8_t> hello) {
  CICADA_ASSERT(state_ == State::judged);
  say_hello(hello);
  state_ = State::open;
  standing_ = true;
  timer_.cancel();
  last_used_ = Clock::now();
  budget_.fill(last_used_, context_.limits.messages_per_second, static_cast<double>(context_.limits.bytes_per_second));
  send_frames(take_held());
  // Its first messages may lie behind the hello. Not here: the owner is in the middle of something.
  asio::post(context_.reactor, [self = shared_from_this()] { self->process(); });
}

// ------------------------------------------------------------------------------------------------------------- reading

void Link::read() {
  if (reading_ || state_ == State::ended) return;
  if (in_begin_ == in_end_) {
    in_begin_ = in_end_ = 0;
    if (in_.size() > read_bytes_bulk) std::vector<std::uint8_t>().swap(in_);
  } else if (in_begin_ > 0) {
    std::copy(in_.begin() + static_cast<std::ptrdiff_t>(in_begin_), in_.begin() + static_cast<std::ptrdiff_t>(in_end_),
              in_.begin());
    in_end_ -= std::exchange(in_begin_, 0);
  }
  // The buffer grows by what has arrived, never by what a stranger announces.
  if (in_end_ == in_.size()) in_.resize(std::max(read_bytes_first, 2 * in_.size()));
  account();
  // When memory is short, those go first who fill it with long frames.
  if (in_.size() > read_bytes_bulk && context_.counts.buffer_bytes > context_.limits.buffer_bytes_max) {
    ++context_.counts.dropped_full;
    owner_.on_refused(*this, LinkRefusal::buffers_full);
    return end(SwarmError::refused);
  }
  reading_ = true;
  stream_.async_read_some(std::span(in_).subspan(in_end_),
                          [self = shared_from_this()](const error_code& error, std::size_t bytes) {
                            self->reading_ = false;
                            if (self->state_ == State::ended) return;
                            if (error) return self->end(self->closing_ ? std::error_code() : meaning(error));
                            self->in_end_ += bytes;
                            self->context_.counts.bytes_in += bytes;
                            self->last_used_ = Clock::now();
                            if (self->in_end_ == self->in_.size() && self->in_.size() < read_bytes_bulk)
                              self->in_.resize(2 * self->in_.size());
                            self->process();
                          });
}

/// Takes the frames that are complete, a bounded number at a time, and then reads on.
void Link::process() {
  for (unsigned frames = 0; state_ != State::ended && state_ != State::judged; ++frames) {
    const std::size_t available = in_end_ - in_begin_;
    if (available < header_bytes) return read();
    const std::uint8_t* header = in_.data() + in_begin_;
    const std::size_t length = (std::size_t{header[1]} << 16) | (std::size_t{header[2]} << 8) | header[3];
    if (length > (state_ == State::open ? message_bytes_max : hello_bytes_max))
      return refuse_frame(LinkRefusal::frame_too_long);
    if (available < header_bytes + length) return read();
    if (frames == frames_per_turn)
      return asio::post(context_.reactor, [self = shared_from_this()] { self->process(); });
    if (state_ == State::open && !budget_.take(header_bytes + length, context_.limits.messages_per_second,
                                               static_cast<double>(context_.limits.bytes_per_second)))
      return rest_until_budget();
    in_begin_ += header_bytes + length;
    if (!handle(static_cast<FrameType>(header[0]), std::span(header + header_bytes, length))) {
      if (state_ == State::ended) return;
      return refuse_frame(LinkRefusal::frame_unexpected);
    }
  }
}

void Link::refuse_frame(LinkRefusal reason) {
  ++context_.counts.malformed;
  owner_.on_refused(*this, reason);
  end(SwarmError::wrong_protocol);
}

/// False where no honest peer sends this frame.
bool Link::handle(FrameType type, std::span<const std::uint8_t> body) {
  if (type == FrameType::goodbye && (body.size() == 1 || body.size() == clock_goodbye_bytes)) {
    const bool clock = static_cast<Goodbye>(body[0]) == Goodbye::wrong_clock;
    if (clock != (body.size() == clock_goodbye_bytes)) return false;
    if (clock) goodbye_clock_ = BytesIn(body.subspan(1)).number<std::uint64_t>();
    if (!closing_) end(meaning(static_cast<Goodbye>(body[0])));
    return true;
  }
  if (type == FrameType::hello && state_ == State::greeting) {
    state_ = State::judged;
    owner_.on_hello(*this, decode_hello(body));
    return true;
  }
  if (state_ != State::open) return false;
  if (type != FrameType::message) {
    const auto detour = decode_detour(type, body);
    return detour && (closing_ || owner_.on_detour(*this, *detour));
  }
  if (closing_) return true;
  ++context_.counts.messages_in;
  owner_.on_message(*this, body);
  return true;
}

/// The link stays unread, and in time TCP holds the other side back.
void Link::rest_until_budget() {
  ++context_.counts.throttled;
  owner_.on_refused(*this, LinkRefusal::over_pace);
  timer_.expires_after(std::chrono::milliseconds(10));
  timer_.async_wait([self = shared_from_this()](const error_code& error) {
    if (!error && !self->closing_) self->process();
  });
}

// ------------------------------------------------------------------------------------------------------------- writing

bool Link::room_for(std::size_t bytes) {
  const std::size_t waiting = queue_.size() + held_.size() + writing_.size() - written_;
  account();
  if (waiting + bytes > context_.limits.write_queue_bytes_max + bytes_of_control) return false;
  return waiting + bytes <= kept_bytes_max || context_.counts.buffer_bytes <= context_.limits.buffer_bytes_max;
}

void Link::send_frames(std::span<const std::uint8_t> frames) {
  if (frames.empty()) return;
  std::vector<std::uint8_t>& out = standing_ ? queue_ : held_;
  out.insert(out.end(), frames.begin(), frames.end());
  if (standing_) schedule_flush();
}

void Link::schedule_flush() {
  if (flush_scheduled_ || !writing_.empty() || !key_) return;  // Each of these flushes when it is over.
  flush_scheduled_ = true;
  asio::post(context_.reactor, [self = shared_from_this()] {
    self->flush_scheduled_ = false;
    self->flush();
  });
}

void Link::flush() {
  if (!writing_.empty() || queue_.empty() || state_ == State::ended) return;
  writing_.swap(queue_);
  written_ = 0;
  context_.counts.bytes_out += writing_.size();
  ++context_.counts.records_out;
  last_used_ = write_progress_ = Clock::now();
  write_some();
}

void Link::write_some() {
  const std::size_t bytes = std::min(writing_.size() - written_, write_bytes_max);
  stream_.async_write_some(std::span(writing_).subspan(written_, bytes),
                           [self = shared_from_this()](const error_code& error, std::size_t written) {
                             if (self->state_ == State::ended) return;
                             if (error) return self->end(self->closing_ ? std::error_code() : meaning(error));
                             self->written_ += written;
                             self->write_progress_ = Clock::now();
                             if (self->written_ < self->writing_.size()) return self->write_some();
                             self->written_all();
                           });
}

void Link::written_all() {
  writing_.clear();
  written_ = 0;
  if (writing_.capacity() > kept_bytes_max) std::vector<std::uint8_t>().swap(writing_);
  if (!queue_.empty()) return flush();
  account();
  if (!closing_) return;
  stream_.below().shutdown_send();  // The other side ends the connection when it has read the goodbye.
}

// -------------------------------------------------------------------------------------------------------------- ending

void Link::set_deadline(Clock::duration time) {
  timer_.expires_after(time);
  timer_.async_wait([self = shared_from_this()](const error_code& error) {
    // An expiry may be queued already when the link comes to stand.
    if (error || self->state_ == State::ended || (self->standing_ && !self->closing_)) return;
    self->end(self->closing_ ? std::error_code() : std::make_error_code(std::errc::timed_out));
  });
}

void Link::close(Goodbye reason, std::uint64_t clock_ns) {
  if (closing_ || state_ == State::ended) return;
  closing_ = true;
  std::vector<std::uint8_t>().swap(held_);
  frame(queue_, FrameType::goodbye, [&](auto& out) {
    BytesOut bytes(out);
    bytes.number(static_cast<std::uint8_t>(reason));
    if (reason == Goodbye::wrong_clock) bytes.number(clock_ns);
  });
  set_deadline(goodbye_time);
  if (state_ != State::judged) return;
  state_ = State::open;  // Reads on, only to see the end.
  read();
}

void Link::abort() {
  if (state_ == State::ended) return;
  state_ = State::ended;
  stream_.below().close();
  timer_.cancel();
  std::vector<std::uint8_t>().swap(queue_);
  std::vector<std::uint8_t>().swap(held_);
  context_.counts.buffer_bytes -= std::exchange(accounted_, 0);
}

void Link::end(std::error_code why) {
  if (state_ == State::ended) return;
  const auto self = shared_from_this();
  abort();
  owner_.on_ended(*this, why);
}

void Link::account() {
  const std::size_t now = in_.capacity() + queue_.capacity() + held_.capacity() + writing_.capacity();
  context_.counts.buffer_bytes += now - accounted_;  // Unsigned: also right where it shrank.
  accounted_ = now;
}

}  // namespace cicada
