// A scenario is read as it is written, overrides included, and every mistake is told with its exact place, what was
// found and what was expected. That writing and reading agree is in scenario_round_trip_test.cpp.

#include <cicada/sim/scenario_loader.hpp>

#include <catch2/catch.hpp>
#include <cmath>
#include <filesystem>
#include <fstream>

namespace {

using namespace cicada;
using namespace cicada::sim;
using namespace std::chrono_literals;

const std::string full = R"(name: everything
about: Is every section read?
seed: 7
duration: 30min
peers: {count: 10000, join: {over: 5min}}
links: {model: uniform, min: 10ms, max: 90ms, per: message, loss: 0.1%, setup: 2 rtt, death: reset}
protocol:
  successors: 8
  stabilize: 15s
  jitter: exponential
  fix_fingers: off
  rto: {min: 50ms}
  flaws: [no_wrap_around, adopt_unchecked]
workloads:
  - churn: {session: {weibull: {shape: 0.5, mean: 1h}}, depart: mixed, replace: never}
  - lookups: {rate: 0.01/s per peer, keys: peers}
  - lookups: {every: 10s, start: 1min, stop: 2min}
  - sends: {rate: 50/s, size: 1 KiB, duplicates: 3}
  - broadcasts: {rate: 6/min, size: 2 KiB, start: 1min}
faults:
  - partition: {at: 20min, for: 2min, split: 30%, one_way: true}
  - crash: {at: 25min, count: 5000, arc: true}
measure: {sample: 5s, check: every_event}
sweep: {links.loss: [0%, 10%], seeds: 3}
expect:
  - delivered >= 99.5%
)";

/// All errors of a text that must not load, one a line.
std::string errors_of(const std::string& text, const std::vector<std::string>& overrides = {}) {
  const auto scenario = parse_scenario(text, "a.yaml", overrides);
  REQUIRE_FALSE(scenario.has_value());
  std::string all;
  for (const LoadError& error : scenario.error()) all += (all.empty() ? "" : "\n") + to_string(error);
  return all;
}

/// The same for lines behind a head that is right; the first of them has number 4.
std::string errors_behind_head(const std::string& lines) {
  return errors_of("name: a\nduration: 1h\npeers: {count: 100}\n" + lines);
}

TEST_CASE("every section is read") {
  const auto scenario = parse_scenario(full, "a.yaml");
  REQUIRE(scenario.has_value());
  CHECK(scenario->seed == 7);
  CHECK(scenario->duration == 30min);
  CHECK(scenario->peers == Peers{10000, {Join::Kind::over, 5min}});
  CHECK(std::get<UniformLinks>(scenario->links.model) == UniformLinks{10ms, 90ms, UniformLinks::Per::message});
  CHECK(scenario->links.loss_ratio == 0.001);
  CHECK(scenario->links.setup_rtts == 2);
  CHECK(scenario->links.death == Death::reset);
  CHECK(scenario->protocol.jitter == Jitter::exponential);
  CHECK_FALSE(scenario->protocol.fix_fingers.has_value());
  CHECK(scenario->protocol.rto.min == 50ms);
  CHECK(scenario->protocol.flaws == std::vector{Flaw::no_wrap_around, Flaw::adopt_unchecked});
  REQUIRE(scenario->workloads.size() == 5);
  const auto& churn = std::get<Churn>(scenario->workloads[0]);
  CHECK(std::get<Distribution>(churn.sessions) ==
        Distribution{Distribution::Kind::weibull, 0.5, Distribution::Center::mean, 1h});
  CHECK(churn.replace.kind == Replacement::Kind::never);
  const auto& lookups = std::get<Lookups>(scenario->workloads[1]);
  CHECK(lookups.arrivals == Arrivals{Arrivals::Kind::poisson_per_peer, 0.01, 0s});
  CHECK(lookups.keys == Lookups::Keys::peers);
  CHECK(std::get<Lookups>(scenario->workloads[2]).arrivals == Arrivals{Arrivals::Kind::periodic_per_peer, 0, 10s});
  CHECK(std::get<Lookups>(scenario->workloads[2]).stop == 2min);
  CHECK(std::get<Sends>(scenario->workloads[3]).size_bytes == 1024);
  const Arrivals every_10_s{Arrivals::Kind::poisson_system, 0.1, 0s};
  CHECK(std::get<Broadcasts>(scenario->workloads[4]) == Broadcasts{every_10_s, 2048, 1min, std::nullopt});
  CHECK(std::get<PartitionFault>(scenario->faults[0]) == PartitionFault{20min, 2min, 0.3, true});
  CHECK(std::get<CrashFault>(scenario->faults[1]) == CrashFault{25min, std::nullopt, 5000, true});
  CHECK(scenario->measure.sample == 5s);
  CHECK(scenario->sweep == Sweep{{{"links.loss", {"0%", "10%"}}}, 3, {}});
  CHECK(scenario->expect == std::vector<std::string>{"delivered >= 99.5%"});
}

TEST_CASE("three lines are a scenario, with the documented defaults") {
  const auto scenario = parse_scenario("name: a\nduration: 1h\npeers: {count: 17}\n", "a.yaml");
  REQUIRE(scenario.has_value());
  Scenario expected;
  expected.name = "a";
  expected.duration = 1h;
  expected.peers.count = 17;
  expected.measure.sample = 36s;
  CHECK(*scenario == expected);
}

TEST_CASE("overrides replace, add and choose among items of a list") {
  const std::vector<std::string> overrides = {"links.loss=1%",
                                              "workloads.churn.session.weibull.mean=2h",
                                              "workloads.lookups.0.rate=3/s",
                                              "peers.count=5000",
                                              "protocol.proximity=0",
                                              "measure.warmup=1min",
                                              "workloads.churn.replace.after.fixed.mean=1min",
                                              "links.reorder.ratio=2%",
                                              "sweep.peers.count=[50, 60]",
                                              "faults.1.crash.count=7"};
  const auto scenario = parse_scenario(full, "a.yaml", overrides);
  REQUIRE(scenario.has_value());
  CHECK(scenario->links.loss_ratio == 0.01);
  CHECK(std::get<Distribution>(std::get<Churn>(scenario->workloads[0]).sessions).value == 2h);
  CHECK(std::get<Lookups>(scenario->workloads[1]).arrivals == Arrivals{Arrivals::Kind::poisson_system, 3, 0s});
  CHECK(scenario->peers.count == 5000);
  CHECK(scenario->protocol.proximity == 0);
  CHECK(scenario->measure.warmup == 1min);
  CHECK(std::get<Churn>(scenario->workloads[0]).replace.down_time.value == 1min);
  CHECK(scenario->links.reorder.ratio == 0.02);
  CHECK(scenario->sweep.axes.size() == 2);
  CHECK(std::get<CrashFault>(scenario->faults[1]).count == 7U);
}

TEST_CASE("misspelt keys are found, with the nearest known one") {
  const std::string misspelt = errors_behind_head("protocol: {stabilise: 30s}\n");
  CHECK(misspelt.starts_with("a.yaml:4:12: found unknown key 'stabilise' in protocol, expected one of: successors, "));
  CHECK(misspelt.ends_with("; did you mean 'stabilize'?"));
  CHECK(errors_behind_head("workloads:\n  - sned: {rate: 1/s}\n") ==
        "a.yaml:5:5: found unknown key 'sned' in workloads.0, expected one of: churn, lookups, sends, broadcasts; did "
        "you mean "
        "'sends'?");
  CHECK(errors_behind_head("workloads:\n  - lookups: {rte: 1/s}\n") ==
        "a.yaml:5:15: found unknown key 'rte' in workloads.0.lookups, expected one of: rate, every, trace, keys, "
        "start, stop; "
        "did you mean 'rate'?");
  CHECK(errors_behind_head("links: {model: unifrom, min: 3ms}\n") ==
        "a.yaml:4:16: found 'unifrom' for links.model, expected one of: constant, uniform, lognormal, euclidean, "
        "regions, transit_stub, graph, matrix, exponential; did you mean 'uniform'?");
  CHECK(errors_behind_head("links: {model: uniform, latency: 3ms}\n") ==
        "a.yaml:4:25: found unknown key 'latency' in links, expected one of: model, min, max, per, jitter, loss, "
        "duplicate, reorder, setup, death, cut_pairs");
  CHECK(errors_behind_head("measure: {check: sometimes}\n") ==
        "a.yaml:4:18: found 'sometimes' for measure.check, expected one of: auto, every_event, incremental, off");
}

TEST_CASE("wrong units and impossible values are found") {
  CHECK(errors_behind_head("protocol:\n  stabilize: 30\n") ==
        "a.yaml:5:14: found '30' for protocol.stabilize, expected a time with its unit (ns, us, ms, s, min, h, d) such "
        "as '30s'; did you mean '30s' or '30ms'?");
  CHECK(errors_behind_head("protocol:\n  stabilize: 0s\n") ==
        "a.yaml:5:14: found '0s' for protocol.stabilize, expected a time above 0 s");
  CHECK(errors_behind_head("links: {loss: 5}\n") ==
        "a.yaml:4:15: found '5' for links.loss, expected a share such as '10%', or a plain number from 0 to 1; did you "
        "mean '5%'?");
  CHECK(errors_behind_head("measure: {warmup: -3s}\n") ==
        "a.yaml:4:19: found '-3s' for measure.warmup, expected a time from 0 s to 36500 d");
  CHECK(errors_behind_head("workloads:\n- sends: {rate: 20, size: 3}\n") ==
        "a.yaml:5:17: found '20' for workloads.0.sends.rate, expected a rate such as '20/s', '3/min' or '0.01/s per "
        "peer'\n"
        "a.yaml:5:27: found '3' for workloads.0.sends.size, expected a size with its unit (B, KiB, MiB, GiB) such as "
        "'256 B'");
  CHECK(errors_behind_head("faults:\n- partition: {at: 1min, for: 1min, split: 120%}\n") ==
        "a.yaml:5:43: found '120%' for faults.0.partition.split, expected a share from 0% to 100%, or a plain number "
        "from 0 to 1");
  CHECK(errors_of("name: a\nduration: 1h\npeers: {count: 0}\n") ==
        "a.yaml:3:16: found '0' for peers.count, expected a whole number from 1 to 50000000");
  CHECK(errors_of("name: a/b\nduration: 1h\npeers: {count: 20}\n") ==
        "a.yaml:1:7: found 'a/b' for name, expected a name of letters, digits, '-', '_' and '.', at most 100 long (it "
        "names a folder)");
  CHECK(errors_behind_head("links: {model: matrix, file: missing/file.txt}\n") ==
        "a.yaml:4:30: found 'missing/file.txt' for links.file, expected an existing file (looked for '" +
            (std::filesystem::current_path() / "missing/file.txt").string() + "')");
}

TEST_CASE("contradictions between values are found") {
  CHECK(errors_of("name: a\nduration: 1h\npeers: {count: 16}\n") ==
        "a.yaml:3:16: found '16' for peers.count, expected at least protocol.successors + 1 = 17");
  CHECK(errors_behind_head("faults:\n- crash: {at: 2h, ratio: 1}\n- crash: {at: 1min, count: 101}\n") ==
        "a.yaml:5:15: found '2h' for faults.0.crash.at, expected less than the duration of 1h\n"
        "a.yaml:6:28: found '101' for faults.1.crash.count, expected at most the 100 peers that there are");
  CHECK(errors_behind_head("faults:\n- clock: {at: 59min, suspend: 2min}\n") ==
        "a.yaml:5:31: found '2min' for faults.0.clock.suspend, expected an end within the duration of 1h (it begins at "
        "59min)");
  CHECK(errors_behind_head("faults:\n- clock: {at: 1min, suspend: 2min, for: 1min}\n") ==
        "a.yaml:5:41: found a time for faults.0.clock.for, expected none with suspend, which says how long it lasts");
  CHECK(
      errors_behind_head("faults:\n- clock: {at: 1min, suspend: 2min, direction: ahead}\n") ==
      "a.yaml:5:47: found a direction for faults.0.clock.direction, expected none with suspend, after which clocks are "
      "right");
  CHECK(errors_behind_head("faults:\n- pause: {at: 59min, for: 2min}\n") ==
        "a.yaml:5:27: found '2min' for faults.0.pause.for, expected an end within the duration of 1h (it begins at "
        "59min)");
  CHECK(errors_behind_head("workloads:\n- lookups: {every: 1s, start: 5min, stop: 1min}\n") ==
        "a.yaml:5:43: found '1min' for workloads.0.lookups.stop, expected a time after start = 5min");
  CHECK(errors_behind_head("links: {model: uniform, min: 90ms}\n") ==
        "a.yaml:4:8: found '80ms' for links.max, expected at least links.min = 90ms");
  CHECK(errors_behind_head("workloads:\n- churn: {session: {pareto: {shape: 1, mean: 1h}}}\n") ==
        "a.yaml:5:37: found '1' for workloads.0.churn.session.pareto.shape, expected more than 1 where a mean is given "
        "(give the median instead)");
  CHECK(errors_behind_head("workloads:\n- churn: {session: {exponential: {mean: 1h}}, joins: 1/s}\n") ==
        "a.yaml:5:47: found 'joins' beside 'session' in workloads.0.churn, expected only one of them");
  CHECK(
      errors_behind_head("workloads:\n- churn: {depart: crash}\n") ==
      "a.yaml:5:10: found none of the keys 'session', 'joins' and 'departures' in workloads.0.churn, expected exactly "
      "one");
  CHECK(errors_behind_head(
            "workloads:\n- churn: {session: {exponential: {mean: 1h}}, depart: crash, leave_ratio: 10%}\n") ==
        "a.yaml:5:75: found '0.1' for workloads.0.churn.leave_ratio, expected it only beside depart: mixed");
  CHECK(errors_behind_head("links: {model: regions, regions: {a: [1ms, 2ms], b: [3ms, 1ms]}}\n") ==
        "a.yaml:4:54: found '3ms' for links.regions.b.0, expected '2ms' as in the row of a (the matrix is symmetric)");
}

TEST_CASE("mistakes of form are found") {
  CHECK(errors_of("name: a\nduration: 1h\n") ==
        "a.yaml:1:1: found no 'peers', expected this key here (it is required)");
  CHECK(errors_of("") == "a.yaml:1:1: found nothing, expected the keys of a scenario (name, duration, peers, ...)");
  CHECK(errors_of("name: a\nname: b\n") == "a.yaml:2:1: found the key 'name' a second time, expected it once");
  CHECK(errors_of("name: [a\nduration: 1h\n") == "a.yaml:2:9: found broken YAML (end of sequence flow not found)");
  CHECK(errors_of("name: a\n---\nname: b\n") == "a.yaml:2:1: found a second YAML document, expected only one");
  CHECK(errors_behind_head("measure:\n") == "a.yaml:4:1: found nothing for measure, expected a map of keys");
  CHECK(errors_behind_head("workloads: {lookups: {rate: 1/s}}\n") ==
        "a.yaml:4:12: found a map with the key 'lookups' for workloads, expected a list, each item behind a dash");
  CHECK(errors_behind_head("workloads:\n  - lookups:\n    rate: 1/s\n") ==
        "a.yaml:6:5: found the keys 'lookups' and 'rate' for workloads.0, expected one key of: churn, lookups, sends, "
        "broadcasts "
        "(indent the keys of an item deeper than its name)");
  CHECK(errors_behind_head("seed: {a: 1}\n") ==
        "a.yaml:4:7: found a map with the key 'a' for seed, expected a whole number of at least 0");
}

TEST_CASE("expectations and sweeps are checked before a run") {
  CHECK(errors_behind_head("expect:\n- ring.violation == 0\n- delivered >\n") ==
        "a.yaml:5:3: found unknown key 'ring.violation', expected a number of summary.json; did you mean "
        "'ring.violations'? (in expect.0)\n"
        "a.yaml:6:14: found the end, expected a key of the summary, a number or '(' (in expect.1)");
  CHECK(errors_behind_head("sweep: {links.los: [1%], peers.count: [50, 3]}\n") ==
        "a.yaml:4:21: found unknown key 'los' in links, expected one of: model, median, mean, jitter, loss, duplicate, "
        "reorder, setup, death, cut_pairs; did you mean 'loss'? (in the sweep of 'links.los')\n"
        "a.yaml:4:44: found '3' for peers.count, expected at least protocol.successors + 1 = 17 (in the sweep of "
        "'peers.count')");
  CHECK(errors_behind_head("sweep: {seed: [1, 2]}\n") ==
        "a.yaml:4:9: found an axis for sweep.seed, expected a setting of the run (for several seeds there is 'seeds')");
}

TEST_CASE("mistakes in overrides name the override") {
  CHECK(
      errors_of(full, {"seed=3", "links.lss=1%"}).starts_with("--set #2: found unknown key 'lss' in links, expected"));
  CHECK(errors_of(full, {"links.loss=5"}).starts_with("--set #1: found '5' for links.loss, expected a share"));
  CHECK(errors_of(full, {"loss"}) == "--set #1: found 'loss', expected key=value");
  CHECK(errors_of(full, {"workloads.lookups.rate=1/s"}) ==
        "--set #1: found 2 items 'lookups', expected the position of one behind it, such as 'lookups.0' (in the key "
        "'workloads.lookups.rate')");
  CHECK(errors_of(full, {"workloads.lookup.rate=1/s"}) ==
        "--set #1: found no item 'lookup' in the list, expected one of: churn, lookups, sends, broadcasts; did you "
        "mean 'lookups'? "
        "(in the key 'workloads.lookup.rate')");
  CHECK(errors_of(full, {"links.loss=[1"}) == "--set #1: found broken YAML (end of sequence flow not found)");
  CHECK(errors_of(full, {"links..loss=1%"}) ==
        "--set #1: found the key 'links..loss', expected names separated by single dots");
}

TEST_CASE("hostile input is refused at its bounds") {
  CHECK(errors_of(std::string(std::size_t{1} << 21, ' ')) ==
        "a.yaml:1:1: found 2097152 bytes, expected at most 1048576");
  CHECK(errors_of(std::string(100'000, '[')) == "a.yaml:1:33: found brackets nested deeper than 32 levels");
  std::string dashes;
  for (int i = 0; i < 100'000; ++i) dashes += "- ";
  CHECK(errors_of(dashes) == "a.yaml:1:65: found values nested deeper than 32 levels");
  std::string bomb = "a0: &a0 [x, x]\n";
  for (int i = 1; i < 25; ++i) {
    const std::string before = std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [*a" + before + ", *a" + before + "]\n";
  }
  CHECK(errors_of(bomb) == "a.yaml:11:12: found more than 10000 values (aliases count in full)");
  CHECK(errors_of(std::string("name: a\0b", 9)) == "a.yaml:1:8: found a NUL byte, expected UTF-8 text");
  CHECK(errors_of("a: &x [*x]\n") == "a.yaml:1:8: found an alias inside its own anchor, expected a value");
  CHECK(errors_of("name: !evil a\n").starts_with("a.yaml:1:7: found the YAML tag '!evil', expected a plain value"));
  std::string many;
  for (int i = 0; i < 100; ++i) many += "key" + std::to_string(i) + ": 1\n";
  CHECK(parse_scenario(many, "a.yaml").error().size() == 20);
}

TEST_CASE("files are read from the disk, and paths in them start at their folder") {
  const auto folder = std::filesystem::temp_directory_path() / "cicada_scenario_loader_test";
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "matrix.txt") << "0\t1\n1\t0\n";
  std::ofstream(folder / "a.yaml") << "name: a\nduration: 1h\npeers: {count: 100}\nlinks: {model: matrix, file: "
                                      "matrix.txt, rtt: false}\n";
  const auto scenario = load_scenario(folder / "a.yaml");
  REQUIRE(scenario.has_value());
  CHECK(std::get<MatrixLinks>(scenario->links.model) == MatrixLinks{.file = folder / "matrix.txt", .rtt = false});
  const std::string missing = (folder / "b.yaml").string();
  CHECK(to_string(load_scenario(missing).error().at(0)) ==
        missing + ": found nothing to read (No such file or directory), expected a scenario file");
  CHECK(to_string(load_scenario(folder).error().at(0)) ==
        folder.string() + ": found a folder, expected a scenario file");
  std::filesystem::remove_all(folder);
}

TEST_CASE("the scale of a distribution gives back its mean or median") {
  using Kind = Distribution::Kind;
  using Center = Distribution::Center;
  CHECK(scale_s({Kind::fixed, 1, Center::mean, 60s}) == 60);
  CHECK(scale_s({Kind::exponential, 1, Center::mean, 60s}) == 60);
  CHECK(scale_s({Kind::exponential, 1, Center::median, 60s}) * std::log(2) == Approx(60));
  CHECK(scale_s({Kind::weibull, 0.5, Center::mean, 60s}) * std::tgamma(3) == Approx(60));
  CHECK(scale_s({Kind::weibull, 0.5, Center::median, 60s}) * std::pow(std::log(2), 2) == Approx(60));
  CHECK(scale_s({Kind::pareto, 3, Center::mean, 60s}) * 3 / 2 == Approx(60));
  CHECK(scale_s({Kind::pareto, 1, Center::median, 60s}) * 2 == Approx(60));
}

TEST_CASE("the reference lists every key with its default") {
  const std::string table = scenario_reference_markdown();
  CHECK(table.find("| `protocol.stabilize` | time above 0 | `30s` | Period of stabilisation |") != std::string::npos);
  CHECK(table.find("| `peers.count` | 1 .. 50000000 | required |") != std::string::npos);
  CHECK(table.find("| `workloads.churn.session.weibull.shape` |") != std::string::npos);
  CHECK(table.find("| `faults.crash.count` | 1 .. 50000000 | one of these |") != std::string::npos);
}

}  // namespace
