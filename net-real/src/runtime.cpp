#include <cicada/runtime.hpp>

#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "reactor.hpp"

namespace cicada {
namespace {

/// Threads of runtimes that were destroyed on them, so that nobody could wait for their end. The next one to come
/// does, and the program before it ends: a thread that is cut off loses what it would have freed, for instance
/// OpenSSL's random generators.
class OrphanedThreads {
 public:
  OrphanedThreads() = default;
  ~OrphanedThreads() { join(std::exchange(threads_, {})); }
  OrphanedThreads(const OrphanedThreads&) = delete;
  OrphanedThreads& operator=(const OrphanedThreads&) = delete;

  void add(std::thread thread) {
    std::vector<std::thread> earlier;
    {
      const std::lock_guard lock(mutex_);
      earlier = std::exchange(threads_, {});
      threads_.push_back(std::move(thread));
    }
    join(std::move(earlier));
  }

 private:
  static void join(std::vector<std::thread> threads) {
    for (std::thread& thread : threads) {
      if (thread.get_id() == std::this_thread::get_id())
        thread.detach();  // A handler that ends the program.
      else
        thread.join();
    }
  }

  std::mutex mutex_;
  std::vector<std::thread> threads_;
};

OrphanedThreads& orphaned_threads() {
  static OrphanedThreads threads;
  return threads;
}

}  // namespace

Runtime::Runtime() : reactor_(std::make_shared<Reactor>()) {
  // The thread shares the reactor, so that a runtime may be destroyed by one of its own handlers. An exception that
  // leaves a hook or a handler ends the program: nobody else could know what it means.
  reactor_->thread = std::thread([reactor = reactor_]() noexcept {
    reactor->thread_id.store(std::this_thread::get_id());
    reactor->context.run();
  });
}

Runtime::~Runtime() {
  reactor_->work.reset();
  reactor_->context.stop();
  if (is_current_thread())
    orphaned_threads().add(std::move(reactor_->thread));
  else
    reactor_->thread.join();
}

bool Runtime::is_current_thread() const noexcept { return reactor_->thread_id.load() == std::this_thread::get_id(); }

}  // namespace cicada
