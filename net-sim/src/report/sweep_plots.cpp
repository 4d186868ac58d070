#include "sweep_plots.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "svg_plot.hpp"

namespace cicada::sim::report {
namespace {

constexpr double nothing = std::numeric_limits<double>::quiet_NaN();

/// The horizontal axis of every plot, and the order of its values from left to right.
struct FirstAxis {
  Scale scale;
  std::vector<double> positions;
  std::vector<std::size_t> order;
  bool numeric = false;
};

FirstAxis first_axis(const GridAxis& axis) {
  FirstAxis first;
  first.positions = numeric_positions(axis.values);
  first.numeric = !first.positions.empty();
  if (!first.numeric) {
    for (std::size_t i = 0; i < axis.values.size(); ++i) first.positions.push_back(static_cast<double>(i));
  }
  first.order.resize(first.positions.size());
  std::iota(first.order.begin(), first.order.end(), std::size_t{0});
  std::ranges::sort(first.order, {}, [&](std::size_t i) { return first.positions[i]; });
  const double low = first.positions[first.order.front()];
  const double high = first.positions[first.order.back()];
  first.scale.logarithmic = first.numeric && low > 0 && high / low >= 30;
  const double room = first.numeric ? 0.05 : 0.5 / std::max(1.0, high - low);
  if (first.scale.logarithmic) {
    first.scale.low = low / std::pow(high / low, room);
    first.scale.high = high * std::pow(high / low, room);
  } else {
    const double span = high > low ? high - low : 1;
    first.scale.low = low - room * span;
    first.scale.high = high + room * span;
  }
  for (const std::size_t i : first.order) first.scale.ticks.push_back({first.positions[i], axis.values[i]});
  return first;
}

std::size_t index_of(std::string_view key) {
  const auto& metrics = sweep_metrics();
  return static_cast<std::size_t>(std::ranges::find(metrics, key, &SweepMetric::key) - metrics.begin());
}

/// Whether a metric stands in the plots of another one, as ceiling or as theory, and so needs none of its own.
bool drawn_with_another(const std::vector<SweepGroup>& groups, std::size_t metric) {
  const std::string_view key = sweep_metrics()[metric].key;
  for (std::size_t other = 0; other < sweep_metric_count; ++other) {
    const SweepMetric& what = sweep_metrics()[other];
    if ((what.ceiling == key || what.theory == key) && measured(groups, other)) return true;
  }
  return false;
}

/// The scale that all panels of a metric share, so that they can be compared.
Scale metric_scale(const std::vector<SweepGroup>& groups, std::size_t metric) {
  const SweepMetric& what = sweep_metrics()[metric];
  double low = std::numeric_limits<double>::infinity();
  double high = -low;
  double least_mean = low;
  for (const SweepGroup& group : groups) {
    if (group.metrics[metric].count() == 0) continue;
    const double mean = group.mean(metric);
    const Interval interval = group.interval(metric);
    least_mean = std::min(least_mean, mean);
    low = std::min(low, interval.known() ? interval.low : mean);
    high = std::max(high, interval.known() ? interval.high : mean);
  }
  for (const std::size_t beside : {index_of(what.ceiling), index_of(what.theory)}) {
    if (beside == sweep_metric_count) continue;
    for (const SweepGroup& group : groups) {
      if (group.metrics[beside].count() == 0) continue;
      high = std::max(high, group.mean(beside));
      low = std::min(low, group.mean(beside));
    }
  }
  // Rare mishaps over decades are a straight line on a logarithmic axis, and invisible on a linear one.
  if (what.from_zero && what.unit == Unit::ratio && least_mean > 0 && high / least_mean >= 100) {
    return log_scale(std::pow(10, std::floor(std::log10(least_mean))), std::pow(10, std::ceil(std::log10(high))),
                     what.unit);
  }
  return linear_scale(what.from_zero ? 0 : low, high, what.unit, 4);
}

/// The settings beyond the first two: those of a panel.
std::string panel_of(const SweepGroup& group) {
  std::string text;
  for (std::size_t i = 2; i < group.settings.size(); ++i) {
    text += fmt::format("{}{} = {}", text.empty() ? "" : ", ", group.settings[i].first, group.settings[i].second);
  }
  return text;
}

std::string seeds_note(const std::vector<SweepGroup>& groups) {
  const auto [least, most] = std::ranges::minmax(groups, {}, &SweepGroup::runs);
  if (most.runs == 1) return "one seed: no interval";
  if (least.runs == most.runs) return fmt::format("mean and 95\u00a0% interval over {} seeds", most.runs);
  return fmt::format("mean and 95\u00a0% interval over {} to {} seeds", least.runs, most.runs);
}

/// The mean of a metric at each place of the first axis, over all groups of a panel: what it bounds differs between
/// them, and the ceiling of a swarm does not. Without points where nobody measured it.
PlotLine ceiling_line(const std::vector<GridAxis>& axes, const FirstAxis& first, const std::vector<SweepGroup>& groups,
                      std::size_t ceiling, const std::string& panel) {
  PlotLine line{"ceiling", std::vector<double>(first.order.size(), nothing), {}, 0, true};
  for (std::size_t place = 0; place < first.order.size(); ++place) {
    RunningMoments moments;
    for (const SweepGroup& group : groups) {
      if (panel_of(group) == panel && group.settings[0].second == axes[0].values[first.order[place]] &&
          group.metrics[ceiling].count() > 0)
        moments.add(group.mean(ceiling));
    }
    if (moments.count() > 0) line.ys[place] = moments.mean();
  }
  return line;
}

std::string metric_plot(const std::vector<GridAxis>& axes, const FirstAxis& first, const Scale& y,
                        const std::vector<SweepGroup>& groups, std::size_t metric, const std::string& panel) {
  Plot plot;
  plot.title = sweep_metrics()[metric].title;
  if (!panel.empty()) plot.title += "; " + panel;
  plot.x = first.scale;
  plot.y = y;
  plot.x_title = axes[0].key + (first.scale.logarithmic ? " (logarithmic)" : "");
  plot.y_unit = sweep_metrics()[metric].unit;
  plot.connected = first.numeric;
  plot.dots = true;
  plot.spread = true;
  for (const std::size_t i : first.order) {
    plot.xs.push_back(first.positions[i]);
    plot.x_labels.push_back(fmt::format("{} = {}", axes[0].key, axes[0].values[i]));
  }
  const std::vector<std::string> one_line = {""};
  const std::vector<std::string>& line_values = axes.size() > 1 ? axes[1].values : one_line;
  for (std::size_t i = 0; i < line_values.size(); ++i) {
    plot.lines.push_back(
        {line_values[i], std::vector<double>(plot.xs.size(), nothing), std::vector<Interval>(plot.xs.size()), i});
  }
  const std::size_t theory = index_of(sweep_metrics()[metric].theory);
  const bool predicted = theory < sweep_metric_count && measured(groups, theory);
  for (std::size_t i = 0; predicted && i < line_values.size(); ++i) {
    PlotLine line{line_values[i] + " by the closed form", std::vector<double>(plot.xs.size(), nothing), {}, i};
    line.theory = true;
    plot.lines.push_back(std::move(line));
  }
  bool anything = false;
  for (const SweepGroup& group : groups) {
    if (panel_of(group) != panel || group.metrics[metric].count() == 0) continue;
    const auto value = std::ranges::find(axes[0].values, group.settings[0].second) - axes[0].values.begin();
    const auto place = std::ranges::find(first.order, static_cast<std::size_t>(value)) - first.order.begin();
    const auto line =
        axes.size() > 1 ? std::ranges::find(line_values, group.settings[1].second) - line_values.begin() : 0;
    PlotLine& target = plot.lines[static_cast<std::size_t>(line)];
    target.ys[static_cast<std::size_t>(place)] = group.mean(metric);
    target.intervals[static_cast<std::size_t>(place)] = group.interval(metric);
    if (predicted && group.metrics[theory].count() > 0)
      plot.lines[line_values.size() + static_cast<std::size_t>(line)].ys[static_cast<std::size_t>(place)] =
          group.mean(theory);
    anything = true;
  }
  if (!anything) return {};
  const std::size_t ceiling = index_of(sweep_metrics()[metric].ceiling);
  const bool bounded = ceiling < sweep_metric_count && measured(groups, ceiling);
  if (bounded) plot.lines.push_back(ceiling_line(axes, first, groups, ceiling, panel));
  std::string unit = y.unit.name;
  if (y.logarithmic) unit += unit.empty() ? "logarithmic" : ", logarithmic";
  plot.note = fmt::format("{}{}{}", unit, unit.empty() ? "" : "; ", seeds_note(groups));
  if (axes.size() > 1) plot.note += fmt::format("; a line per {}", axes[1].key);
  if (bounded) plot.note += "; dashed: where a path through honest peers existed";
  if (predicted) plot.note += "; dotted: closed form of one try";
  return plot_figure(plot);
}

}  // namespace

std::string sweep_plots(const std::vector<GridAxis>& axes, const std::vector<SweepGroup>& groups) {
  if (axes.empty()) return {};
  const FirstAxis first = first_axis(axes[0]);
  std::vector<std::string> panels;
  for (const SweepGroup& group : groups) {
    if (const std::string panel = panel_of(group); std::ranges::find(panels, panel) == panels.end())
      panels.push_back(panel);
  }
  std::string html;
  for (std::size_t metric = 0; metric < sweep_metric_count; ++metric) {
    if (!measured(groups, metric) || drawn_with_another(groups, metric)) continue;
    const Scale y = metric_scale(groups, metric);
    for (const std::string& panel : panels) html += metric_plot(axes, first, y, groups, metric, panel);
  }
  return html.empty() ? html : "<div class=\"plots\">\n" + html + "</div>\n";
}

}  // namespace cicada::sim::report
