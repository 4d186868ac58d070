#include "droppers.hpp"

#include "adversaries.hpp"
#include "message_kinds.hpp"
#include "world/processes.hpp"

namespace cicada::sim {
namespace {

/// Is it in scope, and the attacker only a hop on its way?
bool passes_through(const Attacker& attacker, const Message& message, Scope scope) {
  return in_scope(message, scope) && !ends_at(message, attacker.self, attacker.id());
}

/// Swallows what arrives, so that the node can't find another way for it either.
class Drop final : public Behaviour {
 public:
  Drop(Scope scope, double prob) : scope_(scope), prob_(prob) {}

  Fate incoming(Attacker& attacker, const Peer& from, Message& message) override {
    if (!passes_through(attacker, message, scope_)) return Fate::go_on;
    if (prob_ < 1 && !attacker.rng.chance(prob_)) return Fate::go_on;
    attacker.acknowledge(from, message);
    return Fate::taken;
  }

 private:
  Scope scope_;
  double prob_;
};

class Delay final : public Behaviour {
 public:
  explicit Delay(const DelayAttack& attack) : attack_(attack) {}

  Fate incoming(Attacker& attacker, const Peer& from, Message& message) override {
    if (!passes_through(attacker, message, attack_.scope)) return Fate::go_on;
    if (attack_.prob < 1 && !attacker.rng.chance(attack_.prob)) return Fate::go_on;
    attacker.acknowledge(from, message);
    attacker.adversaries.hold(attacker.self, from, message, length(attacker, message));
    return Fate::taken;
  }

 private:
  Duration length(Attacker& attacker, const Message& message) const {
    if (attack_.kind == DelayAttack::Kind::by) return draw(attack_.by, attacker.rng);
    const ChordNode& node = attacker.world.slot(attacker.self).node.chord();
    const Duration usual = usual_timeout(message, node, attacker.world.config());
    return std::max(Duration::zero(), usual - attack_.margin);
  }
  const DelayAttack& attack_;
};

}  // namespace

std::unique_ptr<Behaviour> behaviour_of(const DropAttack& attack) { return std::make_unique<Drop>(attack.scope, 1.0); }

std::unique_ptr<Behaviour> behaviour_of(const GrayDropAttack& attack) {
  return std::make_unique<Drop>(attack.scope, attack.prob);
}

std::unique_ptr<Behaviour> behaviour_of(const DelayAttack& attack) { return std::make_unique<Delay>(attack); }

}  // namespace cicada::sim
