#pragma once
/// The one reader of tables: every file of measured or listed data that a scenario names passes through it. It knows
/// lines, cells and places, and nothing of what the cells mean; table_values.hpp reads values.
///
/// - UTF-8 text of at most 256 MiB; a byte order mark at its start is skipped. UTF-16 and NUL bytes are refused.
/// - Lines end with LF or CR LF. Blank lines are skipped. A `#` at the start of a cell or after a blank starts a
/// comment.
/// - Cells are separated by `;`, else `,`, else a tab, else runs of blanks: the first of these that the first line
///   holds outside of quotes. Blanks around cells don't count. A separator at the end of a line begins an empty cell.
/// - A cell may stand in double quotes, where `""` is a quote; separators and `#` have no meaning in them.

#include <cstddef>
#include <filesystem>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace cicada::sim {

/// A mistake in a data file: `file:line:column: found X, expected Y`, or `file: why it cannot be read`.
class DataError : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Lines and columns count from 1, columns in bytes.
struct Cell {
  std::string_view text;  ///< Without quotes and blanks around it; valid as long as the reader.
  std::size_t line = 0;
  std::size_t column = 0;
};

class TableReader {
 public:
  /// Reads a file. Throws DataError.
  explicit TableReader(const std::filesystem::path& file);
  /// Reads a text; `file` is for messages. Throws DataError.
  TableReader(std::filesystem::path file, std::string_view text);
  TableReader(const TableReader&) = delete;
  TableReader& operator=(const TableReader&) = delete;

  /// Goes to the next line that holds something; false at the end. Throws DataError.
  bool next();

  /// The cells of the current line, at least one. Valid until next().
  [[nodiscard]] std::span<const Cell> row() const { return row_; }

  /// The current line must have so many cells, or one more that is last and empty, which is dropped. Throws DataError.
  void expect_cells(std::size_t count, std::string_view form);

  /// Whether the last line lacks its end, as in a file that was cut short.
  [[nodiscard]] bool ends_within_line() const { return !text_.empty() && text_.back() != '\n'; }

  [[nodiscard]] const std::filesystem::path& file() const { return file_; }

  /// These throw DataError about a cell, a place, or the end of the file.
  [[noreturn]] void fail(const Cell& cell, std::string_view expected) const;
  [[noreturn]] void fail(std::size_t line, std::size_t column, std::string_view found, std::string_view expected) const;
  [[noreturn]] void fail_at_end(std::string_view found, std::string_view expected) const;

 private:
  void split(std::size_t begin, std::size_t end);
  /// Each adds the cell that begins at `at` and gives the place behind it.
  std::size_t read_quoted(std::size_t at, std::size_t end);
  std::size_t read_plain(std::size_t at, std::size_t end);
  void refuse_control_bytes(std::size_t begin, std::size_t end) const;
  [[nodiscard]] std::size_t skip_blanks(std::size_t at, std::size_t end) const;
  [[nodiscard]] std::size_t column_of(std::size_t at) const { return at - line_begin_ + 1; }
  [[nodiscard]] std::string_view between(std::size_t begin, std::size_t end) const;

  std::filesystem::path file_;
  std::vector<char> text_;  ///< Quoted cells are unquoted in place.
  std::size_t next_begin_ = 0;
  std::size_t line_begin_ = 0;
  std::size_t line_ = 0;        ///< The current one.
  std::size_t row_end_ = 0;     ///< Behind its last cell.
  char separator_ = undecided;  ///< Blanks and tabs both separate where it is a blank.
  std::vector<Cell> row_;

  static constexpr char undecided = '\0';
};

}  // namespace cicada::sim
