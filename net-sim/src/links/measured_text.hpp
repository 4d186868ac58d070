#pragma once
/// Reading of measured data: fields with their place in the file, and the errors that name the place.

#include <cstddef>
#include <expected>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace cicada::sim {

/// A field of a line. Lines and columns count from 1, columns in bytes.
struct Field {
  std::string_view text;
  std::size_t line = 0;
  std::size_t column = 0;
};

/// A line with something in it.
struct TextLine {
  std::string_view text;
  std::size_t number = 0;
};

/// The lines of a text that are not blank, without what follows a `#` and without line ends of either kind.
[[nodiscard]] std::vector<TextLine> lines_of(std::string_view text);

/// The fields between any of the separators; runs of separators count as one.
[[nodiscard]] std::vector<Field> split_fields(const TextLine& line, std::string_view separators);

/// The cells of a CSV line, empty ones too, without blanks around them. Quotes have no meaning.
[[nodiscard]] std::vector<Field> split_cells(const TextLine& line);

/// `file:line:column: found X, expected Y`.
[[nodiscard]] std::string located_error(const std::filesystem::path& file, std::size_t line, std::size_t column,
                                        std::string_view found, std::string_view expected);

/// A latency in ms, from 0 to an hour; "nan" (any case) gives a NaN. Else an error that names the place.
[[nodiscard]] std::expected<double, std::string> parse_latency_ms(const std::filesystem::path& file,
                                                                  const Field& field);

}  // namespace cicada::sim
