#pragma once
/// Several runs of this program at the same time, each a process of its own: a crash, a leak or a lack of memory in one
/// does not touch the others. Children live in process groups of their own, so that Ctrl-C reaches only us, and we end
/// them in order; they end with us when we are killed.

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace cicada::tool {

struct FinishedChild {
  std::size_t id = 0;        ///< As given to `start`.
  int exit_status = 0;       ///< 128 + signal where a signal ended it, as in a shell.
  std::string error_output;  ///< What it wrote to stderr, the first 16 KiB.
};

class ChildPool {
 public:
  explicit ChildPool(std::size_t jobs) : jobs_(jobs) {}
  /// Kills what still runs.
  ~ChildPool();
  ChildPool(const ChildPool&) = delete;
  ChildPool& operator=(const ChildPool&) = delete;

  [[nodiscard]] bool full() const { return children_.size() >= jobs_; }
  [[nodiscard]] std::size_t running() const { return children_.size(); }

  /// Starts this program with the given arguments (without its name); stdin and stdout are empty. Returns what is wrong
  /// where the system cannot start it.
  std::optional<std::string> start(std::size_t id, const std::vector<std::string>& arguments);

  /// Waits until a child has ended, a signal came, or the time is over, and returns those that have ended.
  std::vector<FinishedChild> wait(std::chrono::milliseconds at_most);

  /// Sends a signal to all children.
  void signal_all(int signal) const;

 private:
  struct Child {
    std::size_t id;
    pid_t process;
    int errors;  // The reading end of the pipe that is its stderr.
    std::string error_output;
  };
  std::size_t jobs_;
  std::vector<Child> children_;
};

}  // namespace cicada::tool
