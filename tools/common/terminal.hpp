#pragma once
/// What is known of the terminal behind a standard stream, and texts made fit for it. A file or a pipe is no terminal:
/// what goes there is not changed.

#include <cstddef>
#include <cstdio>
#include <string>
#include <string_view>

namespace cicada::tool {

struct Terminal {
  bool is_terminal = false;   ///< False for files, pipes, and what is closed; then the rest has no meaning.
  bool moves_cursor = false;  ///< It understands control sequences: `TERM` is neither empty nor "dumb".
  bool utf8 = false;          ///< The locale's character set, by LC_ALL, LC_CTYPE or LANG.
  std::size_t columns = 80;   ///< As the terminal says, else $COLUMNS; at least 1.
};

/// Asks the system each time, as windows are resized. Cost: a few system calls.
[[nodiscard]] Terminal terminal_of(std::FILE* stream);

/// `text` without what could control a terminal or mislead its reader: C0 and C1 control characters, DEL and escapes
/// become U+FFFD ('?' without `utf8`), and so do bytes that are no UTF-8; marks that change the direction of writing
/// are left out; CR LF becomes LF. Line ends and tabs stay. Without `utf8` other characters than ASCII become '?'.
[[nodiscard]] std::string terminal_text(std::string_view text, bool utf8);

/// The same for a text within a line: line ends and tabs become blanks too.
[[nodiscard]] std::string one_line(std::string_view text, bool utf8 = true);

/// Folds lines that are longer than `columns` at blanks, where there are any. What is folded continues below the last
/// column of a table, or two blanks in. Texts of no more than `columns` are not changed.
[[nodiscard]] std::string folded(std::string_view text, std::size_t columns);

}  // namespace cicada::tool
