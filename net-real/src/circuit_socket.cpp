#include "circuit_socket.hpp"

#include <algorithm>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <utility>

#include "circuits.hpp"

namespace cicada {

using boost::system::error_code;

namespace {

ssize_t fail_with(int error) {
  errno = error;
  return -1;
}

}  // namespace

CircuitSocket::CircuitSocket(asio::io_context& reactor, SwarmStatistics& counts, Circuits& circuits, Link& carrier,
                             std::uint32_t number)
    : reactor_(reactor), counts_(&counts), circuits_(&circuits), carrier_(&carrier), number_(number) {}

CircuitSocket::~CircuitSocket() {
  if (circuits_ != nullptr) circuits_->leave(*this);
}

void CircuitSocket::complete(Handler handler) {
  const error_code error = closed_ ? error_code(asio::error::operation_aborted) : error_code();
  asio::post(reactor_, [handler = std::move(handler), error]() mutable { handler(error); });
}

void CircuitSocket::wake() {
  if (reader_ && readable()) complete(std::exchange(reader_, nullptr));
  if (writer_ && writable()) complete(std::exchange(writer_, nullptr));
}

void CircuitSocket::wait(Direction direction, Handler handler) {
  (direction == Direction::in ? reader_ : writer_) = std::move(handler);
  wake();
}

ssize_t CircuitSocket::read(std::span<std::uint8_t> into) {
  if (closed_) return fail_with(ECANCELED);
  const std::size_t bytes = std::min(into.size(), in_.size() - in_begin_);
  if (bytes == 0) return circuits_ == nullptr ? 0 : fail_with(EAGAIN);
  std::copy_n(in_.begin() + static_cast<std::ptrdiff_t>(in_begin_), bytes, into.begin());
  in_begin_ += bytes;
  if (in_begin_ == in_.size()) {
    std::vector<std::uint8_t>().swap(in_);
    in_begin_ = 0;
  }
  account();
  consumed_ += static_cast<std::uint32_t>(bytes);
  if (circuits_ != nullptr && consumed_ >= circuit_window / 4) {
    window_ += consumed_;
    circuits_->give_credit(*this, std::exchange(consumed_, 0));
  }
  return static_cast<ssize_t>(bytes);
}

ssize_t CircuitSocket::write(std::span<const std::uint8_t> from) {
  if (closed_) return fail_with(ECANCELED);
  if (circuits_ == nullptr) return fail_with(EPIPE);
  const std::size_t bytes = std::min<std::size_t>({from.size(), credit_, circuit_data_bytes_max});
  if (bytes == 0) return fail_with(EAGAIN);
  credit_ -= static_cast<std::uint32_t>(bytes);
  if (circuits_->give_data(*this, from.first(bytes))) return static_cast<ssize_t>(bytes);
  detach();  // The link to the relay is full: a stream with a gap is of no use.
  return fail_with(EPIPE);
}

void CircuitSocket::close() {
  if (std::exchange(closed_, true)) return;
  if (Circuits* const circuits = std::exchange(circuits_, nullptr)) circuits->leave(*this);
  std::vector<std::uint8_t>().swap(in_);
  in_begin_ = 0;
  account();
  wake();
}

bool CircuitSocket::take(std::span<const std::uint8_t> bytes) {
  if (bytes.size() > window_) return false;
  window_ -= static_cast<std::uint32_t>(bytes.size());
  if (in_begin_ > 0) {
    in_.erase(in_.begin(), in_.begin() + static_cast<std::ptrdiff_t>(in_begin_));
    in_begin_ = 0;
  }
  in_.insert(in_.end(), bytes.begin(), bytes.end());
  account();
  wake();
  return true;
}

bool CircuitSocket::grant(std::uint32_t bytes) {
  if (bytes > circuit_window - credit_) return false;
  credit_ += bytes;
  wake();
  return true;
}

void CircuitSocket::detach() {
  if (Circuits* const circuits = std::exchange(circuits_, nullptr)) circuits->leave(*this);
  wake();
}

void CircuitSocket::account() {
  counts_->buffer_bytes += in_.capacity() - accounted_;  // Unsigned: also right where it shrank.
  accounted_ = in_.capacity();
}

}  // namespace cicada
