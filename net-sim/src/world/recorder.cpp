#include "recorder.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "mark_names.hpp"

#include "adversaries/adversary_figures.hpp"
#include "figures_json.hpp"
#include "key_load.hpp"

namespace cicada::sim {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

double milliseconds(Duration duration) { return std::chrono::duration<double, std::milli>(duration).count(); }

const std::vector<std::string> columns = {"t_s",
                                          "peers",
                                          "lookups",
                                          "lookups_correct_ratio",
                                          "lookups_failed",
                                          "path_mean",
                                          "latency_ms_p50",
                                          "latency_ms_p99",
                                          "wrong_successors_ratio",
                                          "dead_successors_ratio",
                                          "dead_fingers_ratio",
                                          "appendages",
                                          "violations",
                                          "messages_per_peer_s",
                                          "bytes_per_peer_s",
                                          "sends",
                                          "sends_delivered_ratio",
                                          "joins",
                                          "departures"};

}  // namespace

void Recorder::Counts::clear() {
  lookups = correct = wrong = failed = moved = retried = dead_owner = timeouts = 0;
  sends = delivered = transmissions = copies = 0;
  path.clear();
  timeouts_each.clear();
  latency_ms.clear();
  stretch.clear();
  send_latency_ms.clear();
}

/// Takes a row of the series every `measure.sample`.
class Recorder::Sampler final : public Process {
 public:
  explicit Sampler(Recorder& recorder) : recorder_(recorder) {}
  void fire(World& world, PeerIndex) override {
    recorder_.sample(world);
    world.schedule(self, world.now() + recorder_.scenario_.measure.sample);
  }
  std::size_t self = 0;

 private:
  Recorder& recorder_;
};

/// Looks at the whole ring every `measure.full_check_every`.
class Recorder::FullChecks final : public Process {
 public:
  explicit FullChecks(Recorder& recorder) : recorder_(recorder) {}
  void fire(World& world, PeerIndex) override {
    recorder_.check(world);
    world.schedule(self, world.now() + recorder_.scenario_.measure.full_check_every);
  }
  std::size_t self = 0;

 private:
  Recorder& recorder_;
};

Recorder::Recorder(const Scenario& scenario, std::function<void(const LookupResult&)> on_lookup)
    : scenario_(scenario),
      on_lookup_(std::move(on_lookup)),
      book_(scenario),
      broadcasts_(TimePoint(scenario.measure.warmup)) {
  series_.columns = columns;
}

void Recorder::attach(World& world) {
  peers_start_ = world.members().size();
  if (world.adversaries() != nullptr)
    broadcasts_.count_only([&world](PeerIndex peer) { return !world.slot(peer).hostile; });
  const auto start = [&](auto process) {
    auto& added = *process;
    added.self = world.add_process(std::move(process));
    return added.self;
  };
  const bool crashes = std::ranges::any_of(
      scenario_.faults, [](const Fault& fault) { return std::holds_alternative<CrashFault>(fault); });
  if (crashes) {
    first_ring_.emplace([&world](PeerIndex peer) { return world.id(peer); });
    first_ring_->assign({world.truth().begin(), world.truth().end()});
  }
  world.schedule(start(std::make_unique<Sampler>(*this)), TimePoint(scenario_.measure.sample));
  if (world.checker() != nullptr)
    world.schedule(start(std::make_unique<FullChecks>(*this)), TimePoint(scenario_.measure.full_check_every));
}

void Recorder::on_lookup_done(World& world, PeerIndex peer, const LookupDone& done) {
  const bool found = done.status == LookupStatus::found;
  const bool correct = found && world.owned_since(done.owner.index, done.key, done.started);
  world.fold((std::uint64_t{done.owner.index} << 32) + (done.hops << 8) + done.timeouts + (correct ? 1U << 31 : 0U));
  const bool dead_owner = found && !correct && !world.slot(done.owner.index).alive;
  const bool moved = found && first_ring_ && first_ring_->successor_of(done.key).index != done.owner.index;
  const Duration latency = world.now() - done.started;
  const Duration direct =
      found && done.owner.index != peer ? world.links().base_rtt(peer, done.owner.index) : Duration{};
  const auto add = [&](Counts& counts) {
    ++counts.lookups;
    ++(!found ? counts.failed : correct ? counts.correct : counts.wrong);
    counts.timeouts += done.timeouts;
    counts.retried += done.tries > 1;
    if (!found) return;
    counts.moved += moved;
    counts.dead_owner += dead_owner;
    counts.path.add(std::max(1U, done.hops));
    counts.timeouts_each.add(done.timeouts);
    counts.latency_ms.add(milliseconds(latency));
    if (direct > Duration::zero()) counts.stretch.add(milliseconds(latency) / milliseconds(direct));
  };
  add(interval_);
  if (counted(done.started)) add(total_);
  if (!on_lookup_) return;
  on_lookup_({.peer = world.slot(peer).host,
              .key = done.key,
              .found = found,
              .owner = found ? world.slot(done.owner.index).host : 0,
              .hops = done.hops,
              .timeouts = done.timeouts,
              .started = done.started.time_since_epoch(),
              .latency = latency});
}

void Recorder::on_send_done(World& world, PeerIndex peer, const SendDone& done) {
  const bool delivered = done.status == SendStatus::delivered;
  const bool arrived = book_.done(world, done);
  world.fold((done.id.low << 1) + delivered);
  if (world.slot(peer).hostile) return;
  if (delivered && !arrived) ++acknowledged_but_lost_;
  const auto add = [&](Counts& counts) {
    ++counts.sends;
    counts.delivered += delivered;
    counts.transmissions += done.transmissions;
    counts.copies += done.copies;
    if (delivered) counts.send_latency_ms.add(milliseconds(world.now() - done.started));
  };
  add(interval_);
  if (counted(done.started)) add(total_);
}

void Recorder::check(World& world) { world.checker()->check_all(world.now(), world.counters().events); }

void Recorder::sample(World& world) {
  const WorldCounters& counters = world.counters();
  if (!warm_ && world.now() >= TimePoint(scenario_.measure.warmup)) {
    warm_ = true;
    at_warmup_ = scenario_.measure.warmup > Duration::zero() ? counters : WorldCounters{};
    member_seconds_at_warmup_ = scenario_.measure.warmup > Duration::zero() ? world.member_seconds() : 0;
  }
  const double peer_seconds = world.member_seconds() - last_member_seconds_;
  std::array<double, 4> ring{nan, nan, nan, nan};
  if (world.checker() != nullptr) {
    health_ = world.checker()->health();
    const PointerRatios ratios = pointer_ratios(health_);
    ring = {ratios.wrong_successors, ratios.dead_successors, ratios.dead_fingers,
            static_cast<double>(health_.appendages)};
    if (warm_) {
      wrong_.add(ratios.wrong_successors);
      dead_.add(ratios.dead_successors);
      dead_fingers_.add(ratios.dead_fingers);
    }
  }
  const auto since = [&](std::uint64_t WorldCounters::* member) {
    return static_cast<double>(counters.*member - last_.*member);
  };
  series_.rows.push_back({std::chrono::duration<double>(world.now().time_since_epoch()).count(),
                          static_cast<double>(world.members().size()), static_cast<double>(interval_.lookups),
                          ratio(interval_.correct, interval_.lookups), static_cast<double>(interval_.failed),
                          interval_.path.moments().mean(), interval_.latency_ms.quantile(0.5),
                          interval_.latency_ms.quantile(0.99), ring[0], ring[1], ring[2], ring[3],
                          world.checker() != nullptr ? static_cast<double>(world.checker()->count()) : nan,
                          peer_seconds > 0 ? since(&WorldCounters::messages) / peer_seconds : nan,
                          peer_seconds > 0 ? since(&WorldCounters::bytes) / peer_seconds : nan,
                          static_cast<double>(interval_.sends), ratio(interval_.delivered, interval_.sends),
                          since(&WorldCounters::joined), since(&WorldCounters::left) + since(&WorldCounters::crashed)});
  interval_.clear();
  last_ = counters;
  last_member_seconds_ = world.member_seconds();
}

RunResult Recorder::result(World& world, const HostCost& cost, bool interrupted) {
  const WorldCounters& counters = world.counters();
  std::uint64_t copies = 0;
  for (PeerIndex peer = 0; peer < world.lives(); ++peer)
    if (world.slot(peer).alive) copies += world.slot(peer).node.copies_seen();

  RunResult result;
  result.interrupted = interrupted;
  nlohmann::ordered_json& s = result.summary;
  const auto quantiles = [](const QuantileRecorder& recorder) {
    return nlohmann::ordered_json{{"p50", number(recorder.quantile(0.5))},
                                  {"p90", number(recorder.quantile(0.9))},
                                  {"p99", number(recorder.quantile(0.99))}};
  };
  const double peers_max =
      static_cast<double>(std::max<std::size_t>(1, std::max(peers_start_, world.members().size())));
  const double simulated_s = std::chrono::duration<double>(world.now().time_since_epoch()).count();
  s["scenario"] = scenario_.name;
  s["seed"] = scenario_.seed;
  char digest[17];
  std::snprintf(digest, sizeof digest, "%016llx", static_cast<unsigned long long>(world.digest()));
  s["digest"] = digest;
  s["interrupted"] = interrupted;
  s["simulated_s"] = simulated_s;
  s["events"] = counters.events;
  s["messages"] = counters.messages;
  s["wall_s"] = cost.wall_s;
  s["cpu_s"] = cost.cpu_s;
  s["loop_cpu_s"] = cost.loop_cpu_s;
  s["events_per_cpu_s"] = cost.loop_cpu_s > 0 ? static_cast<double>(counters.events) / cost.loop_cpu_s : 0;
  s["peak_rss_bytes"] = cost.peak_rss_bytes;
  s["bytes_per_peer"] = static_cast<double>(cost.peak_rss_bytes) / peers_max;
  s["peers"] = {{"start", peers_start_},
                {"end", world.members().size()},
                {"joined", counters.joined},
                {"left", counters.left},
                {"crashed", counters.crashed},
                {"lives", world.lives()},
                {"join_failures", counters.join_failures}};
  const QuantileRecorder& path = total_.path;
  s["lookups"] = {{"count", total_.lookups},
                  {"correct", total_.correct},
                  {"wrong", total_.wrong},
                  {"failed", total_.failed},
                  {"dead_owner", total_.dead_owner},
                  {"retried", total_.retried},
                  {"path",
                   {{"mean", number(path.moments().mean())},
                    {"variance", number(path.moments().variance())},
                    {"p1", number(path.quantile(0.01))},
                    {"p50", number(path.quantile(0.5))},
                    {"p99", number(path.quantile(0.99))}}},
                  {"timeouts_mean", number(ratio(total_.timeouts, total_.lookups))},
                  {"timeouts_p99", number(total_.timeouts_each.quantile(0.99))},
                  {"latency_ms", quantiles(total_.latency_ms)}};
  s["lookups"]["latency_ms"]["mean"] = number(total_.latency_ms.moments().mean());
  s["lookups"]["stretch"] = {{"p10", number(total_.stretch.quantile(0.1))},
                             {"p50", number(total_.stretch.quantile(0.5))},
                             {"p90", number(total_.stretch.quantile(0.9))}};
  if (first_ring_) s["lookups"]["not_first_owner"] = total_.moved + total_.failed;
  if (scenario_.measure.keys > 0 && !world.members().empty()) {
    const KeyLoad load = key_load(world, scenario_.measure.keys);
    s["keys"] = {{"count", scenario_.measure.keys},
                 {"per_peer_mean", number(load.mean)},
                 {"p1_ratio", number(load.p1 / load.mean)},
                 {"p99_ratio", number(load.p99 / load.mean)},
                 {"max_ratio", number(load.max / load.mean)}};
  }
  s["sends"] = {{"count", total_.sends},
                {"delivered", total_.delivered},
                {"duplicates_seen", copies},
                {"acknowledged_but_lost", acknowledged_but_lost_},
                {"source_transmissions_mean", number(ratio(total_.transmissions, total_.sends))},
                {"copies_mean", number(ratio(total_.copies, total_.sends))},
                {"latency_ms", quantiles(total_.send_latency_ms)}};
  book_.report_sends(s["sends"]);
  if (world.adversaries() != nullptr || scenario_.measure.ceiling.value_or(0) > 0)
    s["resilience"] = book_.resilience(world);
  if (world.adversaries() != nullptr) s["resilience"].update(adversary_figures(world));
  broadcasts_.write(world, result);
  nlohmann::ordered_json ring;
  if (RingChecker* checker = world.checker()) {
    checker->check_all(world.now(), counters.events);
    const RingHealth health = checker->health();
    ring["ideal"] = health.ideal;
    ring["violations"] = checker->count();
    ring["wrong_successors_ratio"] = number(wrong_.mean());
    ring["dead_successors_ratio"] = number(dead_.mean());
    ring["dead_fingers_ratio"] = number(dead_fingers_.mean());
    ring["samples"] = wrong_.count();
    ring["wrong_successors_deviation"] = number(wrong_.deviation());
    ring["dead_successors_deviation"] = number(dead_.deviation());
    ring["dead_fingers_deviation"] = number(dead_fingers_.deviation());
    ring["appendages"] = health.appendages;
    ring["principals"] = health.principals;
    for (std::size_t i = 0; i < property_count; ++i) {
      const auto property = static_cast<Property>(i);
      if (checker->count(property) > 0)
        ring["by_property"][std::string(to_string(property))] = checker->count(property);
    }
  } else {
    for (const char* key : {"ideal", "violations", "wrong_successors_ratio", "dead_successors_ratio"})
      ring[key] = nullptr;
  }
  s["ring"] = ring;
  const double peer_seconds = world.member_seconds() - member_seconds_at_warmup_;
  const auto rate = [&](std::uint64_t now, std::uint64_t before) {
    return number(peer_seconds > 0 ? static_cast<double>(now - before) / peer_seconds : nan);
  };
  s["traffic"] = {{"bytes_per_peer_s", rate(counters.bytes, at_warmup_.bytes)},
                  {"messages_per_peer_s", rate(counters.messages, at_warmup_.messages)}};
  s["marks"] = marks_json(counters.marks);

  result.series = std::move(series_);
  if (total_.lookups > 0) {
    result.histograms.push_back(total_.path.histogram("path", "hops"));
    result.histograms.push_back(total_.latency_ms.histogram("lookup_latency", "ms"));
  }
  if (total_.delivered > 0) result.histograms.push_back(total_.send_latency_ms.histogram("send_latency", "ms"));
  return result;
}

}  // namespace cicada::sim
