#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <utility>

#include <cicada/sim/output_folder.hpp>
#include <cicada/sim/report.hpp>

#include "text_file.hpp"

#ifndef CICADA_COMMIT
#define CICADA_COMMIT "unknown"
#endif
#ifndef CICADA_BUILD_TYPE
#define CICADA_BUILD_TYPE "unknown"
#endif

namespace cicada::sim {
namespace fs = std::filesystem;
using nlohmann::ordered_json;
namespace {

bool plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

std::string compiler_name() {
#if defined(__clang__)
  return "clang " __clang_version__;
#else
  return "g++ " __VERSION__;
#endif
}

std::expected<ordered_json, std::string> read_json(const fs::path& path) {
  const auto text = report::read_text_file(path);
  if (!text) return std::unexpected(text.error());
  ordered_json value = ordered_json::parse(*text, nullptr, false);
  if (!value.is_object()) return std::unexpected(fmt::format("{}: is not a JSON object", path.string()));
  return value;
}

template <typename Value>
std::expected<Value, std::string> read_csv(const fs::path& path,
                                           std::expected<Value, std::string> (*parse)(std::string_view)) {
  const auto text = report::read_text_file(path);
  if (!text) return std::unexpected(text.error());
  auto value = parse(*text);
  if (!value) return std::unexpected(fmt::format("{}: {}", path.string(), value.error()));
  return value;
}

}  // namespace

fs::path default_output_folder(std::string_view scenario_name, std::uint64_t seed) {
  constexpr std::size_t length_max = 100;
  std::string name(scenario_name.substr(0, length_max));
  std::replace_if(name.begin(), name.end(), [](char c) { return !plain(c); }, '-');
  if (name.empty()) name = "scenario";
  if (name.front() == '.') name.front() = '-';
  return fs::path("out") / fmt::format("{}-seed{}", name, seed);
}

std::string shell_command(std::span<const std::string> arguments) {
  std::string line;
  for (const std::string& argument : arguments) {
    if (!line.empty()) line += ' ';
    const bool bare = !argument.empty() && std::ranges::all_of(argument, [](char c) {
      return plain(c) || c == '/' || c == '=' || c == ':' || c == ',' || c == '+' || c == '@' || c == '%';
    });
    if (bare) {
      line += argument;
      continue;
    }
    line += '\'';
    for (const char c : argument) line += c == '\'' ? std::string("'\\''") : std::string(1, c);
    line += '\'';
  }
  return line;
}

ordered_json make_manifest(ordered_json scenario, std::string command) {
  ordered_json manifest;
  manifest["command"] = std::move(command);
  manifest["commit"] = CICADA_COMMIT;
  manifest["compiler"] = compiler_name();
  manifest["build"] = CICADA_BUILD_TYPE;
  manifest["scenario"] = std::move(scenario);
  return manifest;
}

std::string json_text(const ordered_json& value) {
  return value.dump(2, ' ', false, ordered_json::error_handler_t::replace) + '\n';
}

std::expected<void, std::string> write_run(const fs::path& folder, ordered_json manifest, const RunResult& result) {
  RunResult marked = result;
  marked.summary["interrupted"] = result.interrupted;
  ordered_json named = {{"format", "cicada-run"}};
  for (const char* key : {"seed", "digest", "interrupted", "wall_s", "peak_rss_bytes"}) {
    if (marked.summary.contains(key)) named[key] = marked.summary[key];
  }
  named.update(manifest);
  named["format"] = "cicada-run";
  named["interrupted"] = result.interrupted;
  const OutputFile files[] = {
      {"manifest.json", json_text(named)},
      {"series.csv", series_csv(marked.series)},
      {"distributions.csv", distributions_csv(marked.histograms)},
      {"report.html", run_report_html(named, marked)},
      {"summary.json", json_text(marked.summary)},
  };
  return write_output_files(folder, files, OutputKind::run);
}

std::expected<StoredRun, std::string> read_run(const fs::path& folder) {
  std::error_code error;
  if (!fs::is_directory(folder, error))
    return std::unexpected(fmt::format("{}: there is no such folder", folder.string()));
  auto manifest = read_json(folder / "manifest.json");
  if (!manifest) return std::unexpected(manifest.error());
  if (manifest->value("format", ordered_json()) != "cicada-run") {
    return std::unexpected(fmt::format("{}: is not the folder of a run", folder.string()));
  }
  if (!fs::exists(folder / "summary.json", error)) {
    return std::unexpected(fmt::format("{}: has no summary.json: the run did not finish writing it", folder.string()));
  }
  auto summary = read_json(folder / "summary.json");
  if (!summary) return std::unexpected(summary.error());
  auto series = read_csv<Series>(folder / "series.csv", parse_series_csv);
  if (!series) return std::unexpected(series.error());
  auto histograms = read_csv<std::vector<Histogram>>(folder / "distributions.csv", parse_distributions_csv);
  if (!histograms) return std::unexpected(histograms.error());
  StoredRun run{std::move(*manifest), {std::move(*summary), std::move(*series), std::move(*histograms), false}};
  const auto interrupted = run.result.summary.find("interrupted");
  run.result.interrupted = interrupted != run.result.summary.end() && *interrupted == ordered_json(true);
  return run;
}

}  // namespace cicada::sim
