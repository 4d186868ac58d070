#pragma once
/// Those that do not pass on what they should.

#include "behaviour.hpp"

namespace cicada::sim {

std::unique_ptr<Behaviour> behaviour_of(const DropAttack& attack);
std::unique_ptr<Behaviour> behaviour_of(const GrayDropAttack& attack);
std::unique_ptr<Behaviour> behaviour_of(const DelayAttack& attack);

}  // namespace cicada::sim
