#include "links/router_graph.hpp"

#include <algorithm>
#include <utility>

#include <boost/graph/dijkstra_shortest_paths_no_color_map.hpp>

#include <cicada/assert.hpp>

namespace cicada::sim {

RouterGraph::RouterGraph(std::size_t count, std::span<const RouterLink> links) {
  std::vector<std::pair<std::size_t, std::size_t>> ends;
  std::vector<Link> weights;
  ends.reserve(2 * links.size());
  weights.reserve(2 * links.size());
  for (const RouterLink& link : links) {
    CICADA_ASSERT(link.a < count && link.b < count && link.latency >= Duration::zero());
    ends.emplace_back(link.a, link.b);
    ends.emplace_back(link.b, link.a);
    weights.insert(weights.end(), 2, Link{link.latency.count()});
  }
  graph_ = Graph(boost::edges_are_unsorted_multi_pass, ends.begin(), ends.end(), weights.begin(), count);
}

std::vector<Duration> RouterGraph::latencies_from(std::size_t router) const {
  CICADA_ASSERT(router < size());
  std::vector<Duration::rep> distances_ns(size());
  boost::dijkstra_shortest_paths_no_color_map(graph_, router,
                                              boost::weight_map(boost::get(&Link::latency_ns, graph_))
                                                  .distance_map(distances_ns.data())
                                                  .distance_inf(unreachable.count()));
  std::vector<Duration> latencies(size());
  std::ranges::transform(distances_ns, latencies.begin(), [](Duration::rep ns) { return Duration(ns); });
  return latencies;
}

void connect_randomly(std::span<const std::uint32_t> members, double link_probability, Duration latency, Rng& rng,
                      std::vector<RouterLink>& links) {
  constexpr double further_links_mean_max = 16;
  const double others = std::max(1.0, static_cast<double>(members.size()) - 1);
  const double probability = std::min(link_probability, further_links_mean_max / others);
  for (std::size_t i = 1; i < members.size(); ++i) {
    const auto parent = static_cast<std::size_t>(rng.below(i));
    for (std::size_t j = 0; j < i; ++j) {
      // The draw is made for the parent too, so that a tree link doesn't shift the draws of the other pairs.
      const bool further = rng.chance(probability);
      if (further || j == parent) links.push_back({members[j], members[i], latency});
    }
  }
}

}  // namespace cicada::sim
