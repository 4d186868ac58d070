#include "links/matrix_file.hpp"

#include <algorithm>
#include <cmath>
#include <span>
#include <string_view>

#include <fmt/format.h>

#include "links/measured_text.hpp"
#include "report/text_file.hpp"

namespace cicada::sim {

namespace {

using Result = std::expected<LatencyMatrix, std::string>;

constexpr std::uint32_t not_measured = 0;

class MatrixParser {
 public:
  MatrixParser(const std::filesystem::path& file, bool round_trips)
      : file_(file), us_per_ms_(round_trips ? 500.0 : 1000.0) {}

  Result parse(std::string_view text) {
    const std::vector<TextLine> lines = lines_of(text);
    if (lines.empty()) return error(1, 1, "an empty file", "a latency matrix");
    csv_ = lines[0].text.find(',') != std::string_view::npos;
    if (csv_) names_ = cells_of(lines[0]);
    if (csv_) names_.erase(names_.begin());
    const auto rows = std::span(lines).subspan(csv_ ? 1 : 0);
    size_ = csv_ ? names_.size() : cells_of(lines[0]).size();
    if (size_ < 2) return error(lines[0].number, 1, fmt::format("{} columns", size_), "at least 2");

    matrix_.size = size_;
    for (const TextLine& line : rows) {
      if (auto problem = parse_row(line); !problem.empty()) return std::unexpected(std::move(problem));
    }
    if (row_lines_.size() < size_) {
      const auto line_ends = static_cast<std::size_t>(std::ranges::count(text, '\n'));
      return error(line_ends + 1, 1, fmt::format("the end of the file after {} rows", row_lines_.size()),
                   fmt::format("{} rows, as many as columns", size_));
    }
    return fill_gaps();
  }

 private:
  std::vector<Field> cells_of(const TextLine& line) const {
    if (!csv_) return split_fields(line, " \t");
    std::vector<Field> cells = split_cells(line);
    if (cells.size() > 1 && cells.back().text.empty()) cells.pop_back();
    return cells;
  }

  /// Appends a row; an error message, or nothing when all is well.
  std::string parse_row(const TextLine& line) {
    const std::size_t row = row_lines_.size();
    std::vector<Field> cells = cells_of(line);
    if (row == size_) {
      return located_error(file_, line.number, 1, fmt::format("row {}", row + 1),
                           fmt::format("{} rows, as many as columns", size_));
    }
    if (csv_) {
      if (cells[0].text != names_[row].text) {
        return located_error(file_, line.number, cells[0].column, fmt::format("row \"{}\"", cells[0].text),
                             fmt::format("\"{}\", in the order of the columns", names_[row].text));
      }
      cells.erase(cells.begin());
    }
    if (cells.size() < size_) {
      return located_error(file_, line.number, line.text.size() + 1,
                           fmt::format("the end of the line after {} entries", cells.size()),
                           fmt::format("{} entries", size_));
    }
    if (cells.size() > size_) {
      return located_error(file_, line.number, cells[size_].column, fmt::format("entry {}", size_ + 1),
                           fmt::format("the end of the line after {} entries", size_));
    }
    for (std::size_t column = 0; column < size_; ++column) {
      const auto ms = parse_latency_ms(file_, cells[column]);
      if (!ms) return ms.error();
      const bool measured = column != row && *ms > 0;
      // What was measured is never rounded down to "not measured".
      const auto us = measured ? std::max(1LL, std::llround(*ms * us_per_ms_)) : not_measured;
      matrix_.one_way_us.push_back(static_cast<std::uint32_t>(us));
    }
    row_lines_.push_back(line.number);
    return {};
  }

  Result fill_gaps() {
    std::vector<std::uint32_t> medians;
    for (std::size_t row = 0; row < size_; ++row) {
      const auto begin = matrix_.one_way_us.begin() + static_cast<std::ptrdiff_t>(row * size_);
      std::vector<std::uint32_t> measured(begin, begin + static_cast<std::ptrdiff_t>(size_));
      std::erase(measured, not_measured);
      if (measured.empty()) {
        return error(row_lines_[row], 1, fmt::format("no measured latency in row {}", row + 1), "at least one above 0");
      }
      const auto middle = measured.begin() + static_cast<std::ptrdiff_t>(measured.size() / 2);
      std::ranges::nth_element(measured, middle);
      medians.push_back(*middle);
    }
    const std::vector<std::uint32_t> measured = matrix_.one_way_us;
    for (std::size_t from = 0; from < size_; ++from) {
      for (std::size_t to = 0; to < size_; ++to) {
        std::uint32_t& entry = matrix_.one_way_us[from * size_ + to];
        if (from == to || entry != not_measured) continue;
        const std::uint32_t back = measured[to * size_ + from];
        const std::uint64_t both = std::uint64_t{medians[from]} + medians[to];
        entry = back != not_measured ? back : static_cast<std::uint32_t>(both / 2);
      }
    }
    return std::move(matrix_);
  }

  Result error(std::size_t line, std::size_t column, std::string_view found, std::string_view expected) const {
    return std::unexpected(located_error(file_, line, column, found, expected));
  }

  const std::filesystem::path& file_;
  double us_per_ms_;
  bool csv_ = false;
  std::size_t size_ = 0;
  std::vector<Field> names_;
  std::vector<std::size_t> row_lines_;
  LatencyMatrix matrix_;
};

}  // namespace

std::expected<LatencyMatrix, std::string> load_latency_matrix(const std::filesystem::path& file, bool round_trips) {
  const auto text = report::read_text_file(file);
  if (!text) return std::unexpected(text.error());
  return MatrixParser(file, round_trips).parse(*text);
}

}  // namespace cicada::sim
