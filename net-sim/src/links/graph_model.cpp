/// Peers at the routers of a graph from a file. Rows of shortest paths are computed when a pair first needs one, since
/// a small world touches few routers.

#include <algorithm>
#include <utility>
#include <vector>

#include <cicada/sim/link_hash.hpp>

#include "links/graph_file.hpp"
#include "links/models.hpp"
#include "links/router_graph.hpp"

namespace cicada::sim {

namespace {

class GraphModel final : public LatencyModel {
 public:
  GraphModel(RouterGraph graph, std::uint64_t seed)
      : graph_(std::move(graph)), hash_(seed, Purpose::topology, 0), rows_(graph_.size()) {
    std::vector<Microseconds> some;
    const std::size_t step = std::max<std::size_t>(1, graph_.size() / 8);
    for (std::size_t router = 0; router < graph_.size(); router += step) {
      const std::vector<Microseconds>& row = row_of(router);
      some.insert(some.end(), row.begin(), row.end());
    }
    std::ranges::nth_element(some, some.begin() + static_cast<std::ptrdiff_t>(some.size() / 2));
    typical_ = std::chrono::microseconds{some[some.size() / 2]};
  }

  [[nodiscard]] Duration base(PeerIndex a, PeerIndex b) const override {
    const std::size_t from = choose(hash_.of_peer(a), rows_.size());
    const std::size_t to = choose(hash_.of_peer(b), rows_.size());
    if (from == to) return same_site_latency;
    // Paths are the same in both directions, so either row will do.
    if (rows_[from].empty() && !rows_[to].empty()) return std::chrono::microseconds{rows_[to][from]};
    return std::chrono::microseconds{row_of(from)[to]};
  }

  [[nodiscard]] Duration typical() const override { return typical_; }

  [[nodiscard]] std::size_t memory_bytes() const override {
    std::size_t bytes = sizeof(*this) + rows_.capacity() * sizeof(rows_[0]);
    for (const auto& row : rows_) bytes += row.capacity() * sizeof(Microseconds);
    return bytes;
  }

 private:
  using Microseconds = std::uint32_t;

  const std::vector<Microseconds>& row_of(std::size_t router) const {
    std::vector<Microseconds>& row = rows_[router];
    if (row.empty()) {
      row.reserve(graph_.size());
      for (const Duration each : graph_.latencies_from(router)) {
        const Duration cut = std::min(each, latency_max);
        row.push_back(static_cast<Microseconds>(std::chrono::round<std::chrono::microseconds>(cut).count()));
      }
    }
    return row;
  }

  RouterGraph graph_;
  LinkHash hash_;
  mutable std::vector<std::vector<Microseconds>> rows_;
  Duration typical_{};
};

}  // namespace

MadeModel make_model(const GraphLinks& links, std::uint64_t seed) {
  try {
    TableReader reader(links.file);
    return std::make_unique<GraphModel>(std::move(read_router_graph(reader, links).graph), seed);
  } catch (const DataError& error) {
    return std::unexpected(error.what());
  }
}

}  // namespace cicada::sim
