#pragma once
/// Applications in the simulator: the network that their peers (`sim::SwarmPeer`, swarm_peer.hpp) live in, and their
/// threads. Code that is written against `SwarmPeer` runs here without sockets, on simulated time.
///
///     cicada::sim::SimulatedSwarm swarm({.seed = 7});
///     cicada::sim::SwarmPeer server = swarm.peer();
///     cicada::sim::SwarmThread answering = swarm.thread([&] { echo(server); });

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>

#include <cicada/sim/scenario_links.hpp>
#include <cicada/sim/scenario_protocol.hpp>
#include <cicada/sim/swarm_peer.hpp>
#include <cicada/time.hpp>

namespace cicada::sim {

/// Links of one latency, one way, that open as those of real nodes do: 3 round trips, one each for TCP, TLS 1.3 and the
/// hellos. A process that dies resets them.
[[nodiscard]] inline Links tcp_links(Duration latency) {
  Links links;
  links.model = ConstantLinks{latency};
  links.setup_rtts = 3;
  links.death = Death::reset;
  return links;
}

struct SimulatedSwarmOptions {
  std::uint64_t seed = 1;  ///< Everything random follows from it.
  Links links = tcp_links(std::chrono::milliseconds(1));
  Protocol protocol{};  ///< Of all peers; by default the periods and bounds of real nodes.
  /// A `recv` that waits longer, in simulated time, fails with `SwarmError::timed_out`: nobody will ever wake it.
  Duration wait_max = std::chrono::hours(1);
};

class SwarmThread;

/// A simulated network, on which time passes only while every thread of the application waits in a call of a peer.
///
/// @par Threads
/// The thread that constructs it, and those that `thread` starts, take turns: one runs until it waits, then the next
/// that has something to do, in the order of their starts. So a run depends on nothing but the seed and the program. No
/// other thread may call anything of the swarm or of its peers.
class SimulatedSwarm {
 public:
  /// Throws std::runtime_error where a file of the link model cannot be read.
  explicit SimulatedSwarm(const SimulatedSwarmOptions& options = {});
  /// Peers and threads must be gone.
  ~SimulatedSwarm();
  SimulatedSwarm(const SimulatedSwarm&) = delete;
  SimulatedSwarm& operator=(const SimulatedSwarm&) = delete;

  /// A peer that is not bound yet. The swarm must outlive it.
  [[nodiscard]] SwarmPeer peer(SwarmHooks hooks = {});
  /// Calls `body` on a thread of its own, whose first turn comes when the calling one waits. An exception that leaves
  /// `body` ends the program.
  [[nodiscard]] SwarmThread thread(std::function<void()> body);
  /// The calling thread waits so long.
  void sleep_for(Duration time);

  /// Simulated, from zero.
  [[nodiscard]] TimePoint now() const;
  /// Over every event so far: equal for equal runs.
  [[nodiscard]] std::uint64_t digest() const;

  class State;  ///< Private to the library.

 private:
  std::shared_ptr<State> state_;
};

/// A thread of the application, as `std::jthread`: its destructor waits for its end.
class SwarmThread {
 public:
  ~SwarmThread();
  SwarmThread(SwarmThread&&) noexcept;
  SwarmThread& operator=(SwarmThread&&) = delete;
  void join();

  struct Impl;
  explicit SwarmThread(std::unique_ptr<Impl> impl);  ///< Private to the library.

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace cicada::sim
