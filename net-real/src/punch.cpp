#include "punch.hpp"

#include <utility>

#include "endpoints.hpp"

namespace cicada {

using boost::system::error_code;

namespace {
constexpr auto pause_after_refusal = std::chrono::milliseconds(30);
}  // namespace

Punch::Punch(asio::io_context& reactor, const asio::ip::tcp::endpoint& remote, std::uint16_t local_port,
             Handler handler)
    : socket_(reactor),
      deadline_(reactor),
      pause_(reactor),
      remote_(remote),
      local_port_(local_port),
      handler_(std::move(handler)) {}

void Punch::start() {
  deadline_.expires_after(duration);
  deadline_.async_wait([self = shared_from_this()](const error_code& error) {
    error_code ignored;
    if (error) return;
    self->socket_.close(ignored);
    self->finish();
  });
  connect();
}

void Punch::connect() {
  const auto again = [self = shared_from_this()](const error_code& cancelled) {
    if (!cancelled && self->handler_) self->connect();
  };
  error_code ignored;
  socket_.close(ignored);
  pause_.expires_after(pause_after_refusal);
  if (!open_from_port(socket_, remote_.protocol(), local_port_)) return pause_.async_wait(again);
  socket_.async_connect(remote_, [self = shared_from_this(), again](const error_code& error) {
    if (!self->handler_) return;
    if (!error) return self->finish();
    self->pause_.expires_after(pause_after_refusal);
    self->pause_.async_wait(again);
  });
}

void Punch::finish() {
  Handler handler = std::exchange(handler_, nullptr);
  deadline_.cancel();
  pause_.cancel();
  if (handler) handler(std::move(socket_));
}

void Punch::stop() {
  handler_ = nullptr;
  error_code ignored;
  socket_.close(ignored);
  deadline_.cancel();
  pause_.cancel();
}

}  // namespace cicada
