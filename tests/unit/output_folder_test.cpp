// The output folder: what is written reads back as the same bits; what is not ours is refused and left alone; a failure
// in the middle leaves neither half a result nor a damaged older one; every refusal names the path.

#include <rapidcheck.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <atomic>
#include <barrier>
#include <catch2/catch.hpp>
#include <cicada/sim/output_folder.hpp>
#include <cicada/sim/report.hpp>
#include <cmath>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <string>
#include <thread>
#include <vector>

using namespace cicada::sim;
namespace fs = std::filesystem;
using nlohmann::ordered_json;

namespace {

/// A folder of its own for one test, removed at its end.
struct Scratch {
  fs::path path;

  Scratch() {
    std::string name = (fs::temp_directory_path() / "cicada-output-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~Scratch() {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
};

std::string content_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void put(const fs::path& path, std::string_view content) { std::ofstream(path, std::ios::binary) << content; }

std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

RunResult small_result(int seed) {
  RunResult result;
  result.summary = {{"scenario", "small"}, {"seed", seed}, {"digest", "00ff"}, {"simulated_s", 20.0}};
  result.series.columns = {"t_s", "peers", "path_mean"};
  result.series.rows = {{10, 5, std::nan("")}, {20, 6, 1.0 / 3}};
  result.histograms.push_back({"path", "hops", {0, 1, 2}, {4, 0, 7}});
  result.histograms.push_back({"lookup_latency", "ms", {1, 10, 100}, {2, 3}});
  return result;
}

ordered_json small_manifest() { return make_manifest({{"name", "small"}}, "cicada-sim run small.yaml"); }

const std::vector<std::string> run_files = {"distributions.csv", "manifest.json", "report.html", "series.csv",
                                            "summary.json"};

/// While it lives, no file may grow past some bytes: a stand-in for a full disk that needs no privileges.
struct FileSizeLimit {
  rlimit before{};
  void (*handler)(int) = nullptr;

  explicit FileSizeLimit(rlim_t bytes) {
    handler = std::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &before);
    const rlimit limit{bytes, before.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &before);
    std::signal(SIGXFSZ, handler);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;
};

}  // namespace

TEST_CASE("a run's folder reads back as what was written") {
  const Scratch scratch;
  const fs::path folder = scratch.path / "a" / "b";
  const RunResult result = small_result(7);
  REQUIRE(write_run(folder, small_manifest(), result));
  CHECK(names_in(folder) == run_files);
  const auto stored = read_run(folder);
  REQUIRE(stored);
  CHECK(stored->manifest["format"] == "cicada-run");
  CHECK(stored->manifest["seed"] == 7);
  CHECK(stored->manifest["digest"] == "00ff");
  CHECK(stored->manifest["scenario"]["name"] == "small");
  CHECK(stored->result.summary["seed"] == 7);
  CHECK_FALSE(stored->result.interrupted);
  CHECK(stored->result.series.columns == result.series.columns);
  REQUIRE(stored->result.series.rows.size() == 2);
  CHECK(std::isnan(stored->result.series.rows[0][2]));
  CHECK(stored->result.series.rows[1] == result.series.rows[1]);
  REQUIRE(stored->result.histograms.size() == 2);
  for (std::size_t i = 0; i < 2; ++i) {
    CHECK(stored->result.histograms[i].name == result.histograms[i].name);
    CHECK(stored->result.histograms[i].unit == result.histograms[i].unit);
    CHECK(stored->result.histograms[i].edges_or_values == result.histograms[i].edges_or_values);
    CHECK(stored->result.histograms[i].counts == result.histograms[i].counts);
  }
  CHECK(run_report_html(stored->manifest, stored->result) == content_of(folder / "report.html"));
}

TEST_CASE("any series survives its CSV bit for bit, NaN included") {
  REQUIRE(rc::check([](const std::vector<std::pair<double, double>>& raw) {
    Series series{{"t_s", "x"}, {}};
    for (const auto& [a, b] : raw) series.rows.push_back({a, b});
    series.rows.push_back({1, std::numeric_limits<double>::quiet_NaN()});
    const auto parsed = parse_series_csv(series_csv(series));
    RC_ASSERT(parsed.has_value());
    RC_ASSERT(parsed->columns == series.columns);
    RC_ASSERT(parsed->rows.size() == series.rows.size());
    for (std::size_t i = 0; i < raw.size(); ++i) RC_ASSERT(parsed->rows[i] == series.rows[i]);
    RC_ASSERT(std::isnan(parsed->rows.back()[1]));
  }));
}

TEST_CASE("CSV is written as documented: NaN is an empty cell, a number has its shortest digits") {
  const Series series{{"t_s", "a,b"}, {{1, std::nan("")}, {2.5, 0.1}}};
  CHECK(series_csv(series) == "t_s,\"a,b\"\n1,\n2.5,0.1\n");
  const std::vector<Histogram> histograms = {{"path", "hops", {0, 1}, {4, 7}}, {"time", "ms", {1, 10, 100}, {2, 3}}};
  CHECK(distributions_csv(histograms) ==
        "name,unit,low,high,count\npath,hops,0,0,4\npath,hops,1,1,7\ntime,ms,1,10,2\ntime,ms,10,100,3\n");
}

TEST_CASE("damaged CSV is refused with its line") {
  CHECK(parse_series_csv("t_s,x\n1,2\n3\n").error() == "line 3: found 1 cells, expected 2");
  CHECK(parse_series_csv("t_s,x\n1,two\n").error() == "line 2: found 'two', expected a number");
  CHECK(parse_distributions_csv("name,unit,low,high,count\na,b,1,2\n").error() == "line 2: found 4 cells, expected 5");
  CHECK(parse_distributions_csv("name,unit,low,high,count\na,b,1,2,-3\n").error() ==
        "line 2: found '-3', expected a number");
  CHECK(parse_series_csv("")->rows.empty());
}

TEST_CASE("an interrupted run says so in every file that a person or a program looks at") {
  const Scratch scratch;
  RunResult result = small_result(1);
  result.interrupted = true;
  REQUIRE(write_run(scratch.path / "run", small_manifest(), result));
  CHECK(ordered_json::parse(content_of(scratch.path / "run/summary.json"))["interrupted"] == true);
  CHECK(ordered_json::parse(content_of(scratch.path / "run/manifest.json"))["interrupted"] == true);
  CHECK(content_of(scratch.path / "run/report.html").find("Interrupted: this run was stopped after 20") !=
        std::string::npos);
  CHECK(read_run(scratch.path / "run")->result.interrupted);
}

TEST_CASE("our own older output is replaced, and other files beside it stay") {
  const Scratch scratch;
  const fs::path folder = scratch.path / "run";
  REQUIRE(write_run(folder, small_manifest(), small_result(1)));
  put(folder / "notes.txt", "mine");
  REQUIRE(check_output_folder(folder));
  REQUIRE(write_run(folder, small_manifest(), small_result(2)));
  CHECK(read_run(folder)->result.summary["seed"] == 2);
  CHECK(content_of(folder / "notes.txt") == "mine");
}

TEST_CASE("an empty folder and one with only our leftovers are accepted") {
  const Scratch scratch;
  const fs::path folder = scratch.path / "run";
  fs::create_directory(folder);
  put(folder / ".summary.json.partial", "{");
  REQUIRE(write_run(folder, small_manifest(), small_result(1)));
  CHECK(names_in(folder) == run_files);
}

TEST_CASE("a foreign folder is refused and left alone") {
  const Scratch scratch;
  const fs::path folder = scratch.path / "photos";
  fs::create_directory(folder);
  const auto refused = [&](std::string_view what) {
    for (const auto& outcome : {check_output_folder(folder), write_run(folder, small_manifest(), small_result(1))}) {
      REQUIRE_FALSE(outcome);
      CHECK(outcome.error().find(folder.string()) == 0);
      CHECK(outcome.error().find(what) != std::string::npos);
    }
  };
  put(folder / "cat.jpg", "meow");
  refused("is not output of ours (it holds 'cat.jpg')");
  CHECK(names_in(folder) == std::vector<std::string>{"cat.jpg"});
  for (const char* foreign : {"{\"name\": \"a web app\"}", "[1]", "not json", "{\"format\": 3}"}) {
    put(folder / "manifest.json", foreign);
    refused("manifest.json that is not ours");
    CHECK(content_of(folder / "manifest.json") == foreign);
  }
}

TEST_CASE("a run and a sweep don't overwrite one another") {
  const Scratch scratch;
  SweepResult sweep;
  sweep.manifest = small_manifest();
  REQUIRE(write_run(scratch.path / "run", small_manifest(), small_result(1)));
  REQUIRE(write_sweep_report(scratch.path / "sweep", sweep));
  CHECK(write_sweep_report(scratch.path / "run", sweep).error().find("holds a run, not a sweep") != std::string::npos);
  const auto onto_sweep = write_run(scratch.path / "sweep", small_manifest(), small_result(1));
  CHECK(onto_sweep.error().find("holds a sweep, not a run") != std::string::npos);
  CHECK_FALSE(read_run(scratch.path / "sweep"));
}

TEST_CASE("a path that cannot be a folder is refused by its name") {
  const Scratch scratch;
  put(scratch.path / "file", "");
  const std::pair<fs::path, std::string> cases[] = {
      {scratch.path / "file", "is not a folder"},     {scratch.path / "file" / "run", "file"},
      {"/proc/no/such", "cannot create this folder"}, {scratch.path / std::string(300, 'x'), "File name too long"},
      {"", "the name of the output folder is empty"},
  };
  for (const auto& [path, words] : cases) {
    CAPTURE(path.string(), words);
    for (const auto& outcome : {check_output_folder(path), write_run(path, small_manifest(), small_result(1))}) {
      REQUIRE_FALSE(outcome);
      CHECK(outcome.error().find(words) != std::string::npos);
    }
  }
  CHECK(names_in(scratch.path) == std::vector<std::string>{"file"});
}

TEST_CASE("checking a folder leaves no trace") {
  const Scratch scratch;
  REQUIRE(check_output_folder(scratch.path / "a" / "b" / "c"));
  CHECK(names_in(scratch.path).empty());
}

TEST_CASE("no space: nothing new is left, and the older result is whole") {
  const Scratch scratch;
  const fs::path older = scratch.path / "older";
  const fs::path fresh = scratch.path / "x" / "fresh";
  REQUIRE(write_run(older, small_manifest(), small_result(1)));
  const std::string before = content_of(older / "report.html");
  {
    const FileSizeLimit limit(4096);  // The report is longer.
    for (const fs::path& folder : {older, fresh}) {
      const auto outcome = write_run(folder, small_manifest(), small_result(2));
      REQUIRE_FALSE(outcome);
      CHECK(outcome.error().find("report.html") != std::string::npos);
      CHECK(outcome.error().find("File too large") != std::string::npos);
    }
  }
  CHECK(names_in(older) == run_files);
  CHECK(content_of(older / "report.html") == before);
  CHECK(read_run(older)->result.summary["seed"] == 1);
  CHECK_FALSE(fs::exists(scratch.path / "x"));
}

TEST_CASE("a folder without its summary is not taken for a result, and can be written again") {
  const Scratch scratch;
  REQUIRE(write_run(scratch.path, small_manifest(), small_result(1)));
  fs::remove(scratch.path / "summary.json");
  CHECK(read_run(scratch.path).error().find("has no summary.json") != std::string::npos);
  REQUIRE(write_run(scratch.path, small_manifest(), small_result(2)));
  CHECK(read_run(scratch.path)->result.summary["seed"] == 2);
  put(scratch.path / "summary.json", "{\"scena");
  CHECK(read_run(scratch.path).error().find("summary.json: is not a JSON object") != std::string::npos);
  CHECK(read_run(scratch.path / "none").error().find("there is no such folder") != std::string::npos);
}

TEST_CASE("a claimed folder is ours, keeps its cells, and is not a finished one") {
  const Scratch scratch;
  const fs::path folder = scratch.path / "sweep";
  SweepResult sweep;
  sweep.manifest = small_manifest();
  REQUIRE(claim_output_folder(folder, sweep.manifest, OutputKind::sweep));
  CHECK(names_in(folder) == std::vector<std::string>{"manifest.json"});
  fs::create_directory(folder / "cells");
  put(folder / "cells" / "1.json", "{}");
  REQUIRE(write_sweep_report(folder, sweep));
  CHECK(fs::exists(folder / "summary.json"));
  REQUIRE(claim_output_folder(folder, sweep.manifest, OutputKind::sweep));
  CHECK_FALSE(fs::exists(folder / "summary.json"));
  CHECK(content_of(folder / "cells" / "1.json") == "{}");
}

TEST_CASE("the default folder stays below out/ whatever the scenario is called") {
  CHECK(default_output_folder("quickstart", 7) == fs::path("out/quickstart-seed7"));
  CHECK(default_output_folder("../../etc/passwd", 1) == fs::path("out/-.-..-etc-passwd-seed1"));
  CHECK(default_output_folder("", 0) == fs::path("out/scenario-seed0"));
  REQUIRE(rc::check([](const std::string& name, std::uint64_t seed) {
    const fs::path path = default_output_folder(name, seed);
    RC_ASSERT(path.parent_path() == fs::path("out"));
    RC_ASSERT(path.filename().string().front() != '.');
    RC_ASSERT(path.string().size() < 150u);
  }));
}

TEST_CASE("JSON of what is not finite or not UTF-8 is still JSON") {
  const std::string text = json_text({{"nan", std::nan("")}, {"bytes", "\xff\xfe"}});
  CHECK(ordered_json::parse(text)["nan"].is_null());
  CHECK(ordered_json::accept(text));
}

TEST_CASE("a command line is quoted for a shell") {
  const std::vector<std::string> arguments = {"cicada-sim", "run", "my file.yaml", "--set", "a=it's", "", "$(x)"};
  CHECK(shell_command(arguments) == R"(cicada-sim run 'my file.yaml' --set 'a=it'\''s' '' '$(x)')");
}

TEST_CASE("runs that check folders below the same new parent at the same time do not disturb each other") {
  const Scratch scratch;
  constexpr int rounds = 2000;
  std::atomic<int> refused = 0;
  std::barrier together(2);
  const auto check_often = [&](const char* name) {
    for (int i = 0; i < rounds; ++i) {
      together.arrive_and_wait();
      if (!check_output_folder(scratch.path / std::to_string(i) / "cells" / name)) ++refused;
    }
  };
  std::thread other(check_often, "a");
  check_often("b");
  other.join();
  CHECK(refused == 0);
}
