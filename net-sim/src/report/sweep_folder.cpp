#include <fmt/format.h>
#include <algorithm>

#include <cmath>
#include <utility>

#include <cicada/sim/output_folder.hpp>
#include <cicada/sim/report.hpp>

#include "figures_json.hpp"
#include "html_page.hpp"
#include "sweep_groups.hpp"

namespace cicada::sim {
using namespace report;  // Our own parts of a page.
using nlohmann::ordered_json;
namespace {

ordered_json group_json(const SweepResult& sweep, const SweepGroup& group) {
  ordered_json json;
  json["settings"] = ordered_json::object();
  for (const auto& [key, value] : group.settings) json["settings"][key] = value;
  json["runs"] = group.runs;
  json["runs_with_expectations"] = group.runs_with_expectations;
  json["runs_as_expected"] = group.runs_as_expected;
  json["metrics"] = ordered_json::object();
  for (std::size_t i = 0; i < sweep_metric_count; ++i) {
    if (group.metrics[i].count() == 0) continue;
    const Interval interval = group.interval(i);
    json["metrics"][std::string(sweep_metrics()[i].key)] = {{"mean", number(group.mean(i))},
                                                            {"low", number(interval.low)},
                                                            {"high", number(interval.high)},
                                                            {"deviation", number(group.metrics[i].deviation())},
                                                            {"seeds", group.metrics[i].count()}};
  }
  if (ordered_json expect = judge_means(sweep, group); !expect.empty()) json["expect"] = std::move(expect);
  return json;
}

/// The columns of `cells.csv` after the settings: every single figure of any summary, in order of first appearance.
std::vector<std::string> figure_columns(const SweepResult& sweep) {
  std::vector<std::string> columns;
  for (const CellResult& cell : sweep.cells) {
    for (Leaf& leaf : leaves(cell.summary)) {
      const bool repeated = leaf.path == "seed" || leaf.path.starts_with("expect.");
      if (!repeated && std::ranges::find(columns, leaf.path) == columns.end()) columns.push_back(std::move(leaf.path));
    }
  }
  return columns;
}

}  // namespace

ordered_json sweep_summary(const SweepResult& sweep) {
  const std::size_t planned = std::max(sweep.cells_planned, sweep.cells.size());
  ordered_json json;
  json["scenario"] = text_at(sweep.manifest, "scenario.name");
  json["interrupted"] = sweep.interrupted;
  json["runs"] = sweep.cells.size();
  json["runs_planned"] = planned;
  json["axes"] = ordered_json::array();
  for (const GridAxis& axis : axes_of(sweep)) json["axes"].push_back({{"key", axis.key}, {"values", axis.values}});
  json["confidence"] = 0.95;
  json["groups"] = ordered_json::array();
  for (const SweepGroup& group : groups_of(sweep)) json["groups"].push_back(group_json(sweep, group));
  return json;
}

std::string cells_csv(const SweepResult& sweep) {
  const std::vector<std::string> figures = figure_columns(sweep);
  const std::vector<GridAxis> axes = axes_of(sweep);
  std::string text;
  for (const GridAxis& axis : axes) text += csv_cell(axis.key) + ',';
  text += "seed,as_expected";
  for (const std::string& figure : figures) text += ',' + csv_cell(figure);
  text += '\n';
  for (const CellResult& cell : sweep.cells) {
    for (const GridAxis& axis : axes) {
      const auto setting = std::ranges::find(cell.settings, axis.key, &std::pair<std::string, std::string>::first);
      text += (setting == cell.settings.end() ? "" : csv_cell(setting->second)) + ',';
    }
    text += fmt::format("{},{}", cell.seed, as_expected(cell.summary));
    for (const std::string& figure : figures) text += ',' + csv_cell(text_at(cell.summary, figure));
    text += '\n';
  }
  return text;
}

std::expected<void, std::string> write_sweep_report(const std::filesystem::path& folder, const SweepResult& sweep) {
  SweepResult named = sweep;
  named.manifest = {{"format", "cicada-sweep"}};
  named.manifest.update(sweep.manifest);
  named.manifest["format"] = "cicada-sweep";
  named.manifest["interrupted"] = sweep.interrupted;
  const OutputFile files[] = {
      {"manifest.json", json_text(named.manifest)},
      {"cells.csv", cells_csv(named)},
      {"report.html", sweep_report_html(named)},
      {"summary.json", json_text(sweep_summary(named))},
  };
  return write_output_files(folder, files, OutputKind::sweep);
}

}  // namespace cicada::sim
