// The top level of a scenario and its small sections.

#include <algorithm>
#include <array>
#include <limits>

#include "scalars.hpp"
#include "schema.hpp"

namespace cicada::sim {
namespace {

using Names = std::string_view;

void describe_join(Visitor& v, Join& join) {
  static constexpr Names start[] = {"start"}, over[] = {"over"}, at_once[] = {"at_once"}, ideal[] = {"ideal"};
  static constexpr Way kinds[] = {{start}, {over}, {at_once}};
  v.ways(kinds, static_cast<std::size_t>(join.kind), true, [&](std::size_t kind) {
    join.kind = static_cast<Join::Kind>(kind);
    switch (join.kind) {
      case Join::Kind::ideal:
        v.scalar({.name = "start", .about = "A converged ring at t=0, whose birth is not simulated (the default)"},
                 choice_scalar(join.kind, ideal));
        break;
      case Join::Kind::over:
        v.scalar({.name = "over",
                  .about = "successors + 1 peers are a ring at t=0, the others join uniformly over this time",
                  .required = true},
                 time_scalar(join.over, tick));
        break;
      case Join::Kind::at_once:
        v.mark({.name = "at_once", .about = "The same, but all others begin to join at t=0"});
        break;
    }
  });
}

void describe_peers(Visitor& v, Peers& peers) {
  v.scalar({.name = "count", .about = "Peers at the start; at least protocol.successors + 1", .required = true},
           integer_scalar(peers.count, 1, 50'000'000));
  v.scalar({.name = "ids",
            .about = "Ids of the first peers, 64 hexadecimal digits a line; the others draw theirs",
            .default_text = "none"},
           file_scalar(peers.ids, v.folder()));
  v.section(
      {.name = "join", .about = "How they come into being; exactly one of its keys"},
      [&] { describe_join(v, peers.join); }, true);
}

void describe_measure(Visitor& v, Measure& measure) {
  static constexpr Names checks[] = {"auto", "every_event", "incremental", "off"};
  v.scalar({.name = "sample", .about = "Time between rows of series.csv", .default_text = "duration/100, at least 1s"},
           time_scalar(measure.sample, tick));
  v.scalar({.name = "warmup", .about = "Lookups, sends and traffic before it don't count"},
           time_scalar(measure.warmup));
  v.scalar({.name = "check", .about = "How closely the checker follows the ring; auto: every_event in small worlds"},
           choice_scalar(measure.check, checks));
  v.scalar({.name = "full_check_every", .about = "Period of a check of all peers"},
           time_scalar(measure.full_check_every, tick));
  v.scalar({.name = "keys", .about = "Random keys whose spread over the members is counted at the end; 0: not counted"},
           integer_scalar(measure.keys, 0, 1'000'000'000));
  v.scalar({.name = "ceiling",
            .about = "Of every so-manieth send: did a path through live honest peers exist? 0: not asked",
            .default_text = "1 with adversaries, else 0"},
           integer_scalar(measure.ceiling, 0, 1'000'000'000));
  v.scalar({.name = "disjoint_paths",
            .about = "For how many of these, evenly spread, the vertex-disjoint paths are counted",
            .default_text = "50 with adversaries and up to 10,000 peers, else 0"},
           integer_scalar(measure.disjoint_paths, 0, 10'000));
}

void describe_explore(Visitor& v, Explore& explore) {
  v.scalar({.name = "worlds", .about = "How many small worlds, with consecutive seeds; 0: one ordinary world"},
           integer_scalar(explore.worlds, 0, 1'000'000'000));
  v.scalar({.name = "ids", .about = "Ids that there are in each, a power of two"}, integer_scalar(explore.ids, 4, 64));
  v.scalar({.name = "events", .about = "Joins, restarts, crashes and leaves in each, at random times in `duration`"},
           integer_scalar(explore.events, 0, 10'000));
}

List values_of(std::vector<std::string>& values) {
  return {.size_max = 256,
          .size = [&values] { return values.size(); },
          .clear = [&values] { values.clear(); },
          .element =
              [&values](std::size_t index) {
                if (index == values.size()) values.emplace_back();
                return text_scalar(values[index]);
              },
          .any_value = true};
}

List expectations_of(std::vector<std::string>& expect) {
  List list = values_of(expect);
  list.any_value = false;
  return list;
}

void describe_sweep(Visitor& v, Sweep& sweep) {
  v.scalar({.name = "seeds", .about = "Runs of each cell, with consecutive seeds from `seed` on"},
           integer_scalar(sweep.seeds, 1, 100'000));
  v.list({.name = "expect",
          .about = "What must hold of the means over these seeds, in each cell of the grid, or in those "
                   "with some settings: `… where KEY=VALUE, KEY=VALUE`"},
         expectations_of(sweep.expect));
  v.lists({.placeholder = "<dotted key>",
           .about = "Values of that key, as for --set: one axis of the grid",
           .size_max = 16,
           .size = [&] { return sweep.axes.size(); },
           .clear = [&] { sweep.axes.clear(); },
           .name = [&](std::size_t index) { return sweep.axes[index].key; },
           .list =
               [&](const std::string& key) {
                 auto axis = std::ranges::find(sweep.axes, key, &SweepAxis::key);
                 if (axis == sweep.axes.end()) axis = sweep.axes.insert(axis, {key, {}});
                 return values_of(axis->values);
               }});
}

}  // namespace

void describe(Visitor& v, Scenario& scenario) {
  v.scalar({.name = "name", .about = "Names the output folder", .required = true}, name_scalar(scenario.name));
  v.scalar({.name = "about", .about = "The question that the scenario asks", .default_text = "empty"},
           text_scalar(scenario.about));
  v.scalar({.name = "seed", .about = "Everything random follows from it"},
           integer_scalar(scenario.seed, 0, std::numeric_limits<std::uint64_t>::max()));
  v.scalar({.name = "duration", .about = "Simulated time", .required = true}, time_scalar(scenario.duration, tick));
  v.section({.name = "peers", .about = "How many, and how they come", .required = true},
            [&] { describe_peers(v, scenario.peers); });
  v.section({.name = "links", .about = "Latency, loss and set-up of links"},
            [&] { describe_links(v, scenario.links); });
  v.section({.name = "protocol", .about = "Parameters of the ring"}, [&] { describe_protocol(v, scenario.protocol); });
  describe_workloads(v, scenario.workloads);
  describe_adversaries(v, scenario.adversaries);
  describe_faults(v, scenario.faults);
  v.section({.name = "measure", .about = "What is recorded and checked"},
            [&] { describe_measure(v, scenario.measure); });
  v.section({.name = "explore", .about = "Many small worlds instead of one, to look for one that breaks the ring"},
            [&] { describe_explore(v, scenario.explore); });
  v.section({.name = "sweep", .about = "Many runs: a grid of settings, times seeds"},
            [&] { describe_sweep(v, scenario.sweep); });
  v.list({.name = "expect", .about = "What must hold of summary.json, such as `lookups.failed == 0`"},
         expectations_of(scenario.expect));
}

}  // namespace cicada::sim
