// The asynchronous forms complete once, with Asio's tokens, on the executor of their handler.

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <catch2/catch.hpp>
#include <functional>
#include <future>
#include <thread>

#include <cicada/swarm_peer_async.hpp>

#include "real/loopback.hpp"

using namespace cicada;
using namespace cicada::test;
namespace asio = boost::asio;

TEST_CASE("a coroutine joins, sends, receives and looks up, on its own executor") {
  const auto server = bound(quick());
  const auto client = bound(quick());
  asio::io_context io;
  bool done = false;
  const auto here = std::this_thread::get_id();
  const auto talk = [&]() -> asio::awaitable<void> {
    const HostPort address("127.0.0.1", server->listener().port);
    const std::vector<std::uint8_t> words = {'h', 'i'};
    co_await async_connect(*client, address, 5s, asio::use_awaitable);
    const SendReport report = co_await async_send(*client, *server, words, 0, asio::use_awaitable);
    CHECK(report.hops == 1);
    const Received received = co_await async_recv(*server, asio::use_awaitable);
    CHECK(text(received) == "hi");
    const LookupReport found = co_await async_lookup(*client, server->id(), asio::use_awaitable);
    CHECK(found.owner.id == server->id());
    co_await async_disconnect(*client, asio::use_awaitable);
    CHECK(std::this_thread::get_id() == here);
    done = true;
  };
  asio::co_spawn(io, talk(), [](std::exception_ptr error) {
    if (error) std::rethrow_exception(error);
  });
  io.run_for(20s);
  CHECK(done);
}

TEST_CASE("a future holds the report, or throws the reason") {
  const auto peer = bound(quick());
  auto report = async_send(*peer, *peer, {1}, 0, asio::use_future);
  CHECK(report.get().hops == 0);
  auto failed = async_connect(*peer, {"127.0.0.1", peer->listener().port}, 1s, asio::use_future);
  try {
    failed.get();
    FAIL("connecting to oneself succeeded");
  } catch (const boost::system::system_error& error) {
    CHECK(std::error_code(error.code()) == SwarmError::connected_to_self);
  }
}

TEST_CASE("a callback may start the next operation") {
  const auto peer = bound(quick());
  std::promise<int> done;
  std::function<void(int)> chain = [&](int left) {
    if (left == 0) return done.set_value(0);
    peer->async_send(*peer, {1}, {}, [&chain, left](std::error_code, SendReport) { chain(left - 1); });
  };
  chain(100);
  CHECK(done.get_future().get() == 0);
  CHECK(peer->statistics().inbox_messages == 100);
}
