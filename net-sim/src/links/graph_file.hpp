#pragma once
/// A router graph from a file.

#include <string>
#include <vector>

#include <cicada/sim/scenario_links.hpp>

#include "data/table_reader.hpp"
#include "links/router_graph.hpp"

namespace cicada::sim {

struct GraphFile {
  RouterGraph graph;
  std::size_t links = 0;
  bool has_header = false;
};

/// Reads `router,router,one_way_ms` a line: a link and its latency in `links.unit`. The graph must be connected, and
/// have 10,000 routers at most. Throws DataError.
[[nodiscard]] GraphFile read_router_graph(TableReader& reader, const GraphLinks& links);

}  // namespace cicada::sim
