#pragma once
/// An undirected graph of routers whose links have latencies, and shortest paths in it (by Boost.Graph).

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <boost/graph/compressed_sparse_row_graph.hpp>

#include <cicada/rng.hpp>
#include <cicada/time.hpp>

namespace cicada::sim {

struct RouterLink {
  std::uint32_t a = 0;
  std::uint32_t b = 0;
  Duration latency{};  ///< One way, the same in both directions. At least 0.
};

/// "No path": longer than every path.
inline constexpr Duration unreachable = Duration::max();

class RouterGraph {
 public:
  /// Routers are 0 .. count - 1. Of parallel links the fastest counts.
  RouterGraph(std::size_t count, std::span<const RouterLink> links);

  /// Latencies of the shortest paths from one router to all. Cost: O(links log routers).
  [[nodiscard]] std::vector<Duration> latencies_from(std::size_t router) const;

  [[nodiscard]] std::size_t size() const { return boost::num_vertices(graph_); }

 private:
  struct Link {
    Duration::rep latency_ns = 0;
  };
  using Graph = boost::compressed_sparse_row_graph<boost::directedS, boost::no_property, Link>;
  Graph graph_;
};

/// Appends links that join `members` into a random connected graph: a random recursive tree, then every further pair
/// with the given probability, lowered where it would give more than 16 further links per router on average.
void connect_randomly(std::span<const std::uint32_t> members, double link_probability, Duration latency, Rng& rng,
                      std::vector<RouterLink>& links);

}  // namespace cicada::sim
