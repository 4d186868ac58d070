#include "child_pool.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

namespace cicada::tool {
namespace {

constexpr std::size_t error_bytes_max = 16 << 10;
constexpr int exec_failed = 127;

/// In the child, between fork and exec: only async-signal-safe calls.
[[noreturn]] void become(char* const* arguments, int errors, pid_t parent) {
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (::getppid() != parent) ::_exit(exec_failed);  // The parent ended before the line above.
  const int nothing = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  if (nothing < 0 || ::dup2(nothing, STDIN_FILENO) < 0 || ::dup2(nothing, STDOUT_FILENO) < 0 ||
      ::dup2(errors, STDERR_FILENO) < 0) {
    ::_exit(exec_failed);
  }
  ::execv("/proc/self/exe", arguments);
  ::_exit(exec_failed);
}

/// Reads what is there. Returns whether the other end is still open.
bool drain(int pipe, std::string& into) {
  char buffer[4096];
  for (;;) {
    const ssize_t count = ::read(pipe, buffer, sizeof buffer);
    if (count == 0) return false;
    if (count < 0) return errno == EINTR || errno == EAGAIN;
    const auto room = error_bytes_max - std::min(error_bytes_max, into.size());
    into.append(buffer, std::min(room, static_cast<std::size_t>(count)));
  }
}

int wait_for(pid_t process) {
  int status = 0;
  while (::waitpid(process, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace

ChildPool::~ChildPool() {
  signal_all(SIGKILL);
  for (const Child& child : children_) {
    wait_for(child.process);
    ::close(child.errors);
  }
}

std::optional<std::string> ChildPool::start(std::size_t id, const std::vector<std::string>& arguments) {
  // execv takes texts that it may change, though it never does; all is made before the fork, which allows no
  // allocation.
  std::vector<std::string> words = {"cicada-sim"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);

  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return fmt::format("cannot make a pipe: {}", std::strerror(errno));
  const pid_t parent = ::getpid();
  const pid_t process = ::fork();
  if (process == 0) become(pointers.data(), ends[1], parent);
  const int failure = errno;
  ::close(ends[1]);
  if (process < 0) {
    ::close(ends[0]);
    return fmt::format("cannot start a process: {}", std::strerror(failure));
  }
  ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
  children_.push_back({id, process, ends[0], {}});
  return std::nullopt;
}

std::vector<FinishedChild> ChildPool::wait(std::chrono::milliseconds at_most) {
  std::vector<pollfd> pipes;
  for (const Child& child : children_) pipes.push_back({child.errors, POLLIN, 0});
  ::poll(pipes.data(), pipes.size(), static_cast<int>(at_most.count()));

  std::vector<FinishedChild> finished;
  for (auto child = children_.begin(); child != children_.end();) {
    // A run starts no processes itself, so its stderr closes when it ends, and then waiting takes no time.
    if (drain(child->errors, child->error_output)) {
      ++child;
      continue;
    }
    finished.push_back({child->id, wait_for(child->process), std::move(child->error_output)});
    ::close(child->errors);
    child = children_.erase(child);
  }
  return finished;
}

void ChildPool::signal_all(int signal) const {
  for (const Child& child : children_) ::kill(child.process, signal);
}

}  // namespace cicada::tool
