#pragma once
/// What the simulator's queue holds: one delivery or timer, 24 bytes, and the total order in which events happen. The
/// payload's meaning (a timer's kind, the index of a message in its slab) belongs to the engine.

#include <cstdint>
#include <type_traits>

#include <cicada/peer.hpp>

namespace cicada::sim {

struct Event {
  std::int64_t time_ns = 0;    ///< When it happens, in nanoseconds since the start of the simulation; not negative.
  PeerIndex target = no_peer;  ///< The peer it happens to.
  PeerIndex source = no_peer;  ///< The peer that caused it: second key of the order.
  std::uint32_t sequence = 0;  ///< Numbers the events of one source: third key of the order.
  std::uint32_t payload = 0;   ///< Opaque to the queue.

  friend constexpr bool operator==(const Event&, const Event&) = default;
};
static_assert(sizeof(Event) == 24 && std::is_trivially_copyable_v<Event>);

/// The order of execution: (time, source, sequence). Two pending events never agree in all three, so the order of a run
/// depends neither on the queue's structure nor on the order of the pushes.
constexpr bool happens_before(const Event& a, const Event& b) {
  if (a.time_ns != b.time_ns) return a.time_ns < b.time_ns;
  const std::uint64_t tie_a = (std::uint64_t{a.source} << 32) | a.sequence;
  const std::uint64_t tie_b = (std::uint64_t{b.source} << 32) | b.sequence;
  return tie_a < tie_b;
}

}  // namespace cicada::sim
