#include "scenario_checks.hpp"

#include <algorithm>
#include <bit>
#include <limits>

#include <fmt/format.h>

#include <cicada/sim/expectation.hpp>
#include <cicada/sim/sweep.hpp>
#include <cicada/sim/units.hpp>

#include "adversary_checks.hpp"
#include "cell_expectation.hpp"

namespace cicada::sim {
namespace {

class Checks {
 public:
  Checks(const Scenario& scenario, const Places& places, const Position& top, std::vector<Mistake>& mistakes)
      : scenario_(scenario), places_(places), top_(top), mistakes_(mistakes) {}

  void run() {
    peers();
    std::visit([&](const auto& model) { link_model(model); }, scenario_.links.model);
    protocol();
    measure();
    for (std::size_t i = 0; i < scenario_.workloads.size(); ++i) {
      std::visit([&](const auto& item) { workload(item, fmt::format("workloads.{}", i)); }, scenario_.workloads[i]);
    }
    for (std::size_t i = 0; i < scenario_.faults.size(); ++i) {
      std::visit([&](const auto& item) { fault(item, fmt::format("faults.{}", i)); }, scenario_.faults[i]);
    }
    adversaries();
    explore();
    sweep();
    expectations(scenario_.expect, "expect");
    cell_expectations();
  }

 private:
  /// The place of a key, or of the innermost section around it that was given.
  Position place(std::string_view path) const {
    for (;;) {
      if (const auto found = places_.find(path); found != places_.end()) return found->second;
      const std::size_t dot = path.rfind('.');
      if (dot == std::string_view::npos) return top_;
      path = path.substr(0, dot);
    }
  }

  void require(bool good, const std::string& path, const std::string& found, const std::string& expected) {
    if (!good) mistakes_.push_back({place(path), fmt::format("found {} for {}, expected {}", found, path, expected)});
  }

  void require_time(bool good, const std::string& path, Duration found, const std::string& expected) {
    require(good, path, fmt::format("'{}'", format_duration(found)), expected);
  }

  void peers() {
    const std::uint64_t least = scenario_.protocol.successors + std::uint64_t{1};
    const bool may_be_small =
        std::ranges::find(scenario_.protocol.flaws, Flaw::boot_below_minimum) != scenario_.protocol.flaws.end();
    require(may_be_small || scenario_.peers.count >= least, "peers.count", fmt::format("'{}'", scenario_.peers.count),
            fmt::format("at least protocol.successors + 1 = {}", least));
    if (scenario_.peers.join.kind == Join::Kind::over) {
      require_time(scenario_.peers.join.over <= scenario_.duration, "peers.join.over", scenario_.peers.join.over,
                   "at most the " + duration_text());
    }
  }

  std::string duration_text() const { return fmt::format("duration of {}", format_duration(scenario_.duration)); }

  template <class Model>
  void link_model(const Model&) {}

  void link_model(const UniformLinks& model) {
    require_time(model.min <= model.max, "links.max", model.max,
                 fmt::format("at least links.min = {}", format_duration(model.min)));
  }

  void link_model(const LognormalLinks& model) {
    require_time(model.median <= model.mean, "links.mean", model.mean,
                 fmt::format("at least links.median = {}", format_duration(model.median)));
  }

  void link_model(const RegionLinks& model) {
    const std::size_t size = model.names.size();
    require(size > 0, "links.regions", "no region", "at least one");
    for (std::size_t i = 0; i < size; ++i) {
      const std::string path = fmt::format("links.regions.{}", model.names[i]);
      require(model.one_way[i].size() == size, path, fmt::format("{} times", model.one_way[i].size()),
              fmt::format("{}, one for each region", size));
      for (std::size_t j = 0; j < std::min({i, model.one_way[i].size(), size}); ++j) {
        if (i >= model.one_way[j].size() || model.one_way[i][j] == model.one_way[j][i]) continue;
        require_time(false, fmt::format("{}.{}", path, j), model.one_way[i][j],
                     fmt::format("'{}' as in the row of {} (the matrix is symmetric)",
                                 format_duration(model.one_way[j][i]), model.names[j]));
      }
    }
  }

  void link_model(const TransitStubLinks& model) {
    const std::uint64_t transit = std::uint64_t{model.transit_domains} * model.transit_nodes;
    const std::uint64_t routers = transit * (1 + std::uint64_t{model.stubs_per_transit} * model.stub_nodes);
    require(routers <= 1'000'000, "links.model", fmt::format("{} routers", routers), "at most 1000000");
  }

  void protocol() {
    const Rto& rto = scenario_.protocol.rto;
    require_time(rto.min <= rto.max, "protocol.rto.max", rto.max,
                 fmt::format("at least protocol.rto.min = {}", format_duration(rto.min)));
    require_time(rto.min > rto.max || (rto.initial >= rto.min && rto.initial <= rto.max), "protocol.rto.initial",
                 rto.initial,
                 fmt::format("a time from protocol.rto.min = {} to protocol.rto.max = {}", format_duration(rto.min),
                             format_duration(rto.max)));
    const std::vector<Flaw>& flaws = scenario_.protocol.flaws;
    for (std::size_t i = 0; i < flaws.size(); ++i) {
      const bool first = std::find(flaws.begin(), flaws.begin() + static_cast<std::ptrdiff_t>(i), flaws[i]) ==
                         flaws.begin() + static_cast<std::ptrdiff_t>(i);
      require(first, fmt::format("protocol.flaws.{}", i), "a flaw a second time", "each once");
    }
  }

  void measure() {
    const Measure& measure = scenario_.measure;
    require_time(measure.warmup < scenario_.duration, "measure.warmup", measure.warmup,
                 "less than the " + duration_text());
    require_time(measure.sample <= scenario_.duration, "measure.sample", measure.sample,
                 "at most the " + duration_text());
    require_time(scenario_.duration / measure.sample <= 1'000'000, "measure.sample", measure.sample,
                 "at most a million rows in the " + duration_text());
  }

  template <class Activity>
  void span(const Activity& activity, const std::string& path) {
    require_time(activity.start < scenario_.duration, path + ".start", activity.start,
                 "less than the " + duration_text());
    if (activity.stop) {
      require_time(*activity.stop > activity.start, path + ".stop", *activity.stop,
                   fmt::format("a time after start = {}", format_duration(activity.start)));
    }
  }

  void distribution(const Distribution& distribution, const std::string& path) {
    const bool has_mean = distribution.kind != Distribution::Kind::pareto || distribution.shape > 1;
    require(has_mean || distribution.center == Distribution::Center::median, path + ".pareto.shape",
            fmt::format("'{}'", format_number(distribution.shape)),
            "more than 1 where a mean is given (give the median instead)");
  }

  void workload(const Churn& churn, const std::string& item) {
    const std::string path = item + ".churn";
    span(churn, path);
    if (const auto* session = std::get_if<Distribution>(&churn.sessions)) distribution(*session, path + ".session");
    require(churn.depart == Depart::mixed || churn.leave_ratio == Churn{}.leave_ratio, path + ".leave_ratio",
            fmt::format("'{}'", format_number(churn.leave_ratio)), "it only beside depart: mixed");
    if (churn.replace.kind == Replacement::Kind::after) {
      distribution(churn.replace.down_time, path + ".replace.after");
    }
  }

  void workload(const Lookups& lookups, const std::string& item) { span(lookups, item + ".lookups"); }
  void workload(const Sends& sends, const std::string& item) {
    span(sends, item + ".sends");
    const bool has_targets =
        std::ranges::any_of(scenario_.adversaries, [](const Adversary& one) { return target_count(one) > 0; });
    require(sends.to != Sends::To::targets || has_targets, item + ".sends.to", "'targets'",
            "an entry of adversaries that chooses targets (with select: near, say)");
  }
  void workload(const Broadcasts& broadcasts, const std::string& item) { span(broadcasts, item + ".broadcasts"); }

  void adversaries() {
    for (std::size_t i = 0; i < scenario_.adversaries.size(); ++i) {
      const Adversary& adversary = scenario_.adversaries[i];
      span(attackers_of(adversary), fmt::format("adversaries.{}.{}", i, name_of(adversary)));
    }
    check_adversaries(scenario_, [&](const std::string& path, const std::string& found, const std::string& expected) {
      require(false, path, found, expected);
    });
  }

  void at(Duration at, const std::string& path) {
    require_time(at < scenario_.duration, path + ".at", at, "less than the " + duration_text());
  }

  void until(Duration at, Duration span, const std::string& path) {
    if (at >= scenario_.duration) return;
    require_time(at + span <= scenario_.duration, path, span,
                 fmt::format("an end within the {} (it begins at {})", duration_text(), format_duration(at)));
  }

  void fault(const PartitionFault& fault, const std::string& item) {
    at(fault.at, item + ".partition");
    until(fault.at, fault.duration, item + ".partition.for");
  }

  void fault(const PauseFault& fault, const std::string& item) {
    at(fault.at, item + ".pause");
    until(fault.at, fault.duration, item + ".pause.for");
  }

  void fault(const CrashFault& fault, const std::string& item) {
    at(fault.at, item + ".crash");
    std::uint64_t most = scenario_.peers.count;
    for (const Fault& other : scenario_.faults) {
      if (const auto* join = std::get_if<JoinFault>(&other)) most += join->count;
    }
    require(!fault.count || *fault.count <= most, item + ".crash.count", fmt::format("'{}'", fault.count.value_or(0)),
            fmt::format("at most the {} peers that there are", most));
  }

  void fault(const LeaveFault& fault, const std::string& item) { at(fault.at, item + ".leave"); }

  void fault(const JoinFault& fault, const std::string& item) {
    at(fault.at, item + ".join");
    until(fault.at, fault.over, item + ".join.over");
  }

  void fault(const ClockFault& fault, const std::string& item) {
    const std::string path = item + ".clock";
    at(fault.at, path);
    const bool suspend = fault.kind == ClockFault::Kind::suspend;
    if (suspend) until(fault.at, fault.amount, path + ".suspend");
    if (!suspend && fault.duration) until(fault.at, *fault.duration, path + ".for");
    require(!suspend || !fault.duration, path + ".for", "a time", "none with suspend, which says how long it lasts");
    require(!suspend || fault.direction == ClockFault::Direction::either, path + ".direction", "a direction",
            "none with suspend, after which clocks are right");
  }

  void explore() {
    const Explore& explore = scenario_.explore;
    if (explore.worlds == 0) return;
    require(std::has_single_bit(explore.ids), "explore.ids", fmt::format("'{}'", explore.ids), "a power of two");
    require(scenario_.peers.count <= explore.ids, "peers.count", fmt::format("'{}'", scenario_.peers.count),
            fmt::format("at most explore.ids = {}", explore.ids));
    require(scenario_.peers.join.kind == Join::Kind::ideal, "peers.join", "a join", "start: ideal (with explore)");
    require(scenario_.workloads.empty(), "workloads", "workloads", "none (with explore)");
    require(scenario_.adversaries.empty(), "adversaries", "adversaries", "none (with explore)");
    require(scenario_.faults.empty(), "faults", "faults", "none (with explore)");
    require(scenario_.measure.check == Check::automatic || scenario_.measure.check == Check::every_event,
            "measure.check", "another check", "every_event (with explore)");
    const std::uint64_t highest = std::numeric_limits<std::uint64_t>::max() - explore.worlds;
    require(scenario_.seed <= highest, "seed", fmt::format("'{}'", scenario_.seed),
            fmt::format("at most {}, so that all seeds of the exploration fit", highest));
  }

  void sweep() {
    std::size_t values = 0;
    for (const SweepAxis& axis : scenario_.sweep.axes) {
      const std::string path = "sweep." + axis.key;
      const bool own = axis.key == "seed" || axis.key == "sweep" || axis.key.starts_with("sweep.") ||
                       axis.key.starts_with("expect.") || axis.key == "name";
      require(!own, path, "an axis", "a setting of the run (for several seeds there is 'seeds')");
      require(!axis.values.empty(), path, "an empty list", "at least one value");
      values += axis.values.size();
    }
    require(values <= 256, "sweep", fmt::format("{} values", values), "at most 256 in all axes together");
    require(sweep_size(scenario_) <= 1'000'000, "sweep", fmt::format("{} runs", sweep_size(scenario_)),
            "at most a million");
    const std::uint64_t highest = std::numeric_limits<std::uint64_t>::max() - scenario_.sweep.seeds;
    require(scenario_.seed <= highest, "seed", fmt::format("'{}'", scenario_.seed),
            fmt::format("at most {}, so that all seeds of the sweep fit", highest));
  }

  void expectations(const std::vector<std::string>& texts, const std::string& path) {
    for (std::size_t i = 0; i < texts.size(); ++i) complain(mistake_in(texts[i]), fmt::format("{}.{}", path, i));
  }

  void cell_expectations() {
    for (std::size_t i = 0; i < scenario_.sweep.expect.size(); ++i) {
      const auto split = split_cell_expectation(scenario_.sweep.expect[i]);
      auto error = split ? mistake_in(split->text) : std::optional(split.error());
      if (split && !error) error = mistake_in_condition(*split, scenario_.sweep);
      complain(error, fmt::format("sweep.expect.{}", i));
    }
  }

  static std::optional<ExpectationError> mistake_in(const std::string& text) {
    const auto parsed = Expectation::parse(text);
    return parsed ? parsed->check_keys(expectation_keys()) : std::optional(parsed.error());
  }

  void complain(const std::optional<ExpectationError>& error, const std::string& path) {
    if (!error) return;
    Position at = place(path);
    at.column += static_cast<unsigned>(error->offset);
    mistakes_.push_back({at, fmt::format("{} (in {})", error->message, path)});
  }

  const Scenario& scenario_;
  const Places& places_;
  const Position& top_;
  std::vector<Mistake>& mistakes_;
};

}  // namespace

void check_scenario(const Scenario& scenario, const Places& places, const Position& top,
                    std::vector<Mistake>& mistakes) {
  Checks(scenario, places, top, mistakes).run();
}

}  // namespace cicada::sim
