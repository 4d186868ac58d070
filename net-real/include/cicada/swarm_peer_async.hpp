#pragma once
/// The asynchronous forms of `SwarmPeer` for users of Boost.Asio: each takes a completion token (a handler,
/// `asio::use_future`, `asio::use_awaitable`, …) and completes on the executor that the handler is associated with; a
/// plain handler, on the reactor's thread of the peer. Errors are boost::system::error_code, so that Asio's tokens
/// throw them; they compare equal to `SwarmError`.
///
///     cicada::SendReport report = co_await cicada::async_send(peer, target, data, 0, asio::use_awaitable);
///
/// The peer must live until the operation has completed. There is no per-operation cancellation: `connect` takes a
/// time, the protocol bounds a send and a lookup, and `close` ends everything with `SwarmError::closed`.

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/system/error_code.hpp>
#include <cstdint>
#include <utility>
#include <vector>

#include <cicada/swarm_peer.hpp>

namespace cicada {
namespace detail {

/// Brings the outcome to the handler's own executor, which is kept from running out of work until then.
template <class Handler>
auto on_its_executor(Handler handler) {
  auto work = boost::asio::make_work_guard(boost::asio::get_associated_executor(handler));
  return [handler = std::move(handler), work = std::move(work)](std::error_code error, auto... result) mutable {
    const auto executor = work.get_executor();
    boost::asio::dispatch(
        executor, [handler = std::move(handler), error = boost::system::error_code(error),
                   ... result = std::move(result)]() mutable { std::move(handler)(error, std::move(result)...); });
  };
}

}  // namespace detail

/// Signature: void(error_code).
template <class Token>
auto async_connect(SwarmPeer& peer, HostPort address, Duration timeout, Token&& token) {
  return boost::asio::async_initiate<Token, void(boost::system::error_code)>(
      [&peer](auto handler, HostPort where, Duration time) {
        peer.async_connect(std::move(where), time, detail::on_its_executor(std::move(handler)));
      },
      token, std::move(address), timeout);
}

/// Signature: void(error_code).
template <class Token>
auto async_disconnect(SwarmPeer& peer, Token&& token) {
  return boost::asio::async_initiate<Token, void(boost::system::error_code)>(
      [&peer](auto handler) { peer.async_disconnect(detail::on_its_executor(std::move(handler))); }, token);
}

/// Signature: void(error_code, SendReport).
template <class Token>
auto async_send(SwarmPeer& peer, Target target, std::vector<std::uint8_t> data, SendOptions options, Token&& token) {
  return boost::asio::async_initiate<Token, void(boost::system::error_code, SendReport)>(
      [&peer](auto handler, const Target& whom, std::vector<std::uint8_t> what, SendOptions how) {
        peer.async_send(whom, std::move(what), how, detail::on_its_executor(std::move(handler)));
      },
      token, std::move(target), std::move(data), options);
}

/// Signature: void(error_code, Received).
template <class Token>
auto async_recv(SwarmPeer& peer, Token&& token) {
  return boost::asio::async_initiate<Token, void(boost::system::error_code, Received)>(
      [&peer](auto handler) { peer.async_recv(detail::on_its_executor(std::move(handler))); }, token);
}

/// Signature: void(error_code, LookupReport).
template <class Token>
auto async_lookup(SwarmPeer& peer, const Id& key, Token&& token) {
  return boost::asio::async_initiate<Token, void(boost::system::error_code, LookupReport)>(
      [&peer](auto handler, const Id& what) { peer.async_lookup(what, detail::on_its_executor(std::move(handler))); },
      token, key);
}

}  // namespace cicada
