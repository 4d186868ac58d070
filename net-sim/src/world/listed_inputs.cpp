#include "listed_inputs.hpp"

#include <charconv>
#include <set>
#include <stdexcept>
#include <string_view>

#include <fmt/format.h>

#include "links/measured_text.hpp"
#include "report/text_file.hpp"

namespace cicada::sim {
namespace {

std::string text_of(const std::filesystem::path& file) {
  auto text = report::read_text_file(file);
  if (!text) throw std::runtime_error(text.error());
  return std::move(*text);
}

[[noreturn]] void wrong(const std::filesystem::path& file, const Field& field, std::string_view expected) {
  throw std::runtime_error(
      located_error(file, field.line, field.column, fmt::format("\"{}\"", field.text.substr(0, 80)), expected));
}

Id id_in(const std::filesystem::path& file, const Field& field) {
  const auto id = Id::from_hex(field.text);
  if (!id) wrong(file, field, "64 hexadecimal digits");
  return *id;
}

template <class Number>
Number number_in(const std::filesystem::path& file, const Field& field, Number high, const std::string& expected) {
  Number number{};
  const char* const end = field.text.data() + field.text.size();
  const auto [stop, error] = std::from_chars(field.text.data(), end, number);
  if (field.text.empty() || stop != end || error != std::errc{} || !(number >= 0 && number <= high))
    wrong(file, field, expected);
  return number;
}

}  // namespace

std::vector<Id> read_ids(const std::filesystem::path& file, std::uint64_t peers) {
  const std::string text = text_of(file);
  std::vector<Id> ids;
  std::set<Id> seen;
  for (const TextLine& line : lines_of(text)) {
    const Field field = split_fields(line, " \t\r").front();
    if (ids.size() == peers) wrong(file, field, fmt::format("at most peers.count = {} ids", peers));
    const Id id = id_in(file, field);
    if (!seen.insert(id).second) wrong(file, field, "each id once");
    ids.push_back(id);
  }
  return ids;
}

std::vector<ListedLookup> read_lookups(const std::filesystem::path& file, std::uint64_t peers) {
  constexpr double seconds_max = 1e9;
  const std::string text = text_of(file);
  std::vector<ListedLookup> lookups;
  for (const TextLine& line : lines_of(text)) {
    const std::vector<Field> cells = split_cells(line);
    if (cells.size() != 3) wrong(file, cells.back(), "'at_s,peer,key'");
    const double at_s = number_in(file, cells[0], seconds_max, "seconds from the start");
    const auto host = number_in(file, cells[1], peers - 1, fmt::format("a peer below peers.count = {}", peers));
    lookups.push_back({std::chrono::duration_cast<Duration>(std::chrono::duration<double>(at_s)),
                       static_cast<std::uint32_t>(host), id_in(file, cells[2])});
  }
  return lookups;
}

}  // namespace cicada::sim
