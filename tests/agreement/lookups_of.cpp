// Runs a scenario and prints each of its lookups, in the order of their ends: a JSON object a line, times in ms.

#include <chrono>
#include <cstdio>
#include <exception>

#include <fmt/format.h>

#include <cicada/sim/scenario_loader.hpp>
#include <cicada/sim/simulation.hpp>

namespace {

double milliseconds(cicada::Duration duration) { return std::chrono::duration<double, std::milli>(duration).count(); }

void print(const cicada::sim::LookupResult& lookup) {
  fmt::print(R"({{"peer": {}, "key": "{}", "found": {}, "owner": {}, "hops": {}, "timeouts": {}, )", lookup.peer,
             lookup.key.to_hex(), lookup.found, lookup.owner, lookup.hops, lookup.timeouts);
  fmt::print(R"("started_ms": {}, "took_ms": {}}})"
             "\n",
             milliseconds(lookup.started), milliseconds(lookup.latency));
}

}  // namespace

int main(int count, char** words) try {
  if (count != 2) {
    std::fputs("usage: lookups_of SCENARIO\n", stderr);
    return 2;
  }
  const auto scenario = cicada::sim::load_scenario(words[1]);
  if (!scenario) {
    for (const auto& error : scenario.error()) fmt::print(stderr, "{}\n", to_string(error));
    return 2;
  }
  static_cast<void>(cicada::sim::run(*scenario, {.on_lookup = print}));
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "lookups_of: %s\n", error.what());
  return 1;
}
