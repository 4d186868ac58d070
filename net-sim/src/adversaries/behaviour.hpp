#pragma once
/// What one entry of `adversaries:` does at the border between a hostile node and its links. The node itself is the
/// same as everybody's; it sees what is let in, and the others see what is let out.

#include <memory>
#include <optional>

#include <cicada/message.hpp>
#include <cicada/rng.hpp>
#include <cicada/sim/scenario_adversaries.hpp>

namespace cicada::sim {

class Adversaries;
class World;

/// One hostile peer at one instant.
struct Attacker {
  Adversaries& adversaries;
  World& world;
  PeerIndex self;
  Rng& rng;               ///< Its own stream, so that no other draw depends on it.
  std::size_t entry = 0;  ///< Of `adversaries:`, the one that acts.

  [[nodiscard]] const Id& id() const;
  /// True with this probability. Draws nothing for 1.
  [[nodiscard]] bool lucky(double prob) const;
  /// Counts one deed of the entry.
  void count() const;
  /// Gives the previous hop its receipt, where it waits for one and has none yet.
  void acknowledge(const Peer& from, const Message& message);
};

/// What becomes of a message.
enum class Fate : std::uint8_t {
  go_on,  ///< The next behaviour looks at it, and at last the node, or the link, gets it.
  taken   ///< Nobody does.
};

class Behaviour {
 public:
  virtual ~Behaviour() = default;
  /// A message that has arrived, before the node sees it. It may be changed.
  virtual Fate incoming(Attacker&, const Peer& /*from*/, Message&) { return Fate::go_on; }
  /// A message that the node sends. It may be changed, and so may its receiver.
  virtual Fate outgoing(Attacker&, Peer& /*to*/, Message&) { return Fate::go_on; }
  /// How long until this peer acts of its own accord; nothing where it never does.
  virtual std::optional<Duration> pause(Attacker&) { return std::nullopt; }
  /// It acts; not within a step of any node.
  virtual void act(Attacker&) {}
};

/// Is it in scope, and the attacker only a hop on its way?
[[nodiscard]] bool passes_through(const Attacker& attacker, const Message& message, Scope scope);

/// The behaviour of an entry. `adversary` must outlive it.
[[nodiscard]] std::unique_ptr<Behaviour> make_behaviour(const Adversary& adversary);

}  // namespace cicada::sim
