#pragma once
/// One world of an exploration, from its ideal start to the end of its quiescence.

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include <cicada/sim/ring_checker.hpp>
#include <cicada/sim/scenario.hpp>

#include "explore/happenings.hpp"
#include "world/world.hpp"

namespace cicada::sim {

/// What became of a world.
struct ExploredWorld {
  std::uint64_t digest = 0;
  WorldCounters counters;
  Duration simulated{};
  std::size_t peers_end = 0;
  std::array<std::uint64_t, property_count> violations{};  ///< Episodes, by property.
  bool ideal = false;                                      ///< All processes are members of one ideal ring at the end.
  unsigned rounds = 0;                                     ///< Of stabilisation, from the last happening until then.
  std::vector<std::string> story;                          ///< What happened, line by line, where it was asked for.

  [[nodiscard]] bool violates(Property property) const { return violations[static_cast<std::size_t>(property)] > 0; }
  [[nodiscard]] bool broken() const;
  /// One of the properties is violated that the protocol never repairs (chord.md §3.1, `required`).
  [[nodiscard]] bool ring_lost() const;
};

/// Rounds of stabilisation after the last happening within which the ring must be ideal.
[[nodiscard]] unsigned settling_rounds(const Scenario& scenario);

/// Explores the world of `scenario.seed`. The checker looks at it after every event.
[[nodiscard]] ExploredWorld explore_world(const Scenario& scenario, bool with_story);

}  // namespace cicada::sim
