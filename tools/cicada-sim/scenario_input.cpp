#include "scenario_input.hpp"

#include <fmt/core.h>

#include <cstdio>
#include <variant>

#include <cicada/sim/latency_model.hpp>
#include <cicada/sim/scenario_loader.hpp>

namespace cicada::tool {

std::optional<sim::Scenario> load_or_complain(const std::string& file, const std::vector<std::string>& settings,
                                              std::optional<std::uint64_t> seed) {
  auto scenario = sim::load_scenario(file, settings);
  if (!scenario) {
    for (const sim::LoadError& error : scenario.error()) fmt::print(stderr, "{}\n", sim::to_string(error));
    return std::nullopt;
  }
  if (seed) scenario->seed = *seed;
  return std::move(*scenario);
}

std::optional<std::string> complaint_about_data(const sim::Scenario& scenario) {
  const sim::LinkModel& links = scenario.links.model;
  const bool from_file =
      std::holds_alternative<sim::GraphLinks>(links) || std::holds_alternative<sim::MatrixLinks>(links);
  if (!from_file) return std::nullopt;
  const auto model = sim::make_latency_model(links, scenario.seed);
  if (model) return std::nullopt;
  return model.error();
}

}  // namespace cicada::tool
