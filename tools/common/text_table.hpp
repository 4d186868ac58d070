#pragma once
/// Columns of text for a terminal.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace cicada::tool {

/// The number of characters of a UTF-8 text, which is its width as long as it has no wide or combining ones.
std::size_t text_width(std::string_view text);

/// The rows with their cells padded to columns two spaces apart, each line behind `indent` spaces. Columns from
/// `right_from` on are flush right.
std::string aligned_table(const std::vector<std::vector<std::string>>& rows, std::size_t indent = 2,
                          std::size_t right_from = static_cast<std::size_t>(-1));

/// A text in lines of at most `width` characters, broken at spaces, each behind `indent` spaces.
std::string wrapped(std::string_view text, std::size_t indent = 0, std::size_t width = 100);

/// The lines of a text, each behind two spaces.
std::string indented(std::string_view text);

}  // namespace cicada::tool
