#pragma once
/// A table with known columns, one thing a line: a header or not, and cells as typed values.

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include <cicada/id.hpp>
#include <cicada/sim/trace_file.hpp>
#include <cicada/time.hpp>

#include "table_reader.hpp"

namespace cicada::sim {

/// A listing. Its first line is a header when it holds the names of the columns, in any case; a name that ends in `_`
/// is that of a time, and the unit follows. All functions throw DataError.
class Listing {
 public:
  Listing(TableReader& reader, std::initializer_list<std::string_view> columns, TimeUnit unit = TimeUnit::s);

  /// Goes to the next line. It has as many cells as there are columns.
  bool next();

  [[nodiscard]] bool has_header() const { return has_header_; }
  [[nodiscard]] const Cell& cell(std::size_t column) const { return reader_.row()[column]; }

  /// The value in a column of the current line: a time from 0 to `max`, a number of something below `end`, an id.
  [[nodiscard]] Duration time(std::size_t column, Duration max, std::string_view what) const;
  [[nodiscard]] std::uint32_t number_below(std::size_t column, std::uint64_t end, std::string_view what) const;
  [[nodiscard]] Id id(std::size_t column) const;

  /// As TableReader::fail; in the first line it says that a header could stand there too.
  [[noreturn]] void fail(const Cell& cell, std::string_view expected) const;

 private:
  [[nodiscard]] bool is_header() const;
  [[nodiscard]] std::string form() const;

  TableReader& reader_;
  std::vector<std::string> columns_;
  TimeUnit unit_;
  std::size_t first_line_ = 0;
  bool has_header_ = false;
};

}  // namespace cicada::sim
