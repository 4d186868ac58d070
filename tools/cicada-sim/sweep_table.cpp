#include "sweep_table.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include <cicada/sim/report_text.hpp>

#include "text_table.hpp"

namespace cicada::tool {
namespace {

using nlohmann::ordered_json;
using sim::report::Unit;

/// A figure of the sweep's summary that has a column.
struct Column {
  std::string_view key;
  std::string_view title;
  Unit unit;
};

constexpr Column columns[] = {{"lookups_correct_ratio", "correct", Unit::ratio},
                              {"lookups_path_mean", "path", Unit::hops},
                              {"lookups_latency_ms_p50", "latency p50", Unit::milliseconds},
                              {"sends_delivered_ratio", "acknowledged", Unit::ratio},
                              {"sends_data_transmissions", "transmissions", Unit::number},
                              {"ceiling_ratio", "ceiling", Unit::ratio},
                              {"predicted_ratio", "closed form", Unit::ratio},
                              {"disjoint_paths", "disjoint paths", Unit::number},
                              {"broadcasts_coverage", "coverage", Unit::ratio},
                              {"broadcasts_digest_bytes", "digest bytes", Unit::bytes},
                              {"wrong_successors_ratio", "wrong successors", Unit::ratio},
                              {"bytes_per_peer_s", "traffic a peer", Unit::bytes_per_second}};

constexpr std::size_t rows_max = 60;

const ordered_json* metric(const ordered_json& group, std::string_view key) {
  const auto& metrics = group.at("metrics");
  const auto found = metrics.find(std::string(key));
  return found == metrics.end() ? nullptr : &*found;
}

std::string figure(const ordered_json& value, Unit unit) {
  return value.is_number() ? sim::report::format_figure(value.get<double>(), unit) : std::string("\u2013");
}

/// `5.6 [5.35, 5.85] hops`: the unit once where all three have the same.
std::string with_interval(const ordered_json& metric, Unit unit) {
  std::string texts[] = {figure(metric.at("mean"), unit), figure(metric.at("low"), unit),
                         figure(metric.at("high"), unit)};
  if (!metric.at("low").is_number()) return texts[0];
  const std::string suffix = texts[0].substr(std::min(texts[0].find_first_not_of("-.,0123456789"), texts[0].size()));
  if (std::ranges::all_of(texts, [&](const std::string& text) { return text.ends_with(suffix); })) {
    for (std::string& text : texts) text.resize(text.size() - suffix.size());
    return fmt::format("{} [{}, {}]{}", texts[0], texts[1], texts[2], suffix);
  }
  return fmt::format("{} [{}, {}]", texts[0], texts[1], texts[2]);
}

}  // namespace

std::string sweep_table(const ordered_json& summary) {
  const ordered_json& groups = summary.at("groups");
  std::vector<Column> used;
  for (const Column& column : columns) {
    const auto has = [&](const ordered_json& group) { return metric(group, column.key) != nullptr; };
    if (std::any_of(groups.begin(), groups.end(), has)) used.push_back(column);
  }

  std::vector<std::vector<std::string>> rows(1);
  for (const ordered_json& axis : summary.at("axes")) rows[0].push_back(axis.at("key").get<std::string>());
  rows[0].emplace_back("runs");
  for (const Column& column : used) rows[0].emplace_back(column.title);
  for (const ordered_json& group : groups) {
    if (rows.size() > rows_max) break;
    auto& row = rows.emplace_back();
    for (const auto& setting : group.at("settings")) row.push_back(setting.get<std::string>());
    row.push_back(std::to_string(group.at("runs").get<std::uint64_t>()));
    for (const Column& column : used) {
      const ordered_json* figures = metric(group, column.key);
      row.push_back(figures == nullptr ? "\u2013" : with_interval(*figures, column.unit));
    }
  }
  std::string text = aligned_table(rows);
  if (groups.size() > rows_max)
    text += fmt::format("  ... and {} more; the report has all\n", groups.size() - rows_max);
  return text + "\n  Means over seeds, with 95 % intervals in brackets.\n";
}

}  // namespace cicada::tool
