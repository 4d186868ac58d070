#pragma once
/// An entry of `adversaries:` in a plain sentence: who, how many, what they do, to what, and when.

#include <string>

#include <cicada/sim/scenario_adversaries.hpp>

namespace cicada::tool {

std::string adversary_story(const sim::Adversary& adversary);

}  // namespace cicada::tool
