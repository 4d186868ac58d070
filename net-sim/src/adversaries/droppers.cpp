// Those that do not pass on what they should, or not in time.

#include <algorithm>
#include <deque>
#include <unordered_map>

#include "adversaries.hpp"
#include "behaviours.hpp"
#include "message_kinds.hpp"
#include "world/processes.hpp"

namespace cicada::sim {
namespace {

/// Swallows what arrives, so that the node can't find another way for it either. Broadcasts it takes, like everybody,
/// and passes none on.
class Drop : public Behaviour {
 public:
  explicit Drop(Scope scope, double prob = 1) : scope_(scope), prob_(prob) {}

  Fate incoming(Attacker& attacker, const Peer& from, Message& message) override {
    if (!passes_through(attacker, message, scope_) || !attacker.lucky(prob_)) return Fate::go_on;
    attacker.acknowledge(from, message);
    return Fate::taken;
  }

  Fate outgoing(Attacker& attacker, Peer&, Message& message) override {
    const bool touched =
        (scope_ == Scope::data && is_broadcast_payload(message)) || (scope_ == Scope::all && is_broadcast(message));
    return touched && attacker.lucky(prob_) ? Fate::taken : Fate::go_on;
  }

 private:
  Scope scope_;
  double prob_;
};

class AdaptiveSelective final : public Drop {
 public:
  explicit AdaptiveSelective(const AdaptiveSelectiveAttack& attack) : Drop(attack.scope), attack_(attack) {}

  Fate incoming(Attacker& attacker, const Peer& from, Message& message) override {
    if (!trusted(attacker)) return Fate::go_on;
    if (attack_.victims == AdaptiveSelectiveAttack::Victims::targets && !for_target(attacker, message))
      return Fate::go_on;
    return Drop::incoming(attacker, from, message);
  }

  Fate outgoing(Attacker& attacker, Peer& to, Message& message) override {
    const bool everybody = attack_.victims == AdaptiveSelectiveAttack::Victims::all;
    return everybody && trusted(attacker) ? Drop::outgoing(attacker, to, message) : Fate::go_on;
  }

 private:
  [[nodiscard]] bool trusted(const Attacker& attacker) const {
    const PeerSlot& slot = attacker.world.slot(attacker.self);
    const TimePoint since = std::max(TimePoint(attack_.who.start), TimePoint(Duration(slot.member_since_ns)));
    return attacker.world.now() >= since + attack_.warmup;
  }
  static bool for_target(const Attacker& attacker, const Message& message) {
    const auto aim = destination(message);
    return aim && std::ranges::any_of(attacker.adversaries.targets(),
                                      [&](PeerIndex target) { return attacker.world.id(target) == *aim; });
  }
  const AdaptiveSelectiveAttack& attack_;
};

class Delay final : public Behaviour {
 public:
  explicit Delay(const DelayAttack& attack) : attack_(attack) {}

  Fate incoming(Attacker& attacker, const Peer& from, Message& message) override {
    if (!passes_through(attacker, message, attack_.scope) || !attacker.lucky(attack_.prob)) return Fate::go_on;
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

class BroadcastSuppress final : public Behaviour {
 public:
  explicit BroadcastSuppress(const BroadcastSuppressAttack& attack) : prob_(attack.prob) {}
  Fate outgoing(Attacker& attacker, Peer&, Message& message) override {
    return is_broadcast(message) && attacker.lucky(prob_) ? Fate::taken : Fate::go_on;
  }

 private:
  double prob_;
};

/// Lets the first transmission of each copy out, and no word but receipts and the target's own.
class Freeride final : public Behaviour {
 public:
  Fate outgoing(Attacker& attacker, Peer&, Message& message) override {
    if (is_repair_word(message)) return Fate::taken;
    const auto copy = copy_key(message);
    if (!copy) return Fate::go_on;
    const std::uint64_t key = mix64(*copy, attacker.self);
    if (!passed_.emplace(key, true).second) return Fate::taken;
    order_.push_back(key);
    if (order_.size() > remembered_max) {
      passed_.erase(order_.front());
      order_.pop_front();
    }
    return Fate::go_on;
  }

 private:
  static constexpr std::size_t remembered_max = 100'000;  // Of all attackers together.
  std::unordered_map<std::uint64_t, bool> passed_;        // Only asked for single copies.
  std::deque<std::uint64_t> order_;
};

}  // namespace

std::unique_ptr<Behaviour> behaviour_of(const DropAttack& attack) { return std::make_unique<Drop>(attack.scope); }
std::unique_ptr<Behaviour> behaviour_of(const GrayDropAttack& attack) {
  return std::make_unique<Drop>(attack.scope, attack.prob);
}
std::unique_ptr<Behaviour> behaviour_of(const DelayAttack& attack) { return std::make_unique<Delay>(attack); }
std::unique_ptr<Behaviour> behaviour_of(const AckDropAttack& attack) {
  return std::make_unique<Drop>(Scope::acks, attack.prob);
}
std::unique_ptr<Behaviour> behaviour_of(const AdaptiveSelectiveAttack& attack) {
  return std::make_unique<AdaptiveSelective>(attack);
}
std::unique_ptr<Behaviour> behaviour_of(const BroadcastSuppressAttack& attack) {
  return std::make_unique<BroadcastSuppress>(attack);
}
std::unique_ptr<Behaviour> behaviour_of(const FreerideAttack&) { return std::make_unique<Freeride>(); }
std::unique_ptr<Behaviour> behaviour_of(const SybilAttack& attack) { return std::make_unique<Drop>(attack.scope); }
std::unique_ptr<Behaviour> behaviour_of(const EclipseTargetAttack& attack) {
  return std::make_unique<Drop>(attack.scope);
}

}  // namespace cicada::sim
