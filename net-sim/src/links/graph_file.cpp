#include "links/graph_file.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include <cicada/sim/latency_model.hpp>

#include "data/listing.hpp"

namespace cicada::sim {

namespace {

constexpr std::size_t routers_max = 10'000;

}  // namespace

GraphFile read_router_graph(TableReader& reader, const GraphLinks& model) {
  Listing listing(reader, {"router", "router", "one_way_"}, model.unit);
  std::vector<RouterLink> links;
  std::vector<Cell> routers;  // Each name where it first appears.
  std::map<std::string_view, std::uint32_t> numbers;
  const auto number_of_router = [&](const Cell& name) {
    if (name.text.empty()) listing.fail(name, "the name of a router");
    const auto [place, fresh] = numbers.try_emplace(name.text, static_cast<std::uint32_t>(numbers.size()));
    if (fresh && routers.size() == routers_max) listing.fail(name, fmt::format("at most {} routers", routers_max));
    if (fresh) routers.push_back(name);
    return place->second;
  };
  while (listing.next()) {
    const std::uint32_t a = number_of_router(listing.cell(0));
    const std::uint32_t b = number_of_router(listing.cell(1));
    if (a == b) listing.fail(listing.cell(1), "another router than that before it");
    links.push_back({a, b, listing.time(2, latency_max, "a latency")});
  }
  if (links.empty()) reader.fail_at_end("no link", "lines \"router,router,one_way_ms\"");

  GraphFile file{RouterGraph(routers.size(), links), links.size(), listing.has_header()};
  const std::vector<Duration> from_first = file.graph.latencies_from(0);
  if (const auto cut_off = std::ranges::find(from_first, unreachable); cut_off != from_first.end()) {
    const Cell& router = routers[static_cast<std::size_t>(cut_off - from_first.begin())];
    reader.fail(router, fmt::format("a path that joins it to router \"{}\"", routers[0].text));
  }
  return file;
}

}  // namespace cicada::sim
