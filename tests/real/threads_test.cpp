// Any thread may call anything: ThreadSanitizer watches these.

#include <atomic>
#include <catch2/catch.hpp>
#include <future>
#include <mutex>
#include <thread>

#include "real/loopback.hpp"

using namespace cicada;
using namespace cicada::test;

TEST_CASE("many threads send, receive, look up and look at one peer at the same time") {
  const auto peers = ring(3, [] { return quick(); });
  REQUIRE(settled(peers));
  constexpr int threads = 4;
  constexpr int rounds = 25;
  std::atomic<int> received = 0;
  std::atomic<int> delivered = 0;
  {
    std::vector<std::jthread> workers;
    for (int t = 0; t < threads; ++t) {
      workers.emplace_back([&, t] {
        for (int i = 0; i < rounds; ++i) {
          std::error_code error;
          peers[0]->send(*peers[static_cast<std::size_t>(1 + t % 2)], "x", {}, error);
          delivered += error ? 0 : 1;
          static_cast<void>(peers[0]->lookup(Id::power_of_two(static_cast<unsigned>(i)), error));
          static_cast<void>(peers[0]->peers());
          static_cast<void>(peers[0]->statistics());
        }
      });
      workers.emplace_back([&, t] {
        const auto until = std::chrono::steady_clock::now() + 20s;
        while (received < threads * rounds && std::chrono::steady_clock::now() < until)
          if (peers[static_cast<std::size_t>(1 + t % 2)]->recv_for(20ms)) ++received;
      });
    }
  }
  CHECK(delivered == threads * rounds);
  CHECK(received == threads * rounds);
}

TEST_CASE("closing wakes whoever waits, and ends what is under way") {
  for (int round = 0; round < 10; ++round) {
    const auto peers = ring(2, [] { return quick(); });
    std::error_code recv_error;
    std::jthread reader([&] { static_cast<void>(peers[0]->recv(recv_error)); });
    std::promise<std::error_code> sent;
    peers[0]->async_send(Id::power_of_two(3), {1}, {},
                         [&](std::error_code error, SendReport) { sent.set_value(error); });
    std::promise<std::error_code> asked;
    peers[0]->async_recv([&](std::error_code error, const Received&) { asked.set_value(error); });
    peers[0]->close();
    reader.join();
    CHECK(recv_error == SwarmError::closed);
    CHECK(sent.get_future().get() == SwarmError::closed);
    CHECK(asked.get_future().get() == SwarmError::closed);
  }
}

TEST_CASE("a peer may be destroyed by its own handler, and its runtime with it") {
  std::promise<std::error_code> done;
  auto peer = std::make_shared<SwarmPeer>(quick());
  peer->bind("127.0.0.1", 0);
  SwarmPeer& alias = *peer;
  alias.async_send(alias.id(), {1}, {}, [peer = std::move(peer), &done](std::error_code error, SendReport) mutable {
    peer.reset();
    done.set_value(error);
  });
  CHECK_FALSE(done.get_future().get());
}

TEST_CASE("peers come and go on one runtime while others talk") {
  const auto runtime = std::make_shared<Runtime>();
  const auto first = bound(quick(runtime));
  std::vector<std::jthread> workers;
  std::atomic<int> failures = 0;
  std::mutex mutex;
  std::string words;
  for (int t = 0; t < 3; ++t)
    workers.emplace_back([&] {
      for (int i = 0; i < 5; ++i) {
        const auto guest = bound(quick(runtime));
        std::error_code error;
        guest->connect("127.0.0.1", first->listener().port, 60s, error);
        // Whoever is left alone by the others' leaving is told `unreachable`, and has to say it once more.
        for (int turn = 0; turn < 10 && (turn == 0 || error == SwarmError::unreachable) && (turn > 0 || !error); ++turn)
          guest->send(*first, "visit", {}, error);
        if (error) {
          ++failures;
          const std::lock_guard lock(mutex);
          words += error.message() + "; ";
        }
      }
    });
  workers.clear();
  INFO(words);
  CHECK(failures == 0);
  int visits = 0;
  while (first->try_recv()) ++visits;
  CHECK(visits >= 15);
}
