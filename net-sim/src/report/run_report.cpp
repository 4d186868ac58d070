#include <fmt/format.h>

#include <algorithm>

#include <cicada/sim/report.hpp>

#include "html_page.hpp"
#include "run_parts.hpp"

namespace cicada::sim {
using namespace report;  // Our own parts of a page.
using nlohmann::ordered_json;
namespace {

struct Expectations {
  std::size_t count = 0;
  std::size_t failed = 0;
  std::string rows;
};

/// The measured figure in the terms of the expectation: a percentage where that speaks of one.
std::string measured_text(const ordered_json& expectation) {
  const auto number = number_at(expectation, "measured");
  if (!number) {
    const std::string text = text_at(expectation, "measured");
    return text.empty() ? text_at(expectation, "message") : text;  // Why nothing could be measured.
  }
  if (value_at(expectation, "measured").is_boolean()) return *number > 0 ? "true" : "false";
  const bool percent = text_at(expectation, "text").find('%') != std::string::npos;
  return percent ? format_figure(*number, Unit::ratio) : format_number(*number, 6);
}

Expectations expectations_of(const ordered_json& summary) {
  Expectations result;
  const ordered_json& list = value_at(summary, "expect");
  if (!list.is_array()) return result;
  for (const ordered_json& expectation : list) {
    const bool ok = value_at(expectation, "ok") == ordered_json(true);
    ++result.count;
    if (!ok) ++result.failed;
    result.rows += fmt::format("<tr><td class=\"key\">{}</td><td class=\"num\">{}</td><td>{}</td></tr>\n",
                               escape_html(text_at(expectation, "text")), escape_html(measured_text(expectation)),
                               ok ? badge(Verdict::good, "holds") : badge(Verdict::bad, "fails"));
  }
  return result;
}

std::string headline_badge(const Expectations& expectations) {
  if (expectations.count == 0) return "<span>The scenario states no expectation.</span>";
  const std::string_view noun = expectations.count == 1 ? "expectation" : "expectations";
  if (expectations.failed == 0) {
    return badge(Verdict::good, expectations.count == 1 ? std::string("The expectation holds")
                                                        : fmt::format("All {} {} hold", expectations.count, noun));
  }
  return badge(Verdict::bad, fmt::format("{} of {} {} fail{}", expectations.failed, expectations.count, noun,
                                         expectations.failed == 1 ? "s" : ""));
}

std::string interrupted_notice(const ordered_json& summary, bool interrupted) {
  if (!interrupted) return {};
  const auto simulated = number_at(summary, "simulated_s");
  const std::string when = simulated ? " after " + format_figure(*simulated, Unit::seconds) + " of simulated time" : "";
  return fmt::format(
      "<p class=\"notice\" role=\"alert\">Interrupted: this run was stopped{}. All figures cover only what "
      "was simulated until then.</p>\n",
      escape_html(when));
}

Unit unit_named(std::string_view name) {
  if (name == "ms") return Unit::milliseconds;
  if (name == "s") return Unit::seconds;
  if (name == "B") return Unit::bytes;
  if (name == "B/s") return Unit::bytes_per_second;
  if (name == "1/s") return Unit::per_second;
  if (name == "ratio") return Unit::ratio;
  if (name == "hops") return Unit::hops;
  return Unit::number;
}

std::string summary_table(const ordered_json& summary) {
  std::string rows;
  for (const Leaf& leaf : leaves(summary)) {
    if (leaf.path.starts_with("expect.")) continue;  // They have a table of their own.
    const auto known = std::ranges::find(summary_reference(), leaf.path, &SummaryKey::key);
    const bool documented = known != summary_reference().end();
    std::string value = leaf.value.is_string() ? leaf.value.get<std::string>() : leaf.value.dump();
    if (leaf.value.is_number() && leaf.path != "seed") {
      value = format_figure(leaf.value.get<double>(), documented ? unit_named(known->unit) : Unit::number);
    } else if (leaf.value.is_null()) {
      value = "\u2013";
    }
    rows += fmt::format("<tr><td class=\"key\">{}</td><td class=\"num\">{}</td><td class=\"soft\">{}</td></tr>\n",
                        escape_html(leaf.path), escape_html(value), documented ? escape_html(known->meaning) : "");
  }
  if (rows.empty()) return {};
  return folded("All figures of summary.json",
                "<div class=\"scroll\"><table><thead><tr><th>Key</th><th class=\"num\">Value</th><th>Meaning</th></tr>"
                "</thead><tbody>\n" +
                    rows + "</tbody></table></div>");
}

}  // namespace

std::string run_report_html(const ordered_json& manifest, const RunResult& result) {
  const ordered_json& summary = result.summary;
  std::string name = text_at(manifest, "scenario.name");
  if (name.empty()) name = text_at(summary, "scenario");
  if (name.empty()) name = "Unnamed scenario";
  const std::string about = text_at(manifest, "scenario.about");
  const Expectations expectations = expectations_of(summary);

  std::string body = fmt::format("<h1>{}</h1>\n", escape_html(name));
  if (!about.empty()) body += fmt::format("<p class=\"about\">{}</p>\n", escape_html(about));
  body += "<div class=\"badges\">" + headline_badge(expectations);
  if (result.interrupted) body += badge(Verdict::caution, "Interrupted");
  if (const std::string seed = text_at(summary, "seed"); !seed.empty()) {
    body += fmt::format("<span>Seed {}</span>", escape_html(seed));
  }
  body += "</div>\n" + interrupted_notice(summary, result.interrupted);
  body += run_tiles(summary) + section("What happened", run_story(result));
  if (expectations.count > 0) {
    body += section("Expectations",
                    "<div class=\"card scroll\"><table><thead><tr><th>Expected</th><th class=\"num\">Measured</th>"
                    "<th>Verdict</th></tr></thead><tbody>\n" +
                        expectations.rows + "</tbody></table></div>\n");
  }
  body += section("Against the ceiling", ceiling_part(summary));
  body += section("Over time", series_plots(result.series));
  body += section("Distributions", distribution_plots(result));
  body +=
      section("How to repeat this run", how_to_repeat(manifest, text_at(summary, "seed"), text_at(summary, "digest")));
  body += section("Details", summary_table(summary) + manifest_part(manifest));
  return html_page(name + ": cicada-sim run", "Cicada simulation \u00b7 run report", body);
}

}  // namespace cicada::sim
