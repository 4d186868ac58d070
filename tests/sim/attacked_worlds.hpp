#pragma once
/// What tests of adversaries have in common.

#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "sim/small_worlds.hpp"

namespace cicada::sim::test {

using Json = nlohmann::ordered_json;

inline Attackers share(double ratio) { return {.ratio = ratio}; }

/// One copy that nobody looks after: what attackers do to it shows.
inline Sends plain_sends(double per_s) {
  Sends plain = sends(per_s);
  plain.strategy = Strategy::cicada;
  return plain;
}

/// 120 peers that send to each other.
inline Scenario busy(std::vector<Adversary> adversaries, std::uint64_t seed = 3) {
  Scenario scenario = quick_ring(120, seed, 3min);
  scenario.protocol.successors = 8;
  scenario.workloads = {plain_sends(5)};
  scenario.adversaries = std::move(adversaries);
  return scenario;
}

inline double at(const Json& summary, const char* section, const char* key) {
  return summary[section][key].get<double>();
}

}  // namespace cicada::sim::test
