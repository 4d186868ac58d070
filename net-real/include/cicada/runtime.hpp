#pragma once
/// The thread that peers live on: one reactor (an `io_context`) and the one thread that runs it.

#include <memory>

namespace cicada {

/// Several `SwarmPeer`s may share one runtime: all their steps, hooks and handlers then run on its thread, one at a
/// time. A runtime outlives the peers that were given it.
///
/// Thread safety: every member may be called by any thread.
class Runtime {
 public:
  /// Starts the thread. Throws std::system_error where the system has none left.
  Runtime();
  /// Stops the reactor and joins its thread. Where that is the caller it ends when its handler returns, and the program
  /// waits for it at its exit.
  ~Runtime();
  Runtime(const Runtime&) = delete;
  Runtime& operator=(const Runtime&) = delete;

  /// Is the caller the reactor's thread?
  [[nodiscard]] bool is_current_thread() const noexcept;

  struct Reactor;  ///< Private to the library.
  [[nodiscard]] Reactor& reactor() const noexcept { return *reactor_; }

 private:
  std::shared_ptr<Reactor> reactor_;
};

}  // namespace cicada
