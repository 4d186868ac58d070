#include "links/matrix_file.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include <cicada/sim/latency_model.hpp>

#include "data/data_values.hpp"

namespace cicada::sim {

namespace {

constexpr std::uint32_t not_measured = 0;

/// Says which entries were not measured.
class MissingMarks {
 public:
  explicit MissingMarks(std::span<const std::string> marks) : marks_(marks) {}

  [[nodiscard]] bool contain(std::string_view text) const {
    return std::ranges::any_of(marks_, [&](const std::string& mark) { return same(mark, text); });
  }

 private:
  static bool same(std::string_view mark, std::string_view text) {
    if (text.empty()) return mark == "empty";
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    if (std::ranges::equal(mark, text, {}, lower, lower)) return true;
    const auto a = number_of(mark), b = number_of(text);
    return a && b && (*a == *b || (std::isnan(*a) && std::isnan(*b)));
  }

  std::span<const std::string> marks_;
};

class MatrixParser {
 public:
  MatrixParser(TableReader& reader, const MatrixLinks& links)
      : reader_(reader), missing_(links.missing), unit_(links.unit), round_trips_(links.rtt) {}

  LatencyMatrix parse() {
    if (!reader_.next()) reader_.fail(1, 1, "no row", "a latency matrix");
    const std::vector<Cell> first = without_empty_end(reader_.row());
    const bool more = reader_.next();
    decide_shape(first, more ? without_empty_end(reader_.row()) : std::vector<Cell>{});
    if (size_ < 2) reader_.fail(first[0].line, 1, fmt::format("{} columns", size_), "at least 2");
    if (matrix_.has_header) {
      for (const Cell& name : std::span(first).subspan(corner_, size_)) add_name(name);
      if (more) read_row(reader_.row());
    } else {
      read_row(first);
      if (more) read_row(reader_.row());
    }
    while (reader_.next()) read_row(reader_.row());
    if (row_lines_.size() < size_) {
      reader_.fail_at_end(fmt::format("the end of the file after {} rows", row_lines_.size()), rows_text());
    }
    fill_gaps();
    return std::move(matrix_);
  }

 private:
  /// A separator at the end of the line is no entry, unless the scenario says that empty entries are.
  [[nodiscard]] std::vector<Cell> without_empty_end(std::span<const Cell> row) const {
    std::vector<Cell> cells(row.begin(), row.end());
    if (cells.size() > 1 && cells.back().text.empty() && !missing_.contain("")) cells.pop_back();
    return cells;
  }

  [[nodiscard]] bool is_word(const Cell& cell) const {
    return !cell.text.empty() && !number_of(cell.text) && !missing_.contain(cell.text);
  }

  void decide_shape(std::span<const Cell> first, std::span<const Cell> second) {
    const auto behind = first.subspan(1);
    const bool words = std::ranges::any_of(behind, [&](const Cell& cell) { return is_word(cell); });
    const bool numbers = std::ranges::any_of(first, [](const Cell& cell) {
      const auto number = number_of(cell.text);
      return number && std::isfinite(*number);
    });
    const bool begins_with_name = !second.empty() && is_word(second[0]);
    const bool no_corner = second.size() == first.size() + 1;
    const bool corner = !no_corner && !behind.empty() && second.size() > 1 && !number_of(first[0].text) &&
                        second[0].text == behind[0].text && (is_word(first[0]) || !second[1].text.empty());
    const bool repeated = corner || (no_corner && second[0].text == first[0].text);
    matrix_.has_header = (words && !numbers) || repeated;
    matrix_.has_row_names =
        matrix_.has_header ? begins_with_name || repeated || no_corner || first[0].text.empty() : is_word(first[0]);
    corner_ = matrix_.has_row_names && !(matrix_.has_header && no_corner) ? 1 : 0;
    const bool empty_end = matrix_.has_header && first.back().text.empty();  // An empty text is no name.
    size_ = first.size() - std::min(first.size(), corner_ + (empty_end ? 1 : 0));
    matrix_.size = size_;
  }

  void add_name(const Cell& name) {
    if (name.text.empty()) reader_.fail(name, "a name");
    const auto [other, fresh] = columns_of_.try_emplace(name.text, names_.size());
    if (!fresh) {
      reader_.fail(name, fmt::format("another name than that in line {}, column {}", names_[other->second].line,
                                     names_[other->second].column));
    }
    names_.push_back(name);
  }

  void read_row(std::span<const Cell> cells) {
    const std::size_t row = row_lines_.size();
    if (row == size_) reader_.fail(cells[0].line, 1, fmt::format("row {}", row + 1), rows_text());
    row_lines_.push_back(cells[0].line);
    const std::size_t names = matrix_.has_row_names ? 1 : 0;
    expect_cells(cells, names + size_);
    if (names > 0 && !matrix_.has_header) add_name(cells[0]);
    if (names > 0 && cells[0].text != names_[row].text) {
      reader_.fail(cells[0], fmt::format("the row \"{}\", in the order of the columns", names_[row].text));
    }
    for (std::size_t column = 0; column < size_; ++column)
      matrix_.one_way_us.push_back(entry(cells[names + column], column == row));
  }

  void expect_cells(std::span<const Cell> cells, std::size_t count) const {
    const Cell& last = cells.back();
    const bool empty_end = cells.size() == count + 1 && last.text.empty();
    if (cells.size() < count) {
      reader_.fail(last.line, last.column + last.text.size(),
                   fmt::format("the end of the line after {} entries", cells.size()),
                   fmt::format("{}{} entries", count > size_ ? "a name and " : "", size_));
    }
    if (cells.size() > count && !empty_end) {
      reader_.fail(last.line, cells[count].column, fmt::format("entry {}", count + 1),
                   fmt::format("the end of the line after {} entries", count));
    }
  }

  std::uint32_t entry(const Cell& cell, bool diagonal) const {
    const auto number = number_of(cell.text);
    const bool missing = missing_.contain(cell.text);
    if (diagonal && (number || missing || cell.text.empty())) return not_measured;
    if (missing) return not_measured;
    constexpr std::string_view hint = "(links.missing lists what stands for \"not measured\")";
    if (!number || std::isnan(*number)) reader_.fail(cell, fmt::format("a latency in {} {}", name_of(unit_), hint));
    if (*number <= 0) reader_.fail(cell, fmt::format("a latency above 0 {} {}", name_of(unit_), hint));
    const double ns = *number * ns_in(unit_);
    if (ns > static_cast<double>(latency_max.count()))
      reader_.fail(cell, fmt::format("a latency of at most {}, an hour", text_in(unit_, latency_max)));
    // What was measured is never rounded down to "not measured".
    return static_cast<std::uint32_t>(std::max(1LL, std::llround(ns / (round_trips_ ? 2e3 : 1e3))));
  }

  void fill_gaps() {
    std::vector<std::uint32_t> medians;
    for (std::size_t row = 0; row < size_; ++row) {
      const auto begin = matrix_.one_way_us.begin() + static_cast<std::ptrdiff_t>(row * size_);
      std::vector<std::uint32_t> measured(begin, begin + static_cast<std::ptrdiff_t>(size_));
      std::erase(measured, not_measured);
      if (measured.empty()) {
        reader_.fail(row_lines_[row], 1, fmt::format("no measured latency in row {}", row + 1), "at least one above 0");
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
        ++(back != not_measured ? matrix_.from_back : matrix_.guessed);
        entry = back != not_measured ? back : std::max(1U, static_cast<std::uint32_t>(both / 2));
      }
    }
  }

  [[nodiscard]] std::string rows_text() const { return fmt::format("{} rows, as many as columns", size_); }

  TableReader& reader_;
  MissingMarks missing_;
  TimeUnit unit_;
  bool round_trips_;
  std::size_t size_ = 0;
  std::size_t corner_ = 0;  ///< Cells of the first row in front of the first column.
  std::vector<Cell> names_;
  std::map<std::string_view, std::size_t> columns_of_;
  std::vector<std::size_t> row_lines_;
  LatencyMatrix matrix_;
};

}  // namespace

LatencyMatrix read_latency_matrix(TableReader& reader, const MatrixLinks& links) {
  return MatrixParser(reader, links).parse();
}

}  // namespace cicada::sim
