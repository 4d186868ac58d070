#pragma once
/// The folder that a run leaves behind: `manifest.json` (what was run), `summary.json` (the figures), `series.csv`
/// (over time), `distributions.csv` and `report.html`. Writing is all or nothing as far as a reader can tell: files are
/// staged under hidden names, synced, and renamed; `summary.json` goes first when old output is replaced and comes back
/// last. A folder without `summary.json` is therefore not a finished one. Nothing here measures or draws.

#include <cstdint>
#include <expected>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include <cicada/sim/run_result.hpp>

namespace cicada::sim {

/// What a folder of ours holds. The value of `format` in its `manifest.json`, by which we know our own again.
enum class OutputKind { run, sweep };

/// `out/<scenario name>-seed<seed>`, relative to the working directory. Characters of the name that are not plain (a
/// scenario's name is not trusted) become `-`.
[[nodiscard]] std::filesystem::path default_output_folder(std::string_view scenario_name, std::uint64_t seed);

/// The arguments as one line that a POSIX shell reads back as the same arguments.
[[nodiscard]] std::string shell_command(std::span<const std::string> arguments);

/// A manifest: the scenario with every default, how it was called, and the program (version control revision from the
/// macro CICADA_COMMIT where the build defines it, compiler, build type). Callers may add keys. `write_run` and
/// `claim_output_folder` add `format`, and `write_run` adds `seed`, `digest`, `interrupted`, `wall_s` and
/// `peak_rss_bytes` from the summary.
[[nodiscard]] nlohmann::ordered_json make_manifest(nlohmann::ordered_json scenario, std::string command);

/// Whether `folder` can be written: it does not exist and can be created, or is empty, or holds older output of the
/// same kind. Call it before a long run, so that nobody waits an hour for "permission denied". Leaves no trace. The
/// error is one sentence that names the path and says what to do.
[[nodiscard]] std::expected<void, std::string> check_output_folder(const std::filesystem::path& folder,
                                                                   OutputKind kind = OutputKind::run);

/// Creates the folder and writes its manifest only, so that work in progress (the cells of a sweep) can be put into it
/// and the folder is known as ours after an interruption. Keeps all other files but `summary.json`.
[[nodiscard]] std::expected<void, std::string> claim_output_folder(const std::filesystem::path& folder,
                                                                   nlohmann::ordered_json manifest, OutputKind kind);

/// One file to write.
struct OutputFile {
  std::string name;
  std::string content;
};

/// Writes `files` into `folder` as described above, in this order: `summary.json`, where it is among them, comes last.
/// On failure before the first rename (no space, no permission: all that usually happens) older output is untouched and
/// what was created is removed. Other files in the folder are kept.
[[nodiscard]] std::expected<void, std::string> write_output_files(const std::filesystem::path& folder,
                                                                  std::span<const OutputFile> files, OutputKind kind);

/// Writes all files of one run, the report included. An interrupted run says so in manifest, summary and report.
[[nodiscard]] std::expected<void, std::string> write_run(const std::filesystem::path& folder,
                                                         nlohmann::ordered_json manifest, const RunResult& result);

/// What `read_run` finds.
struct StoredRun {
  nlohmann::ordered_json manifest;
  RunResult result;
};

/// Reads a run's folder back, so that its report can be drawn again. Fails with one sentence on a folder that is
/// unfinished, damaged or not ours.
[[nodiscard]] std::expected<StoredRun, std::string> read_run(const std::filesystem::path& folder);

/// The text of a JSON file as we write it: two spaces per level, a final newline; NaN and infinities become null, bytes
/// that are not UTF-8 become U+FFFD.
[[nodiscard]] std::string json_text(const nlohmann::ordered_json& value);

/// `series.csv` and `distributions.csv` as text: a header line, then numbers that read back as the same bits; an empty
/// cell is NaN. A distribution is a line per bin (`name,unit,low,high,count`; discrete where low equals high).
[[nodiscard]] std::string series_csv(const Series& series);
[[nodiscard]] std::string distributions_csv(std::span<const Histogram> histograms);
/// Their inverses. The error names the line.
[[nodiscard]] std::expected<Series, std::string> parse_series_csv(std::string_view text);
[[nodiscard]] std::expected<std::vector<Histogram>, std::string> parse_distributions_csv(std::string_view text);

/// A text as one CSV cell, quoted where RFC 4180 asks for it.
[[nodiscard]] std::string csv_cell(std::string_view text);

}  // namespace cicada::sim
