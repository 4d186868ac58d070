#include "table_reader.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "report/text_file.hpp"

namespace cicada::sim {

namespace {

constexpr std::size_t text_bytes_max = std::size_t{256} << 20;

std::string read(const std::filesystem::path& file) {
  auto text = report::read_text_file(file, text_bytes_max);
  if (!text) throw DataError(text.error());
  return std::move(*text);
}

/// A text of others as messages show it: short, and without control characters.
std::string shown(std::string_view text) {
  constexpr std::size_t bytes_max = 80;
  std::string safe(text.substr(0, bytes_max));
  std::ranges::replace_if(safe, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, '?');
  return text.empty() ? "nothing" : fmt::format("\"{}\"{}", safe, text.size() > bytes_max ? "..." : "");
}

bool is_blank(char c) { return c == ' ' || c == '\t'; }

/// Looks for the separators outside of quotes and in front of a comment.
char separator_of(std::string_view line) {
  std::string_view found;
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    constexpr std::string_view ranked = "\t,;";
    const bool begins = i == 0 || line[i - 1] == ' ' || ranked.find(line[i - 1]) != std::string_view::npos;
    if (line[i] == '"') quoted = !quoted && begins;
    if (quoted) continue;
    if (line[i] == '#' && begins) break;
    const std::string_view from_here = ranked.substr(std::min(ranked.find(line[i]), ranked.size()));
    if (!from_here.empty() && (found.empty() || from_here.size() < found.size())) found = from_here;
  }
  return found.empty() ? ' ' : found.front();
}

}  // namespace

TableReader::TableReader(const std::filesystem::path& file) : TableReader(file, read(file)) {}

TableReader::TableReader(std::filesystem::path file, std::string_view text)
    : file_(std::move(file)), text_(text.begin(), text.end()) {
  constexpr std::string_view utf8_mark = "\xEF\xBB\xBF";
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) fail(1, 1, "UTF-16", "text in UTF-8");
  if (text.starts_with(utf8_mark)) next_begin_ = utf8_mark.size();
}

bool TableReader::next() {
  row_.clear();
  while (row_.empty() && next_begin_ < text_.size()) {
    line_begin_ = next_begin_;
    ++line_;
    const std::string_view rest = between(line_begin_, text_.size());
    std::size_t end = line_begin_ + std::min(rest.find('\n'), rest.size());
    next_begin_ = std::min(end + 1, text_.size());
    if (end > line_begin_ && text_[end - 1] == '\r') --end;
    refuse_control_bytes(line_begin_, end);
    const std::string_view line = between(line_begin_, end);
    const std::size_t first = line.find_first_not_of(" \t");
    if (first == std::string_view::npos || line[first] == '#') continue;
    if (separator_ == undecided) separator_ = separator_of(line.substr(0, line.find_last_not_of(" \t") + 1));
    split(line_begin_, end);
  }
  return !row_.empty();
}

void TableReader::refuse_control_bytes(std::size_t begin, std::size_t end) const {
  const std::string_view line = between(begin, end);
  if (const std::size_t at = line.find('\0'); at != std::string_view::npos)
    fail(line_, at + 1, "a NUL byte", "text in UTF-8");
  if (const std::size_t at = line.find('\r'); at != std::string_view::npos)
    fail(line_, at + 1, "CR within a line", "lines that end with LF or CR LF");
}

void TableReader::split(std::size_t begin, std::size_t end) {
  for (std::size_t at = begin;;) {
    at = skip_blanks(at, end);
    row_end_ = at;
    const bool over = at == end || text_[at] == '#';
    if (over && separator_ == ' ') return;
    if (over) {
      row_.push_back({{}, line_, column_of(at)});
      return;
    }
    at = text_[at] == '"' ? read_quoted(at, end) : read_plain(at, end);
    row_end_ = at;
    if (separator_ == ' ') continue;
    if (at == end || text_[at] != separator_) return;
    ++at;
  }
}

std::size_t TableReader::read_plain(std::size_t at, std::size_t end) {
  std::size_t stop = at;
  const auto separates = [&](char c) { return separator_ == ' ' ? is_blank(c) : c == separator_; };
  while (stop < end && !separates(text_[stop]) && !(text_[stop] == '#' && stop > at && is_blank(text_[stop - 1])))
    ++stop;
  std::size_t last = stop;
  while (last > at && is_blank(text_[last - 1])) --last;
  row_.push_back({between(at, last), line_, column_of(at)});
  return stop;
}

std::size_t TableReader::read_quoted(std::size_t at, std::size_t end) {
  const std::size_t begin = at + 1;
  std::size_t written = begin;
  std::size_t from = begin;
  while (from < end && (text_[from] != '"' || (from + 1 < end && text_[from + 1] == '"'))) {
    if (text_[from] == '"') ++from;
    text_[written++] = text_[from++];
  }
  if (from == end) fail(line_, column_of(at), "an open quote", "its end in the same line");
  row_.push_back({between(begin, written), line_, column_of(at)});
  const std::size_t behind = skip_blanks(from + 1, end);
  const bool parted =
      behind == end || text_[behind] == '#' || text_[behind] == separator_ || (separator_ == ' ' && behind > from + 1);
  if (!parted) fail(line_, column_of(behind), "text behind a quote", "a separator");
  return behind;
}

std::size_t TableReader::skip_blanks(std::size_t at, std::size_t end) const {
  while (at < end && is_blank(text_[at]) && text_[at] != separator_) ++at;
  while (separator_ == ' ' && at < end && is_blank(text_[at])) ++at;
  return at;
}

std::string_view TableReader::between(std::size_t begin, std::size_t end) const {
  return {text_.data() + begin, end - begin};
}

void TableReader::expect_cells(std::size_t count, std::string_view form) {
  if (row_.size() == count + 1 && row_.back().text.empty()) row_.pop_back();
  if (row_.size() < count)
    fail(line_, column_of(row_end_), fmt::format("the end of the line after {} entries", row_.size()), form);
  if (row_.size() > count) fail(line_, row_[count].column, fmt::format("entry {}", count + 1), form);
}

void TableReader::fail(const Cell& cell, std::string_view expected) const {
  fail(cell.line, cell.column, shown(cell.text), expected);
}

void TableReader::fail(std::size_t line, std::size_t column, std::string_view found, std::string_view expected) const {
  throw DataError(fmt::format("{}:{}:{}: found {}, expected {}", file_.string(), line, column, found, expected));
}

void TableReader::fail_at_end(std::string_view found, std::string_view expected) const {
  fail(static_cast<std::size_t>(std::ranges::count(text_, '\n')) + 1, 1, found, expected);
}

}  // namespace cicada::sim
