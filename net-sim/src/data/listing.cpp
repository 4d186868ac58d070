#include "listing.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include <cicada/sim/units.hpp>

#include "data_values.hpp"

namespace cicada::sim {

namespace {

constexpr TimeUnit units[] = {TimeUnit::us, TimeUnit::ms, TimeUnit::s};

std::string lower(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; });
  return result;
}

}  // namespace

Listing::Listing(TableReader& reader, std::initializer_list<std::string_view> columns, TimeUnit unit)
    : reader_(reader), columns_(columns.begin(), columns.end()), unit_(unit) {}

bool Listing::next() {
  if (!reader_.next()) return false;
  if (first_line_ == 0) {
    first_line_ = reader_.row()[0].line;
    has_header_ = is_header();
    if (has_header_ && !reader_.next()) return false;
  }
  reader_.expect_cells(columns_.size(), form());
  return true;
}

bool Listing::is_header() const {
  const auto row = reader_.row();
  if (row.size() < columns_.size()) return false;
  const Cell* other_unit = nullptr;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const std::string name = lower(row[i].text);
    if (!columns_[i].ends_with('_')) {
      if (name != columns_[i]) return false;
      continue;
    }
    const auto of_unit = [&](TimeUnit unit) { return name == columns_[i] + std::string(name_of(unit)); };
    if (std::ranges::none_of(units, of_unit)) return false;
    if (!of_unit(unit_)) other_unit = &row[i];
  }
  if (other_unit != nullptr)
    reader_.fail(*other_unit, fmt::format("times in {}, as the key 'unit' says", name_of(unit_)));
  return true;
}

Duration Listing::time(std::size_t column, Duration max, std::string_view what) const {
  const auto count = number_of(cell(column).text);
  if (!count) fail(cell(column), fmt::format("{} in {}", what, name_of(unit_)));
  const double ns = *count * ns_in(unit_);
  if (!(ns >= 0 && ns <= static_cast<double>(max.count())))
    fail(cell(column), fmt::format("{} from 0 to {}", what, text_in(unit_, max)));
  return Duration(std::llround(ns));
}

std::uint32_t Listing::number_below(std::size_t column, std::uint64_t end, std::string_view what) const {
  const auto number = parse_integer(cell(column).text);
  if (!number || *number >= end) fail(cell(column), fmt::format("{} from 0 to {}", what, end - 1));
  return static_cast<std::uint32_t>(*number);
}

Id Listing::id(std::size_t column) const {
  const auto id = Id::from_hex(cell(column).text);
  if (!id) fail(cell(column), "64 hexadecimal digits");
  return *id;
}

void Listing::fail(const Cell& cell, std::string_view expected) const {
  const bool first = cell.line == first_line_;
  reader_.fail(cell, first ? fmt::format("{}, or the header \"{}\"", expected, form()) : std::string(expected));
}

std::string Listing::form() const {
  std::string text;
  for (const std::string& column : columns_) {
    if (!text.empty()) text += ',';
    text += column;
    if (column.ends_with('_')) text += name_of(unit_);
  }
  return text;
}

}  // namespace cicada::sim
