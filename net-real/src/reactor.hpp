#pragma once
/// The inside of a `Runtime`.

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <thread>

#include <cicada/runtime.hpp>

namespace cicada {

namespace asio = boost::asio;

struct Runtime::Reactor {
  asio::io_context context{1};
  asio::executor_work_guard<asio::io_context::executor_type> work{context.get_executor()};
  std::atomic<std::thread::id> thread_id;
  std::thread thread;
};

}  // namespace cicada
