#pragma once
/// A sweep's cells put together: which axes there are, what every combination of settings measured over its seeds. The
/// arithmetic behind the sweep's report, its summary and its tables; no markup.

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <cicada/sim/report.hpp>
#include <cicada/sim/statistics.hpp>

#include <cicada/sim/report_text.hpp>

namespace cicada::sim::report {

/// A figure that a sweep compares.
struct SweepMetric {
  std::string_view key;    ///< In the sweep's summary.
  std::string_view title;  ///< In the report.
  Unit unit;
  std::string_view value;       ///< Dotted path in a run's summary.
  std::string_view divided_by;  ///< Dotted path of a count to divide by; empty for none.
  bool from_zero;               ///< Whether its axis begins at zero.
  /// Key of the metric that bounds it, drawn beside it as a dashed line and not by itself; empty for none.
  std::string_view ceiling = {};
  /// Key of the metric that a closed form gives for it, drawn beside each line as a dotted one; empty for none.
  std::string_view theory = {};
};

inline constexpr std::size_t sweep_metric_count = 23;
[[nodiscard]] const std::array<SweepMetric, sweep_metric_count>& sweep_metrics();

/// The metric in one run; NaN where the run did not measure it.
[[nodiscard]] double metric_of(const nlohmann::ordered_json& summary, const SweepMetric& metric);

/// What is varied, with its values as they are written, in the order of their first appearance.
struct GridAxis {
  std::string key;
  std::vector<std::string> values;
};

/// All seeds of one combination of settings.
struct SweepGroup {
  std::vector<std::pair<std::string, std::string>> settings;
  std::array<RunningMoments, sweep_metric_count> metrics;
  std::size_t runs = 0;
  std::size_t runs_with_expectations = 0;
  std::size_t runs_as_expected = 0;

  /// Mean and 95 % interval of a metric; the interval is kept within what the metric can be (0 to 1, or above 0).
  [[nodiscard]] double mean(std::size_t metric) const { return metrics[metric].mean(); }
  [[nodiscard]] Interval interval(std::size_t metric) const;
};

[[nodiscard]] std::vector<GridAxis> axes_of(const SweepResult& sweep);
[[nodiscard]] std::vector<SweepGroup> groups_of(const SweepResult& sweep);

/// A summary of the group's means over its seeds: numbers, and flags as 0 or 1. What a run did not measure is null.
[[nodiscard]] nlohmann::ordered_json mean_summary(const SweepResult& sweep, const SweepGroup& group);

/// What `sweep.expect` of the scenario says of these means, as the list `expect` of a summary. Empty without it.
[[nodiscard]] nlohmann::ordered_json judge_means(const SweepResult& sweep, const SweepGroup& group);

/// Whether any of the groups has the metric.
[[nodiscard]] bool measured(const std::vector<SweepGroup>& groups, std::size_t metric);

/// Whether every expectation of a run holds; true where it has none.
[[nodiscard]] bool as_expected(const nlohmann::ordered_json& summary);

/// Where the values stand on a numeric axis: `30s` and `5min` in seconds, `5%` as 0.05, `1 KiB` in bytes, other numbers
/// as they are. Empty where a value is no number, the dimensions differ, or two values are equal.
[[nodiscard]] std::vector<double> numeric_positions(const std::vector<std::string>& values);

}  // namespace cicada::sim::report
