#include "verdict.hpp"

#include <fmt/core.h>

#include <cicada/sim/expectation.hpp>
#include <cicada/sim/report_text.hpp>

namespace cicada::tool {
namespace {

using nlohmann::ordered_json;

/// In the terms of the expectation: a percentage where that speaks of one.
std::string measured_text(const ordered_json& expectation) {
  const auto measured = expectation.find("measured");
  if (measured == expectation.end() || !measured->is_number()) return "nothing";
  const double value = measured->get<double>();
  const bool percent = expectation.value("text", std::string()).find('%') != std::string::npos;
  return percent ? sim::report::format_figure(value, sim::report::Unit::ratio) : sim::report::format_number(value, 6);
}

}  // namespace

void judge(std::span<const std::string> expectations, sim::RunResult& result) {
  auto verdicts = sim::evaluate_expectations(expectations, result.summary);
  if (result.interrupted) {
    for (sim::ExpectationResult& verdict : verdicts) {
      verdict.ok = false;
      verdict.message = "the run was interrupted";
    }
  }
  result.summary["interrupted"] = result.interrupted;
  result.summary["expect"] = sim::to_json(verdicts);
}

std::string failed_expectations(const ordered_json& summary) {
  std::string lines;
  const auto expect = summary.find("expect");
  if (expect == summary.end()) return lines;
  for (const ordered_json& one : *expect) {
    if (one.value("ok", false)) continue;
    lines += fmt::format("failed: expected {}, measured {}", one.value("text", std::string()), measured_text(one));
    const std::string why = one.value("message", std::string());
    lines += why.empty() ? "\n" : fmt::format(" ({})\n", why);
  }
  return lines;
}

bool all_expectations_hold(const ordered_json& summary) { return failed_expectations(summary).empty(); }

}  // namespace cicada::tool
