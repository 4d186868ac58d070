// cicada-sim report: draws the page of a stored run or sweep again, for example with a newer version of the program.

#include <cstdio>
#include <expected>
#include <filesystem>
#include <stdexcept>
#include <string>

#include <cicada/sim/output_folder.hpp>
#include <cicada/sim/report.hpp>

#include "commands.hpp"
#include "durable_file.hpp"
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
  try {
    const auto page = page_of(folder);
    if (!page) throw std::runtime_error(page.error());
    write_durably(file, *page, 0644);
  } catch (const std::runtime_error& error) {  // Errors of the system among them.
    complain("cicada-sim report: {}\n", error.what());
    return exit_bad_input;
  }
  print("{}\n", file.string());
  return exit_good;
}

}  // namespace cicada::tool
