// cicada-sim explain: what will be simulated, and at what cost, before anybody waits for it.

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>
#include <thread>
#include <vector>

#include <cicada/sim/report_text.hpp>
#include <cicada/sim/run_result.hpp>
#include <cicada/sim/scenario_loader.hpp>
#include <cicada/sim/sweep.hpp>

#include "commands.hpp"
#include "cost_estimate.hpp"
#include "default_keys.hpp"
#include "exit_status.hpp"
#include "output.hpp"
#include "scenario_input.hpp"
#include "scenario_story.hpp"
#include "text_table.hpp"

namespace cicada::tool {
namespace {

using sim::report::Unit;
using Rows = std::vector<std::vector<std::string>>;

constexpr std::size_t topic_width = 10;
constexpr std::size_t indent = 2;

/// A topic, and behind it a paragraph that is indented as a whole.
std::string paragraph(const std::string& topic, const std::string& text) {
  std::string lines = wrapped(text, indent + topic_width);
  lines.replace(indent, std::min(topic.size(), topic_width), topic);
  return lines;
}

/// Two significant digits are more than an estimate has.
std::string about(double value) { return sim::report::format_number(value, 2); }

std::string cost_table(const sim::Scenario& scenario) {
  const CostEstimate cost = estimate_cost(scenario);
  const auto runs = static_cast<double>(sim::sweep_size(scenario));
  const double cores = std::max(1U, std::thread::hardware_concurrency());
  Rows rows = {{"events", fmt::format("{} M", about(cost.events / 1e6))},
               {"memory", sim::report::format_figure(cost.memory_bytes, Unit::bytes)},
               {"wall time", sim::report::format_figure(std::max(1.0, std::round(cost.wall_s)), Unit::seconds)}};
  if (runs > 1) {
    const double sweep_s = std::max(1.0, std::round(cost.wall_s * runs / std::min(cores, runs)));
    rows.push_back(
        {"the sweep", fmt::format("{} for {} runs on {} cores", sim::report::format_figure(sweep_s, Unit::seconds),
                                  sim::report::format_count(runs), cores)});
  }
  return aligned_table(rows);
}

}  // namespace

int explain_scenario(const ExplainCommand& command) {
  if (command.keys) write_data(sim::scenario_reference_markdown());
  if (command.summary) write_data(sim::summary_reference_markdown());
  if (command.scenario.empty()) return exit_good;

  const auto scenario = load_or_complain(command.scenario, command.settings);
  if (!scenario) return exit_bad_input;
  const auto data = read_data_or_complain(command.scenario, *scenario);
  if (!data) return exit_bad_input;
  print("{}\n", scenario->name);
  if (!scenario->about.empty()) print("{}", wrapped(scenario->about, indent));
  print("\n");
  for (const auto& [topic, text] : scenario_story(*scenario)) print("{}", paragraph(topic, text));
  for (const sim::DataFile& one : *data)
    print("{}", paragraph("Data", fmt::format("{} ({}): {}", one.file.filename().string(), one.key, one.contents)));

  if (!scenario->expect.empty()) {
    print("\nIt must come out that\n");
    for (const std::string& expectation : scenario->expect) print("  {}\n", expectation);
  }
  print("\nA run costs roughly\n{}", cost_table(*scenario));

  Rows rows;
  for (const auto& [key, value] : default_keys(*scenario, command.scenario, command.settings))
    rows.push_back({key, value});
  if (!rows.empty())
    print("\nDefaults in effect (cicada-sim explain --keys says what they mean)\n{}", aligned_table(rows));
  return exit_good;
}

}  // namespace cicada::tool
