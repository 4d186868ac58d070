// Every scenario of `scenarios/attack` has the power to notice that its attack is missing: what it expects holds no
// longer where its attackers behave well.

#include <catch2/catch.hpp>

#include <algorithm>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include <cicada/sim/expectation.hpp>
#include <cicada/sim/scenario_loader.hpp>
#include <cicada/sim/simulation.hpp>

#include "instrumented.hpp"

namespace {

using namespace cicada::sim;

Scenario load(const std::filesystem::path& file, const std::vector<std::string>& overrides) {
  auto scenario = load_scenario(file, overrides);
  if (!scenario) FAIL(to_string(scenario.error().front()));
  return *scenario;
}

/// The file, small enough for a test.
std::vector<std::string> smaller(const Scenario& whole) {
  std::vector<std::string> overrides = {"peers.count=150", "measure.check=off", "measure.disjoint_paths=0"};
  for (const Adversary& adversary : whole.adversaries)
    if (attackers_of(adversary).select == Select::near)
      overrides.push_back("adversaries." + std::string(name_of(adversary)) + ".targets=2");
  return overrides;
}

/// The same with attackers that never begin.
std::vector<std::string> harmless(const Scenario& whole) {
  std::vector<std::string> overrides = smaller(whole);
  for (const Adversary& adversary : whole.adversaries)
    for (const char* time : {".start=0s", ".stop=1ns"})
      overrides.push_back("adversaries." + std::string(name_of(adversary)) + time);
  return overrides;
}

std::set<std::string> met(const Scenario& scenario) {
  const RunResult result = run(scenario);
  std::set<std::string> texts;
  for (const ExpectationResult& one : evaluate_expectations(scenario.expect, result.summary))
    if (one.ok) texts.insert(one.text);
  return texts;
}

TEST_CASE("what attack scenarios expect fails without their attacks") {
  if (cicada::test::instrumented) return;  // Too long there; nothing but the scenarios is judged here.
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(CICADA_SOURCE_DIR "/scenarios/attack"))
    if (entry.path().extension() == ".yaml") files.push_back(entry.path());
  std::ranges::sort(files);
  REQUIRE(files.size() > 20);
  for (const auto& file : files) {
    const Scenario whole = load(file, {});
    if (whole.adversaries.empty() || whole.name == "attack-duplicates") continue;  // A fault; judged by its sweep.
    INFO(file.filename().string());
    const std::set<std::string> with = met(load(file, smaller(whole)));
    const std::set<std::string> without = met(load(file, harmless(whole)));
    for (const Adversary& adversary : whole.adversaries) {
      const std::string acts = "resilience.acts." + std::string(name_of(adversary)) + " > 0";
      INFO(acts);
      CHECK(with.contains(acts));
      CHECK_FALSE(without.contains(acts));
    }
  }
}

}  // namespace
