#include "command_line.hpp"

#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <limits>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <cicada/sim/nearest.hpp>
#include <cicada/sim/output_folder.hpp>
#include <cicada/sim/units.hpp>

#include "commands.hpp"
#include "exit_status.hpp"
#include "output.hpp"
#include "version.hpp"

namespace cicada::tool {
namespace {

constexpr std::size_t jobs_max = 1024;

/// What the parser fills in. Numbers stay texts until they are checked, so that the messages are ours.
struct Arguments {
  std::vector<std::string> files;  // Scenarios, or the folder of a report.
  std::vector<std::string> settings;
  std::string seed, seeds, jobs, out;
  bool json = false, no_progress = false, quiet = false, keys = false, summary = false;
};

int refuse(std::string_view where, std::string_view what) {
  complain("{}: {}\n", where, what);
  return exit_bad_input;
}

/// The library's help would show `[OPTIONS] [SCENARIO...]` for all.
class HelpText : public CLI::Formatter {
 public:
  std::string make_usage(const CLI::App* app, std::string name) const override {
    const bool whole = app->get_parent() == nullptr;
    return fmt::format("Usage: {} {}\n", name, whole ? "COMMAND ..." : usage_of(app->get_name()));
  }

 private:
  static std::string_view usage_of(std::string_view command) {
    if (command == "check") return "SCENARIO...";
    if (command == "report") return "DIR [--out FILE]";
    if (command == "explain") return "SCENARIO [OPTIONS] | --keys | --summary";
    return "SCENARIO [OPTIONS]";
  }
};

void add_settings(CLI::App& command, Arguments& to) {
  command
      .add_option(
          "--set", to.settings,
          "Replace a value of the scenario, as in --set peers.count=500 or --set links.loss=1%; may be repeated")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
}

void add_output(CLI::App& command, Arguments& to, const std::string& default_folder) {
  command.add_option("--out", to.out, "Folder for the results (default: " + default_folder + ")")->type_name("DIR");
  command.add_flag("--json", to.json, "Print summary.json to stdout, and nothing else there");
  command.add_flag("--no-progress", to.no_progress,
                   "No progress bar (there is none anyway when stderr is no terminal)");
  command.add_flag("--quiet", to.quiet, "Print only errors and failed expectations");
}

void describe_run(CLI::App& app, Arguments& to) {
  CLI::App& run = *app.add_subcommand("run", "Simulate a scenario, and write its figures and a report");
  run.add_option("SCENARIO", to.files, "The scenario, a YAML file")->type_name("");
  run.add_option("--seed", to.seed, "Seed of all randomness, instead of the scenario's own")->type_name("N");
  add_settings(run, to);
  add_output(run, to, "out/<name>-seed<seed>");
  run.footer(
      "Examples:\n"
      "  cicada-sim run scenarios/quickstart.yaml\n"
      "  cicada-sim run scenarios/quickstart.yaml --seed 8 --set peers.count=500 --out /tmp/small\n"
      "  cicada-sim run scenarios/quickstart.yaml --json | python3 -m json.tool\n\n"
      "Exit status: 0 good, 1 an expectation failed, 2 bad input, 130 interrupted (what was measured is written).");
}

void describe_check(CLI::App& app, Arguments& to) {
  CLI::App& check = *app.add_subcommand("check", "Say whether scenario files are valid, and what is wrong where");
  check.add_option("SCENARIO", to.files, "Scenarios, YAML files")->type_name("");
  check.footer(
      "Examples:\n"
      "  cicada-sim check scenarios/quickstart.yaml\n"
      "  cicada-sim check scenarios/churn/*.yaml\n\n"
      "Exit status: 0 all are valid, 2 one is not.");
}

void describe_explain(CLI::App& app, Arguments& to) {
  CLI::App& explain =
      *app.add_subcommand("explain", "Say in plain words what a scenario will simulate, and what it will cost");
  explain.add_option("SCENARIO", to.files, "The scenario, a YAML file")->type_name("");
  add_settings(explain, to);
  explain.add_flag("--keys", to.keys, "Print the reference of all keys of scenarios instead");
  explain.add_flag("--summary", to.summary, "Print the reference of all keys of summary.json instead");
  explain.footer(
      "Examples:\n"
      "  cicada-sim explain scenarios/quickstart.yaml\n"
      "  cicada-sim explain scenarios/quickstart.yaml --set peers.count=1000000\n"
      "  cicada-sim explain --keys");
}

void describe_sweep(CLI::App& app, Arguments& to) {
  CLI::App& sweep = *app.add_subcommand("sweep", "Run the grid and seeds of a scenario's `sweep:` on all cores");
  sweep.add_option("SCENARIO", to.files, "The scenario, a YAML file")->type_name("");
  sweep.add_option("--seed", to.seed, "First seed, instead of the scenario's own")->type_name("N");
  sweep.add_option("--seeds", to.seeds, "Seeds for each point of the grid, instead of sweep.seeds")->type_name("N");
  add_settings(sweep, to);
  sweep.add_option("--jobs", to.jobs, "Runs at the same time (default: one for each core)")->type_name("N");
  add_output(sweep, to, "out/<name>-sweep");
  sweep.footer(
      "Examples:\n"
      "  cicada-sim sweep scenarios/attack/duplicates.yaml\n"
      "  cicada-sim sweep scenarios/attack/duplicates.yaml --jobs 2 --seeds 5 --out /tmp/sweep\n\n"
      "An interrupted sweep goes on where it stopped when the same command is given again: runs that are complete,\n"
      "and were made from the same scenario by the same version, are not repeated.\n\n"
      "Exit status: 0 good, 1 an expectation or a run failed, 2 bad input, 130 interrupted.");
}

void describe_report(CLI::App& app, Arguments& to) {
  CLI::App& report = *app.add_subcommand("report", "Make the report of a run or a sweep anew from its folder");
  report.add_option("DIR", to.files, "The folder of the run or the sweep")->type_name("");
  report.add_option("--out", to.out, "The file to write (default: report.html in the folder)")->type_name("FILE");
  report.footer(
      "Examples:\n"
      "  cicada-sim report out/quickstart-seed1\n"
      "  cicada-sim report out/path-length-sweep --out sweep.html");
}

/// The names that may stand where `argument` stands: options for what looks like one, else subcommands.
std::vector<std::string> names_for(const CLI::App& command, bool option) {
  std::vector<std::string> names;
  if (option) {
    for (const CLI::Option* known : command.get_options()) {
      for (const std::string& name : known->get_lnames()) names.push_back("--" + name);
    }
  } else {
    for (const CLI::App* known : command.get_subcommands([](const CLI::App*) { return true; })) {
      names.push_back(known->get_name());
    }
  }
  return names;
}

/// What is wrong with the first argument that nobody took; nothing when there is none.
std::optional<std::string> complaint(const CLI::App& command) {
  std::vector<std::string> extras = command.remaining();
  if (extras.empty()) return std::nullopt;
  const auto dashed = std::ranges::find_if(extras, [](const std::string& text) { return text.starts_with("-"); });
  const bool option = dashed != extras.end();
  std::string extra = option ? *dashed : extras.front();
  if (option) extra.resize(std::min(extra.find('='), extra.size()));

  const std::vector<std::string> names = names_for(command, option);
  const std::vector<std::string_view> known(names.begin(), names.end());
  if (!option && known.empty()) {
    return fmt::format("unexpected argument '{}'; see {} --help", extra, command.get_display_name());
  }
  const auto near = sim::nearest_name(extra, known);
  return fmt::format("unknown {} '{}'; {}", option ? "option" : "subcommand", extra,
                     near ? fmt::format("did you mean '{}'?", *near)
                          : (option ? std::string("--help lists all") : sim::expected_one_of(extra, known)));
}

/// A whole number of an option, or an error status after it was complained about. Absent stays absent.
class Numbers {
 public:
  explicit Numbers(std::string where) : where_(std::move(where)) {}

  std::optional<std::uint64_t> get(std::string_view option, const std::string& text, std::uint64_t low,
                                   std::uint64_t high) {
    if (text.empty()) return std::nullopt;
    const auto value = sim::parse_integer(text);
    if (value && *value >= low && *value <= high) return *value;
    refuse(where_, fmt::format("{}: found '{}', expected a whole number from {} to {}", option, text, low, high));
    good_ = false;
    return std::nullopt;
  }
  [[nodiscard]] bool good() const { return good_; }

 private:
  std::string where_;
  bool good_ = true;
};

int dispatch(const std::string& command, const Arguments& given, std::string command_line) {
  const std::string where = "cicada-sim " + command;
  const bool reference = given.keys || given.summary;
  const std::string_view wanted = command == "report" ? "DIR" : "SCENARIO";
  if (given.files.empty() && !reference) {
    return refuse(where, fmt::format("expected a {}; see {} --help", wanted, where));
  }
  if (given.files.size() > 1 && command != "check") {
    return refuse(where,
                  fmt::format("found '{}' behind '{}', expected one {}", given.files[1], given.files[0], wanted));
  }
  const std::string file = given.files.empty() ? std::string() : given.files.front();
  constexpr std::uint64_t any = std::numeric_limits<std::uint64_t>::max();
  Numbers numbers(where);
  const auto seed = numbers.get("--seed", given.seed, 0, any);
  const auto seeds = numbers.get("--seeds", given.seeds, 1, 100'000);
  const auto jobs = numbers.get("--jobs", given.jobs, 1, jobs_max);
  if (!numbers.good()) return exit_bad_input;

  if (command == "check") return check_scenarios({given.files});
  if (command == "explain") return explain_scenario({file, given.settings, given.keys, given.summary});
  if (command == "report") return redraw_report({file, given.out});
  if (command == "run") {
    return run_scenario(
        {file, given.settings, seed, given.out, given.json, !given.no_progress, given.quiet, std::move(command_line)});
  }
  return sweep_scenario({file, given.settings, seed, seeds, static_cast<std::size_t>(jobs.value_or(0)), given.out,
                         given.json, !given.no_progress, given.quiet, std::move(command_line)});
}

}  // namespace

int run_command_line(int argc, char** argv) {
  Arguments given;
  CLI::App app("Simulates Chord-based swarms of peers, from a YAML scenario to a report.", "cicada-sim");
  app.set_version_flag("--version", version_text(), "Print version, commit and compiler");
  app.require_subcommand(0, 1);
  app.formatter(std::make_shared<HelpText>());
  app.footer(
      "Examples:\n"
      "  cicada-sim run scenarios/quickstart.yaml\n"
      "  cicada-sim explain scenarios/quickstart.yaml\n"
      "  cicada-sim COMMAND --help");
  describe_run(app, given);
  describe_check(app, given);
  describe_explain(app, given);
  describe_sweep(app, given);
  describe_report(app, given);
  // The parser keeps what it doesn't know, so that we can name what was probably meant.
  app.allow_extras();
  const auto commands = app.get_subcommands([](const CLI::App*) { return true; });
  for (CLI::App* command : commands) command->allow_extras();

  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& success) {
    std::ostringstream text;  // Help or version.
    const int status = app.exit(success, text, text);
    print_text(text.str());
    return status;
  } catch (const CLI::ParseError& error) {
    const auto parsed = app.get_subcommands();
    const std::string where = parsed.empty() ? "cicada-sim" : "cicada-sim " + parsed.front()->get_name();
    const std::string what = error.what();
    // "--seed: 1 required N missing" is what the library says of an option at the end of the line.
    const bool no_value = error.get_name() == "ArgumentMismatch";
    return refuse(where, no_value ? what.substr(0, what.find(':')) + " needs a value" : what);
  }
  if (const auto wrong = complaint(app)) return refuse("cicada-sim", *wrong);
  const auto parsed = app.get_subcommands();
  if (parsed.empty()) {
    complain("{}", app.help());
    return exit_bad_input;
  }
  const std::string command = parsed.front()->get_name();
  if (const auto wrong = complaint(*parsed.front())) return refuse("cicada-sim " + command, *wrong);

  std::vector<std::string> words = {"cicada-sim"};
  words.insert(words.end(), argv + 1, argv + argc);
  return dispatch(command, given, sim::shell_command(words));
}

}  // namespace cicada::tool
