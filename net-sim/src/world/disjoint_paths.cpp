// Vertex-disjoint clean paths by maximum flow.

#include <algorithm>

#include <boost/graph/boykov_kolmogorov_max_flow.hpp>
#include <boost/graph/compressed_sparse_row_graph.hpp>

#include "clean_paths.hpp"

namespace cicada::sim {
namespace {

using Graph = boost::compressed_sparse_row_graph<boost::directedS>;
using Edge = boost::graph_traits<Graph>::edge_descriptor;

/// An arc of unit capacity, or the way back that an augmenting path needs, of none.
struct FlowArc {
  std::size_t from, to;
  int capacity;
  friend bool operator<(const FlowArc& a, const FlowArc& b) { return a.from != b.from ? a.from < b.from : a.to < b.to; }
};

std::size_t max_flow(std::vector<FlowArc> arcs, std::size_t vertices, std::size_t source, std::size_t sink) {
  std::ranges::sort(arcs, std::less{});
  std::vector<std::pair<std::size_t, std::size_t>> ends;
  std::vector<int> capacity;
  for (const FlowArc& arc : arcs) {
    ends.emplace_back(arc.from, arc.to);
    capacity.push_back(arc.capacity);
  }
  const Graph graph(boost::edges_are_sorted, ends.begin(), ends.end(), vertices);
  std::vector<Edge> reverse(arcs.size());
  for (std::size_t i = 0; i < arcs.size(); ++i) {
    const auto back = std::ranges::lower_bound(arcs, FlowArc{arcs[i].to, arcs[i].from, 0}, std::less{});
    reverse[i] = Edge(arcs[i].to, static_cast<std::size_t>(back - arcs.begin()));
  }
  std::vector<int> residual(arcs.size());
  std::vector<Edge> predecessor(vertices);
  std::vector<boost::default_color_type> color(vertices);
  std::vector<long> distance(vertices);
  const auto index = boost::get(boost::vertex_index, graph);
  const auto edge_index = boost::get(boost::edge_index, graph);
  const auto by_edge = [&](auto& values) { return boost::make_iterator_property_map(values.begin(), edge_index); };
  const auto by_vertex = [&](auto& values) { return boost::make_iterator_property_map(values.begin(), index); };
  return static_cast<std::size_t>(boost::boykov_kolmogorov_max_flow(
      graph, by_edge(capacity), by_edge(residual), by_edge(reverse), by_vertex(predecessor), by_vertex(color),
      by_vertex(distance), index, source, sink));
}

}  // namespace

std::size_t CleanPaths::disjoint(PeerIndex source, PeerIndex target, bool both_ways) {
  if (!world_.slot(source).member || !world_.slot(target).member || source == target) return 0;
  constexpr std::uint32_t nobody = UINT32_MAX;
  std::vector<PeerIndex> peers;
  std::vector<std::uint32_t> number(world_.lives(), nobody);
  for (const PeerIndex peer : world_.members()) {
    if (!clean(peer) && peer != source && peer != target) continue;
    number[peer] = static_cast<std::uint32_t>(peers.size());
    peers.push_back(peer);
  }
  std::vector<std::uint64_t> links;
  for (std::uint32_t i = 0; i < peers.size(); ++i) {
    for_each_link(peers[i], [&](PeerIndex other) {
      if (number[other] == nobody || other == peers[i]) return;
      links.push_back(std::uint64_t{i} << 32 | number[other]);
      if (both_ways) links.push_back(std::uint64_t{number[other]} << 32 | i);
    });
  }
  std::ranges::sort(links);
  links.erase(std::ranges::unique(links).begin(), links.end());
  // Vertices 2i and 2i + 1 are the two halves of the i-th clean member: what comes in, and what goes out.
  std::vector<FlowArc> arcs;
  const auto connect = [&](std::size_t from, std::size_t to) {
    arcs.push_back({from, to, 1});
    arcs.push_back({to, from, 0});
  };
  for (std::size_t i = 0; i < peers.size(); ++i) connect(2 * i, 2 * i + 1);
  for (const std::uint64_t link : links) connect(2 * static_cast<std::size_t>(link >> 32) + 1, 2 * (link & nobody));
  return max_flow(std::move(arcs), 2 * peers.size(), 2 * std::size_t{number[source]} + 1,
                  2 * std::size_t{number[target]});
}

}  // namespace cicada::sim
