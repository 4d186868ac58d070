#include "circuit_socket.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <utility>

#include "circuits.hpp"

namespace cicada {

using boost::system::error_code;

CircuitSocket::CircuitSocket(asio::io_context& reactor, SwarmStatistics& counts, Circuits& circuits, Link& carrier,
                             std::uint32_t number)
    : reactor_(reactor), counts_(&counts), circuits_(&circuits), carrier_(&carrier), number_(number) {}

CircuitSocket::~CircuitSocket() {
  if (circuits_ != nullptr) circuits_->leave(*this);
}

void CircuitSocket::complete(Handler handler, error_code error, std::size_t bytes) {
  if (handler) asio::post(reactor_, [handler = std::move(handler), error, bytes]() mutable { handler(error, bytes); });
}

void CircuitSocket::read_some(asio::mutable_buffer buffer, Handler handler) {
  if (buffer.size() == 0) return complete(std::move(handler), {}, 0);
  reading_ = buffer;
  reader_ = std::move(handler);
  serve_read();
}

void CircuitSocket::serve_read() {
  if (!reader_) return;
  if (closed_) return complete(std::exchange(reader_, nullptr), asio::error::operation_aborted, 0);
  const std::size_t ready = in_.size() - in_begin_;
  if (ready == 0) {
    if (circuits_ == nullptr) complete(std::exchange(reader_, nullptr), asio::error::eof, 0);
    return;
  }
  const std::size_t bytes = asio::buffer_copy(reading_, asio::buffer(in_.data() + in_begin_, ready));
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
  complete(std::exchange(reader_, nullptr), {}, bytes);
}

void CircuitSocket::write_some(asio::const_buffer buffer, Handler handler) {
  if (buffer.size() == 0) return complete(std::move(handler), {}, 0);
  writing_ = buffer;
  writer_ = std::move(handler);
  serve_write();
}

void CircuitSocket::serve_write() {
  if (!writer_) return;
  if (closed_) return complete(std::exchange(writer_, nullptr), asio::error::operation_aborted, 0);
  if (circuits_ == nullptr) return complete(std::exchange(writer_, nullptr), asio::error::broken_pipe, 0);
  const std::size_t bytes = std::min<std::size_t>({writing_.size(), credit_, circuit_data_bytes_max});
  if (bytes == 0) return;
  credit_ -= static_cast<std::uint32_t>(bytes);
  const auto* data = static_cast<const std::uint8_t*>(writing_.data());
  if (circuits_->give_data(*this, {data, bytes}))
    complete(std::exchange(writer_, nullptr), {}, bytes);
  else
    detach();  // The link to the relay is full: a stream with a gap is of no use.
}

void CircuitSocket::close() {
  if (std::exchange(closed_, true)) return;
  if (Circuits* const circuits = std::exchange(circuits_, nullptr)) circuits->leave(*this);
  std::vector<std::uint8_t>().swap(in_);
  in_begin_ = 0;
  account();
  serve_read();
  serve_write();
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
  serve_read();
  return true;
}

bool CircuitSocket::grant(std::uint32_t bytes) {
  if (bytes > circuit_window - credit_) return false;
  credit_ += bytes;
  serve_write();
  return true;
}

void CircuitSocket::detach() {
  if (Circuits* const circuits = std::exchange(circuits_, nullptr)) circuits->leave(*this);
  serve_read();
  serve_write();
}

void CircuitSocket::account() {
  counts_->buffer_bytes += in_.capacity() - accounted_;  // Unsigned: also right where it shrank.
  accounted_ = in_.capacity();
}

}  // namespace cicada
