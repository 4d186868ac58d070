#pragma once
/// What one run of a scenario measured: the figures of its summary, its series over time, its distributions. The runner
/// fills it, the output folder stores it, the report draws it. Nothing here measures, writes or draws.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

namespace cicada::sim {

/// A table over simulated time. The first column is `t_s`, strictly increasing, in seconds. Every row has as many cells
/// as there are columns. NaN means "nothing was measured in this interval" (no lookup ended in it, for example): it is
/// an empty cell in `series.csv` and a gap in a plot, never a zero.
///
/// The report draws these columns where they are present, and ignores others: `peers, lookups, lookups_correct_ratio,
/// lookups_failed, path_mean, latency_ms_p50, latency_ms_p99, wrong_successors_ratio, dead_successors_ratio,
/// dead_fingers_ratio, appendages, violations, messages_per_peer_s, bytes_per_peer_s, sends, sends_delivered_ratio,
/// joins, departures`. Ratios are in [0, 1]; counts are those of the interval that ends at `t_s`.
struct Series {
  std::vector<std::string> columns;
  std::vector<std::vector<double>> rows;

  /// The column's position, or `columns.size()` where there is none. Linear in the number of columns.
  [[nodiscard]] std::size_t column(std::string_view name) const;
};

/// A distribution in bins. It has one of two shapes, told apart by the sizes:
/// - discrete: `edges_or_values[i]` is the value that was seen `counts[i]` times (hops); equally many of both;
/// - binned: bin i is [edges_or_values[i], edges_or_values[i + 1]) (latencies); one more edge than counts.
/// The report knows the names `path` (unit `hops`), `lookup_latency`, `send_latency` and `broadcast_latency` (unit
/// `ms`), and draws any other name as it stands. `QuantileRecorder::histogram` makes either shape.
struct Histogram {
  std::string name;
  std::string unit;
  std::vector<double> edges_or_values;
  std::vector<std::uint64_t> counts;

  [[nodiscard]] bool discrete() const { return edges_or_values.size() == counts.size(); }
  [[nodiscard]] std::uint64_t total() const;
};

/// The result of one run. `summary` holds the keys of `summary_reference()`, nested at the dots (`peers.start` is
/// `summary["peers"]["start"]`); it may hold more, and keys that do not apply to a scenario are absent. A figure that
/// could not be measured is null.
struct RunResult {
  nlohmann::ordered_json summary;
  Series series;
  std::vector<Histogram> histograms;
  bool interrupted = false;  ///< The run ended before its scenario did (Ctrl-C). The figures cover what was simulated.
};

/// One documented key of `summary.json`.
struct SummaryKey {
  std::string_view key;   ///< Dotted path, for example `lookups.path.p99`; `[]` marks the elements of an array.
  std::string_view unit;  ///< `ms`, `B/s`, `ratio` (0 to 1), `count`, `text` and so on.
  std::string_view meaning;
};

/// Every documented key, in the order of `summary.json`. Keys are stable: they are added, never renamed or reused.
[[nodiscard]] const std::vector<SummaryKey>& summary_reference();

/// The same as a Markdown table (key, unit, meaning), for the documentation and `--help`.
[[nodiscard]] std::string summary_reference_markdown();

}  // namespace cicada::sim
