#pragma once
/// Waiting of the mapping's worker: for a descriptor, for at most so long, and not beyond a request to stop.

#include <chrono>
#include <span>

namespace cicada {

using SteadyTime = std::chrono::steady_clock::time_point;

/// A flag that a waiting thread can be woken by: an eventfd. Any thread may raise it.
class Signal {
 public:
  Signal();  ///< Throws std::system_error.
  Signal(const Signal&) = delete;
  Signal& operator=(const Signal&) = delete;
  ~Signal();

  void raise() const;
  [[nodiscard]] int descriptor() const { return descriptor_; }
  [[nodiscard]] bool is_raised() const;

 private:
  int descriptor_;
};

/// How long a step of the worker may take, and what ends it early. `stop` may be null: then only time does.
struct Patience {
  const Signal* stop = nullptr;
  SteadyTime deadline;

  [[nodiscard]] static Patience of(const Signal* stop, std::chrono::milliseconds time) {
    return {stop, std::chrono::steady_clock::now() + time};
  }
  /// Ends with this one, or after `time` if that is sooner.
  [[nodiscard]] Patience at_most(std::chrono::milliseconds time) const;
  [[nodiscard]] bool is_over() const;
};

enum class Waited { readable, stopped, timed_out };

/// Waits until one of `descriptors` (four at most; negative ones are left out) can be read.
Waited wait_readable(std::span<const int> descriptors, const Patience& patience);

}  // namespace cicada
