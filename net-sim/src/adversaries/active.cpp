// Those that act of their own accord: floods, and ids that are drawn again and again.

#include <algorithm>
#include <unordered_map>

#include <cicada/signing.hpp>

#include "adversaries.hpp"
#include "behaviours.hpp"
#include "dropping.hpp"
#include "message_kinds.hpp"
#include "world/world.hpp"

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
    if (attack_.to == FloodAttack::To::everybody) return broadcast(attacker);
    PeerIndex target = world.random_member(attacker.rng);
    if (attack_.to == FloodAttack::To::targets) {
      const std::vector<PeerIndex> targets = attacker.adversaries.targets(attack_.who.targets);
      target = targets.empty() ? target : targets[attacker.rng.below(targets.size())];
    }
    if (target == attacker.self) return;
    attacker.count();
    attacker.world.send(attacker.self, world.id(target), payload_, {});
  }

 private:
  /// Its node would refuse more than the pace of one origin, so it signs with the node's key and numbers itself, and
  /// sends to all that it knows, with the whole ring left to each.
  void broadcast(Attacker& attacker) {
    attacker.count();
    const std::vector<Peer> known = attacker.adversaries.known_to(attacker.self, Knowledge::local);
    const std::uint64_t number = ++sent_[attacker.self];
    attacker.world.act_as(attacker.self, [&](Environment& env) {
      auto header = std::make_shared<BroadcastHeader>();
      header->origin = {attacker.id().prefix(), attacker.self};
      header->sequence = number;
      header->origin_key = env.crypto.public_key();
      const auto statement =
          signed_bytes(*header, attacker.id(), env.contacts.incarnation_of(attacker.self),
                       payload_hash(env.crypto, payload_), visited_hash(env.crypto, header->visited));
      header->id = broadcast_id(env.crypto, statement);
      header->signature = env.crypto.sign(statement);
      for (const Peer& to : known)
        attacker.world.transmit(attacker.self, to, Broadcast{header, payload_, UINT64_MAX, 0});
    });
  }

  const FloodAttack& attack_;
  Payload payload_;
  std::unordered_map<PeerIndex, std::uint64_t> sent_;  ///< Broadcasts; only asked for single peers.
};

class Amplify final : public Behaviour {
 public:
  explicit Amplify(const AmplifyAttack& attack) : attack_(attack), payload_(payload_of(attack.size_bytes)) {}

  std::optional<Duration> pause(Attacker& attacker) override { return poisson_pause(attack_.per_s, attacker.rng); }
  void act(Attacker& attacker) override {
    if (!attacker.world.slot(attacker.self).member) return;
    Rng& rng = attacker.rng;
    attacker.count();
    const Id nobody{{rng.next(), rng.next(), rng.next(), rng.next()}};
    attacker.world.send(attacker.self, nobody, payload_, SendOptions(attack_.duplicates));
  }

 private:
  const AmplifyAttack& attack_;
  Payload payload_;
};

class JoinLeave final : public Drop {
 public:
  explicit JoinLeave(const JoinLeaveAttack& attack) : Drop(attack.scope), attack_(attack) {}

  Fate incoming(Attacker& attacker, const Peer& from, Message& message) override {
    return landed(attacker) ? Drop::incoming(attacker, from, message) : Fate::go_on;
  }
  Fate outgoing(Attacker& attacker, Peer& to, Message& message) override {
    return landed(attacker) ? Drop::outgoing(attacker, to, message) : Fate::go_on;
  }
  std::optional<Duration> pause(Attacker& attacker) override {
    if (landed(attacker)) return std::nullopt;
    return attack_.every / 2 + attacker.rng.between(Duration::zero(), attack_.every);
  }
  void act(Attacker& attacker) override {
    if (landed(attacker)) return;
    attacker.count();
    attacker.adversaries.rejoin(attacker.self);
  }

 private:
  /// Within half of the arc on either side of a target.
  [[nodiscard]] bool landed(const Attacker& attacker) const {
    const auto half = static_cast<std::uint64_t>(std::min(attack_.arc_ratio, 0.999999) / 2 * 0x1p64);
    return std::ranges::any_of(attacker.adversaries.targets(attack_.who.targets), [&](PeerIndex target) {
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
