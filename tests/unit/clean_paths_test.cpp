// The ceiling is exact: reachability and disjoint paths agree with a plain search and a plain flow over the same links.

#include <catch2/catch.hpp>

#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/push_relabel_max_flow.hpp>
#include <set>
#include <vector>

#include "adversaries/adversaries.hpp"
#include "sim/small_worlds.hpp"
#include "world/clean_paths.hpp"
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

/// The largest number of vertex-disjoint clean paths by Boost.Graph, over split vertices of all live clean members.
std::size_t boost_flow(const World& world, const Links& links, std::size_t source, std::size_t target) {
  using Traits = boost::adjacency_list_traits<boost::vecS, boost::vecS, boost::directedS>;
  using Graph = boost::adjacency_list<
      boost::vecS, boost::vecS, boost::directedS, boost::no_property,
      boost::property<boost::edge_capacity_t, long,
                      boost::property<boost::edge_residual_capacity_t, long,
                                      boost::property<boost::edge_reverse_t, Traits::edge_descriptor>>>>;
  Graph graph(2 * links.size());
  const auto connect = [&](std::size_t from, std::size_t to) {
    const auto arc = boost::add_edge(from, to, graph).first, back = boost::add_edge(to, from, graph).first;
    boost::put(boost::edge_capacity, graph, arc, 1);
    boost::put(boost::edge_capacity, graph, back, 0);
    boost::put(boost::edge_reverse, graph, arc, back);
    boost::put(boost::edge_reverse, graph, back, arc);
  };
  for (std::size_t i = 0; i < links.size(); ++i) {
    const PeerSlot& slot = world.slot(static_cast<PeerIndex>(i));
    const bool usable = i == source || i == target || (slot.member && !slot.hostile);
    if (!usable) continue;
    connect(2 * i, 2 * i + 1);
    for (const std::size_t other : links[i])
      if (other != i) connect(2 * i + 1, 2 * other);
  }
  return static_cast<std::size_t>(boost::push_relabel_max_flow(graph, 2 * source + 1, 2 * target));
}

PeerIndex honest_member(World& world, Rng& rng) {
  for (int i = 0; i < 10'000; ++i)
    if (const PeerIndex peer = world.random_member(rng); !world.slot(peer).hostile) return peer;
  FAIL("nobody is honest");
  return no_peer;
}

TEST_CASE("clean paths stay exact while the ring changes, and agree with Boost.Graph") {
  for (const double hostile : {0.2, 0.6, 0.93}) {
    Scenario scenario = quick_ring(150, 11, 3min);
    scenario.protocol.successors = 6;
    scenario.workloads = {sends(1), exponential_churn(1min, Depart::mixed, 3min)};
    scenario.adversaries = {DropAttack{{.ratio = hostile}}};
    Observer nobody;
    World world(scenario, nobody);
    add_population(world);
    add_workloads(world);
    CleanPaths paths(world);  // One for all instants: its index is brought up to date, and not made anew.
    Rng rng(5, Purpose::test, 0);
    std::size_t unreached = 0;
    for (int instant = 1; instant <= 12; ++instant) {
      world.run_until(TimePoint(instant * 9s));
      const Links directed = links_of(world, false), both = links_of(world, true);
      for (int pair = 0; pair < 5; ++pair) {
        const PeerIndex source = honest_member(world, rng), target = honest_member(world, rng);
        if (source == target) continue;
        INFO("share " << hostile << ", at " << instant * 9 << " s, " << source << " to " << target);
        const std::size_t flow = boost_flow(world, directed, source, target);
        const std::size_t flow_both = boost_flow(world, both, source, target);
        CHECK(paths.directed(source, target) == (flow > 0));
        CHECK(paths.both_ways(source, target) == (flow_both > 0));
        CHECK(paths.disjoint(source, target, false) == flow);
        CHECK(paths.disjoint(source, target, true) == flow_both);
        unreached += flow == 0;
      }
    }
    if (hostile > 0.8) CHECK(unreached > 0);
  }
}

}  // namespace
