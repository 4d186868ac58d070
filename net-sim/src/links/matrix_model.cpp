/// Peers at the rows of a measured matrix: of more peers than rows, several share a row, as hosts share a site.

#include <algorithm>
#include <utility>
#include <vector>

#include <cicada/sim/link_hash.hpp>

#include "links/matrix_file.hpp"
#include "links/models.hpp"

namespace cicada::sim {

namespace {

class MatrixModel final : public LatencyModel {
 public:
  MatrixModel(LatencyMatrix matrix, std::uint64_t seed)
      : matrix_(std::move(matrix)), hash_(seed, Purpose::topology, 0) {
    std::vector<std::uint32_t> entries = matrix_.one_way_us;
    const auto middle = entries.begin() + static_cast<std::ptrdiff_t>(entries.size() / 2);
    std::ranges::nth_element(entries, middle);
    typical_ = std::chrono::microseconds{*middle};
  }

  [[nodiscard]] Duration base(PeerIndex a, PeerIndex b) const override {
    const std::size_t from = choose(hash_.of_peer(a), matrix_.size);
    const std::size_t to = choose(hash_.of_peer(b), matrix_.size);
    if (from == to) return same_site_latency;
    return std::chrono::microseconds{matrix_.one_way_us[from * matrix_.size + to]};
  }

  [[nodiscard]] Duration typical() const override { return typical_; }

  [[nodiscard]] std::size_t memory_bytes() const override {
    return sizeof(*this) + matrix_.one_way_us.capacity() * sizeof(std::uint32_t);
  }

 private:
  LatencyMatrix matrix_;
  LinkHash hash_;
  Duration typical_{};
};

}  // namespace

MadeModel make_model(const MatrixLinks& links, std::uint64_t seed) {
  try {
    TableReader reader(links.file);
    return std::make_unique<MatrixModel>(read_latency_matrix(reader, links), seed);
  } catch (const DataError& error) {
    return std::unexpected(error.what());
  }
}

}  // namespace cicada::sim
