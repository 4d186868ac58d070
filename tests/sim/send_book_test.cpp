// The book of sends: what is charged to whom, what was possible, and what theory is asked about.

#include <catch2/catch.hpp>

#include <algorithm>
#include <string>

#include <nlohmann/json.hpp>

#include <cicada/sim/run_result.hpp>

#include "sim/small_worlds.hpp"

namespace {

using namespace cicada;
using namespace cicada::sim;
using namespace cicada::sim::test;
using nlohmann::ordered_json;

/// 120 peers that send plain copies to each other until half a minute before the end.
ordered_json summary_with(std::vector<Adversary> adversaries, Duration send_until = 150s) {
  Scenario scenario = quick_ring(120, 5, 3min);
  scenario.protocol.successors = 8;
  Sends plain = sends(5);
  plain.strategy = Strategy::cicada;
  plain.stop = send_until;
  scenario.workloads = {plain};
  scenario.adversaries = std::move(adversaries);
  return run(scenario).summary;
}

Attackers share(double ratio) { return {.ratio = ratio}; }

double number(const ordered_json& summary, const char* section, const char* key) {
  return summary.at(section).at(key).get<double>();
}

TEST_CASE("what attackers send for themselves is no cost of honest messages") {
  const auto still = summary_with({BroadcastSuppressAttack{share(0.2)}});  // No broadcasts: they do nothing.
  const auto flood = summary_with({FloodAttack{.who = share(0.2), .per_s = 2}});
  const auto amplify = summary_with({AmplifyAttack{.who = share(0.2), .per_s = 0.2}});
  for (const auto* attacked : {&flood, &amplify}) {
    for (const char* key : {"data_transmissions_mean", "control_per_send"})
      CHECK(number(*attacked, "sends", key) == Approx(number(still, "sends", key)).epsilon(0.1));
    CHECK(number(*attacked, "resilience", "hostile_control_messages") > 1000);
    CHECK(number(*attacked, "resilience", "honest_bytes_for_hostile") > 100'000);
    CHECK(number(*attacked, "resilience", "attack_data_per_send") == 0);
  }
  CHECK(number(still, "resilience", "hostile_sends") == 0);
  CHECK(number(still, "resilience", "hostile_data_transmissions") == 0);
}

TEST_CASE("repairs that an attack makes necessary are a cost, what it adds itself stands apart") {
  const auto still = summary_with({DropAttack{share(0)}});
  const auto looped = summary_with({MisrouteAttack{.who = share(0.2), .to = MisrouteAttack::To::backward}});
  CHECK(number(looped, "resilience", "attack_data_per_send") > 0.05);
  CHECK(number(looped, "sends", "data_transmissions_mean") > number(still, "sends", "data_transmissions_mean"));
}

TEST_CASE("what has not ended counts nowhere, and never more arrive than have ended") {
  const auto summary = summary_with({DropAttack{share(0.3)}}, 3min);
  const auto& sends = summary["sends"];
  CHECK(sends["unfinished"].get<int>() > 0);
  CHECK(sends["arrived"].get<int>() <= sends["count"].get<int>());
  CHECK(sends["delivered"].get<int>() <= sends["arrived"].get<int>());
  CHECK(summary["resilience"]["ceiling"]["sampled"].get<int>() ==
        sends["count"].get<int>() + sends["unfinished"].get<int>());
  CHECK(summary_with({}, 100s)["sends"]["unfinished"] == 0);
}

TEST_CASE("the ceiling is asked of each message, and disjoint paths of fifty, without being told to") {
  const auto resilience = summary_with({DropAttack{share(0.3)}})["resilience"];
  CHECK(resilience["disjoint_paths"]["sampled"] == 50);
  const double mean = resilience["disjoint_paths"]["both_ways_mean"];
  CHECK(mean >= resilience["disjoint_paths"]["mean"].get<double>());
  CHECK(resilience["disjoint_paths"]["both_ways_mean_low"].get<double>() < mean);
  CHECK(resilience["ceiling"]["directed_low"].get<double>() > 0.99);
  CHECK(resilience["delivered_of_ceiling_low"].get<double>() < resilience["delivered_of_ceiling"].get<double>());
  CHECK_FALSE(summary_with({}).contains("resilience"));
}

TEST_CASE("theory is asked about those who take messages, while they do") {
  for (const Adversary& harmless :
       {Adversary(FloodAttack{.who = share(0.2)}), Adversary(BroadcastSuppressAttack{share(0.2)}),
        Adversary(DropAttack{share(0.2), Scope::control})}) {
    const auto resilience = summary_with({harmless})["resilience"];
    CHECK(resilience["predicted_plain"].is_null());
    CHECK(resilience["predicted_strategy"].is_null());
    CHECK(resilience["taking_ratio"].is_null());
  }
  const auto stopped = summary_with({DropAttack{{.ratio = 0.3, .stop = 1ms}}})["resilience"];
  CHECK(stopped["taking_ratio"] == 0);
  CHECK(stopped["predicted_plain"] == Approx(1));
  const auto gray = summary_with({GrayDropAttack{.who = share(0.3), .prob = 0.5}})["resilience"];
  CHECK(gray["taking_ratio"] == Approx(0.15));
  const auto half = summary_with({DropAttack{{.ratio = 0.4, .start = 75s}}})["resilience"];
  CHECK(half["taking_ratio"].get<double>() == Approx(0.2).margin(0.03));
  CHECK(half["predicted_plain"].get<double>() > 0.5);
  const auto selective = summary_with({AdaptiveSelectiveAttack{.who = share(0.4), .warmup = 75s}})["resilience"];
  CHECK(selective["taking_ratio"].get<double>() == Approx(0.2).margin(0.03));
  const auto arc = summary_with({DropAttack{{.ratio = 0.2, .select = Select::contiguous_arc}}})["resilience"];
  CHECK(arc["predicted_plain"].is_null());
  EclipseTargetAttack eclipse;
  eclipse.who.neighbours = 8;
  const auto eclipsed = summary_with({eclipse, DropAttack{share(0.1)}})["resilience"];
  CHECK(eclipsed["predicted_eclipse"].get<double>() > 0.999);
  CHECK(eclipsed["predicted_strategy"].is_null());
}

void check_documented(const ordered_json& value, const std::string& path) {
  if (value.is_object()) {
    for (const auto& item : value.items()) check_documented(item.value(), path + '.' + item.key());
    return;
  }
  INFO(path);
  CHECK(std::ranges::find(summary_reference(), path, &SummaryKey::key) != summary_reference().end());
}

TEST_CASE("every figure about sends under attack is explained") {
  const auto summary = summary_with({FloodAttack{.who = share(0.1)}, DropAttack{share(0.2)}});
  for (const char* section : {"sends", "resilience"}) check_documented(summary[section], section);
}

TEST_CASE("one plain copy is delivered about as often as theory says") {
  const auto summary = summary_with({DropAttack{share(0.3)}});
  CHECK(number(summary, "sends", "delivered_ratio") > number(summary, "resilience", "predicted_strategy") - 0.1);
}

}  // namespace
