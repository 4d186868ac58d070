#include "behaviour.hpp"

#include <variant>

#include "adversaries.hpp"
#include "behaviours.hpp"
#include "message_kinds.hpp"
#include "world/world.hpp"

namespace cicada::sim {

const Id& Attacker::id() const { return world.id(self); }

void Attacker::count() const { adversaries.count(entry); }

void Attacker::acknowledge(const Peer& from, const Message& message) {
  const auto receipt = receipt_for(message);
  if (receipt && !adversaries.has_given(*receipt)) world.transmit(self, from, *receipt);
}

bool passes_through(const Attacker& attacker, const Message& message, Scope scope) {
  return in_scope(message, scope) && !ends_at(message, attacker.self, attacker.id());
}

bool Attacker::lucky(double prob) const { return prob >= 1 || rng.chance(prob); }

std::unique_ptr<Behaviour> make_behaviour(const Adversary& adversary) {
  return std::visit([](const auto& attack) { return behaviour_of(attack); }, adversary);
}

}  // namespace cicada::sim
