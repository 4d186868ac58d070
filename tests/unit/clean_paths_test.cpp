// The ceiling is exact: reachability and disjoint paths agree with a plain search and a plain flow over the same links.

#include <catch2/catch.hpp>

#include <set>
#include <vector>

#include "adversaries/adversaries.hpp"
#include "sim/small_worlds.hpp"
#include "world/clean_paths.hpp"
#include "world/closed_forms.hpp"
#include "world/processes.hpp"

namespace {

using namespace cicada;
using namespace cicada::sim;
using namespace cicada::sim::test;

using Links = std::vector<std::set<std::size_t>>;

/// Who names whom.
Links links_of(const World& world, bool both_ways) {
  Links links(world.lives());
  for (const PeerIndex peer : world.members()) {
    const ChordNode& node = world.slot(peer).node.chord();
    for (const auto list : {node.successors(), node.predecessors(), node.fingers()}) {
      for (const Peer& other : list) {
        if (!other.exists()) continue;
        links[peer].insert(other.index);
        if (both_ways) links[other.index].insert(peer);
      }
    }
  }
  return links;
}

/// How many of the paths from `source` share no vertex but the ends: augmenting paths over split vertices, one by one.
std::size_t plain_flow(const World& world, const Links& links, std::size_t source, std::size_t target) {
  const std::size_t n = links.size();
  std::vector<std::set<std::size_t>> residual(2 * n);
  for (std::size_t i = 0; i < n; ++i) {
    const bool clean = i == source || i == target || !world.slot(static_cast<PeerIndex>(i)).hostile;
    if (!clean) continue;
    residual[2 * i].insert(2 * i + 1);
    for (const std::size_t other : links[i]) residual[2 * i + 1].insert(2 * other);
  }
  for (std::size_t flow = 0;; ++flow) {
    std::vector<std::size_t> from(2 * n, 2 * n);
    std::vector<std::size_t> queue{2 * source + 1};
    from[2 * source + 1] = 2 * source + 1;
    for (std::size_t at = 0; at < queue.size(); ++at)
      for (const std::size_t next : residual[queue[at]])
        if (from[next] == 2 * n) {
          from[next] = queue[at];
          queue.push_back(next);
        }
    if (from[2 * target] == 2 * n) return flow;
    for (std::size_t at = 2 * target; at != 2 * source + 1; at = from[at]) {
      residual[from[at]].erase(at);
      residual[at].insert(from[at]);
    }
  }
}

TEST_CASE("clean paths agree with a plain search, in rings that are nearly all hostile") {
  for (const double hostile : {0.0, 0.5, 0.8, 0.9}) {
    Scenario scenario = quick_ring(60, 5, 1min);
    scenario.workloads = {sends(1)};
    scenario.adversaries = {DropAttack{{.ratio = hostile}}};
    Observer nobody;
    World world(scenario, nobody);
    add_population(world);
    CleanPaths paths(world);
    const Links directed = links_of(world, false), both = links_of(world, true);
    std::vector<PeerIndex> honest;
    for (const PeerIndex peer : world.members())
      if (!world.slot(peer).hostile) honest.push_back(peer);
    std::size_t reached = 0, pairs = 0;
    for (std::size_t i = 0; i + 1 < honest.size() && i < 12; ++i) {
      const PeerIndex source = honest[i], target = honest[(i * 7 + 3) % honest.size()];
      if (source == target) continue;
      INFO("share " << hostile << ", " << source << " to " << target);
      const std::size_t flow = plain_flow(world, directed, source, target);
      const std::size_t flow_both = plain_flow(world, both, source, target);
      CHECK(paths.disjoint(source, target, false) == flow);
      CHECK(paths.disjoint(source, target, true) == flow_both);
      CHECK(paths.directed(source, target) == (flow > 0));
      CHECK(paths.both_ways(source, target) == (flow_both > 0));
      ++pairs;
      reached += flow > 0;
    }
    REQUIRE(pairs > 3);
    if (hostile == 0.0) CHECK(reached == pairs);
    if (hostile == 0.9) CHECK(reached < pairs);
  }
}

TEST_CASE("closed forms are those that resilience.md section 4 prints") {
  CHECK(plain_delivery(1000, 0.1) == Approx(0.666).margin(0.001));
  CHECK(plain_delivery(1e4, 0.2) == Approx(0.308).margin(0.001));
  CHECK(plain_delivery(1e6, 0.5) == Approx(0.0065).margin(0.0001));
  CHECK(plain_delivery(1e5, 0) == Approx(1));
  CHECK(independent_copies(0.5, 3) == Approx(0.875));
  CHECK(cut_bound(65536, 0.5, 16) == Approx(1 - std::exp2(-28)));
}

}  // namespace
