#pragma once
/// What peers do and what is done to them, in plain sentences: one for each workload and each fault.

#include <string>

#include <cicada/sim/scenario_events.hpp>

namespace cicada::tool {

std::string workload_story(const sim::Workload& workload);
std::string fault_story(const sim::Fault& fault);

}  // namespace cicada::tool
