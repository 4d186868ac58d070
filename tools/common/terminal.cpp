#include "terminal.hpp"

#include <langinfo.h>
#include <locale.h>  // NOLINT: newlocale is POSIX's.
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <optional>

#include "text_table.hpp"

namespace cicada::tool {
namespace {

std::string_view environment(const char* name) {
  const char* value = std::getenv(name);  // NOLINT: nobody changes the environment.
  return value != nullptr ? value : "";
}

bool locale_is_utf8() {
  const locale_t locale = newlocale(LC_CTYPE_MASK, "", nullptr);
  if (locale == nullptr) return false;
  const bool is_utf8 = std::string_view(nl_langinfo_l(CODESET, locale)) == "UTF-8";
  freelocale(locale);
  return is_utf8;
}

std::size_t columns_of(int descriptor) {
  winsize size{};
  if (ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  const std::string_view text = environment("COLUMNS");
  std::size_t columns = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), columns);
  return end.ec == std::errc() && columns > 0 ? columns : 80;
}

struct Character {
  std::uint32_t code = 0;
  std::size_t bytes = 1;
};

/// The first character of a text that is not empty; none where that is not UTF-8.
std::optional<Character> first_character(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t lead = byte(0);
  if (lead < 0x80) return Character{lead, 1};
  const std::size_t bytes = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < bytes) return std::nullopt;
  std::uint32_t code = lead & (0x7fU >> bytes);
  for (std::size_t i = 1; i < bytes; ++i) {
    if ((byte(i) & 0xc0U) != 0x80U) return std::nullopt;
    code = (code << 6U) | (byte(i) & 0x3fU);
  }
  const bool too_long = (bytes == 3 && code < 0x800) || (bytes == 4 && code < 0x10000);
  const bool no_character = (code >= 0xd800 && code < 0xe000) || code > 0x10ffff;
  if (too_long || no_character) return std::nullopt;
  return Character{code, bytes};
}

/// Marks of Unicode's bidirectional algorithm, and separators that some terminals take for line ends.
bool misleads(std::uint32_t code) {
  return code == 0x061c || code == 0x200e || code == 0x200f || (code >= 0x2028 && code <= 0x202e) ||
         (code >= 0x2066 && code <= 0x2069) || code == 0xfeff;
}

bool controls(std::uint32_t code) { return code < 0x20 || (code >= 0x7f && code < 0xa0); }

std::string filtered(std::string_view text, bool utf8, bool keeps_lines) {
  const std::string_view unprintable = utf8 ? "\xef\xbf\xbd" : "?";
  std::string result;
  result.reserve(text.size());
  while (!text.empty()) {
    const auto character = first_character(text);
    const std::size_t bytes = character ? character->bytes : 1;
    const std::string_view as_it_is = text.substr(0, bytes);
    text.remove_prefix(bytes);
    if (!character) {
      result += unprintable;
    } else if (as_it_is == "\n" || as_it_is == "\t") {
      result += keeps_lines ? as_it_is : " ";
    } else if (as_it_is == "\r" && text.starts_with('\n')) {
      continue;
    } else if (controls(character->code)) {
      result += unprintable;
    } else if (!misleads(character->code)) {
      result += character->code < 0x80 || utf8 ? as_it_is : "?";
    }
  }
  return result;
}

/// Where a folded line continues: below its last column, as far as that leaves half of the line.
std::size_t hanging_indent(std::string_view line, std::size_t columns) {
  const std::size_t begin = std::min(line.find_first_not_of(' '), line.size());
  std::size_t indent = begin + 2;
  for (std::size_t i = begin; i + 2 < line.size(); ++i) {
    if (line[i] == ' ' && line[i + 1] == ' ' && line[i + 2] != ' ') indent = text_width(line.substr(0, i + 2));
  }
  return indent <= columns / 2 ? indent : std::min<std::size_t>(begin + 2, columns / 4);
}

void fold_line(std::string& result, std::string_view line, std::size_t columns) {
  const std::size_t indent = hanging_indent(line, columns);
  std::size_t width = 0;
  bool is_first = true;
  while (!line.empty()) {
    // A word with the blanks before it.
    const std::size_t blanks = std::min(line.find_first_not_of(' '), line.size());
    const std::size_t end = std::min(line.find(' ', blanks), line.size());
    std::string_view word = line.substr(0, end);
    line.remove_prefix(end);
    if (!is_first && width + text_width(word) > columns) {
      word.remove_prefix(blanks);
      result += '\n' + std::string(indent, ' ');
      width = indent;
    }
    is_first = false;
    result += word;
    width += text_width(word);
  }
}

}  // namespace

Terminal terminal_of(std::FILE* stream) {
  const int descriptor = fileno(stream);
  if (descriptor < 0 || isatty(descriptor) == 0) return {};
  const std::string_view kind = environment("TERM");
  return {.is_terminal = true,
          .moves_cursor = !kind.empty() && kind != "dumb",
          .utf8 = locale_is_utf8(),
          .columns = columns_of(descriptor)};
}

std::string terminal_text(std::string_view text, bool utf8) { return filtered(text, utf8, true); }

std::string one_line(std::string_view text, bool utf8) { return filtered(text, utf8, false); }

std::string folded(std::string_view text, std::size_t columns) {
  std::string result;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    if (text_width(line) <= columns)
      result += line;
    else
      fold_line(result, line, columns);
    if (end == std::string_view::npos) break;
    result += '\n';
    text.remove_prefix(end + 1);
  }
  return result;
}

}  // namespace cicada::tool
