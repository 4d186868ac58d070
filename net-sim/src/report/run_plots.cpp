#include <fmt/format.h>
#include <algorithm>
#include <cmath>
#include <optional>
#include <span>

#include "html_page.hpp"
#include "run_parts.hpp"
#include "svg_plot.hpp"

namespace cicada::sim::report {
namespace {

/// One line of a plot over time: the column, its name in the plot, its colour where that is not its position.
struct Source {
  std::string_view column;
  std::string_view label;
};

/// A plot over time. It is drawn when one of its columns has a value.
struct TimePlot {
  std::string_view title;
  std::string_view note;
  Unit unit;
  std::vector<Source> sources;
  bool from_zero = true;
  bool skip_zero = false;  ///< Left out where nothing ever happened.
};

std::vector<double> column_of(const Series& series, std::string_view name) {
  std::vector<double> values;
  const std::size_t column = series.column(name);
  if (column == series.columns.size()) return values;
  values.reserve(series.rows.size());
  for (const std::vector<double>& row : series.rows) values.push_back(column < row.size() ? row[column] : std::nan(""));
  return values;
}

/// The smallest and largest number, or nothing where all are NaN.
std::optional<Interval> range_of(std::span<const PlotLine> lines) {
  std::optional<Interval> range;
  for (const PlotLine& line : lines) {
    for (const double y : line.ys) {
      if (!std::isfinite(y)) continue;
      if (!range) range = Interval{y, y};
      range = Interval{std::min(range->low, y), std::max(range->high, y)};
    }
  }
  return range;
}

std::string time_plot(const Series& series, const TimePlot& wanted) {
  Plot plot;
  plot.xs = column_of(series, "t_s");
  if (plot.xs.size() < 2) return {};
  for (std::size_t i = 0; i < wanted.sources.size(); ++i) {
    PlotLine line{std::string(wanted.sources[i].label), column_of(series, wanted.sources[i].column), {}, i};
    if (range_of({&line, 1})) plot.lines.push_back(std::move(line));
  }
  const auto range = range_of(plot.lines);
  if (!range || (wanted.skip_zero && range->low == 0 && range->high == 0)) return {};
  plot.title = wanted.title;
  plot.x = time_scale(std::min(0.0, plot.xs.front()), plot.xs.back());
  plot.y = linear_scale(wanted.from_zero ? std::min(0.0, range->low) : range->low, range->high, wanted.unit, 4);
  plot.note = wanted.note;
  if (!plot.y.unit.name.empty()) plot.note += fmt::format("{}{}", plot.note.empty() ? "" : ", ", plot.y.unit.name);
  plot.x_title = fmt::format("simulated time ({})", plot.x.unit.name);
  plot.y_unit = wanted.unit;
  thin_out(plot.xs, plot.lines);
  return plot_figure(plot);
}

const Histogram* find(const RunResult& result, std::string_view name) {
  const auto found = std::ranges::find(result.histograms, name, &Histogram::name);
  return found == result.histograms.end() || found->total() == 0 ? nullptr : &*found;
}

Unit unit_of(const Histogram& histogram) {
  if (histogram.unit == "hops") return Unit::hops;
  if (histogram.unit == "ms") return Unit::milliseconds;
  if (histogram.unit == "s") return Unit::seconds;
  if (histogram.unit == "B") return Unit::bytes;
  return Unit::number;
}

/// Bars, one per value or bin, as shares of all.
std::string bar_plot(const Histogram& histogram, std::string_view title, std::string_view note,
                     std::vector<PlotMark> marks) {
  Plot plot;
  plot.title = title;
  plot.note = note;
  plot.x_unit = unit_of(histogram);
  plot.y_unit = Unit::ratio;
  plot.marks = std::move(marks);
  const auto total = static_cast<double>(histogram.total());
  double highest = 0;
  for (std::size_t i = 0; i < histogram.counts.size(); ++i) {
    const double share = static_cast<double>(histogram.counts[i]) / total;
    highest = std::max(highest, share);
    const double value = histogram.edges_or_values[i];
    if (histogram.discrete()) {
      plot.bars.push_back({value - 0.5, value + 0.5, share, format_figure(value, plot.x_unit)});
    } else {
      const double end = histogram.edges_or_values[i + 1];
      plot.bars.push_back(
          {value, end, share,
           fmt::format("{} to {}", format_figure(value, plot.x_unit), format_figure(end, plot.x_unit))});
    }
  }
  plot.x = linear_scale(plot.bars.front().low, plot.bars.back().high, plot.x_unit, 8, false);
  plot.y = linear_scale(0, highest, Unit::ratio, 4);
  plot.x_title = plot.x.unit.name.empty() ? histogram.unit : plot.x.unit.name;
  return plot_figure(plot);
}

/// The share of all values at or below x, over a logarithmic axis: the shape of the tail is what a latency is about.
std::string cumulative_plot(const Histogram& histogram, std::string_view title, std::string_view note,
                            std::vector<PlotMark> marks) {
  Plot plot;
  plot.title = title;
  plot.note = note;
  plot.x_unit = unit_of(histogram);
  plot.y_unit = Unit::ratio;
  plot.marks = std::move(marks);
  PlotLine line;
  const auto total = static_cast<double>(histogram.total());
  std::uint64_t below = 0;
  for (std::size_t i = 0; i < histogram.counts.size(); ++i) {
    below += histogram.counts[i];
    const double end = histogram.discrete() ? histogram.edges_or_values[i] : histogram.edges_or_values[i + 1];
    if (line.ys.empty() && histogram.edges_or_values[i] > 0 && !histogram.discrete()) {
      plot.xs.push_back(histogram.edges_or_values[i]);
      line.ys.push_back(0);
    }
    if (!(end > 0)) continue;
    plot.xs.push_back(end);
    line.ys.push_back(static_cast<double>(below) / total);
  }
  if (plot.xs.size() < 2) return {};
  plot.x = log_scale(plot.xs.front(), plot.xs.back(), plot.x_unit);
  plot.y = linear_scale(0, 1, Unit::ratio, 4);
  plot.x_title = fmt::format("{} (logarithmic)", plot.x.unit.name.empty() ? histogram.unit : plot.x.unit.name);
  plot.lines.push_back(std::move(line));
  return plot_figure(plot);
}

std::vector<PlotMark> marks_from(const nlohmann::ordered_json& summary, std::string_view group,
                                 std::span<const std::pair<const char*, const char*>> names) {
  std::vector<PlotMark> marks;
  for (const auto& [key, label] : names) {
    if (const auto value = number_at(summary, fmt::format("{}.{}", group, key))) marks.push_back({*value, label});
  }
  return marks;
}

}  // namespace

std::string series_plots(const Series& series) {
  static const std::vector<TimePlot> plots = {
      {"Ring health",
       "share of pointers that are wrong or dead",
       Unit::ratio,
       {{"wrong_successors_ratio", "wrong succ."},
        {"dead_successors_ratio", "dead succ."},
        {"dead_fingers_ratio", "dead fingers"}}},
      {"Peers", "live peers", Unit::number, {{"peers", "peers"}}},
      {"Lookups that reached the right owner",
       "share of the lookups that ended in each interval",
       Unit::ratio,
       {{"lookups_correct_ratio", "correct"}},
       false},
      {"Lookup latency",
       "median and 99th percentile",
       Unit::milliseconds,
       {{"latency_ms_p50", "median"}, {"latency_ms_p99", "99 %"}}},
      {"Path length", "mean of the lookups answered", Unit::hops, {{"path_mean", "mean"}}},
      {"Joins and departures",
       "peers in each interval",
       Unit::number,
       {{"joins", "joins"}, {"departures", "departures"}},
       true,
       true},
      {"Messages delivered",
       "share of the sends that ended in each interval",
       Unit::ratio,
       {{"sends_delivered_ratio", "delivered"}},
       false},
      {"Traffic in bytes", "sent per peer", Unit::bytes_per_second, {{"bytes_per_peer_s", "bytes"}}},
      {"Traffic in messages", "sent per peer", Unit::per_second, {{"messages_per_peer_s", "messages"}}},
      {"Lookups",
       "ended and failed in each interval",
       Unit::number,
       {{"lookups", "ended"}, {"lookups_failed", "failed"}},
       true,
       true},
      {"Sends", "begun in each interval", Unit::number, {{"sends", "sends"}}, true, true},
      {"Appendages",
       "peers that hang on the ring and are not yet in it",
       Unit::number,
       {{"appendages", "appendages"}},
       true,
       true},
      {"Violations of the ring\u2019s invariant",
       "found in each interval",
       Unit::number,
       {{"violations", "violations"}},
       true,
       true},
  };
  std::string html;
  for (const TimePlot& plot : plots) html += time_plot(series, plot);
  return html.empty() ? html : "<div class=\"plots\">\n" + html + "</div>\n";
}

std::string distribution_plots(const RunResult& result) {
  static constexpr std::pair<const char*, const char*> path_marks[] = {{"p1", "1 %"}, {"p50", "50 %"}, {"p99", "99 %"}};
  static constexpr std::pair<const char*, const char*> latency_marks[] = {
      {"p50", "50 %"}, {"p90", "90 %"}, {"p99", "99 %"}};
  std::string html;
  if (const Histogram* path = find(result, "path")) {
    html += bar_plot(*path, "Path length", "share of answered lookups by hops; percentiles marked",
                     marks_from(result.summary, "lookups.path", path_marks));
  }
  for (const auto& [name, group, title] :
       {std::tuple{"lookup_latency", "lookups.latency_ms", "Lookup latency"},
        std::tuple{"send_latency", "sends.latency_ms", "Time from send to acknowledgement"},
        std::tuple{"broadcast_latency", "broadcasts.latency_ms", "Time of a broadcast to its audience"}}) {
    if (const Histogram* latency = find(result, name)) {
      html += cumulative_plot(*latency, title, "share of all within the time; percentiles marked",
                              marks_from(result.summary, group, latency_marks));
    }
  }
  for (const Histogram& other : result.histograms) {
    const bool known = other.name == "path" || other.name == "lookup_latency" || other.name == "send_latency" ||
                       other.name == "broadcast_latency";
    if (!known && other.total() > 0) html += bar_plot(other, other.name, "share of all values", {});
  }
  return html.empty() ? html : "<div class=\"plots\">\n" + html + "</div>\n";
}

}  // namespace cicada::sim::report
