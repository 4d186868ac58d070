#include "wait.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <system_error>

#include <cicada/assert.hpp>

namespace cicada {
namespace {

constexpr std::size_t descriptors_max = 4;

int milliseconds_until(SteadyTime deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now()).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, 3'600'000));
}

}  // namespace

Signal::Signal() : descriptor_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (descriptor_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
}

Signal::~Signal() { close(descriptor_); }

void Signal::raise() const {
  const std::uint64_t one = 1;
  // It fails only where the counter is full, and then the signal is raised already.
  [[maybe_unused]] const ssize_t written = write(descriptor_, &one, sizeof one);
}

bool Signal::is_raised() const {
  pollfd waiting{.fd = descriptor_, .events = POLLIN, .revents = 0};
  return poll(&waiting, 1, 0) == 1;
}

Patience Patience::at_most(std::chrono::milliseconds time) const {
  return {stop, std::min(deadline, std::chrono::steady_clock::now() + time)};
}

bool Patience::is_over() const {
  return std::chrono::steady_clock::now() >= deadline || (stop != nullptr && stop->is_raised());
}

Waited wait_readable(std::span<const int> descriptors, const Patience& patience) {
  CICADA_ASSERT(descriptors.size() <= descriptors_max);
  std::array<pollfd, descriptors_max + 1> waiting{};
  // poll() passes over negative descriptors.
  waiting[0] = {.fd = patience.stop != nullptr ? patience.stop->descriptor() : -1, .events = POLLIN, .revents = 0};
  for (std::size_t i = 0; i < descriptors.size(); ++i) {
    waiting[i + 1] = {.fd = descriptors[i], .events = POLLIN, .revents = 0};
  }
  while (true) {
    const int ready = poll(waiting.data(), descriptors.size() + 1, milliseconds_until(patience.deadline));
    if (ready < 0 && errno == EINTR) continue;
    if (waiting[0].revents != 0) return Waited::stopped;
    if (ready > 0) return Waited::readable;
    if (ready < 0 || std::chrono::steady_clock::now() >= patience.deadline) return Waited::timed_out;
  }
}

}  // namespace cicada
