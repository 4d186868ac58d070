#include "behaviour.hpp"

#include <variant>

#include "adversaries.hpp"
#include "droppers.hpp"
#include "message_kinds.hpp"
#include "world/world.hpp"

namespace cicada::sim {

const Id& Attacker::id() const { return world.id(self); }

void Attacker::acknowledge(const Peer& from, const Message& message) {
  if (const auto receipt = receipt_for(message)) world.transmit(self, from, *receipt);
}

std::unique_ptr<Behaviour> make_behaviour(const Adversary& adversary) {
  return std::visit([](const auto& attack) { return behaviour_of(attack); }, adversary);
}

}  // namespace cicada::sim
