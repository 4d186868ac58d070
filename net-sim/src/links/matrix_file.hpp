#pragma once
/// A measured latency matrix from a file.

#include <cstddef>
#include <cstdint>
#include <vector>

#include <cicada/sim/scenario_links.hpp>

#include "data/table_reader.hpp"

namespace cicada::sim {

struct LatencyMatrix {
  std::size_t size = 0;
  std::vector<std::uint32_t> one_way_us;  ///< Row by row, from row to column. The diagonal is 0, nothing else is.

  bool has_header = false;      ///< The first row held names.
  bool has_row_names = false;   ///< The first column did.
  std::uint64_t from_back = 0;  ///< Entries that were not measured, while those of the other direction were.
  std::uint64_t guessed = 0;    ///< Entries that were measured in neither direction.
};

/// Reads a square matrix of latencies, of two rows at least. Names may stand in the first row, in the first column, or
/// in both, then in the same order; content decides:
/// - the first row holds names when none of its entries is a number but one behind the first a word, or when its second
///   entry (or the first one, where the corner is left out) is also the first entry of the second row;
/// - the first column holds names when the second row begins with a word, or the first row says so.
/// Names differ from each other. The diagonal is ignored. Elsewhere every entry is a latency above 0, or one of the
/// texts that `links.missing` names: then the entry of the other direction stands in, or, without that, the mean of the
/// two rows' medians. Throws DataError.
[[nodiscard]] LatencyMatrix read_latency_matrix(TableReader& reader, const MatrixLinks& links);

}  // namespace cicada::sim
