#include <fmt/format.h>

#include <algorithm>

#include "html_page.hpp"
#include "sweep_groups.hpp"
#include "sweep_plots.hpp"

namespace cicada::sim {
using namespace report;  // Our own parts of a page.
using nlohmann::ordered_json;
namespace {

std::string mean_with_interval(const SweepGroup& group, std::size_t metric) {
  const Unit unit = sweep_metrics()[metric].unit;
  const Interval interval = group.interval(metric);
  std::string html = escape_html(format_figure(group.mean(metric), unit));
  if (interval.known()) {
    html += fmt::format("<br><span class=\"soft\">{} to {}</span>", escape_html(format_figure(interval.low, unit)),
                        escape_html(format_figure(interval.high, unit)));
  }
  return html;
}

/// The metrics that any group measured.
std::vector<std::size_t> measured_metrics(const std::vector<SweepGroup>& groups) {
  std::vector<std::size_t> metrics;
  for (std::size_t i = 0; i < sweep_metric_count; ++i) {
    if (measured(groups, i)) metrics.push_back(i);
  }
  return metrics;
}

/// A dotted key that may be broken behind its dots, so that a column is no wider than its values ask for.
std::string breakable(std::string_view key) {
  std::string html;
  for (std::size_t dot = key.find('.'); dot != std::string_view::npos; dot = key.find('.')) {
    html += escape_html(key.substr(0, dot + 1)) + "<wbr>";
    key.remove_prefix(dot + 1);
  }
  return html + escape_html(key);
}

std::string head_of(const std::vector<GridAxis>& axes, std::string_view runs, const std::vector<std::size_t>& metrics) {
  std::string html = "<div class=\"scroll\"><table class=\"wide\"><thead><tr>";
  for (const GridAxis& axis : axes) html += fmt::format("<th>{}</th>", breakable(axis.key));
  html += fmt::format("<th class=\"num\">{}</th><th>As expected</th>", escape_html(runs));
  for (const std::size_t i : metrics)
    html += fmt::format("<th class=\"num\">{}</th>", escape_html(sweep_metrics()[i].title));
  return html + "</tr></thead><tbody>\n";
}

std::string settings_cells(const std::vector<std::pair<std::string, std::string>>& settings) {
  std::string html;
  for (const auto& setting : settings) html += fmt::format("<td>{}</td>", escape_html(setting.second));
  return html;
}

/// How many runs were as expected, and whether the means are.
std::string verdict_of(const SweepResult& sweep, const SweepGroup& group) {
  const ordered_json of_means = judge_means(sweep, group);
  if (group.runs_with_expectations == 0 && of_means.empty()) return "\u2013";
  std::string html;
  if (group.runs_with_expectations > 0) {
    const bool good = group.runs_as_expected == group.runs_with_expectations;
    html += badge(good ? Verdict::good : Verdict::bad,
                  fmt::format("{} of {}", group.runs_as_expected, group.runs_with_expectations));
  }
  if (!of_means.empty()) {
    const bool good = as_expected({{"expect", of_means}});
    html += badge(good ? Verdict::good : Verdict::bad, good ? "the means" : "not the means");
  }
  return html;
}

std::string groups_table(const SweepResult& sweep, const std::vector<GridAxis>& axes,
                         const std::vector<SweepGroup>& groups) {
  const std::vector<std::size_t> metrics = measured_metrics(groups);
  std::string html = "<div class=\"card widepart\">" + head_of(axes, "Seeds", metrics);
  for (const SweepGroup& group : groups) {
    html += fmt::format("<tr>{}<td class=\"num\">{}</td><td>{}</td>", settings_cells(group.settings), group.runs,
                        verdict_of(sweep, group));
    for (const std::size_t i : metrics) html += fmt::format("<td class=\"num\">{}</td>", mean_with_interval(group, i));
    html += "</tr>\n";
  }
  return html + "</tbody></table></div></div>\n";
}

std::string cells_table(const SweepResult& sweep, const std::vector<GridAxis>& axes,
                        const std::vector<SweepGroup>& groups) {
  const std::vector<std::size_t> metrics = measured_metrics(groups);
  std::string html = head_of(axes, "Seed", metrics);
  for (const CellResult& cell : sweep.cells) {
    const bool good = as_expected(cell.summary);
    html += fmt::format("<tr>{}<td class=\"num\">{}</td><td>{}</td>", settings_cells(cell.settings), cell.seed,
                        value_at(cell.summary, "expect").empty()
                            ? "\u2013"
                            : badge(good ? Verdict::good : Verdict::bad, good ? "yes" : "no"));
    for (const std::size_t i : metrics) {
      html +=
          fmt::format("<td class=\"num\">{}</td>",
                      escape_html(format_figure(metric_of(cell.summary, sweep_metrics()[i]), sweep_metrics()[i].unit)));
    }
    html += "</tr>\n";
  }
  return folded(fmt::format("All {} runs", sweep.cells.size()), html + "</tbody></table></div>");
}

std::string grid_sentence(const std::vector<GridAxis>& axes, const std::vector<SweepGroup>& groups,
                          const SweepResult& sweep) {
  std::string text = fmt::format("{} {}", format_count(static_cast<double>(sweep.cells.size())),
                                 sweep.cells.size() == 1 ? "run" : "runs");
  if (groups.size() > 1) text += fmt::format(" of {} combinations", groups.size());
  for (std::size_t i = 0; i < axes.size(); ++i) {
    text += fmt::format("{}{} (", i == 0 ? ": " : "; ", axes[i].key);
    for (std::size_t j = 0; j < axes[i].values.size(); ++j) text += (j > 0 ? ", " : "") + axes[i].values[j];
    text += ")";
  }
  return text + ".";
}

}  // namespace

std::string sweep_report_html(const SweepResult& sweep) {
  const std::vector<GridAxis> axes = axes_of(sweep);
  const std::vector<SweepGroup> groups = groups_of(sweep);
  std::string name = text_at(sweep.manifest, "scenario.name");
  if (name.empty()) name = "Unnamed scenario";
  std::string body = fmt::format("<h1>{}</h1>\n", escape_html(name));
  if (const std::string about = text_at(sweep.manifest, "scenario.about"); !about.empty()) {
    body += fmt::format("<p class=\"about\">{}</p>\n", escape_html(about));
  }
  std::size_t judged = 0;
  std::size_t good = 0;
  for (const SweepGroup& group : groups) {
    judged += group.runs_with_expectations;
    good += group.runs_as_expected;
  }
  body += "<div class=\"badges\">";
  if (judged > 0) {
    body +=
        badge(good == judged ? Verdict::good : Verdict::bad, fmt::format("{} of {} runs as expected", good, judged));
  }
  const std::size_t planned = std::max(sweep.cells_planned, sweep.cells.size());
  const bool incomplete = sweep.interrupted || planned > sweep.cells.size();
  if (incomplete) body += badge(Verdict::caution, "Incomplete");
  body += fmt::format("<span>{}</span></div>\n", escape_html(grid_sentence(axes, groups, sweep)));
  if (incomplete) {
    body += fmt::format(
        "<p class=\"notice\" role=\"alert\">Incomplete: {} of {} runs are done. The figures cover only these; "
        "the same command goes on with the rest.</p>\n",
        sweep.cells.size(), planned);
  }
  if (sweep.cells.empty()) body += "<p class=\"about\">No run has finished yet.</p>\n";
  if (!groups.empty()) {
    body += section("Curves", sweep_plots(axes, groups));
    body += section("Means over seeds, with 95\u00a0% intervals", groups_table(sweep, axes, groups));
  }
  body += section("How to repeat this sweep", how_to_repeat(sweep.manifest, "", ""));
  body += section("Details", (sweep.cells.empty() ? std::string() : cells_table(sweep, axes, groups)) +
                                 manifest_part(sweep.manifest));
  return html_page(name + ": cicada-sim sweep", "Cicada simulation \u00b7 sweep report", body);
}

}  // namespace cicada::sim
