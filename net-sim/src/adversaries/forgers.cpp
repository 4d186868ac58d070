// Those that change, make up or repeat messages. They sign with their own keys only.

#include <deque>
#include <unordered_map>
#include <utility>
#include <vector>

#include "adversaries.hpp"
#include "behaviours.hpp"
#include "message_kinds.hpp"
#include "mutated_message.hpp"
#include "world/world.hpp"

namespace cicada::sim {
namespace {

class Tamper final : public Behaviour {
 public:
  explicit Tamper(const TamperAttack& attack) : attack_(attack) {}

  /// On the way out: what comes in changed, its own node refuses as everybody's does.
  Fate outgoing(Attacker& attacker, Peer&, Message& message) override {
    if (!in_scope(message, attack_.scope) || is_own(attacker.self, message) || !attacker.lucky(attack_.prob))
      return Fate::go_on;
    if (change(message, attack_.what, attacker.rng)) attacker.count();
    return Fate::go_on;
  }

 private:
  const TamperAttack& attack_;
};

class AckForge final : public Behaviour {
 public:
  explicit AckForge(const AckForgeAttack& attack) : attack_(attack) {}

  Fate incoming(Attacker& attacker, const Peer& from, Message& message) override {
    if (!passes_through(attacker, message, Scope::data) || !attacker.lucky(attack_.prob)) return Fate::go_on;
    const auto aim = destination(message);
    const auto target = aim ? attacker.world.peer_named(*aim) : std::nullopt;
    const PeerIndex signer = attack_.key == AckForgeAttack::Key::target && target ? *target : attacker.self;
    const auto forged = forged_acknowledgement(message, attacker.world.public_key_of(signer), attacker.rng);
    if (!forged) return Fate::go_on;
    attacker.count();
    attacker.acknowledge(from, message);
    attacker.world.transmit(attacker.self, from, *forged);
    return Fate::taken;
  }

 private:
  const AckForgeAttack& attack_;
};

class Blame final : public Behaviour {
 public:
  explicit Blame(const BlameAttack& attack) : attack_(attack) {}

  Fate incoming(Attacker& attacker, const Peer& from, Message& message) override {
    if (!passes_through(attacker, message, Scope::data) || !attacker.lucky(attack_.prob)) return Fate::go_on;
    const auto word = false_report(message, attack_.says);
    if (!word) return Fate::go_on;
    attacker.count();
    attacker.acknowledge(from, message);
    const bool again = attack_.says == BlameAttack::Says::working;
    if (!again) attacker.world.transmit(attacker.self, from, *word);
    for (unsigned i = 1; again && i <= attack_.times; ++i)
      attacker.adversaries.post(attacker.self, from, *word, attack_.every * i);
    return Fate::taken;
  }

 private:
  const BlameAttack& attack_;
};

class Replay final : public Behaviour {
 public:
  explicit Replay(const ReplayAttack& attack) : attack_(attack) {}

  Fate incoming(Attacker& attacker, const Peer& from, Message& message) override {
    if (!in_scope(message, attack_.scope) || is_lookup(message)) return Fate::go_on;
    std::deque<Captured>& window = captured_[attacker.self];
    window.push_back({message, from});
    if (window.size() > attack_.window) window.pop_front();
    return Fate::go_on;
  }

  std::optional<Duration> pause(Attacker&) override { return attack_.every; }

  /// To a peer of its own tables, or back to where it came from.
  void act(Attacker& attacker) override {
    const std::deque<Captured>& window = captured_[attacker.self];
    if (window.empty()) return;
    attacker.count();
    const Captured& old = window[attacker.rng.below(window.size())];
    const std::vector<Peer> known = attacker.adversaries.known_to(attacker.self, Knowledge::local);
    const bool back = known.empty() || attacker.rng.chance(0.5);
    attacker.world.transmit(attacker.self, back ? old.from : known[attacker.rng.below(known.size())], old.message);
  }

 private:
  struct Captured {
    Message message;
    Peer from;
  };
  const ReplayAttack& attack_;
  std::unordered_map<PeerIndex, std::deque<Captured>> captured_;  ///< Only asked for single peers.
};

class Mutate final : public Behaviour {
 public:
  explicit Mutate(const MutateAttack& attack) : attack_(attack) {}

  Fate outgoing(Attacker& attacker, Peer& to, Message& message) override {
    if (!attacker.lucky(attack_.prob)) return Fate::go_on;
    attacker.count();
    const bool bytes = attack_.what == MutateAttack::What::bytes ||
                       (attack_.what == MutateAttack::What::any && attacker.rng.chance(0.5));
    if (!bytes) change_one_field(attacker, to, message);
    std::vector<std::uint8_t> wire = attacker.world.encoded(message);
    if (bytes) change_bytes(wire, attacker.rng);
    auto decoded = attacker.world.decoded(wire);
    if (!decoded) {
      attacker.adversaries.count_undecodable();
      return Fate::taken;
    }
    message = *std::move(decoded);
    return Fate::go_on;
  }

 private:
  /// Other peers in it are known ones, the receiver, the sender, or any life there ever was.
  static void change_one_field(Attacker& attacker, const Peer& to, Message& message) {
    const World& world = attacker.world;
    std::vector<Peer> peers = attacker.adversaries.known_to(attacker.self, Knowledge::local);
    const auto any = static_cast<PeerIndex>(attacker.rng.below(world.lives()));
    for (const PeerIndex peer : {to.index, attacker.self, any}) peers.emplace_back(world.id(peer).prefix(), peer);
    std::vector<Id> ids;
    for (const Peer& peer : peers) ids.push_back(world.id(peer.index));
    change_field(message, peers, ids, attacker.rng);
  }

  const MutateAttack& attack_;
};

}  // namespace

std::unique_ptr<Behaviour> behaviour_of(const TamperAttack& attack) { return std::make_unique<Tamper>(attack); }
std::unique_ptr<Behaviour> behaviour_of(const AckForgeAttack& attack) { return std::make_unique<AckForge>(attack); }
std::unique_ptr<Behaviour> behaviour_of(const BlameAttack& attack) { return std::make_unique<Blame>(attack); }
std::unique_ptr<Behaviour> behaviour_of(const ReplayAttack& attack) { return std::make_unique<Replay>(attack); }
std::unique_ptr<Behaviour> behaviour_of(const MutateAttack& attack) { return std::make_unique<Mutate>(attack); }

}  // namespace cicada::sim
