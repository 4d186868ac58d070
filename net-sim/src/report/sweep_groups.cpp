#include "sweep_groups.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <set>

#include "html_page.hpp"

namespace cicada::sim::report {
using nlohmann::ordered_json;
namespace {

struct Factor {
  std::string_view name;
  double factor;
  std::string_view dimension;
};

constexpr Factor factors[] = {{"ns", 1e-9, "s"}, {"us", 1e-6, "s"},    {"ms", 1e-3, "s"},    {"s", 1, "s"},
                              {"min", 60, "s"},  {"h", 3600, "s"},     {"d", 86'400, "s"},   {"%", 0.01, ""},
                              {"B", 1, "B"},     {"KiB", 0x1p10, "B"}, {"MiB", 0x1p20, "B"}, {"GiB", 0x1p30, "B"}};

/// A number and its dimension, for example 300 and `s` of `5min`.
bool parse_quantity(std::string_view text, double& value, std::string& dimension) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || !std::isfinite(value)) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  while (text.starts_with(' ')) text.remove_prefix(1);
  const auto known = std::ranges::find(factors, text, &Factor::name);
  if (known != std::end(factors)) value *= known->factor;
  dimension = known != std::end(factors) ? known->dimension : text;
  return true;
}

}  // namespace

const std::array<SweepMetric, sweep_metric_count>& sweep_metrics() {
  static constexpr std::array<SweepMetric, sweep_metric_count> metrics = {{
      {"lookups_correct_ratio", "Lookups that reached the right owner", Unit::ratio, "lookups.correct", "lookups.count",
       false},
      {"lookups_failed_ratio", "Lookups given up", Unit::ratio, "lookups.failed", "lookups.count", true},
      {"lookups_path_mean", "Path length", Unit::hops, "lookups.path.mean", "", true},
      {"lookups_latency_ms_p50", "Lookup latency, median", Unit::milliseconds, "lookups.latency_ms.p50", "", true},
      {"lookups_latency_ms_p99", "Lookup latency, 99th percentile", Unit::milliseconds, "lookups.latency_ms.p99", "",
       true},
      {"sends_delivered_ratio", "Messages acknowledged", Unit::ratio, "sends.delivered", "sends.count", false,
       "ceiling_ratio", "predicted_ratio"},
      {"sends_arrived_ratio", "Messages arrived", Unit::ratio, "sends.arrived", "sends.count", false, "ceiling_ratio"},
      {"ceiling_ratio", "A clean path existed", Unit::ratio, "resilience.ceiling.both_ways", "", false},
      {"delivered_of_ceiling", "Acknowledged where a clean path existed", Unit::ratio,
       "resilience.delivered_of_ceiling", "", false},
      {"predicted_ratio", "Closed form of one try", Unit::ratio, "resilience.predicted_strategy", "", false},
      {"disjoint_paths", "Clean paths that share no peer", Unit::number, "resilience.disjoint_paths.both_ways_mean", "",
       true},
      {"sends_data_transmissions", "Transmissions of a message", Unit::number, "sends.data_transmissions_mean", "",
       true, "", "predicted_transmissions"},
      {"predicted_transmissions", "Closed form of the transmissions by repair", Unit::number,
       "resilience.predicted_transmissions", "", true},
      {"sends_control", "Control messages for a message", Unit::number, "sends.control_per_send", "", true},
      {"sends_latency_ms_p50", "Message latency, median", Unit::milliseconds, "sends.latency_ms.p50", "", true},
      {"sends_latency_ms_p99", "Message latency, 99th percentile", Unit::milliseconds, "sends.latency_ms.p99", "",
       true},
      {"broadcasts_coverage", "Broadcast coverage", Unit::ratio, "broadcasts.coverage.mean", "", false},
      {"broadcasts_payloads", "Payloads of a broadcast per peer", Unit::number, "broadcasts.payloads_per_peer", "",
       true},
      {"broadcasts_digest_bytes", "Digests and demands of a broadcast per peer", Unit::bytes,
       "broadcasts.digest_bytes_per_peer", "", true},
      {"wrong_successors_ratio", "Wrong successors, mean", Unit::ratio, "ring.wrong_successors_ratio", "", true},
      {"dead_fingers_ratio", "Dead fingers, mean", Unit::ratio, "ring.dead_fingers_ratio", "", true},
      {"bytes_per_peer_s", "Traffic per peer", Unit::bytes_per_second, "traffic.bytes_per_peer_s", "", true},
      {"messages_per_peer_s", "Messages per peer", Unit::per_second, "traffic.messages_per_peer_s", "", true},
  }};
  return metrics;
}

double metric_of(const ordered_json& summary, const SweepMetric& metric) {
  const double nothing = std::numeric_limits<double>::quiet_NaN();
  const double value = number_at(summary, metric.value).value_or(nothing);
  if (metric.divided_by.empty()) return value;
  const double count = number_at(summary, metric.divided_by).value_or(0);
  return count > 0 ? value / count : nothing;
}

Interval SweepGroup::interval(std::size_t metric) const {
  Interval interval = mean_interval(metrics[metric]);
  if (!interval.known()) return interval;
  interval.low = std::max(0.0, interval.low);
  if (sweep_metrics()[metric].unit == Unit::ratio) interval.high = std::min(1.0, interval.high);
  return interval;
}

std::vector<GridAxis> axes_of(const SweepResult& sweep) {
  std::vector<GridAxis> axes;
  for (const CellResult& cell : sweep.cells) {
    for (const auto& [key, value] : cell.settings) {
      auto axis = std::ranges::find(axes, key, &GridAxis::key);
      if (axis == axes.end()) axis = axes.insert(axes.end(), {key, {}});
      if (std::ranges::find(axis->values, value) == axis->values.end()) axis->values.push_back(value);
    }
  }
  return axes;
}

bool as_expected(const ordered_json& summary) {
  const ordered_json& list = value_at(summary, "expect");
  return !list.is_array() || std::ranges::all_of(list, [](const ordered_json& expectation) {
    return value_at(expectation, "ok") == ordered_json(true);
  });
}

std::vector<SweepGroup> groups_of(const SweepResult& sweep) {
  std::vector<SweepGroup> groups;
  for (const CellResult& cell : sweep.cells) {
    auto group = std::ranges::find(groups, cell.settings, &SweepGroup::settings);
    if (group == groups.end()) {
      groups.emplace_back();
      group = groups.end() - 1;
      group->settings = cell.settings;
    }
    ++group->runs;
    const ordered_json& expectations = value_at(cell.summary, "expect");
    if (expectations.is_array() && !expectations.empty()) {
      ++group->runs_with_expectations;
      if (as_expected(cell.summary)) ++group->runs_as_expected;
    }
    for (std::size_t i = 0; i < sweep_metric_count; ++i) {
      const double value = metric_of(cell.summary, sweep_metrics()[i]);
      if (std::isfinite(value)) group->metrics[i].add(value);
    }
  }
  return groups;
}

bool measured(const std::vector<SweepGroup>& groups, std::size_t metric) {
  return std::ranges::any_of(groups, [&](const SweepGroup& group) { return group.metrics[metric].count() > 0; });
}

std::vector<double> numeric_positions(const std::vector<std::string>& values) {
  std::vector<double> positions;
  std::set<double> distinct;
  std::string first_dimension;
  for (const std::string& text : values) {
    double value = 0;
    std::string dimension;
    if (!parse_quantity(text, value, dimension)) return {};
    // Zero needs no unit: `0` stands beside `5min`.
    if (value != 0 || !dimension.empty()) {
      if (distinct.empty() || first_dimension.empty()) first_dimension = dimension;
      if (dimension != first_dimension) return {};
    }
    if (!distinct.insert(value).second) return {};
    positions.push_back(value);
  }
  return positions;
}

}  // namespace cicada::sim::report
