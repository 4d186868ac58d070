#pragma once
/// A scenario in plain sentences.

#include <string>
#include <utility>
#include <vector>

#include <cicada/sim/scenario.hpp>

namespace cicada::tool {

/// (topic, sentences): peers, links, protocol, workloads, adversaries, faults, measurements, sweep. Reads the file of a
/// measured matrix or router graph to say how long a typical message takes; where that fails the sentence is left out.
std::vector<std::pair<std::string, std::string>> scenario_story(const sim::Scenario& scenario);

}  // namespace cicada::tool
