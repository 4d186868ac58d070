// What to_json writes is YAML that loads to an equal scenario, for any scenario: nothing is lost between the manifest
// of a run and a run of that manifest.

#include <cicada/sim/scenario_loader.hpp>

#include <rapidcheck.h>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

namespace {

using namespace cicada;
using namespace cicada::sim;
using namespace std::chrono_literals;

constexpr Duration duration = 1h;

Duration any_time(Duration min, Duration max) { return Duration{*rc::gen::inRange(min.count(), max.count() + 1)}; }
double any_ratio() { return *rc::gen::inRange(0, 100'001) / 1e5; }
template <class Enum>
Enum any_of(int count) {
  return static_cast<Enum>(*rc::gen::inRange(0, count));
}
template <class Integer>
Integer any_integer(Integer min, Integer max) {
  return *rc::gen::inRange<Integer>(min, max + 1);
}
bool any_flag() { return *rc::gen::arbitrary<bool>(); }
std::optional<Duration> any_period() { return any_flag() ? std::optional(any_time(1ns, 1h)) : std::nullopt; }

LinkModel any_model(const std::filesystem::path& file) {
  const Duration low = any_time(1ns, 1s);
  const Duration high = any_time(low, 2s);
  switch (*rc::gen::inRange(0, 9)) {
    case 0:
      return ConstantLinks{low};
    case 1:
      return UniformLinks{low, high, any_of<UniformLinks::Per>(2)};
    case 2:
      return LognormalLinks{low, high};
    case 3:
      return EuclideanLinks{any_integer(1U, 8U), low};
    case 4:
      return any_flag() ? builtin_regions(any_integer<std::size_t>(1, 8))
                        : RegionLinks{{"a", "b: [c"}, {{1ms, low}, {low, high}}};
    case 5:
      return TransitStubLinks{3, 2, 4, any_integer(1U, 50U), low, high, 0ns};
    case 6:
      return GraphLinks{file, any_of<TimeUnit>(3)};
    case 7:
      return ExponentialLinks{low};
    default:
      return MatrixLinks{
          file, any_flag(), any_of<TimeUnit>(3),
          any_flag() ? std::vector<std::string>{"-1", "n/a, \"x\"", "empty"} : std::vector<std::string>{}};
  }
}

Distribution any_distribution() {
  Distribution distribution;
  distribution.kind = any_of<Distribution::Kind>(4);
  distribution.value = any_time(1ns, 10h);
  if (distribution.kind != Distribution::Kind::fixed) distribution.center = any_of<Distribution::Center>(2);
  if (distribution.kind == Distribution::Kind::weibull || distribution.kind == Distribution::Kind::pareto) {
    distribution.shape = any_integer(11, 100) / 10.0;
  }
  return distribution;
}

Arrivals any_arrivals() {
  Arrivals arrivals{.kind = any_of<Arrivals::Kind>(3)};
  if (arrivals.kind == Arrivals::Kind::periodic_per_peer) {
    arrivals.every = any_time(1ns, 1h);
  } else {
    arrivals.per_s = any_integer(0, 1'000'000) / 7.0;
  }
  return arrivals;
}

template <class Activity>
void any_span(Activity& activity) {
  activity.start = any_time(0ns, 30min);
  if (any_flag()) activity.stop = any_time(activity.start + 1ns, 2h);
}

Workload any_workload(const std::filesystem::path& file) {
  switch (*rc::gen::inRange(0, 3)) {
    case 0: {
      Churn churn;
      switch (*rc::gen::inRange(0, 3)) {
        case 0:
          churn.sessions = any_distribution();
          break;
        case 1:
          churn.depart = any_of<Depart>(3);
          churn.sessions = SessionTrace{{file, any_of<TimeUnit>(3), any_time(0ns, 1h)}};
          return churn;  // Nothing else has a meaning beside it.
        default:
          churn.sessions = PoissonChurn{any_integer(0, 100) / 3.0, any_integer(0, 100) / 7.0};
          break;
      }
      churn.depart = any_of<Depart>(3);
      if (churn.depart == Depart::mixed) churn.leave_ratio = any_ratio();
      churn.replace.kind = any_of<Replacement::Kind>(3);
      if (churn.replace.kind == Replacement::Kind::after) churn.replace.down_time = any_distribution();
      churn.lasting_ratio = any_ratio();
      any_span(churn);
      return churn;
    }
    case 1: {
      Lookups lookups;
      if (any_flag()) {
        lookups.trace = {file, any_of<TimeUnit>(3), any_time(0ns, 1h)};
        return lookups;
      }
      lookups.arrivals = any_arrivals();
      lookups.keys = any_of<Lookups::Keys>(2);
      any_span(lookups);
      return lookups;
    }
    case 2: {
      Sends sends;
      sends.arrivals = any_arrivals();
      sends.size_bytes = any_integer<std::uint64_t>(0, 1 << 20);
      sends.duplicates = any_integer(0U, 64U);
      sends.from = any_of<Sends::From>(2);
      sends.to = any_of<Sends::To>(2);
      sends.strategy = any_of<Strategy>(strategy_count);
      sends.cards = any_of<Sends::Cards>(2);
      any_span(sends);
      return sends;
    }
    default: {
      Broadcasts broadcasts;
      broadcasts.arrivals = any_arrivals();
      broadcasts.size_bytes = any_integer<std::uint64_t>(0, 1 << 20);
      any_span(broadcasts);
      return broadcasts;
    }
  }
}

Fault any_fault() {
  const Duration at = any_time(0ns, 30min);
  const Duration span = any_time(1ns, 30min);
  switch (*rc::gen::inRange(0, 6)) {
    case 0:
      return PartitionFault{at, span, any_integer(1, 99) / 100.0, any_flag()};
    case 1:
      return PauseFault{at, span, any_ratio()};
    case 2:
      if (any_flag()) return CrashFault{at, any_ratio(), std::nullopt, any_flag()};
      return CrashFault{at, std::nullopt, any_integer<std::uint64_t>(1, 100), any_flag()};
    case 3:
      return LeaveFault{at, any_ratio()};
    case 4: {
      ClockFault fault{at, any_ratio(), any_of<ClockFault::Kind>(4), span, 0, {}, {}};
      if (fault.kind == ClockFault::Kind::drift) fault.amount = {}, fault.drift_ratio = any_ratio();
      if (fault.kind == ClockFault::Kind::suspend) return fault;
      fault.direction = any_of<ClockFault::Direction>(3);
      if (any_flag()) fault.duration = span;
      return fault;
    }
    default:
      return JoinFault{at, any_integer<std::uint64_t>(1, 50'000'000), span};
  }
}

Protocol any_protocol() {
  Protocol protocol;
  protocol.successors = any_integer(1U, 32U);
  protocol.stabilize = any_time(1ns, 1h);
  protocol.jitter = any_of<Jitter>(3);
  protocol.fix_fingers = any_period();
  protocol.check_predecessor = any_period();
  protocol.merge_probe = any_period();
  protocol.lookup = any_of<LookupMode>(2);
  protocol.finger_order = any_of<FingerOrder>(2);
  protocol.proximity = any_integer(0U, 16U);
  protocol.eager = any_flag();
  protocol.rto.min = any_time(1ns, 1s);
  protocol.rto.initial = any_time(protocol.rto.min, 2s);
  protocol.rto.max = any_time(protocol.rto.initial, 3s);
  protocol.rto.tries = any_integer(1U, 16U);
  protocol.lookup_timeout = any_time(1ns, 1h);
  protocol.lookup_retries = any_integer(0U, 16U);
  protocol.hops_max = any_integer(1U, 255U);
  protocol.finger_bound = any_flag();
  protocol.evict_on_timeout = any_flag();
  protocol.confirm = any_flag();
  protocol.owner_from_list = any_flag();
  protocol.look_ahead_only = any_flag();
  protocol.fence = any_flag();
  protocol.ids = any_of<IdPolicy>(3);
  protocol.wire = any_of<Wire>(2);
  protocol.crypto = any_of<Crypto>(2);
  protocol.rules = any_of<Rules>(2);
  for (unsigned flaw = 0; flaw < flaw_count; ++flaw) {
    if (*rc::gen::inRange(0, 4) == 0) protocol.flaws.push_back(static_cast<Flaw>(flaw));
  }
  return protocol;
}

Attackers any_attackers(bool ring) {
  Attackers who;
  if (ring) who.select = any_of<Select>(4);
  if (who.select == Select::near) {  // Three entries together have room among 100 peers.
    who.targets = any_integer(1U, 9U);
    who.neighbours = any_integer(1U, 1'000U);
  } else if (any_flag()) {
    who.ratio = any_integer(1, 30) / 100.0;
  } else {
    who.count = any_integer<std::uint64_t>(0, 30);
  }
  who.start = any_time(0ns, 59min);
  if (any_flag()) who.stop = any_time(who.start + 1ns, 2h);
  return who;
}

template <class Attack>
Attack hostile(const Attackers& who) {
  Attack attack;
  attack.who = who;
  if constexpr (requires { attack.scope; }) attack.scope = any_of<Scope>(4);
  if constexpr (requires { attack.prob; }) attack.prob = any_ratio();
  if constexpr (requires { attack.collude; }) attack.collude = any_flag();
  if constexpr (requires { attack.every; }) attack.every = any_time(1ns, 1h);
  if constexpr (requires { attack.per_s; }) attack.per_s = any_integer(0, 1'000'000) / 7.0;
  if constexpr (requires { attack.size_bytes; }) attack.size_bytes = any_integer<std::uint64_t>(0, 1 << 20);
  return attack;
}

Adversary any_delay(const Attackers& who) {
  auto delay = hostile<DelayAttack>(who);
  delay.kind = any_of<DelayAttack::Kind>(2);
  if (delay.kind == DelayAttack::Kind::by)
    delay.by = any_distribution();
  else
    delay.margin = any_time(0ns, 1h);
  return delay;
}

Adversary any_blame(const Attackers& who) {
  auto blame = hostile<BlameAttack>(who);
  blame.says = any_of<BlameAttack::Says>(4);
  blame.every = blame.says == BlameAttack::Says::working ? any_time(1ns, 1h) : BlameAttack{}.every;
  return blame;
}

Adversary any_victims(const Attackers& who) {
  auto gray = hostile<GrayDropAttack>(who);
  gray.victims = any_of<Victims>(3);
  if (gray.victims == Victims::all) return gray;
  gray.scope = Scope::data;
  gray.who.targets = any_integer(1U, 9U);
  return gray;
}

Adversary any_sybil(const Attackers& who) {
  auto sybil = hostile<SybilAttack>(who);
  sybil.ids_per_host = any_integer(1U, 10'000U);
  sybil.policy = any_of<SybilAttack::Policy>(4);
  if (sybil.policy == SybilAttack::Policy::address) sybil.addresses = any_integer(1U, 10'000U);
  if (sybil.policy == SybilAttack::Policy::puzzle) sybil.bits = any_integer(1U, 60U);
  return sybil;
}

Adversary any_eclipse(const Attackers& who) {
  EclipseTargetAttack eclipse{.form = any_of<EclipseTargetAttack::Form>(3),
                              .sides = any_of<EclipseTargetAttack::Sides>(3),
                              .card_squatters = any_integer(0U, 64U)};
  eclipse.who.targets = any_integer(1U, 9U);
  eclipse.who.neighbours = any_integer(1U, 1'000U);
  eclipse.who.start = who.start;
  eclipse.who.stop = who.stop;
  return eclipse;
}

Adversary any_adversary(bool ring) {
  const Attackers who = any_attackers(ring);
  const bool near = who.select == Select::near;
  switch (*rc::gen::inRange(0, 18)) {
    case 0:
      return hostile<DropAttack>(who);
    case 1:
      return any_victims(who);
    case 2:
      return any_delay(who);
    case 3:
      return hostile<TamperAttack>(who);
    case 4:
      return hostile<MisrouteAttack>(who);
    case 5:
      return hostile<FalseClosestAttack>(who);
    case 6:
      return hostile<LookupLieAttack>(who);
    case 7:
      return hostile<AckForgeAttack>(who);
    case 8:
      return hostile<AckDropAttack>(who);
    case 9:
      return any_blame(who);
    case 10:
      return hostile<TablePoisonAttack>(who);
    case 11:
      return ring ? any_sybil(who) : hostile<BroadcastSuppressAttack>(who);
    case 12:
      return ring ? any_eclipse(who) : hostile<FreerideAttack>(who);
    case 13:
      return hostile<ReplayAttack>(who);
    case 14: {
      auto flood = hostile<FloodAttack>(who);
      flood.to = any_of<FloodAttack::To>(3);
      if (!near && flood.to == FloodAttack::To::targets) flood.who.targets = any_integer(1U, 9U);
      return flood;
    }
    case 15:
      return hostile<AmplifyAttack>(who);
    case 16: {
      auto mutate = hostile<MutateAttack>(who);
      mutate.what = any_of<MutateAttack::What>(3);
      return mutate;
    }
    default: {
      auto joining = hostile<JoinLeaveAttack>(who);
      if (!near) joining.who.targets = any_integer(1U, 9U);
      joining.arc_ratio = any_ratio();
      return joining;
    }
  }
}

Scenario any_scenario(const std::filesystem::path& file) {
  Scenario scenario;
  scenario.name = "a.b-c_1";
  scenario.about = *rc::gen::elementOf(std::vector<std::string>{
      "", "plain", "true", "~", "with: colon # and 'quotes' \"both\"\nand lines", "- [{", "\xC3\xA4\xE2\x82\xAC"});
  scenario.seed = *rc::gen::elementOf(std::vector<std::uint64_t>{0, 1, 1ULL << 63, ~0ULL - 100'000});
  scenario.duration = duration;
  scenario.peers.count = any_integer<std::uint64_t>(100, 50'000'000);
  scenario.peers.join.kind = any_of<Join::Kind>(3);
  if (scenario.peers.join.kind == Join::Kind::over) scenario.peers.join.over = any_time(1ns, duration);
  Links& links = scenario.links;
  links.model = any_model(file);
  links.jitter_ratio = any_ratio();
  links.loss_ratio = any_ratio();
  links.duplicate_ratio = any_ratio();
  links.reorder = {any_ratio(), any_time(0ns, 1h)};
  links.setup_rtts = any_integer(0U, 10U);
  links.death = any_of<Death>(2);
  links.cut_pairs_ratio = any_ratio();
  scenario.protocol = any_protocol();
  for (int i = *rc::gen::inRange(0, 4); i > 0; --i) scenario.workloads.push_back(any_workload(file));
  for (int i = *rc::gen::inRange(0, 4); i > 0; --i) scenario.faults.push_back(any_fault());
  scenario.measure = {any_time(4ms, duration), any_time(0ns, 59min), any_of<Check>(4), any_time(1ns, 1h),
                      any_integer<std::uint64_t>(0, 1'000'000'000)};
  if (any_flag()) scenario.measure.ceiling = any_integer<std::uint64_t>(0, 1'000'000'000);
  scenario.measure.disjoint_paths = any_integer<std::uint64_t>(0, 10'000);
  for (int i = *rc::gen::inRange(0, 4); i > 0; --i)
    scenario.adversaries.push_back(any_adversary(scenario.peers.join.kind == Join::Kind::ideal));
  if (scenario.adversaries.size() == 1) {
    std::visit([](auto& one) { one.who.overlay = any_flag(); }, scenario.adversaries.front());
  }
  if (!scenario.adversaries.empty()) {  // So that there is something to act on.
    scenario.workloads.emplace_back(Sends{});
    scenario.workloads.emplace_back(Broadcasts{});
  }
  const bool aimed =
      std::ranges::any_of(scenario.adversaries, [](const Adversary& one) { return target_count(one) > 0; });
  for (Workload& workload : scenario.workloads)
    if (auto* sends = std::get_if<Sends>(&workload); sends != nullptr && !aimed) sends->to = Sends::To::any;
  scenario.explore = {0, any_integer(4U, 64U), any_integer(0U, 10'000U)};
  if (*rc::gen::inRange(0, 4) == 0) {  // An exploration allows little else.
    scenario.explore = {any_integer<std::uint64_t>(1, 100'000), 1U << any_integer(2U, 6U), 7};
    scenario.protocol.successors = 2;
    scenario.peers = {3, {}};
    scenario.workloads.clear();
    scenario.faults.clear();
    scenario.adversaries.clear();
    scenario.measure.check = any_of<Check>(2);
  }
  scenario.sweep.seeds = any_integer<std::uint64_t>(1, 100'000);
  if (scenario.explore.worlds == 0 && any_flag()) {
    scenario.sweep.seeds = 2;
    scenario.sweep.expect = {"lookups.path.mean in [1, 2]"};
    scenario.sweep.axes = {{"links.loss", {"0%", "0.5"}}};
    if (scenario.adversaries.empty()) scenario.sweep.axes.push_back({"workloads", {"[{lookups: {rate: 1/s}}]", "[]"}});
  }
  if (any_flag()) scenario.expect = {"delivered >= 99%", "lookups.path.mean in [1, 2]"};
  return scenario;
}

TEST_CASE("any scenario comes back equal from its JSON") {
  const auto file = std::filesystem::temp_directory_path() / "cicada_round_trip_test.txt";
  std::ofstream(file) << "0\n";
  REQUIRE(rc::check([&] {
    const Scenario scenario = any_scenario(file);
    const std::string text = to_json(scenario).dump(1);
    const auto back = parse_scenario(text, "elsewhere/a.yaml");
    if (!back) RC_FAIL(to_string(back.error().at(0)) + "\n" + text);
    if (*back != scenario) RC_FAIL(text + "\n" + to_json(*back).dump(1));
  }));
  std::filesystem::remove(file);
}

}  // namespace
