// cicada-sim report: draws the page of a stored run or sweep again, for example with a newer version of the program.

#include <cstdio>
#include <expected>
#include <filesystem>
#include <string>

#include <cicada/sim/output_folder.hpp>
#include <cicada/sim/report.hpp>

#include "commands.hpp"
#include "exit_status.hpp"
#include "files.hpp"
#include "output.hpp"
#include "sweep_folder.hpp"

namespace cicada::tool {
namespace {

std::expected<std::string, std::string> page_of(const std::filesystem::path& folder) {
  const auto manifest = read_json(folder / "manifest.json");
  if (manifest && manifest->value("format", std::string()) == "cicada-sweep") {
    const auto sweep = read_sweep(folder);
    if (!sweep) return std::unexpected(sweep.error());
    return sim::sweep_report_html(*sweep);
  }
  const auto run = sim::read_run(folder);
  if (!run) return std::unexpected(run.error());
  return sim::run_report_html(run->manifest, run->result);
}

}  // namespace

int redraw_report(const ReportCommand& command) {
  const std::filesystem::path folder = command.folder;
  const std::filesystem::path file = command.out.empty() ? folder / "report.html" : std::filesystem::path(command.out);
  const auto page = page_of(folder);
  const auto written = page ? replace_file(file, *page) : std::unexpected(page.error());
  if (!written) {
    complain("cicada-sim report: {}\n", written.error());
    return exit_bad_input;
  }
  print("{}\n", file.string());
  return exit_good;
}

}  // namespace cicada::tool
