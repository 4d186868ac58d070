// Those that pass broadcasts on wrongly.

#include <algorithm>
#include <vector>

#include "adversaries.hpp"
#include "behaviours.hpp"
#include "message_kinds.hpp"
#include "world/world.hpp"

namespace cicada::sim {
namespace {

class BroadcastSuppress final : public Behaviour {
 public:
  explicit BroadcastSuppress(const BroadcastSuppressAttack& attack) : attack_(attack) {}

  Fate outgoing(Attacker& attacker, Peer& to, Message& message) override {
    if (!is_broadcast(message) || is_own(attacker.self, message) || !attacker.lucky(attack_.prob)) return Fate::go_on;
    auto* payload = std::get_if<Broadcast>(&message);
    switch (attack_.how) {
      case How::silent:
        return swallow(attacker);
      case How::coalition:
        return among_us(attacker, to) ? Fate::go_on : swallow(attacker);
      case How::narrow:
      case How::visited:
        if (payload == nullptr) return among_us(attacker, to) ? Fate::go_on : swallow(attacker);
        break;
      case How::wide:
        if (payload == nullptr) return Fate::go_on;
        break;
    }
    attacker.count();
    if (attack_.how == How::narrow) payload->reach = 0;
    if (attack_.how == How::wide) payload->reach = UINT64_MAX;
    if (attack_.how == How::visited) exclude_behind(attacker, to, *payload);
    return Fate::go_on;
  }

 private:
  using How = BroadcastSuppressAttack::How;

  static Fate swallow(const Attacker& attacker) {
    attacker.count();
    return Fate::taken;
  }
  static bool among_us(const Attacker& attacker, const Peer& to) { return attacker.world.slot(to.index).hostile; }

  static void exclude_behind(const Attacker& attacker, const Peer& to, Broadcast& broadcast) {
    auto header = std::make_shared<BroadcastHeader>(*broadcast.header);
    std::vector<Peer> behind(broadcast_visited_max - header->visited.size());
    const std::size_t found = attacker.world.truth().successors(to, behind);
    for (std::size_t i = 0; i < found; ++i) header->visited.push_back(attacker.world.id(behind[i].index));
    broadcast.header = std::move(header);
  }
  const BroadcastSuppressAttack& attack_;
};

}  // namespace

std::unique_ptr<Behaviour> behaviour_of(const BroadcastSuppressAttack& attack) {
  return std::make_unique<BroadcastSuppress>(attack);
}

}  // namespace cicada::sim
