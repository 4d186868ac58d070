// The list `adversaries:` is read as it is written, and every mistake in it is told with its place.

#include <cicada/sim/scenario_loader.hpp>

#include <catch2/catch.hpp>

namespace {

using namespace cicada;
using namespace cicada::sim;
using namespace std::chrono_literals;

const std::string head = "name: a\nduration: 1h\npeers: {count: 100}\n";
// With it, every kind of attack has something to act on.
const std::string traffic = "workloads:\n  - sends: {rate: 1/s}\n  - broadcasts: {rate: 1/min}\n";

std::string with_traffic(const std::string& lines) {
  return head + lines + (lines.find("workloads:") == std::string::npos ? traffic : "");
}

std::string errors_behind_head(const std::string& lines) {
  const auto scenario = parse_scenario(with_traffic(lines), "a.yaml");
  REQUIRE_FALSE(scenario.has_value());
  std::string all;
  for (const LoadError& error : scenario.error()) all += (all.empty() ? "" : "\n") + to_string(error);
  return all;
}

Scenario read(const std::string& lines) {
  auto scenario = parse_scenario(with_traffic(lines), "a.yaml");
  if (!scenario) FAIL(to_string(scenario.error().front()));
  return *scenario;
}

TEST_CASE("adversaries are read") {
  const Scenario scenario = read(R"(adversaries:
  - drop: {fraction: 20%, scope: all, start: 10min, stop: 20min}
  - gray_drop: {count: 7, prob: 30%, select: high_indegree}
  - delay: {select: near, targets: 5, neighbours: 8, by: {exponential: {mean: 2s}}}
  - delay: {fraction: 5%, hold: until_timeout, margin: 50ms}
workloads:
  - sends: {rate: 1/s, to: targets, from: any}
)");
  REQUIRE(scenario.adversaries.size() == 4);
  const auto& drop = std::get<DropAttack>(scenario.adversaries[0]);
  CHECK(drop.who.ratio == 0.2);
  CHECK(drop.scope == Scope::all);
  CHECK(drop.who.start == 10min);
  CHECK(drop.who.stop == 20min);
  const auto& gray = std::get<GrayDropAttack>(scenario.adversaries[1]);
  CHECK(gray.who.count == 7);
  CHECK(gray.prob == 0.3);
  CHECK(gray.who.select == Select::high_indegree);
  const auto& delay = std::get<DelayAttack>(scenario.adversaries[2]);
  CHECK(delay.who.targets == 5);
  CHECK(delay.who.neighbours == 8);
  CHECK(delay.kind == DelayAttack::Kind::by);
  CHECK(delay.by.value == 2s);
  CHECK(std::get<DelayAttack>(scenario.adversaries[3]).margin == 50ms);
  CHECK(target_count(scenario.adversaries[2]) == 5);
  CHECK(name_of(scenario.adversaries[1]) == "gray_drop");
  CHECK(std::get<Sends>(scenario.workloads[0]).to == Sends::To::targets);
}

TEST_CASE("mutations are read, and touch the upkeep of the ring alone, too") {
  const auto scenario = parse_scenario(
      head + "adversaries:\n  - mutate: {fraction: 10%, prob: 25%, what: bytes, stop: 20min}\n", "a.yaml");
  REQUIRE(scenario.has_value());  // No workload is needed.
  const auto& mutate = std::get<MutateAttack>(scenario->adversaries[0]);
  CHECK(mutate.prob == 0.25);
  CHECK(mutate.what == MutateAttack::What::bytes);
  CHECK(mutate.who.stop == 20min);
  CHECK(errors_behind_head("adversaries:\n  - mutate: {fraction: 10%, scope: data}\n")
            .starts_with("a.yaml:5:29: found unknown key 'scope' in adversaries.0.mutate"));
}

TEST_CASE("a sweep reaches into an entry of adversaries by its name") {
  const Scenario scenario =
      read("adversaries:\n  - drop: {fraction: 0%}\nsweep: {adversaries.drop.fraction: [0%, 50%]}\n");
  CHECK(scenario.sweep.axes.size() == 1);
}

TEST_CASE("what cannot be is told where it stands") {
  CHECK(errors_behind_head("adversaries:\n  - drop: {scope: data}\n") ==
        "a.yaml:5:5: found neither fraction nor count for adversaries.0.drop, expected one of them");
  CHECK(errors_behind_head("adversaries:\n  - drop: {fraction: 10%, count: 3}\n") ==
        "a.yaml:5:27: found 'count' beside 'fraction' in adversaries.0.drop, expected only one of them");
  CHECK(errors_behind_head("adversaries:\n  - drop: {fraction: 10%, select: near}\n") ==
        "a.yaml:5:5: found fraction or count with select: near for adversaries.0.drop, expected only targets and "
        "neighbours");
  CHECK(errors_behind_head("adversaries:\n  - drop: {count: 101}\n") ==
        "a.yaml:5:19: found '101' for adversaries.0.drop.count, expected at most peers.count = 100");
  CHECK(errors_behind_head("adversaries:\n  - drop: {fraction: 1%, targets: 3}\n") ==
        "a.yaml:5:26: found unknown key 'targets' in adversaries.0.drop, expected one of: fraction, count, select, "
        "overlay, start, stop, scope, prob");
  CHECK(errors_behind_head("workloads:\n  - sends: {rate: 1/s, to: targets}\n") ==
        "a.yaml:5:28: found 'targets' for workloads.0.sends.to, expected an entry of adversaries that chooses targets "
        "(with select: near, say)");
  CHECK(errors_behind_head("adversaries:\n  - drop: {fraction: 1%, start: 2h}\n") ==
        "a.yaml:5:33: found '2h' for adversaries.0.drop.start, expected less than the duration of 1h");
}

TEST_CASE("entries share the peers out, and each has some to act on") {
  CHECK(errors_behind_head("adversaries:\n  - drop: {fraction: 60%}\n  - tamper: {fraction: 41%}\n") ==
        "a.yaml:6:5: found 101 hostile peers in all entries so far for adversaries.1.tamper, expected at most 100: "
        "peers.count (or overlay: true, for the same peers again)");
  CHECK(errors_behind_head("adversaries:\n  - drop: {fraction: 0.1%}\n") ==
        "a.yaml:5:22: found '0.1%', less than half a peer for adversaries.0.drop.fraction, expected 0%, or more of "
        "peers.count = 100");
  const auto two = [](const std::string& first, const std::string& second) {
    return "adversaries:\n  - " + first + "\n  - " + second + "\n";
  };
  CHECK(errors_behind_head(two("drop: {fraction: 20%}", "tamper: {fraction: 10%, overlay: true}")) ==
        "a.yaml:6:5: found an entry that never acts for adversaries.1.tamper, expected it before adversaries.0.drop, "
        "which takes all that it would act on from the same peers");
  read(two("tamper: {fraction: 10%, overlay: true}", "drop: {fraction: 20%}"));
  read(two("drop: {fraction: 20%}", "tamper: {fraction: 30%, overlay: true}"));
  read(two("drop: {fraction: 20%, stop: 10min}", "tamper: {fraction: 10%, overlay: true}"));
  read(two("drop: {fraction: 20%}", "tamper: {fraction: 10%, scope: acks, overlay: true}"));
  read(two("gray_drop: {fraction: 20%}", "blame: {fraction: 20%, overlay: true}"));
  read(two("drop: {fraction: 60%}", "tamper: {fraction: 40%}"));
}

TEST_CASE("what would do nothing is refused where it stands") {
  const auto error = [](const std::string& entry, const std::string& other_lines = {}) {
    return errors_behind_head("adversaries:\n  - " + entry + "\n" + other_lines);
  };
  const std::string idle = "workloads:\n  - lookups: {rate: 1/s}\n";
  CHECK(
      error("drop: {fraction: 10%}", idle) ==
      "a.yaml:5:5: found an entry that never acts for adversaries.0.drop, expected workloads with sends or broadcasts");
  CHECK(error("blame: {fraction: 10%}", "workloads:\n  - broadcasts: {rate: 1/min}\n") ==
        "a.yaml:5:5: found an entry that never acts for adversaries.0.blame, expected workloads with sends");
  CHECK(error("broadcast_suppress: {fraction: 10%}", "workloads:\n  - sends: {rate: 1/s}\n") ==
        "a.yaml:5:5: found an entry that never acts for adversaries.0.broadcast_suppress, expected workloads with "
        "broadcasts");
  CHECK(error("adaptive_selective: {fraction: 10%, warmup: 2h}") ==
        "a.yaml:5:49: found '2h' for adversaries.0.adaptive_selective.warmup, expected an end of the good behaviour "
        "within the duration of 1h");
  CHECK(error("adaptive_selective: {fraction: 10%, victims: targets, scope: acks}") ==
        "a.yaml:5:66: found another scope for adversaries.0.adaptive_selective.scope, expected data, where there are "
        "victims: only messages name them");
  CHECK(error("gray_drop: {fraction: 10%, targets: 3}") ==
        "a.yaml:5:41: found targets that nothing is aimed at for adversaries.0.gray_drop.targets, expected victims: "
        "targets or sources");
  CHECK(error("flood: {fraction: 10%, targets: 3}") ==
        "a.yaml:5:37: found targets that nothing is aimed at for adversaries.0.flood.targets, expected to: targets");
  CHECK(error("tamper: {fraction: 10%, scope: acks, what: target}") ==
        "a.yaml:5:48: found a part of data for adversaries.0.tamper.what, expected scope data or all");
  CHECK(error("table_poison: {fraction: 10%, what: lists, bounds: violate}") ==
        "a.yaml:5:56: found bounds of finger answers for adversaries.0.table_poison.bounds, expected what: fingers or "
        "all");
  CHECK(error("delay: {fraction: 10%, by: {fixed: {mean: 1s}}, margin: 50ms}") ==
        "a.yaml:5:53: found 'margin' beside 'by' in adversaries.0.delay, expected only one of them");
  CHECK(error("misroute: {fraction: 10%, to: backward, knowledge: omniscient}").find("unknown key 'knowledge'") !=
        std::string::npos);
  CHECK(error("blame: {fraction: 10%, times: 3}").find("unknown key 'times'") != std::string::npos);
  read("adversaries:\n  - tamper: {fraction: 10%, scope: control}\n" + idle);
  read("adversaries:\n  - flood: {fraction: 10%, to: targets, targets: 3}\n" + idle);
  read("adversaries:\n  - flood: {count: 1, to: everybody}\n  - delay: {fraction: 10%}\n" + idle);
}

}  // namespace
