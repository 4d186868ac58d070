#pragma once
/// Dropping, which several kinds of attackers have in common.

#include "behaviour.hpp"

namespace cicada::sim {

/// Swallows what arrives, so that the node can't find another way for it either. Broadcasts it takes, like everybody,
/// and passes none on.
class Drop : public Behaviour {
 public:
  explicit Drop(Scope scope, double prob = 1) : scope_(scope), prob_(prob) {}

  Fate incoming(Attacker& attacker, const Peer& from, Message& message) override;
  Fate outgoing(Attacker& attacker, Peer& to, Message& message) override;

 private:
  Scope scope_;
  double prob_;
};

/// Is the message to or from one of the first `who.targets` peers that are aimed at, as `victims` says?
[[nodiscard]] bool concerns(const Attacker& attacker, const Message& message, const Attackers& who, Victims victims);

}  // namespace cicada::sim
