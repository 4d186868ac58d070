#include "exploration.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include <cicada/assert.hpp>
#include <cicada/rng.hpp>

#include "explored_world.hpp"
#include "world/host_clock.hpp"
#include "world/mark_names.hpp"

namespace cicada::sim {
namespace {

constexpr double report_period_s = 0.1;
constexpr std::size_t rows_max = 100;

double seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

nlohmann::ordered_json seed_or_null(const std::optional<std::uint64_t>& seed) {
  return seed ? nlohmann::ordered_json(*seed) : nlohmann::ordered_json(nullptr);
}

/// What all worlds together have shown so far.
class Tally {
 public:
  void add(std::uint64_t seed, const ExploredWorld& world) {
    ++worlds_;
    digest_ = mix64(digest_, world.digest);
    simulated_ += world.simulated;
    rounds_max_ = std::max(rounds_max_, world.rounds);
    count(broken_, world.broken(), seed);
    count(ring_lost_, world.ring_lost(), seed);
    count(not_ideal_, !world.ideal, seed);
    for (std::size_t i = 0; i < property_count; ++i) {
      violations_ += world.violations[i];
      by_property_[i] += world.violations[i] > 0;
    }
    const WorldCounters& more = world.counters;
    sum_.events += more.events;
    sum_.messages += more.messages;
    sum_.joined += more.joined;
    sum_.left += more.left;
    sum_.crashed += more.crashed;
    sum_.join_failures += more.join_failures;
    for (std::size_t i = 0; i < mark_count; ++i) sum_.marks[i] += more.marks[i];
    peers_end_ += world.peers_end;
  }

  void add_row(Series& series) {
    series.rows.push_back({seconds(simulated_), static_cast<double>(violations_),
                           static_cast<double>(sum_.joined - last_joined_),
                           static_cast<double>(sum_.left + sum_.crashed - last_departed_)});
    last_joined_ = sum_.joined;
    last_departed_ = sum_.left + sum_.crashed;
  }
  static std::vector<std::string> columns() { return {"t_s", "violations", "joins", "departures"}; }

  [[nodiscard]] std::uint64_t worlds() const { return worlds_; }
  [[nodiscard]] std::uint64_t events() const { return sum_.events; }
  [[nodiscard]] Duration simulated() const { return simulated_; }

  [[nodiscard]] nlohmann::ordered_json summary(const Scenario& scenario, bool interrupted, double wall_s,
                                               double cpu_s) const {
    nlohmann::ordered_json s;
    s["scenario"] = scenario.name;
    s["seed"] = scenario.seed;
    char digest[17];
    std::snprintf(digest, sizeof digest, "%016llx", static_cast<unsigned long long>(digest_));
    s["digest"] = digest;
    s["interrupted"] = interrupted;
    s["simulated_s"] = seconds(simulated_);
    s["events"] = sum_.events;
    s["messages"] = sum_.messages;
    s["wall_s"] = wall_s;
    s["cpu_s"] = cpu_s;
    s["events_per_cpu_s"] = cpu_s > 0 ? static_cast<double>(sum_.events) / cpu_s : 0;
    s["peak_rss_bytes"] = host::peak_rss_bytes();
    s["peers"] = {{"start", scenario.peers.count * worlds_},
                  {"end", peers_end_},
                  {"joined", sum_.joined},
                  {"left", sum_.left},
                  {"crashed", sum_.crashed},
                  {"join_failures", sum_.join_failures}};
    s["ring"] = {{"ideal", not_ideal_.worlds == 0}, {"violations", violations_}};
    nlohmann::ordered_json& explore = s["explore"];
    explore = {{"worlds", worlds_},
               {"broken", broken_.worlds},
               {"ring_lost", ring_lost_.worlds},
               {"not_ideal", not_ideal_.worlds},
               {"first_broken_seed", seed_or_null(broken_.first)},
               {"first_ring_lost_seed", seed_or_null(ring_lost_.first)},
               {"first_not_ideal_seed", seed_or_null(not_ideal_.first)},
               {"rounds_max", rounds_max_},
               {"worlds_per_cpu_s", cpu_s > 0 ? static_cast<double>(worlds_) / cpu_s : 0}};
    for (std::size_t i = 0; i < property_count; ++i)
      explore["by_property"][std::string(to_string(static_cast<Property>(i)))] = by_property_[i];
    s["marks"] = marks_json(sum_.marks);
    return s;
  }

 private:
  struct Found {
    std::uint64_t worlds = 0;
    std::optional<std::uint64_t> first;
  };
  static void count(Found& found, bool yes, std::uint64_t seed) {
    if (!yes) return;
    if (found.worlds++ == 0) found.first = seed;
  }

  std::uint64_t worlds_ = 0;
  std::uint64_t digest_ = 0;
  Duration simulated_{};
  unsigned rounds_max_ = 0;
  Found broken_, ring_lost_, not_ideal_;
  std::uint64_t violations_ = 0;
  std::array<std::uint64_t, property_count> by_property_{};
  WorldCounters sum_;
  std::size_t peers_end_ = 0;
  std::uint64_t last_joined_ = 0;
  std::uint64_t last_departed_ = 0;
};

}  // namespace

RunResult run_exploration(const Scenario& scenario, const RunOptions& options) {
  const double wall_start = host::wall_s();
  const double cpu_start = host::cpu_s();
  const std::uint64_t worlds = scenario.explore.worlds;
  CICADA_ASSERT(worlds > 0);
  RunResult result;
  result.series.columns = Tally::columns();
  Tally tally;
  std::vector<std::string> story;
  double reported = wall_start;
  const auto go_on = [&] {
    const double wall = host::wall_s();
    if (!options.progress || wall - reported < report_period_s) return true;
    reported = wall;
    return options.progress({static_cast<double>(tally.worlds()) / static_cast<double>(worlds),
                             seconds(tally.simulated()), tally.events(), scenario.explore.ids, "run"});
  };
  Scenario one = scenario;
  const std::uint64_t worlds_per_row = (worlds + rows_max - 1) / rows_max;
  while (tally.worlds() < worlds && !result.interrupted) {
    one.seed = scenario.seed + tally.worlds();
    const ExploredWorld world = explore_world(one, worlds == 1);
    tally.add(one.seed, world);
    if (worlds == 1) story = world.story;
    if (tally.worlds() % worlds_per_row == 0 || tally.worlds() == worlds) tally.add_row(result.series);
    result.interrupted = !go_on();
  }
  result.summary = tally.summary(scenario, result.interrupted, host::wall_s() - wall_start, host::cpu_s() - cpu_start);
  if (!story.empty()) result.summary["explore"]["story"] = story;
  return result;
}

}  // namespace cicada::sim
