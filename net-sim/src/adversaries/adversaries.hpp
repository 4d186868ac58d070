#pragma once
/// The hostile peers of a world: who they are, and what becomes of the messages that they get and send. The world asks
/// only about peers whose slot says `hostile`, so a world without them pays one branch for each message.
///
/// Honest nodes never learn who is hostile: nothing here is visible to a node but the messages themselves.

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include <cicada/sim/ring_truth.hpp>
#include <cicada/sim/slab.hpp>

#include "behaviour.hpp"
#include "insertion.hpp"
#include "selection.hpp"
#include "world/world.hpp"

namespace cicada::sim {

class Adversaries final : public Process {
 public:
  /// `world` must outlive it. `add_adversaries` makes it.
  explicit Adversaries(World& world);
  void set_index(std::size_t self) { self_ = self; }

  /// The ids of hostile peers that are part of the ring at the start, beyond peers.count. They get the next hosts.
  [[nodiscard]] std::vector<Id> first_ids() const;
  /// Chooses the hostile among the peers that exist, and spares the targets from churn. Once, when the first peers are
  /// there.
  void begin();

  // Calls by the world

  /// A life has begun; decides whether it is hostile.
  void on_birth(PeerIndex peer);
  /// A hostile life is over.
  void on_death(PeerIndex peer);
  void on_member(World&, PeerIndex peer) override;
  /// A message has arrived at a hostile peer. Gives false where the node does not get it; else it gets `message`, which
  /// may be another one now.
  [[nodiscard]] bool incoming(PeerIndex self, const Peer& from, Message& message);
  /// The node of a hostile peer sends.
  void outgoing(PeerIndex self, const Peer& to, const Message& message);

  // For behaviours

  /// Gives the message to the attacker's later entries, and to its node, after `delay`, if it still lives.
  void hold(const Attacker& attacker, const Peer& from, const Message& message, Duration delay);
  /// Was this receipt given when the message was held that is let go now?
  [[nodiscard]] bool has_given(const Message& receipt) const;

  /// Sends the message as `self` after `delay`, if that still lives.
  void post(PeerIndex self, const Peer& to, const Message& message, Duration delay);
  /// This life ends, and another begins under a new id, just as hostile.
  void rejoin(PeerIndex self);
  /// Living hostile members.
  [[nodiscard]] const RingTruth& coalition() const { return coalition_; }
  /// The peers that `self` knows of, without itself. Cost: O(their number).
  [[nodiscard]] std::vector<Peer> known_to(PeerIndex self, Knowledge knowledge) const;
  /// The entries that a living peer acts by; none where it is honest.
  [[nodiscard]] EntryMask entries_of(PeerIndex peer) const {
    const auto place = hostile_.find(peer);
    return place == hostile_.end() ? 0 : place->second.entries;
  }
  /// Ids that they added to the swarm so far.
  [[nodiscard]] std::uint64_t inserted() const { return inserted_; }

  /// The first `most` of the peers that are aimed at, alive or not: the latest life of each.
  [[nodiscard]] std::vector<PeerIndex> targets(std::size_t most = SIZE_MAX) const;

  void count(std::size_t entry) { ++entries_[entry].acts; }
  /// What hostile peers did so far: deeds of all entries of one kind together, by the kinds that the scenario has.
  /// Messages of `mutate` that no longer decoded.
  [[nodiscard]] std::uint64_t undecodable() const { return undecodable_; }
  void count_undecodable() { ++undecodable_; }
  [[nodiscard]] std::map<std::string, std::uint64_t> acts() const;

  void fire(World& world, PeerIndex target) override;

 private:
  struct Entry {
    std::unique_ptr<Behaviour> behaviour;
    TimePoint start;
    TimePoint stop;
    std::uint64_t acts = 0;
  };
  struct Hostile {
    EntryMask entries = 0;
    Rng rng;
  };
  /// Something that will happen.
  struct Due {
    enum class What : std::uint8_t { release, post, act, insert };
    What what{};
    PeerIndex self = no_peer;
    Peer peer{};  ///< Who sent the message, or who shall get it.
    Message message{};
    std::size_t entry = 0;  ///< Who held the message, or whose turn it is to act; of the insertions, which.
  };

  void enlist(PeerIndex peer, EntryMask entries);
  void schedule(Due due, TimePoint at);
  void schedule_act(PeerIndex peer, std::size_t entry);
  void act(const Due& due);
  void insert(const Insertion& insertion);
  /// Calls `act(behaviour)` for each active entry of the attacker, from its own on, until one has taken the message.
  template <class Act>
  bool taken(Attacker& attacker, EntryMask entries, Act&& act);
  void release(const Due& due);

  World& world_;
  Selection selection_;
  std::vector<Entry> entries_;
  std::unordered_map<std::uint32_t, EntryMask> hosts_;  ///< Hostile ones; only asked for single hosts.
  std::unordered_map<PeerIndex, Hostile> hostile_;      ///< Living; only asked for single peers.
  std::vector<Insertion> insertions_;
  std::uint64_t inserted_ = 0;
  RingTruth coalition_;
  EntryMask next_birth_ = 0;  ///< The life that begins now is hostile by these.
  Slab<Due> due_;
  std::size_t self_ = 0;
  bool begun_ = false;
  std::optional<Message> muted_;  ///< The receipt that the node of a released message gives a second time.
  std::uint64_t undecodable_ = 0;
};

/// Gives the world its adversaries, where the scenario has any; else gives nullptr. Before the first peers.
Adversaries* add_adversaries(World& world);

}  // namespace cicada::sim
