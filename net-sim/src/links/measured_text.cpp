#include "links/measured_text.hpp"

#include <algorithm>
#include <charconv>
#include <system_error>

#include <fmt/format.h>

#include <cicada/sim/latency_model.hpp>

namespace cicada::sim {

namespace {

constexpr std::string_view blanks = " \t\r";

Field trimmed(std::string_view text, std::size_t line, std::size_t column) {
  const std::size_t first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {{}, line, column};
  const std::size_t last = text.find_last_not_of(blanks);
  return {text.substr(first, last - first + 1), line, column + first};
}

}  // namespace

std::vector<TextLine> lines_of(std::string_view text) {
  std::vector<TextLine> lines;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    line = line.substr(0, line.find('#'));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.find_first_not_of(blanks) != std::string_view::npos) lines.push_back({line, number});
  }
  return lines;
}

std::vector<Field> split_fields(const TextLine& line, std::string_view separators) {
  std::vector<Field> fields;
  for (std::size_t begin = line.text.find_first_not_of(separators); begin != std::string_view::npos;) {
    const std::size_t end = std::min(line.text.find_first_of(separators, begin), line.text.size());
    fields.push_back({line.text.substr(begin, end - begin), line.number, begin + 1});
    begin = line.text.find_first_not_of(separators, end);
  }
  return fields;
}

std::vector<Field> split_cells(const TextLine& line) {
  std::vector<Field> cells;
  for (std::size_t begin = 0;;) {
    const std::size_t end = std::min(line.text.find(',', begin), line.text.size());
    cells.push_back(trimmed(line.text.substr(begin, end - begin), line.number, begin + 1));
    if (end == line.text.size()) return cells;
    begin = end + 1;
  }
}

std::string located_error(const std::filesystem::path& file, std::size_t line, std::size_t column,
                          std::string_view found, std::string_view expected) {
  return fmt::format("{}:{}:{}: found {}, expected {}", file.string(), line, column, found, expected);
}

std::expected<double, std::string> parse_latency_ms(const std::filesystem::path& file, const Field& field) {
  constexpr double ms_max = std::chrono::duration<double, std::milli>(latency_max).count();
  const auto error = [&](std::string_view expected) {
    const std::string found = field.text.empty() ? "nothing" : fmt::format("\"{}\"", field.text.substr(0, 40));
    return std::unexpected(located_error(file, field.line, field.column, found, expected));
  };
  double ms = 0;
  const char* const end = field.text.data() + field.text.size();
  const auto [stop, status] = std::from_chars(field.text.data(), end, ms);
  if (field.text.empty() || stop != end || status != std::errc{}) return error("a latency in ms");
  if (ms < 0) return error("a latency in ms of 0 or more");
  if (ms > ms_max) return error("a latency of at most 3600000 ms, an hour");
  return ms;
}

}  // namespace cicada::sim
