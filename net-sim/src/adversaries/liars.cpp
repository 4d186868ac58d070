// Those that send others to the wrong places.

#include <algorithm>

#include "adversaries.hpp"
#include "behaviours.hpp"
#include "message_kinds.hpp"

namespace cicada::sim {
namespace {

class Misroute final : public Behaviour {
 public:
  explicit Misroute(const MisrouteAttack& attack) : attack_(attack) {}

  Fate incoming(Attacker& attacker, const Peer& from, Message& message) override {
    if (!passes_through(attacker, message, attack_.scope) || !attacker.lucky(attack_.prob)) return Fate::go_on;
    const auto on = one_hop_on(message);
    if (!on) return Fate::go_on;
    attacker.count();
    attacker.acknowledge(from, message);
    if (const Peer to = choose(attacker, from); to.exists()) attacker.world.transmit(attacker.self, to, *on);
    return Fate::taken;
  }

  /// Broadcasts it gets like everybody, and passes on to the wrong peers.
  Fate outgoing(Attacker& attacker, Peer& to, Message& message) override {
    if (!is_broadcast(message) || !in_scope(message, attack_.scope) || is_own(attacker.self, message) ||
        !attacker.lucky(attack_.prob))
      return Fate::go_on;
    const auto* payload = std::get_if<Broadcast>(&message);
    const Peer wrong = choose(attacker, payload != nullptr ? payload->header->origin : to);
    if (!wrong.exists() || wrong.index == attacker.self) return Fate::go_on;
    attacker.count();
    to = wrong;
    return Fate::go_on;
  }

 private:
  Peer choose(Attacker& attacker, const Peer& from) const {
    if (attack_.to == MisrouteAttack::To::backward) return from;
    const bool colluder = attack_.to == MisrouteAttack::To::colluder;
    const std::vector<Peer> peers =
        attacker.adversaries.known_to(attacker.self, colluder ? Knowledge::coalition : attack_.knowledge);
    return peers.empty() ? Peer{} : peers[attacker.rng.below(peers.size())];
  }
  const MisrouteAttack& attack_;
};

/// Answers somebody's lookup in place of whoever should.
class FalseOwner : public Behaviour {
 public:
  explicit FalseOwner(double prob) : prob_(prob) {}

  Fate incoming(Attacker& attacker, const Peer& from, Message& message) override {
    if (!is_lookup(message) || ends_at(message, attacker.self, attacker.id()) || !attacker.lucky(prob_))
      return Fate::go_on;
    const auto key = destination(message);
    const Peer named = key ? owner(attacker, *key) : Peer{};
    if (!named.exists()) return Fate::go_on;
    const Peer self{attacker.id().prefix(), attacker.self};
    const auto answer = lookup_answer(message, from, self, named);
    if (!answer) return Fate::go_on;
    attacker.count();
    attacker.acknowledge(from, message);
    attacker.world.transmit(attacker.self, answer->to, answer->message);
    return Fate::taken;
  }

 private:
  virtual Peer owner(Attacker& attacker, const Id& key) const = 0;
  double prob_;
};

class FalseClosest final : public FalseOwner {
 public:
  explicit FalseClosest(const FalseClosestAttack& attack) : FalseOwner(attack.prob), collude_(attack.collude) {}

 private:
  Peer owner(Attacker& attacker, const Id& key) const override {
    if (!collude_) return {attacker.id().prefix(), attacker.self};
    return attacker.adversaries.coalition().successor_of(key);
  }
  bool collude_;
};

class LookupLie final : public FalseOwner {
 public:
  explicit LookupLie(const LookupLieAttack& attack) : FalseOwner(attack.prob) {}

 private:
  Peer owner(Attacker& attacker, const Id&) const override {
    const auto successors = attacker.world.slot(attacker.self).node.chord().successors();
    return successors.empty() ? Peer{} : successors.front();
  }
};

class TablePoison final : public Behaviour {
 public:
  explicit TablePoison(const TablePoisonAttack& attack) : attack_(attack) {}

  /// A lookup that ends at it is answered with a hostile owner; one that passes goes on.
  Fate outgoing(Attacker& attacker, Peer& to, Message& message) override {
    if (!is_ring_answer(message) || !attacker.lucky(attack_.bias)) return Fate::go_on;
    if (attack_.collude && attacker.adversaries.coalition().size() < 2) return Fate::go_on;
    const bool lists = attack_.what != TablePoisonAttack::What::fingers;
    const bool fingers = attack_.what != TablePoisonAttack::What::lists;
    if (auto* state = std::get_if<State>(&message); state != nullptr && lists) poison(attacker, *state);
    if (!fingers) return Fate::go_on;
    if (auto* found = std::get_if<Found>(&message)) poison(attacker, to, found->owners);
    if (auto* hops = std::get_if<NextHops>(&message)) poison(attacker, to, hops->peers);
    return Fate::go_on;
  }

 private:
  /// A list of the attacker's hostile neighbours in the right order; where it is alone, an empty one.
  void poison(const Attacker& attacker, State& state) const {
    if (state.unchanged) return;
    attacker.count();
    if (!attack_.collude) return state.list.clear();
    const RingTruth& coalition = attacker.adversaries.coalition();
    const Peer self{attacker.id().prefix(), attacker.self};
    std::vector<Peer> peers(state.list.size());
    const std::size_t found =
        state.side == Side::successors ? coalition.successors(self, peers) : coalition.predecessors(self, peers);
    for (std::size_t i = 0; i < found; ++i) state.list[i] = peers[i];
  }

  /// Each name is replaced by the next hostile peer behind it.
  void poison(const Attacker& attacker, const Peer& to, PeerList& peers) const {
    bool lied = false;
    for (std::size_t i = 0; i < peers.size(); ++i) {
      const Peer hostile = attack_.collude
                               ? attacker.adversaries.coalition().successor_of(attacker.world.id(peers[i].index))
                               : Peer{attacker.id().prefix(), attacker.self};
      if (!hostile.exists() || hostile == to || hostile == peers[i]) continue;
      const bool near = hostile.prefix() - peers[i].prefix() <= bound(attacker);
      if (!near && attack_.bounds == TablePoisonAttack::Bounds::respect) continue;
      peers[i] = hostile;
      lied = true;
    }
    if (lied) attacker.count();
  }

  /// How far behind the right peer a wrong one may lie so that the density of a list does not give it away: the check
  /// of finger answers allows 20 mean gaps behind the start, and the right peer is one gap behind it.
  static std::uint64_t bound(const Attacker& attacker) {
    constexpr std::uint64_t gaps = 15;
    const ChordNode& node = attacker.world.slot(attacker.self).node.chord();
    std::uint64_t span = 0, count = 0;
    for (const Peer& peer : node.successors()) {
      if (!peer.exists()) break;
      span = peer.prefix() - node.self().prefix();
      ++count;
    }
    return count == 0 || span / count > UINT64_MAX / gaps ? UINT64_MAX : span / count * gaps;
  }
  const TablePoisonAttack& attack_;
};

}  // namespace

std::unique_ptr<Behaviour> behaviour_of(const MisrouteAttack& attack) { return std::make_unique<Misroute>(attack); }
std::unique_ptr<Behaviour> behaviour_of(const FalseClosestAttack& attack) {
  return std::make_unique<FalseClosest>(attack);
}
std::unique_ptr<Behaviour> behaviour_of(const LookupLieAttack& attack) { return std::make_unique<LookupLie>(attack); }
std::unique_ptr<Behaviour> behaviour_of(const TablePoisonAttack& attack) {
  return std::make_unique<TablePoison>(attack);
}

}  // namespace cicada::sim
