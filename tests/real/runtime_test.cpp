// Threads of runtimes end with them, and what two threads share is there until both are done with it.

#include <atomic>
#include <catch2/catch.hpp>
#include <filesystem>
#include <future>

#include "reactor.hpp"
#include "reactor_call.hpp"
#include "real/loopback.hpp"

using namespace cicada;
using namespace cicada::test;

namespace {

/// A thread that was joined is listed for a moment more.
std::ptrdiff_t threads_now() {
  return std::distance(std::filesystem::directory_iterator("/proc/self/task"), std::filesystem::directory_iterator());
}

}  // namespace

TEST_CASE("the thread of a runtime has ended when the last peer and the last owner are gone, in any order") {
  const auto before = threads_now();
  for (int round = 0; round < 100; ++round) {
    auto runtime = std::make_shared<Runtime>();
    const std::weak_ptr<Runtime> watched = runtime;
    auto peer = bound(quick(runtime));
    runtime.reset();
    REQUIRE(eventually([&] { return threads_now() == before + 1; }));
    peer.reset();
    REQUIRE(watched.expired());  // Nothing on its own thread owns it: that could not wait for itself.
    REQUIRE(eventually([&] { return threads_now() == before; }));
  }
}

TEST_CASE("of the threads of runtimes that end on themselves, one at most is still to be waited for") {
  const auto before = threads_now();
  for (int round = 0; round < 50; ++round) {
    auto runtime = std::make_shared<Runtime>();
    std::promise<void> gone;
    Runtime& alias = *runtime;
    boost::asio::post(alias.reactor().context, [runtime = std::move(runtime), &gone]() mutable {
      runtime.reset();
      gone.set_value();
    });
    gone.get_future().get();
    REQUIRE(eventually([&] { return threads_now() <= before + 1; }));
  }
}

TEST_CASE("a call's result is given to whoever waits while the other thread is still giving it") {
  const Runtime runtime;
  std::atomic<int> calls = 0;
  for (int i = 0; i < 20000; ++i) {
    const std::vector<int> result = call_on(runtime.reactor().context, [&] { return std::vector<int>(3, ++calls); });
    if (result[2] != i + 1) FAIL(i);
    std::error_code error;
    const auto text =
        wait_on<std::string>(runtime.reactor().context, error, [&](auto handler) { handler({}, "done"); });
    if (error || text != "done") FAIL(i);
  }
  CHECK(calls == 20000);
  CHECK_THROWS_AS(call_on(runtime.reactor().context, []() -> int { throw std::length_error("as it was thrown"); }),
                  std::length_error);
}
