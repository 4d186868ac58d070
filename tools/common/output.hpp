#pragma once
/// The one way in which the programs write to standard output and standard error. Nothing here throws, and nothing is
/// taken for written that was not: the first failure is remembered, and `finish_output` turns it into the exit status.
/// What goes to a terminal is made fit for it (terminal.hpp); what goes to a file or a pipe is not changed.
///
/// For one thread at a time, as the standard streams are.

#include <fmt/core.h>

#include <string_view>
#include <utility>

namespace cicada::tool {

/// Call it first in `main`. A standard stream that is closed becomes one that cannot be read or written, so that no
/// file gets its number; and a reader who goes away is a failed write, not the end of the program.
void prepare_standard_streams();

/// Text for people: standard output, folded to the width of a terminal.
void print_text(std::string_view text);
/// The same for standard error. That it cannot be written changes the exit status of a program that had no other fault.
void complain_text(std::string_view text);
/// Data, such as JSON or what others have sent: not folded.
void write_data(std::string_view bytes);

template <class... T>
void print(fmt::format_string<T...> format, T&&... values) {
  print_text(fmt::format(format, std::forward<T>(values)...));
}
template <class... T>
void complain(fmt::format_string<T...> format, T&&... values) {
  complain_text(fmt::format(format, std::forward<T>(values)...));
}

/// Hands everything to the system. True while all that was printed so far could be written.
[[nodiscard]] bool flush_output();

/// Call it last in `main`: the exit status of a program that would have ended with `status`. Where output could not be
/// written it says so, and gives 1 instead of 0; where nobody reads it any more it ends the process by SIGPIPE, as is
/// the convention. A `status` other than 0 stays.
[[nodiscard]] int finish_output(std::string_view program, int status);

}  // namespace cicada::tool
