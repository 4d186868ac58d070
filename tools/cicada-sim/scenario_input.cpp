#include "scenario_input.hpp"
#include "output.hpp"

#include <algorithm>
#include <cstdio>

#include <cicada/sim/scenario_loader.hpp>

namespace cicada::tool {

std::optional<sim::Scenario> load_or_complain(const std::string& file, const std::vector<std::string>& settings,
                                              std::optional<std::uint64_t> seed) {
  auto scenario = sim::load_scenario(file, settings);
  if (!scenario) {
    for (const sim::LoadError& error : scenario.error()) complain("{}\n", sim::to_string(error));
    return std::nullopt;
  }
  if (seed) scenario->seed = *seed;
  return std::move(*scenario);
}

std::optional<std::vector<sim::DataFile>> read_data_or_complain(const std::string& file,
                                                                const sim::Scenario& scenario) {
  sim::DataFiles data = sim::read_data_files(scenario);
  for (const std::string& mistake : data.mistakes) complain("{}: {}\n", file, mistake);
  if (!data.mistakes.empty()) return std::nullopt;
  return std::move(data.read);
}

bool DataCheck::accepts(const std::string& file, const sim::Scenario& scenario) {
  const auto same = [&](const sim::Scenario& other) { return sim::same_data(other, scenario); };
  if (std::ranges::any_of(accepted_, same)) return true;
  if (!read_data_or_complain(file, scenario)) return false;
  accepted_.push_back(scenario);
  return true;
}

}  // namespace cicada::tool
