// Expectations of a sweep that are about some of its cells only.

#include <catch2/catch.hpp>

#include <cicada/sim/scenario_loader.hpp>

#include "scenario/cell_expectation.hpp"

namespace {

using namespace cicada::sim;
using Settings = std::vector<std::pair<std::string, std::string>>;

TEST_CASE("an expectation is about the cells behind its where") {
  const auto plain = split_cell_expectation("delivered >= 99%");
  REQUIRE(plain.has_value());
  CHECK(plain->text == "delivered >= 99%");
  CHECK(plain->is_about({}));
  const auto some = split_cell_expectation("delivered >= 99% where a.b=30%,  c=adaptive ");
  REQUIRE(some.has_value());
  CHECK(some->text == "delivered >= 99%");
  CHECK(some->where == Settings{{"a.b", "30%"}, {"c", "adaptive"}});
  CHECK(some->is_about({{"c", "adaptive"}, {"d", "1"}, {"a.b", "30%"}}));
  CHECK_FALSE(some->is_about({{"c", "adaptive"}, {"a.b", "40%"}}));
  CHECK_FALSE(some->is_about({{"c", "adaptive"}}));
  CHECK_FALSE(split_cell_expectation("delivered >= 99% where a.b").has_value());
  CHECK_FALSE(split_cell_expectation("delivered >= 99% where ").has_value());
}

std::string error_of(const std::string& expectation) {
  const auto scenario = parse_scenario(
      "name: a\nduration: 1h\npeers: {count: 100}\nsweep:\n  links.loss: [0%, 1%]\n"
      "  expect: [\"" +
          expectation + "\"]\n",
      "a.yaml");
  return scenario ? "" : to_string(scenario.error().front());
}

TEST_CASE("a condition that no cell meets is told where it stands") {
  CHECK(error_of("delivered >= 99% where links.loss=1%").empty());
  CHECK(error_of("delivered >= 99% where links.los=1%") ==
        "a.yaml:6:12: found 'links.los' behind where, expected an axis of the sweep (in sweep.expect.0)");
  CHECK(error_of("delivered >= 99% where links.loss=2%") ==
        "a.yaml:6:12: found 'links.loss=2%' behind where, expected a value of that axis (in sweep.expect.0)");
  CHECK_FALSE(error_of("delivred >= 99% where links.loss=1%").empty());
}

}  // namespace
