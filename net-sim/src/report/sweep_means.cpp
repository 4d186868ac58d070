// What a sweep expects of its means: one ring scatters, the mean over many of them is what a theory speaks of.

#include <algorithm>
#include <span>

#include <cicada/sim/expectation.hpp>

#include "html_page.hpp"
#include "scenario/cell_expectation.hpp"
#include "sweep_groups.hpp"

namespace cicada::sim::report {
using nlohmann::ordered_json;
namespace {

/// The same shape as the first value, with means for numbers and flags; what some of them lack is null or left out.
ordered_json means_of(const std::vector<const ordered_json*>& values) {
  const auto all = [&](auto is) { return std::ranges::all_of(values, [&](const auto* value) { return is(*value); }); };
  if (all([](const ordered_json& value) { return value.is_object(); })) {
    ordered_json means = ordered_json::object();
    for (const auto& item : values.front()->items()) {
      std::vector<const ordered_json*> under;
      for (const ordered_json* value : values) {
        if (const auto found = value->find(item.key()); found != value->end()) under.push_back(&*found);
      }
      if (under.size() == values.size()) means[item.key()] = means_of(under);
    }
    return means;
  }
  if (!all([](const ordered_json& value) { return value.is_number() || value.is_boolean(); })) return nullptr;
  RunningMoments moments;
  for (const ordered_json* value : values)
    moments.add(value->is_boolean() ? (value->get<bool>() ? 1.0 : 0.0) : value->get<double>());
  return moments.mean();
}

}  // namespace

ordered_json mean_summary(const SweepResult& sweep, const SweepGroup& group) {
  std::vector<const ordered_json*> summaries;
  for (const CellResult& cell : sweep.cells) {
    if (cell.settings == group.settings) summaries.push_back(&cell.summary);
  }
  return summaries.empty() ? ordered_json() : means_of(summaries);
}

ordered_json judge_means(const SweepResult& sweep, const SweepGroup& group) {
  const ordered_json& expected = value_at(sweep.manifest, "scenario.sweep.expect");
  if (!expected.is_array() || expected.empty()) return ordered_json::array();
  const ordered_json means = mean_summary(sweep, group);
  std::vector<ExpectationResult> results;
  for (const ordered_json& text : expected) {
    if (!text.is_string()) continue;
    const auto whole = text.get<std::string>();
    const auto split = split_cell_expectation(whole);
    if (!split || !split->is_about(group.settings)) continue;
    results.push_back(evaluate_expectations(std::span(&split->text, 1), means).front());
    results.back().text = whole;
  }
  return to_json(results);
}

}  // namespace cicada::sim::report
