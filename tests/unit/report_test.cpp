// The reports: well-formed, self-contained and safe with any scenario text; complete where figures are missing; right
// in what they compute over seeds. How they look is for eyes.

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cicada/rng.hpp>
#include <cicada/sim/report.hpp>
#include <cicada/sim/statistics.hpp>
#include <cmath>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

using namespace cicada;
using namespace cicada::sim;
using nlohmann::ordered_json;

namespace {

constexpr std::string_view attack = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>&amp;";

/// The names of all elements in order of their opening, or nothing when tags don't nest. The content of style and
/// script is not markup.
std::optional<std::vector<std::string>> elements_of(std::string_view html) {
  static constexpr std::array<std::string_view, 4> empty_elements = {"meta", "br", "wbr", "!DOCTYPE"};
  std::vector<std::string> open;
  std::vector<std::string> all;
  std::size_t at = 0;
  while ((at = html.find('<', at)) != std::string_view::npos) {
    const std::size_t end = html.find('>', at);
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view tag = html.substr(at + 1, end - at - 1);
    if (tag.find('<') != std::string_view::npos || std::ranges::count(tag, '"') % 2 != 0) return std::nullopt;
    at = end + 1;
    if (tag.starts_with('/')) {
      if (open.empty() || open.back() != tag.substr(1)) return std::nullopt;
      open.pop_back();
      continue;
    }
    const std::string name(tag.substr(0, tag.find(' ')));
    all.push_back(name);
    if (tag.ends_with('/') || std::ranges::find(empty_elements, name) != empty_elements.end()) continue;
    open.push_back(name);
    if (name == "style" || name == "script") at = html.find("</" + name, at);
  }
  return open.empty() ? std::optional(all) : std::nullopt;
}

/// What holds for every page, whatever it reports.
void check_page(const std::string& html) {
  const auto elements = elements_of(html);
  REQUIRE(elements);
  CHECK(std::ranges::count(*elements, "script") == 1);
  for (const char* foreign : {"img", "iframe", "link", "object", "a", "base", "image"}) {
    CAPTURE(foreign);
    CHECK(std::ranges::count(*elements, foreign) == 0);
  }
  for (const char* outside : {"http://", "https://", "url(", "@import", "src="}) {
    CAPTURE(outside);
    // An escaped attack may hold `src=`; it is text then, as the absence of foreign elements shows.
    if (html.find("onerror") == std::string::npos) CHECK(html.find(outside) == std::string::npos);
  }
  CHECK(html.find("<script>alert") == std::string::npos);
  CHECK(html.find("nan") == std::string::npos);  // A coordinate that is no number.
}

ordered_json full_summary() {
  return ordered_json::parse(R"({
    "scenario": "demo", "seed": 7, "digest": "00ff", "interrupted": false, "simulated_s": 1800, "events": 1000,
    "peers": {"start": 100, "end": 98, "joined": 10, "left": 2, "crashed": 10},
    "lookups": {"count": 1000, "correct": 997, "wrong": 1, "failed": 2, "path": {"mean": 3.5, "p1": 1, "p50": 3, "p99": 6},
                "timeouts_mean": 0.1, "latency_ms": {"p50": 120, "p90": 200, "p99": 900}},
    "sends": {"count": 50, "delivered": 49, "delivered_ratio": 0.98, "delivered_low": 0.9, "delivered_high": 0.99,
              "unfinished": 3, "data_transmissions_mean": 4.2, "latency_ms": {"p50": 1, "p90": 2, "p99": null}},
    "resilience": {"hostile_peers": 20, "hostile_ratio": 0.2, "taking_ratio": 0.1,
      "ceiling": {"sampled": 50, "directed": 0.97, "directed_low": 0.9, "directed_high": 0.99, "both_ways": 0.995},
      "disjoint_paths": {"sampled": 20, "mean": 11.5, "both_ways_mean": 17.5, "both_ways_mean_low": 16.25,
                         "both_ways_mean_high": 18.75},
      "delivered_of_ceiling": 0.985, "predicted_plain": 0.44, "predicted_strategy": 0.93, "predicted_transmissions": 3.75,
      "attack_data_per_send": 0.25, "hostile_sends": 4, "amplification": 2.5},
    "ring": {"ideal": false, "violations": 0, "wrong_successors_ratio": 0.01},
    "traffic": {"bytes_per_peer_s": 2048, "messages_per_peer_s": 1.5}, "events_per_cpu_s": 2500000,
    "expect": [{"text": "delivered >= 99%", "measured": 0.98, "ok": false}, {"text": "x < 3", "measured": 2, "ok": true}]})");
}

RunResult full_result() {
  RunResult result;
  result.summary = full_summary();
  result.series.columns = {"t_s", "peers", "wrong_successors_ratio", "dead_fingers_ratio", "latency_ms_p50", "joins"};
  const double gap = std::nan("");
  for (int i = 1; i <= 20; ++i) {
    result.series.rows.push_back({i * 90.0, 100.0 - i % 3, 0.01 / i, 0.02, i % 7 == 0 ? gap : 100.0 + i, 1});
  }
  QuantileRecorder hops;
  QuantileRecorder latency(0.001);
  for (int i = 0; i < 100; ++i) {
    hops.add(i % 7);
    latency.add(i * i + 1);
  }
  result.histograms = {hops.histogram("path", "hops"), latency.histogram("lookup_latency", "ms")};
  return result;
}

const ordered_json manifest = {{"command", "cicada-sim run demo.yaml"},
                               {"scenario", {{"name", "demo"}, {"about", "Does it hold?"}}}};

std::size_t count_of(std::string_view text, std::string_view what) {
  std::size_t count = 0;
  for (std::size_t at = text.find(what); at != std::string_view::npos; at = text.find(what, at + 1)) ++count;
  return count;
}

/// A copy of a value with an attack in place of, or behind, every text and key.
ordered_json attacked(const ordered_json& value) {
  ordered_json result = value;
  if (value.is_string()) return value.get<std::string>() + std::string(attack);
  if (value.is_object()) {
    for (const auto& item : value.items()) result[item.key()] = attacked(item.value());
    result[std::string(attack)] = std::string(attack);
  } else if (value.is_array()) {
    for (ordered_json& element : result) element = attacked(element);
  }
  return result;
}

SweepResult sweep_of(const std::vector<std::string>& first, const std::vector<std::string>& second,
                     std::uint64_t seeds) {
  SweepResult sweep;
  sweep.manifest = manifest;
  for (const std::string& a : first) {
    for (const std::string& b : second) {
      for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
        ordered_json summary = full_summary();
        summary["seed"] = seed;
        summary["lookups"]["correct"] = 900 + 10 * seed;
        sweep.cells.push_back({{{"churn.session", a}, {"protocol.stabilize", b}}, seed, summary});
      }
    }
  }
  return sweep;
}

}  // namespace

TEST_CASE("the tag checker finds what it should") {
  CHECK(elements_of("<!DOCTYPE html><p>a<br>b</p><path d=\"M0 0\"/>"));
  CHECK_FALSE(elements_of("<p><b></p></b>"));
  CHECK_FALSE(elements_of("<p>"));
  CHECK_FALSE(elements_of("<p class=\"a>b</p>"));
}

TEST_CASE("a full run's page is well-formed and says what was measured") {
  const std::string html = run_report_html(manifest, full_result());
  check_page(html);
  for (const char* part : {"<h1>demo</h1>", "Does it hold?", "1 of 2 expectations fails", "98\u00a0%", "Ring health",
                           "Path length", "Lookup latency", "cicada-sim run demo.yaml", "00ff", "3.5\u00a0hops",
                           "30\u00a0min of simulated time", "99.7\u00a0% reached the right owner"}) {
    CAPTURE(part);
    CHECK(html.find(part) != std::string::npos);
  }
  CHECK(html.find("role=\"alert\"") == std::string::npos);
}

TEST_CASE("a page under attack sets what was delivered against the ceiling and theory") {
  const std::string html = run_report_html(manifest, full_result());
  for (const char* part :
       {"Against the ceiling", "90\u00a0% to 99\u00a0%", "99.5\u00a0%", "98.5\u00a0%", "16.25 to 18.75", "93\u00a0%",
        "where 10\u00a0% of the peers take what passes them", "at 4.2 transmissions each over all hops and copies",
        "3\u00a0further ones were not over", "added 0.25 transmissions", "4\u00a0messages of their own"}) {
    CAPTURE(part);
    CHECK(html.find(part) != std::string::npos);
  }
  RunResult calm = full_result();
  calm.summary.erase("resilience");
  CHECK(run_report_html(manifest, calm).find("Against the ceiling") == std::string::npos);
}

TEST_CASE("a sweep's curves have the ceiling and the closed form beside them, and no plot for these") {
  const std::string html = sweep_report_html(sweep_of({"1", "2"}, {"x", "y"}, 2));
  const std::string_view title = "<h3>Messages acknowledged</h3>";
  const std::size_t begin = html.find(title);
  REQUIRE(begin != std::string::npos);
  const std::string plot = html.substr(begin, html.find("</figure>", begin) - begin);
  CHECK(count_of(plot, "<g class=\"s0 theory\">") == 1);
  CHECK(count_of(plot, "<g class=\"s1 theory\">") == 1);
  CHECK(plot.find("<g class=\"bound\">") != std::string::npos);
  CHECK(plot.find("dotted: closed form") != std::string::npos);
  CHECK(html.find("<h3>Clean paths that share no peer</h3>") != std::string::npos);
  CHECK(html.find("<h3>Closed form of one try</h3>") == std::string::npos);
  CHECK(html.find("<h3>A clean path existed</h3>") == std::string::npos);
}

TEST_CASE("any key may be missing or null, and more may be there") {
  const RunResult full = full_result();
  check_page(run_report_html({}, {}));
  check_page(run_report_html(ordered_json::array(), {}));
  const ordered_json flat = full.summary.flatten();
  for (const auto& item : flat.items()) {
    CAPTURE(item.key());
    RunResult result = full;
    result.summary[ordered_json::json_pointer(item.key())] = nullptr;
    check_page(run_report_html(manifest, result));
    ordered_json without = flat;
    without.erase(item.key());
    result.summary = without.unflatten();
    result.summary["lookups"]["new_figure"] = 5;
    const std::string html = run_report_html(manifest, result);
    check_page(html);
    CHECK(html.find("lookups.new_figure") != std::string::npos);
  }
}

TEST_CASE("texts of a scenario stay texts") {
  RunResult result = full_result();
  result.summary = attacked(result.summary);
  result.series.columns.emplace_back(attack);
  for (std::vector<double>& row : result.series.rows) row.push_back(1);
  result.histograms.push_back({std::string(attack), std::string(attack), {0, 1}, {1, 2}});
  const std::string html = run_report_html(attacked(manifest), result);
  check_page(html);
  CHECK(count_of(html, "&lt;script&gt;") >= 6);

  SweepResult sweep = sweep_of({std::string(attack), "b"}, {"c", std::string(attack)}, 2);
  for (CellResult& cell : sweep.cells) {
    cell.summary = attacked(cell.summary);
    for (auto& setting : cell.settings) setting.first += attack;
  }
  sweep.manifest = attacked(sweep.manifest);
  check_page(sweep_report_html(sweep));
}

TEST_CASE("a gap in a series is a gap in its line") {
  RunResult result;
  result.series.columns = {"t_s", "latency_ms_p50"};
  const double gap = std::nan("");
  result.series.rows = {{1, 5}, {2, 6}, {3, gap}, {4, 7}, {5, 8}};
  const std::string html = run_report_html(manifest, result);
  check_page(html);
  const std::size_t line = html.find("<path class=\"line\" d=\"");
  REQUIRE(line != std::string::npos);
  const std::string path = html.substr(line, html.find("/>", line) - line);
  CHECK(count_of(path, "M") == 2);
  CHECK(count_of(path, "L") == 2);
  result.series.rows = {{1, gap}, {2, gap}};
  CHECK(run_report_html(manifest, result).find("Over time") == std::string::npos);
}

TEST_CASE("a long series makes a small page, and no spike is lost") {
  RunResult result;
  result.series.columns = {"t_s", "peers", "violations"};
  for (int i = 1; i <= 50'000; ++i)
    result.series.rows.push_back({static_cast<double>(i), 1000, i == 31'337 ? 77.0 : 0});
  const std::string html = run_report_html(manifest, result);
  check_page(html);
  CHECK(html.size() < 120'000);
  CHECK(html.find("&quot;77&quot;") != std::string::npos);
}

TEST_CASE("ratios are written so that they differ from 0 and 100 %") {
  RunResult result;
  result.summary = {{"lookups", {{"count", 1'000'000}, {"correct", 999'999}, {"wrong", 1}, {"failed", 0}}}};
  const std::string html = run_report_html(manifest, result);
  CHECK(html.find("99.9999\u00a0%") != std::string::npos);
  CHECK(html.find("100\u00a0%") == std::string::npos);
}

TEST_CASE("a sweep's page is well-formed with every number of axes, seeds and kinds of values") {
  const std::vector<std::vector<std::string>> kinds = {{"84s", "5min", "1h"}, {"crash", "leave"}, {"0%", "10%"}, {"5"}};
  for (const std::vector<std::string>& first : kinds) {
    for (const std::uint64_t seeds : {1U, 4U}) check_page(sweep_report_html(sweep_of(first, {"1", "2"}, seeds)));
  }
  SweepResult flat = sweep_of({"1"}, {"1"}, 3);
  for (CellResult& cell : flat.cells) cell.settings.clear();
  check_page(sweep_report_html(flat));
  SweepResult deep = sweep_of({"1", "2"}, {"1", "2"}, 2);
  for (std::size_t i = 0; i < deep.cells.size(); ++i) {
    deep.cells[i].settings.emplace_back("third", i % 2 == 0 ? "x" : "y");
  }
  const std::string panels = sweep_report_html(deep);
  check_page(panels);
  CHECK(panels.find("Path length; third = x") != std::string::npos);
  SweepResult none;
  none.cells_planned = 4;
  CHECK(sweep_report_html(none).find("Incomplete: 0 of 4 runs are done") != std::string::npos);
  check_page(sweep_report_html(none));
}

TEST_CASE("a numeric axis is in the order of its quantities, another as written") {
  const auto order = [](const std::string& html, std::string_view a, std::string_view b) {
    return html.find("churn.session = " + std::string(a)) < html.find("churn.session = " + std::string(b));
  };
  const std::string numeric = sweep_report_html(sweep_of({"1h", "90s", "5min"}, {"1"}, 2));
  CHECK(order(numeric, "90s", "5min"));
  CHECK(order(numeric, "5min", "1h"));
  CHECK(numeric.find("churn.session (logarithmic)") != std::string::npos);
  const std::string named = sweep_report_html(sweep_of({"pareto", "exponential"}, {"1"}, 2));
  CHECK(order(named, "pareto", "exponential"));
  CHECK(named.find("churn.session (logarithmic)") == std::string::npos);
}

TEST_CASE("a sweep's summary holds means and Student's intervals over seeds") {
  SweepResult sweep = sweep_of({"1", "2"}, {"x"}, 3);  // Correct: 910, 920, 930 of 1,000.
  const ordered_json summary = sweep_summary(sweep);
  CHECK(summary["runs"] == 6);
  CHECK(summary["axes"][0]["values"] == ordered_json({"1", "2"}));
  REQUIRE(summary["groups"].size() == 2);
  const ordered_json& correct = summary["groups"][1]["metrics"]["lookups_correct_ratio"];
  const double half = 4.302653 * 0.01 / std::sqrt(3.0);  // t(0.975) with 2 degrees of freedom.
  CHECK(correct["mean"].get<double>() == Approx(0.92));
  CHECK(correct["low"].get<double>() == Approx(0.92 - half).epsilon(1e-5));
  CHECK(correct["high"].get<double>() == Approx(0.92 + half).epsilon(1e-5));
  CHECK(correct["seeds"] == 3);
  CHECK(summary["groups"][0]["runs_as_expected"] == 0);
  const ordered_json single = sweep_summary(sweep_of({"1"}, {"x"}, 1));
  CHECK(single["groups"][0]["metrics"]["lookups_correct_ratio"]["low"].is_null());
}

TEST_CASE("a sweep judges the means over its seeds, not only each run") {
  SweepResult sweep = sweep_of({"1", "2"}, {"x"}, 3);  // Correct: 910, 920, 930 of 1,000.
  sweep.cells[2].summary["ring"]["ideal"] = nullptr;
  const std::string one_of_three = "lookups.correct == 920";
  sweep.manifest["scenario"]["sweep"]["expect"] = {one_of_three, "lookups.correct < 920", "ring.ideal == 0"};
  const ordered_json summary = sweep_summary(sweep);
  const ordered_json& expect = summary["groups"][0]["expect"];
  REQUIRE(expect.size() == 3);
  CHECK(expect[0]["text"] == one_of_three);
  CHECK(expect[0]["ok"] == true);
  CHECK(expect[1]["measured"].get<double>() == Approx(920));
  CHECK(expect[1]["ok"] == false);
  CHECK(expect[2]["ok"] == false);  // One run did not measure it, so there is no mean.
  CHECK(expect[2]["measured"].is_null());
  CHECK(summary["groups"][1]["expect"][2]["measured"].is_number());
  check_page(sweep_report_html(sweep));
  CHECK(sweep_report_html(sweep).find("not the means") != std::string::npos);
  CHECK(!sweep_summary(sweep_of({"1"}, {"x"}, 2))["groups"][0].contains("expect"));
}

TEST_CASE("cells.csv has a row per run with every figure") {
  SweepResult sweep;
  sweep.cells.push_back(
      {{{"a", "1, 2"}}, 5, ordered_json::parse(R"({"seed": 5, "x": {"y": 1.5}, "expect": [{"ok": false}]})")});
  sweep.cells.push_back({{{"a", "3"}}, 6, ordered_json::parse(R"({"seed": 6, "z": true})")});
  CHECK(cells_csv(sweep) == "a,seed,as_expected,x.y,z\n\"1, 2\",5,false,1.5,\n3,6,true,,true\n");
}

TEST_CASE("the reference names every key once and renders as a table") {
  std::vector<std::string_view> keys;
  for (const SummaryKey& row : summary_reference()) keys.push_back(row.key);
  std::ranges::sort(keys);
  CHECK(std::ranges::adjacent_find(keys) == keys.end());
  const std::string table = summary_reference_markdown();
  CHECK(count_of(table, "\n") == keys.size() + 2);
  CHECK(table.find("| `lookups.path.p99` | hops |") != std::string::npos);
}
