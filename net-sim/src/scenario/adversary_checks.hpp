#pragma once
/// What can only be judged of `adversaries:` when its values, or several of its entries, are seen together. The aim: no
/// entry is accepted that would do nothing, or not what it says.

#include <functional>
#include <string>

#include <cicada/sim/scenario.hpp>

namespace cicada::sim {

/// Is told of each contradiction: the dotted path of the key, what was found, and what was expected.
using Complaint = std::function<void(const std::string& path, const std::string& found, const std::string& expected)>;

/// Judges all entries but for their spans.
void check_adversaries(const Scenario& scenario, const Complaint& complain);

}  // namespace cicada::sim
