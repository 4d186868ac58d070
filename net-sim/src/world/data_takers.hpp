#pragma once
/// How large the share of peers is that would take a message off its way just now, for the closed forms: they know
/// nothing but such a share. Who floods, lies about keys or suppresses broadcasts takes no message.

#include <optional>

#include "world.hpp"

namespace cicada::sim {

class DataTakers {
 public:
  explicit DataTakers(const Scenario& scenario);

  /// Is there an entry that takes messages of applications?
  [[nodiscard]] bool any() const { return any_; }
  /// Does one of them take them at places of its choice, or from some only? No common share says then what happens.
  [[nodiscard]] bool placed() const { return placed_; }
  /// Neighbours on each side that a weak eclipse takes over; nothing without one.
  [[nodiscard]] std::optional<unsigned> eclipsed_zone() const { return zone_; }

  /// The mean over all members of the probability that it takes a copy which passes it, at random places only: an entry
  /// counts while it is active, and with its `prob`. Cost: a look at all members, once in a sampling period and
  /// whenever an entry begins or ends.
  [[nodiscard]] double share(const World& world);

 private:
  [[nodiscard]] double count(const World& world) const;

  const Scenario& scenario_;
  bool any_ = false, placed_ = false;
  std::optional<unsigned> zone_;
  std::vector<TimePoint> changes_;  ///< When entries begin and end, ascending.
  TimePoint valid_until_{};
  bool counted_ = false;
  double share_ = 0;
};

}  // namespace cicada::sim
