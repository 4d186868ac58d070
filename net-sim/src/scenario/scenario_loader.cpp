#include <cicada/sim/scenario_loader.hpp>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <limits>
#include <map>

#include <fmt/format.h>

#include "scenario_checks.hpp"
#include "schema_reader.hpp"
#include "yaml_override.hpp"

namespace cicada::sim {
namespace {

constexpr std::size_t errors_max = 20;

struct Reading {
  Scenario scenario;
  Places places;
  std::vector<Mistake> mistakes;
};

Reading read_tree(const YamlNode& root, const std::filesystem::path& folder) {
  Reading reading;
  SchemaReader reader(root, folder);
  reader.read(reading.scenario);
  reading.mistakes = reader.mistakes();
  reading.places = reader.places();
  if (!reading.mistakes.empty()) return reading;

  // The one default that follows from another value.
  if (!reading.places.contains("measure.sample")) {
    const Duration second = std::chrono::seconds{1};
    reading.scenario.measure.sample =
        std::min(std::max(second, reading.scenario.duration / 100), reading.scenario.duration);
  }
  check_scenario(reading.scenario, reading.places, root.at, reading.mistakes);
  return reading;
}

/// Every value of every axis must load by itself: better now than after hours of other cells.
void check_sweep(const YamlNode& root, const std::filesystem::path& folder, Reading& reading) {
  constexpr unsigned axis_source = std::numeric_limits<unsigned>::max();
  YamlNode base = root;
  std::erase_if(base.entries, [](const YamlEntry& entry) { return entry.key == "sweep"; });
  for (const SweepAxis& axis : reading.scenario.sweep.axes) {
    for (std::size_t i = 0; i < axis.values.size(); ++i) {
      YamlNode cell = base;
      std::optional<std::string> wrong;
      if (auto done = override_setting(cell, axis.key, axis.values[i], axis_source); !done) {
        wrong = done.error().message;
      } else if (const Reading one = read_tree(cell, folder); !one.mistakes.empty()) {
        wrong = one.mistakes.front().message;
      }
      if (!wrong) continue;
      const auto place = reading.places.find(fmt::format("sweep.{}.{}", axis.key, i));
      const Position at = place == reading.places.end() ? root.at : place->second;
      reading.mistakes.push_back({at, fmt::format("{} (in the sweep of {})", *wrong, quote(axis.key))});
      break;  // A wrong key is wrong for all of its values.
    }
  }
}

LoadErrors to_errors(const std::vector<Mistake>& mistakes, const std::string& file_name) {
  // In the order of the input, overrides last; those of one place stay as they were found.
  std::multimap<Position, const Mistake*> sorted;
  for (const Mistake& mistake : mistakes) sorted.emplace(mistake.at, &mistake);
  LoadErrors errors;
  for (const auto& [at, mistake] : sorted) {
    LoadError error{file_name, at.line, at.column, mistake->message};
    if (at.source > 0) error = {fmt::format("--set #{}", at.source), 0, 0, mistake->message};
    if (errors.empty() || errors.back() != error) errors.push_back(std::move(error));
    if (errors.size() == errors_max) break;
  }
  return errors;
}

}  // namespace

std::string to_string(const LoadError& error) {
  if (error.line == 0) return fmt::format("{}: {}", error.file, error.message);
  return fmt::format("{}:{}:{}: {}", error.file, error.line, error.column, error.message);
}

std::expected<Scenario, LoadErrors> parse_scenario(std::string_view text, const std::string& file_name,
                                                   std::span<const std::string> overrides) {
  const std::filesystem::path folder = std::filesystem::path(file_name).parent_path();
  auto root = parse_yaml(text, 0);
  if (!root) return std::unexpected(to_errors({root.error()}, file_name));
  std::vector<Mistake> mistakes;
  for (std::size_t i = 0; i < overrides.size(); ++i) {
    if (auto done = apply_override(*root, overrides[i], static_cast<unsigned>(i + 1)); !done) {
      mistakes.push_back(done.error());
    }
  }
  Reading reading = read_tree(*root, folder);
  if (reading.mistakes.empty()) check_sweep(*root, folder, reading);
  mistakes.insert(mistakes.end(), reading.mistakes.begin(), reading.mistakes.end());
  if (!mistakes.empty()) return std::unexpected(to_errors(mistakes, file_name));
  return std::move(reading.scenario);
}

std::expected<Scenario, LoadErrors> load_scenario(const std::filesystem::path& file,
                                                  std::span<const std::string> overrides) {
  const auto fail = [&](const std::string& why) {
    return std::unexpected(LoadErrors{{file.string(), 0, 0, fmt::format("found {}, expected a scenario file", why)}});
  };
  std::error_code error;
  if (std::filesystem::is_directory(file, error)) return fail("a folder");
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return fail(fmt::format("nothing to read ({})", std::strerror(errno)));
  // One byte more than allowed is enough to be refused.
  std::string text(yaml_bytes_max + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (stream.bad()) return fail("a file that can't be read");
  text.resize(static_cast<std::size_t>(stream.gcount()));
  return parse_scenario(text, file.string(), overrides);
}

}  // namespace cicada::sim
