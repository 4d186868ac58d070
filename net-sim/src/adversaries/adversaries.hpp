#pragma once
/// The hostile peers of a world: who they are, and what becomes of the messages that they get and send. The world asks
/// only about peers whose slot says `hostile`, so a world without them pays one branch for each message.
///
/// Honest nodes never learn who is hostile: nothing here is visible to a node but the messages themselves.

#include <memory>
#include <unordered_map>
#include <vector>

#include <cicada/sim/slab.hpp>

#include "behaviour.hpp"
#include "selection.hpp"
#include "world/world.hpp"

namespace cicada::sim {

class Adversaries final : public Process {
 public:
  /// `world` must outlive it. `add_adversaries` makes it.
  explicit Adversaries(World& world);

  /// Chooses the hostile among the peers that exist, and spares the targets from churn. Once, when the first peers are
  /// there. `self` is its number as a process.
  void begin(std::size_t self);

  // Calls by the world

  /// A life has begun; decides whether it is hostile.
  void on_birth(PeerIndex peer);
  /// A hostile life is over.
  void on_death(PeerIndex peer) { hostile_.erase(peer); }
  /// A message has arrived at a hostile peer. Gives false where the node does not get it; else it gets `message`, which
  /// may be another one now.
  [[nodiscard]] bool incoming(PeerIndex self, const Peer& from, Message& message);
  /// The node of a hostile peer sends.
  void outgoing(PeerIndex self, const Peer& to, const Message& message);

  // For behaviours

  /// Gives the message to the node after `delay`, if it still lives.
  void hold(PeerIndex self, const Peer& from, const Message& message, Duration delay);

  /// The peers that are aimed at, alive or not: the latest life of each.
  [[nodiscard]] std::vector<PeerIndex> targets() const;

  void fire(World& world, PeerIndex target) override;

 private:
  struct Entry {
    std::unique_ptr<Behaviour> behaviour;
    TimePoint start;
    TimePoint stop;
  };
  struct Hostile {
    EntryMask entries = 0;
    Rng rng;
  };
  struct Held {
    PeerIndex self = no_peer;
    Peer from;
    Message message;
  };

  void enlist(PeerIndex peer, EntryMask entries);
  /// Calls `act(behaviour)` for each active entry of the peer until one has taken the message.
  template <class Act>
  bool taken(const Hostile& hostile, Act&& act);

  World& world_;
  Selection selection_;
  std::vector<Entry> entries_;
  std::unordered_map<std::uint32_t, EntryMask> hosts_;  ///< Hostile ones; only asked for single hosts.
  std::unordered_map<PeerIndex, Hostile> hostile_;      ///< Living; only asked for single peers.
  Slab<Held> held_;
  std::size_t self_ = 0;
  bool begun_ = false;
  std::optional<Message> muted_;  ///< The receipt that the node of a released message gives a second time.
};

/// Gives the world its adversaries, where the scenario has any, and chooses them. The first peers must exist.
void add_adversaries(World& world);

}  // namespace cicada::sim
