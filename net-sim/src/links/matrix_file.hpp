#pragma once
/// A measured latency matrix from a file.

#include <cstddef>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <string>
#include <vector>

namespace cicada::sim {

struct LatencyMatrix {
  std::size_t size = 0;
  std::vector<std::uint32_t> one_way_us;  ///< Row by row, from row to column. The diagonal is 0, nothing else is.
};

/// Reads a square matrix of latencies in ms, of two rows at least, in either form:
/// - numbers separated by blanks or tabs, one row a line;
/// - CSV (told by a comma in the first line): names in the first row and column, in the same order; a comma at the end
/// of
///   the lines is allowed.
/// Blank lines and what follows a `#` are skipped. The diagonal is ignored. Elsewhere 0 and "nan" mean "not measured":
/// the entry of the other direction stands in, or, without that, the mean of the two rows' medians. `round_trips`:
/// entries are halved. Errors name file, line and column.
[[nodiscard]] std::expected<LatencyMatrix, std::string> load_latency_matrix(const std::filesystem::path& file,
                                                                            bool round_trips);

}  // namespace cicada::sim
