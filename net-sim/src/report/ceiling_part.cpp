// What was delivered beside what could have been, and what theory says.

#include <fmt/format.h>

#include "html_page.hpp"
#include "run_parts.hpp"

namespace cicada::sim::report {
using nlohmann::ordered_json;
namespace {

/// A line of the table. Nothing stands there where the figure is missing.
struct Line {
  std::string_view what;
  std::string_view figure;  ///< Dotted path; `_low` and `_high` behind it give the interval.
  std::string_view count;   ///< Dotted path of how many it is measured on; empty for a closed form.
  Unit unit;
  std::string_view meaning;
};

constexpr Line measured[] = {
    {"Ceiling", "resilience.ceiling.both_ways", "resilience.ceiling.sampled", Unit::ratio,
     "a path through live honest peers existed when the message was sent, links used both ways"},
    {"Ceiling by the tables alone", "resilience.ceiling.directed", "resilience.ceiling.sampled", Unit::ratio,
     "the same, with links only as the peers\u2019 own tables name them"},
    {"Delivered of the ceiling", "resilience.delivered_of_ceiling", "", Unit::ratio,
     "acknowledged, of the messages that had such a path and have ended"},
    {"Disjoint paths", "resilience.disjoint_paths.both_ways_mean", "resilience.disjoint_paths.sampled", Unit::number,
     "clean ways that share no peer, links used both ways"},
    {"Disjoint paths by the tables alone", "resilience.disjoint_paths.mean", "resilience.disjoint_paths.sampled",
     Unit::number, "the same, with links only as the tables name them"},
};

constexpr Line predicted[] = {
    {"This strategy", "resilience.predicted_strategy", "", Unit::ratio,
     "with this budget, in one try, by a source that has learned nothing"},
    {"Plain Chord", "resilience.predicted_plain", "", Unit::ratio, "one greedy copy, without successor lists"},
    {"Copies that share nobody", "resilience.predicted_copies", "", Unit::ratio,
     "as many such copies as the budget has"},
    {"Cut by the tables alone", "resilience.predicted_cut", "", Unit::ratio,
     "not all peers that name the target are hostile"},
    {"Cut", "resilience.predicted_cut_both_ways", "", Unit::ratio,
     "not all peers that have a link with the target are hostile"},
    {"Weak eclipse", "resilience.predicted_eclipse", "", Unit::ratio,
     "not all links that lead farther than the hostile neighbours are hostile"},
    {"Transmissions by repair", "resilience.predicted_transmissions", "", Unit::number,
     "where the budget is enough, and there are no detours"},
};

std::string row(std::string_view what, const std::string& figure, const std::string& interval, const std::string& count,
                std::string_view meaning) {
  return fmt::format(
      "<tr><td>{}</td><td class=\"num\">{}</td><td class=\"num soft\">{}</td><td class=\"num soft\">{}</td>"
      "<td class=\"soft\">{}</td></tr>\n",
      escape_html(what), escape_html(figure), escape_html(interval), escape_html(count), escape_html(meaning));
}

std::string interval_of(const ordered_json& summary, const std::string& low, const std::string& high, Unit unit) {
  const auto from = number_at(summary, low), to = number_at(summary, high);
  if (!from || !to) return {};
  return fmt::format("{} to {}", format_figure(*from, unit), format_figure(*to, unit));
}

std::string row_of(const ordered_json& summary, const Line& line) {
  const auto figure = number_at(summary, line.figure);
  if (!figure) return {};
  const std::string path(line.figure);
  const auto count = number_at(summary, line.count);
  return row(line.what, format_figure(*figure, line.unit),
             interval_of(summary, path + "_low", path + "_high", line.unit), count ? format_count(*count) : "",
             line.meaning);
}

std::string delivered_row(const ordered_json& summary) {
  const auto delivered = number_at(summary, "sends.delivered_ratio");
  if (!delivered) return {};
  return row("Delivered", format_figure(*delivered, Unit::ratio),
             interval_of(summary, "sends.delivered_low", "sends.delivered_high", Unit::ratio),
             format_count(number_at(summary, "sends.count").value_or(0)), "acknowledged by the target");
}

std::string heading(const std::string& text) { return fmt::format("<tr><th colspan=\"5\">{}</th></tr>\n", text); }

}  // namespace

std::string ceiling_part(const ordered_json& summary) {
  if (!number_at(summary, "resilience.ceiling.both_ways")) return {};
  std::string rows = delivered_row(summary);
  for (const Line& line : measured) rows += row_of(summary, line);
  std::string theory;
  for (const Line& line : predicted) theory += row_of(summary, line);
  if (!theory.empty()) {
    const double taking = number_at(summary, "resilience.taking_ratio").value_or(0);
    rows += heading(escape_html(fmt::format("Closed forms, where {} of the peers take what passes them",
                                            format_figure(taking, Unit::ratio)))) +
            theory;
  }
  return "<div class=\"card scroll\"><table><thead><tr><th></th><th class=\"num\">Figure</th>"
         "<th class=\"num\">95\u00a0% interval</th><th class=\"num\">Messages</th><th>What it says</th></tr></thead>"
         "<tbody>\n" +
         rows + "</tbody></table></div>\n";
}

}  // namespace cicada::sim::report
