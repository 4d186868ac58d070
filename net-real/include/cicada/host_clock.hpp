#pragma once
/// What a node reads of its host's clocks, what it finds out about them, and how they compare with those of its peers.
///
/// Protocol timers run on the steady clock and notice no change of the time of day. Times that are signed or judged
/// are those of the host's time of day, whatever happens to it: it is set, slewed, or wrong from the start.

#include <chrono>
#include <cstdint>
#include <memory>

#include <cicada/peer.hpp>
#include <cicada/time.hpp>

namespace cicada {

/// The clocks of the host. Tests replace them, to change the time of one node alone. Any thread.
class HostClock {
 public:
  virtual ~HostClock() = default;
  /// The time of day, since 1970.
  [[nodiscard]] virtual TimePoint wall() const = 0;
  /// For how long the machine has slept since it was started: the steady clock stands still meanwhile.
  [[nodiscard]] virtual Duration slept() const = 0;
  /// Those of the system.
  [[nodiscard]] static std::shared_ptr<const HostClock> system();
};

/// Something happened to this node's time, or kept it from a link.
struct ClockEvent {
  enum class Kind : std::uint8_t {
    slept,        ///< The machine slept.
    stood_still,  ///< The process got no time to run: it was stopped, or the machine was overloaded.
    stepped,      ///< The time of day was set, or slewed by as much.
    refused,      ///< A peer that was dialled has another time of day by more than `clock_difference_max`.
  };
  Kind kind{};
  Duration by{};  ///< For how long; by how much it is ahead of what it was, or of the peer's. May be negative.
  Endpoint peer;  ///< With `refused`: who was dialled. Port 0 over a relay.
};

/// This node's time of day, beside those of the peers that it compared it with in the last ten minutes: those it has
/// links with, and those it dialled.
struct ClockReport {
  unsigned compared = 0;
  unsigned too_far = 0;  ///< Of these, by more than `clock_difference_max`: there is no link.
  Duration ahead{};      ///< Median: so far this node's is ahead of theirs. Negative where it is behind.
  /// Most of them differ by too much: so this node's time of day is the wrong one, most likely.
  [[nodiscard]] bool wrong() const { return 2 * too_far > compared; }
};

}  // namespace cicada
