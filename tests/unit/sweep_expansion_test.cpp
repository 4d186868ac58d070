// A sweep is the whole grid times the seeds, each cell once, in an order that depends on the file only; every cell
// loads.

#include <cicada/sim/sweep.hpp>

#include <cicada/sim/scenario_loader.hpp>

#include <rapidcheck.h>
#include <catch2/catch.hpp>
#include <set>

namespace {

using namespace cicada::sim;

TEST_CASE("the last axis changes fastest, and seeds faster still") {
  Scenario scenario;
  scenario.seed = 7;
  scenario.sweep = {{{"links.loss", {"0%", "1%"}}, {"peers.count", {"100", "200"}}}, 2, {}};
  std::vector<std::string> labels;
  for (const SweepCell& cell : expand_sweep(scenario)) labels.push_back(cell.label);
  CHECK(labels ==
        std::vector<std::string>{"links.loss=0% peers.count=100 seed=7", "links.loss=0% peers.count=100 seed=8",
                                 "links.loss=0% peers.count=200 seed=7", "links.loss=0% peers.count=200 seed=8",
                                 "links.loss=1% peers.count=100 seed=7", "links.loss=1% peers.count=100 seed=8",
                                 "links.loss=1% peers.count=200 seed=7", "links.loss=1% peers.count=200 seed=8"});
}

TEST_CASE("without a sweep there is one cell") {
  Scenario scenario;
  scenario.seed = 3;
  const auto cells = expand_sweep(scenario);
  REQUIRE(cells.size() == 1);
  CHECK(cells[0].seed == 3);
  CHECK(cells[0].overrides().empty());
}

TEST_CASE("cells are as many as the product, and all different") {
  REQUIRE(rc::check([] {
    Scenario scenario;
    scenario.sweep.seeds = *rc::gen::inRange<std::uint64_t>(1, 5);
    std::uint64_t product = scenario.sweep.seeds;
    const std::size_t axes = *rc::gen::inRange<std::size_t>(0, 4);
    for (std::size_t i = 0; i < axes; ++i) {
      SweepAxis axis{.key = "axis" + std::to_string(i), .values = {}};
      const int values = *rc::gen::inRange(1, 5);
      for (int value = 0; value < values; ++value) axis.values.push_back(std::to_string(value));
      product *= axis.values.size();
      scenario.sweep.axes.push_back(std::move(axis));
    }
    const auto cells = expand_sweep(scenario);
    RC_ASSERT(cells.size() == product);
    RC_ASSERT(sweep_size(scenario) == product);
    std::set<std::string> labels;
    for (const SweepCell& cell : cells) labels.insert(cell.label);
    RC_ASSERT(labels.size() == product);
  }));
}

TEST_CASE("the overrides of a cell set what its label says, nested values too") {
  const std::string text =
      "name: a\nduration: 1h\npeers: {count: 100}\n"
      "workloads:\n  - churn: {session: {exponential: {mean: 1h}}}\n"
      "sweep:\n  peers.count: [50, 60]\n"
      "  workloads.churn.session: [{weibull: {shape: 0.5, mean: 2h}}, {exponential: {median: 5min}}]\n";
  const auto scenario = parse_scenario(text, "a.yaml");
  REQUIRE(scenario.has_value());
  const auto cells = expand_sweep(*scenario);
  REQUIRE(cells.size() == 4);
  CHECK(cells[2].label == "peers.count=60 workloads.churn.session={weibull: {shape: 0.5, mean: 2h}} seed=1");
  const auto cell = parse_scenario(text, "a.yaml", cells[2].overrides());
  REQUIRE(cell.has_value());
  CHECK(cell->peers.count == 60);
  const auto& session = std::get<Distribution>(std::get<Churn>(cell->workloads[0]).sessions);
  CHECK(session.kind == Distribution::Kind::weibull);
  CHECK(session.value == std::chrono::hours{2});
}

}  // namespace
