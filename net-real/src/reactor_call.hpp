#pragma once
/// How another thread has work done on the reactor's thread and waits for it. What the two threads share is owned by
/// both: the waiting one may go on as soon as there is a result, while the other one is still telling it so.

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <functional>
#include <future>
#include <memory>
#include <system_error>
#include <type_traits>
#include <utility>

namespace cicada {

/// Runs `work()` on the reactor's thread and gives its result, or throws what it threw. For work that does not wait.
/// Not from the reactor's own thread. `work` is not copied.
template <class Work>
std::invoke_result_t<Work&> call_on(boost::asio::io_context& reactor, Work&& work) {
  const auto task = std::make_shared<std::packaged_task<std::invoke_result_t<Work&>()>>(std::ref(work));
  auto result = task->get_future();
  boost::asio::post(reactor, [task] { (*task)(); });
  return result.get();
}

/// Runs `start(handler)` on the reactor's thread, and waits until somebody there has called `handler(error, result)`.
/// Not from the reactor's own thread. `start` is not copied.
template <class Result, class Start>
Result wait_on(boost::asio::io_context& reactor, std::error_code& error, Start&& start) {
  struct Outcome {
    std::error_code error;
    Result result;
  };
  const auto promise = std::make_shared<std::promise<Outcome>>();
  auto outcome = promise->get_future();
  boost::asio::post(reactor, [&start, promise] {
    start([promise](std::error_code failed, Result result = {}) { promise->set_value({failed, std::move(result)}); });
  });
  Outcome done = outcome.get();
  error = done.error;
  return std::move(done.result);
}

}  // namespace cicada
