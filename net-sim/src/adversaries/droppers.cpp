// Those that do not pass on what they should, or not in time.

#include <algorithm>
#include <deque>
#include <unordered_map>

#include "adversaries.hpp"
#include "behaviours.hpp"
#include "dropping.hpp"
#include "message_kinds.hpp"
#include "world/processes.hpp"

namespace cicada::sim {
namespace {

class GrayDrop final : public Drop {
 public:
  explicit GrayDrop(const GrayDropAttack& attack) : Drop(attack.scope, attack.prob), attack_(attack) {}

  Fate incoming(Attacker& attacker, const Peer& from, Message& message) override {
    if (!concerns(attacker, message, attack_.who, attack_.victims)) return Fate::go_on;
    return Drop::incoming(attacker, from, message);
  }
  Fate outgoing(Attacker& attacker, Peer& to, Message& message) override {
    if (!concerns(attacker, message, attack_.who, attack_.victims)) return Fate::go_on;
    return Drop::outgoing(attacker, to, message);
  }

 private:
  const GrayDropAttack& attack_;
};

class AdaptiveSelective final : public Drop {
 public:
  explicit AdaptiveSelective(const AdaptiveSelectiveAttack& attack) : Drop(attack.scope), attack_(attack) {}

  Fate incoming(Attacker& attacker, const Peer& from, Message& message) override {
    return strikes(attacker, message) ? Drop::incoming(attacker, from, message) : Fate::go_on;
  }
  Fate outgoing(Attacker& attacker, Peer& to, Message& message) override {
    return strikes(attacker, message) ? Drop::outgoing(attacker, to, message) : Fate::go_on;
  }

 private:
  [[nodiscard]] bool strikes(const Attacker& attacker, const Message& message) const {
    const PeerSlot& slot = attacker.world.slot(attacker.self);
    const TimePoint since = std::max(TimePoint(attack_.who.start), TimePoint(Duration(slot.member_since_ns)));
    return attacker.world.now() >= since + attack_.warmup && concerns(attacker, message, attack_.who, attack_.victims);
  }
  const AdaptiveSelectiveAttack& attack_;
};

class Delay final : public Behaviour {
 public:
  explicit Delay(const DelayAttack& attack) : attack_(attack) {}

  Fate incoming(Attacker& attacker, const Peer& from, Message& message) override {
    if (!passes_through(attacker, message, attack_.scope) || !attacker.lucky(attack_.prob)) return Fate::go_on;
    attacker.count();
    attacker.acknowledge(from, message);
    attacker.adversaries.hold(attacker, from, message, length(attacker, message));
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

/// Its own node knows that a message has arrived, and is content; the peer before it never hears of it.
class AckDrop final : public Behaviour {
 public:
  explicit AckDrop(double prob) : prob_(prob) {}

  Fate outgoing(Attacker& attacker, Peer&, Message& message) override {
    const auto* ack = std::get_if<DataAck>(&message);
    const bool passed_on = ack != nullptr && ack->target_key != PublicKey{} &&  // Those of errands have none.
                           ack->target_key != attacker.world.public_key_of(attacker.self);
    if (!passed_on || !attacker.lucky(prob_)) return Fate::go_on;
    attacker.count();
    return Fate::taken;
  }

 private:
  double prob_;
};

/// Lets the first transmission of each copy out, and no word but receipts and the target's own.
class Freeride final : public Behaviour {
 public:
  Fate outgoing(Attacker& attacker, Peer&, Message& message) override {
    if (is_repair_word(message)) return refuse(attacker);
    const auto copy = copy_key(message);
    if (!copy) return Fate::go_on;
    const std::uint64_t key = mix64(*copy, attacker.self);
    if (!passed_.emplace(key, true).second) return refuse(attacker);
    order_.push_back(key);
    if (order_.size() > remembered_max) {
      passed_.erase(order_.front());
      order_.pop_front();
    }
    return Fate::go_on;
  }

 private:
  static Fate refuse(const Attacker& attacker) {
    attacker.count();
    return Fate::taken;
  }
  static constexpr std::size_t remembered_max = 100'000;  // Of all attackers together.
  std::unordered_map<std::uint64_t, bool> passed_;        // Only asked for single copies.
  std::deque<std::uint64_t> order_;
};

}  // namespace

Fate Drop::incoming(Attacker& attacker, const Peer& from, Message& message) {
  const bool touched = passes_through(attacker, message, scope_) && !is_broadcast(message);
  if (!touched || !attacker.lucky(prob_)) return Fate::go_on;
  attacker.count();
  attacker.acknowledge(from, message);
  return Fate::taken;
}

Fate Drop::outgoing(Attacker& attacker, Peer&, Message& message) {
  const bool touched = is_broadcast(message) && in_scope(message, scope_) && !is_own(attacker.self, message);
  if (!touched || !attacker.lucky(prob_)) return Fate::go_on;
  attacker.count();
  return Fate::taken;
}

bool concerns(const Attacker& attacker, const Message& message, const Attackers& who, Victims victims) {
  if (victims == Victims::all) return true;
  const auto aim = destination(message);
  const auto origin = source(message);
  return std::ranges::any_of(attacker.adversaries.targets(who.targets), [&](PeerIndex one) {
    return victims == Victims::targets ? aim && attacker.world.id(one) == *aim : origin && one == *origin;
  });
}

std::unique_ptr<Behaviour> behaviour_of(const DropAttack& attack) {
  return std::make_unique<Drop>(attack.scope, attack.prob);
}
std::unique_ptr<Behaviour> behaviour_of(const GrayDropAttack& attack) { return std::make_unique<GrayDrop>(attack); }
std::unique_ptr<Behaviour> behaviour_of(const DelayAttack& attack) { return std::make_unique<Delay>(attack); }
std::unique_ptr<Behaviour> behaviour_of(const AckDropAttack& attack) {
  if (attack.spend) return std::make_unique<Drop>(Scope::acks, attack.prob);
  return std::make_unique<AckDrop>(attack.prob);
}
std::unique_ptr<Behaviour> behaviour_of(const AdaptiveSelectiveAttack& attack) {
  return std::make_unique<AdaptiveSelective>(attack);
}
std::unique_ptr<Behaviour> behaviour_of(const FreerideAttack&) { return std::make_unique<Freeride>(); }
std::unique_ptr<Behaviour> behaviour_of(const SybilAttack& attack) { return std::make_unique<Drop>(attack.scope); }
std::unique_ptr<Behaviour> behaviour_of(const EclipseTargetAttack& attack) {
  return std::make_unique<Drop>(attack.scope);
}

}  // namespace cicada::sim
