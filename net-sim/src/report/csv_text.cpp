#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

#include <cicada/sim/output_folder.hpp>

namespace cicada::sim {
namespace {

void append_number(std::string& text, double value) {
  // fmt writes the shortest digits that read back as the same double.
  if (!std::isnan(value)) fmt::format_to(std::back_inserter(text), "{}", value);
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

/// The lines of a file; a final newline does not begin another one.
std::vector<std::string_view> csv_lines(std::string_view text) {
  if (text.ends_with('\n')) text.remove_suffix(1);
  return split(text, '\n');
}

std::optional<double> parse_number(std::string_view text) {
  if (text.empty()) return std::numeric_limits<double>::quiet_NaN();
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::unexpected<std::string> bad_cell(std::size_t line, std::string_view cell) {
  return std::unexpected(fmt::format("line {}: found '{}', expected a number", line, cell));
}

}  // namespace

std::string csv_cell(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string quoted = "\"";
  for (const char c : text) quoted.append(c == '"' ? 2 : 1, c);
  return quoted + '"';
}

std::string series_csv(const Series& series) {
  std::string text;
  for (std::size_t i = 0; i < series.columns.size(); ++i) {
    if (i > 0) text += ',';
    text += csv_cell(series.columns[i]);
  }
  text += '\n';
  for (const std::vector<double>& row : series.rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (i > 0) text += ',';
      append_number(text, row[i]);
    }
    text += '\n';
  }
  return text;
}

std::expected<Series, std::string> parse_series_csv(std::string_view text) {
  Series series;
  const std::vector<std::string_view> lines = csv_lines(text);
  for (const std::string_view name : split(lines.front(), ',')) {
    if (!name.empty()) series.columns.emplace_back(name);
  }
  for (std::size_t i = 1; i < lines.size(); ++i) {
    std::vector<double> row;
    for (const std::string_view cell : split(lines[i], ',')) {
      const std::optional<double> value = parse_number(cell);
      if (!value) return bad_cell(i + 1, cell);
      row.push_back(*value);
    }
    if (row.size() != series.columns.size()) {
      return std::unexpected(
          fmt::format("line {}: found {} cells, expected {}", i + 1, row.size(), series.columns.size()));
    }
    series.rows.push_back(std::move(row));
  }
  return series;
}

std::string distributions_csv(std::span<const Histogram> histograms) {
  std::string text = "name,unit,low,high,count\n";
  for (const Histogram& histogram : histograms) {
    const std::size_t upper = histogram.discrete() ? 0 : 1;
    for (std::size_t i = 0; i < histogram.counts.size(); ++i) {
      text += csv_cell(histogram.name) + ',' + csv_cell(histogram.unit) + ',';
      append_number(text, histogram.edges_or_values[i]);
      text += ',';
      append_number(text, histogram.edges_or_values[i + upper]);
      text += fmt::format(",{}\n", histogram.counts[i]);
    }
  }
  return text;
}

std::expected<std::vector<Histogram>, std::string> parse_distributions_csv(std::string_view text) {
  std::vector<Histogram> histograms;
  const std::vector<std::string_view> lines = csv_lines(text);
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const std::vector<std::string_view> cells = split(lines[i], ',');
    if (cells.size() != 5) {
      return std::unexpected(fmt::format("line {}: found {} cells, expected 5", i + 1, cells.size()));
    }
    for (std::size_t cell = 2; cell < 5; ++cell) {
      if (cells[cell].empty() || !parse_number(cells[cell])) return bad_cell(i + 1, cells[cell]);
    }
    const double low = *parse_number(cells[2]);
    const double high = *parse_number(cells[3]);
    const double count = *parse_number(cells[4]);
    if (!(count >= 0 && count < 0x1p63)) return bad_cell(i + 1, cells[4]);
    if (histograms.empty() || histograms.back().name != cells[0]) {
      histograms.push_back({std::string(cells[0]), std::string(cells[1]), {}, {}});
    }
    Histogram& histogram = histograms.back();
    // The upper edge of a bin is the lower edge of the next one: only the first bin writes its lower edge.
    if (low == high || histogram.counts.empty()) histogram.edges_or_values.push_back(low);
    if (low != high) histogram.edges_or_values.push_back(high);
    histogram.counts.push_back(static_cast<std::uint64_t>(count));
  }
  return histograms;
}

}  // namespace cicada::sim
