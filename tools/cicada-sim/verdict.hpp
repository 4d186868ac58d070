#pragma once
/// What the expectations of a scenario say about a run.

#include <span>
#include <string>

#include <nlohmann/json.hpp>

#include <cicada/sim/run_result.hpp>

namespace cicada::tool {

/// Fills `summary.expect` and `summary.interrupted`. The figures of an interrupted run are not those of its scenario,
/// so none of its expectations counts as held, whatever was measured.
void judge(std::span<const std::string> expectations, sim::RunResult& result);

/// `failed: expected X, measured Y`, a line for each expectation that failed; empty when all hold.
std::string failed_expectations(const nlohmann::ordered_json& summary);

/// Whether every entry of `expect` is ok. True where there is none.
bool all_expectations_hold(const nlohmann::ordered_json& summary);

}  // namespace cicada::tool
