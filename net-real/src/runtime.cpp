#include <cicada/runtime.hpp>

#include "reactor.hpp"

namespace cicada {

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
    reactor_->thread.detach();
  else
    reactor_->thread.join();
}

bool Runtime::is_current_thread() const noexcept { return reactor_->thread_id.load() == std::this_thread::get_id(); }

}  // namespace cicada
