// Those that act of their own accord: floods, and ids that are drawn again and again.

#include <algorithm>

#include "adversaries.hpp"
#include "behaviours.hpp"
#include "message_kinds.hpp"

namespace cicada::sim {
namespace {

constexpr double ns_per_s = 1e9;

std::optional<Duration> poisson_pause(double per_s, Rng& rng) {
  if (per_s <= 0) return std::nullopt;
  return Duration(static_cast<Duration::rep>(std::min(rng.exponential(1 / per_s), 1e9) * ns_per_s));
}

Payload payload_of(std::uint64_t bytes) {
  return std::make_shared<std::vector<std::uint8_t>>(static_cast<std::size_t>(bytes), std::uint8_t{0xf1});
}

class Flood final : public Behaviour {
 public:
  explicit Flood(const FloodAttack& attack) : attack_(attack), payload_(payload_of(attack.size_bytes)) {}

  std::optional<Duration> pause(Attacker& attacker) override { return poisson_pause(attack_.per_s, attacker.rng); }
  void act(Attacker& attacker) override {
    const World& world = attacker.world;
    if (!world.slot(attacker.self).member) return;
    PeerIndex target = world.random_member(attacker.rng);
    if (attack_.to == FloodAttack::To::targets) {
      const std::vector<PeerIndex> targets = attacker.adversaries.targets();
      target = targets.empty() ? target : targets[attacker.rng.below(targets.size())];
    }
    if (target != attacker.self) attacker.world.send(attacker.self, world.id(target), payload_, {});
  }

 private:
  const FloodAttack& attack_;
  Payload payload_;
};

class Amplify final : public Behaviour {
 public:
  explicit Amplify(const AmplifyAttack& attack) : attack_(attack), payload_(payload_of(attack.size_bytes)) {}

  std::optional<Duration> pause(Attacker& attacker) override { return poisson_pause(attack_.per_s, attacker.rng); }
  void act(Attacker& attacker) override {
    if (!attacker.world.slot(attacker.self).member) return;
    Rng& rng = attacker.rng;
    const Id nobody{{rng.next(), rng.next(), rng.next(), rng.next()}};
    attacker.world.send(attacker.self, nobody, payload_, SendOptions(attack_.duplicates));
  }

 private:
  const AmplifyAttack& attack_;
  Payload payload_;
};

class JoinLeave final : public Behaviour {
 public:
  explicit JoinLeave(const JoinLeaveAttack& attack) : attack_(attack) {}

  Fate incoming(Attacker& attacker, const Peer& from, Message& message) override {
    if (!passes_through(attacker, message, attack_.scope) || !landed(attacker)) return Fate::go_on;
    attacker.acknowledge(from, message);
    return Fate::taken;
  }
  std::optional<Duration> pause(Attacker& attacker) override {
    if (landed(attacker)) return std::nullopt;
    return attack_.every / 2 + attacker.rng.between(Duration::zero(), attack_.every);
  }
  void act(Attacker& attacker) override {
    if (!landed(attacker)) attacker.adversaries.rejoin(attacker.self);
  }

 private:
  /// Within half of the arc on either side of a target.
  [[nodiscard]] bool landed(const Attacker& attacker) const {
    const auto half = static_cast<std::uint64_t>(std::min(attack_.arc_ratio, 0.999999) / 2 * 0x1p64);
    return std::ranges::any_of(attacker.adversaries.targets(), [&](PeerIndex target) {
      const std::uint64_t clockwise = attacker.id().prefix() - attacker.world.id(target).prefix();
      return std::min(clockwise, 0 - clockwise) <= half;
    });
  }
  const JoinLeaveAttack& attack_;
};

}  // namespace

std::unique_ptr<Behaviour> behaviour_of(const FloodAttack& attack) { return std::make_unique<Flood>(attack); }
std::unique_ptr<Behaviour> behaviour_of(const AmplifyAttack& attack) { return std::make_unique<Amplify>(attack); }
std::unique_ptr<Behaviour> behaviour_of(const JoinLeaveAttack& attack) { return std::make_unique<JoinLeave>(attack); }

}  // namespace cicada::sim
