// The lists `workloads:` and `faults:`.

#include <array>

#include "describe_parts.hpp"
#include "scalars.hpp"
#include "schema.hpp"

namespace cicada::sim {
namespace {

using Names = std::string_view;
constexpr double shape_min = 0.05;
constexpr double shape_max = 20;

void describe_center(Visitor& v, Distribution& distribution) {
  static constexpr Names mean[] = {"mean"}, median[] = {"median"};
  static constexpr Way kinds[] = {{mean}, {median}};
  v.ways(kinds, static_cast<std::size_t>(distribution.center), true, [&](std::size_t kind) {
    distribution.center = static_cast<Distribution::Center>(kind);
    const bool is_mean = distribution.center == Distribution::Center::mean;
    v.scalar({.name = is_mean ? "mean" : "median",
              .about = is_mean ? "The mean (instead of the median)" : "The median (instead of the mean)",
              .required = true},
             time_scalar(distribution.value, tick));
  });
}

void describe_distribution(Visitor& v, Distribution& distribution, std::size_t kind) {
  distribution.kind = static_cast<Distribution::Kind>(kind);
  switch (distribution.kind) {
    case Distribution::Kind::fixed:
      v.section({.name = "fixed", .about = "Always the same"}, [&] {
        v.scalar({.name = "mean", .about = "The time", .required = true}, time_scalar(distribution.value, tick));
      });
      break;
    case Distribution::Kind::exponential:
      v.section({.name = "exponential", .about = "Memoryless"}, [&] { describe_center(v, distribution); });
      break;
    case Distribution::Kind::weibull:
      v.section({.name = "weibull", .about = "With a shape below 1, old peers stay longer"}, [&] {
        v.scalar({.name = "shape", .about = "k", .required = true},
                 number_scalar(distribution.shape, shape_min, shape_max));
        describe_center(v, distribution);
      });
      break;
    case Distribution::Kind::pareto:
      v.section({.name = "pareto", .about = "Power law above a minimum"}, [&] {
        v.scalar({.name = "shape", .about = "alpha; it has a mean above 1 only", .required = true},
                 number_scalar(distribution.shape, shape_min, shape_max));
        describe_center(v, distribution);
      });
      break;
  }
}

constexpr Names fixed_key[] = {"fixed"}, exponential_key[] = {"exponential"}, weibull_key[] = {"weibull"},
                pareto_key[] = {"pareto"}, trace_key[] = {"trace"};
constexpr std::size_t trace_way = 4;

void describe_trace(Visitor& v, TraceFile& trace, std::string_view about) {
  v.scalar({.name = "trace", .about = about, .required = true}, file_scalar(trace.file, v.folder()));
  v.scalar({.name = "unit", .about = "Of the times in the trace"}, unit_scalar(trace.unit));
  v.scalar({.name = "origin", .about = "The time in the trace at which the run starts: `1600000000s`"},
           time_scalar(trace.origin));
}

void describe_session(Visitor& v, Churn& churn) {
  static constexpr Way kinds[] = {{fixed_key}, {exponential_key}, {weibull_key}, {pareto_key}, {trace_key}};
  const auto* held = std::get_if<Distribution>(&churn.sessions);
  v.ways(kinds, held != nullptr ? static_cast<std::size_t>(held->kind) : trace_way, true, [&](std::size_t kind) {
    if (kind == trace_way) {
      describe_trace(v, hold<SessionTrace>(churn.sessions), "A file of sessions, `peer,join_s,leave_s` a line");
    } else {
      describe_distribution(v, hold<Distribution>(churn.sessions), kind);
    }
  });
}

void describe_sessions(Visitor& v, Churn& churn) {
  static constexpr Names session[] = {"session"}, poisson[] = {"joins", "departures"};
  static constexpr Way kinds[] = {{session}, {poisson}};
  v.ways(kinds, std::holds_alternative<PoissonChurn>(churn.sessions) ? 1 : 0, true, [&](std::size_t kind) {
    if (kind == 0) {
      v.section({.name = "session", .about = "How long peers stay; exactly one of its keys"},
                [&] { describe_session(v, churn); });
      return;
    }
    PoissonChurn& rates = hold<PoissonChurn>(churn.sessions);
    v.scalar({.name = "joins", .about = "Instead of sessions: new peers of the whole system, a Poisson process"},
             rate_scalar(rates.joins_per_s));
    v.scalar({.name = "departures", .about = "Likewise, departures of random peers"},
             rate_scalar(rates.departures_per_s));
  });
}

void describe_replacement(Visitor& v, Replacement& replace) {
  static constexpr Names immediately[] = {"immediately"}, after[] = {"after"}, never[] = {"never"};
  static constexpr Way kinds[] = {{immediately}, {after}, {never}};
  v.ways(kinds, static_cast<std::size_t>(replace.kind), true, [&](std::size_t kind) {
    replace.kind = static_cast<Replacement::Kind>(kind);
    switch (replace.kind) {
      case Replacement::Kind::immediately:
        v.mark({.name = "immediately", .about = "By a new peer at once (the default); also `replace: immediately`"});
        break;
      case Replacement::Kind::after:
        v.section({.name = "after", .about = "By a new peer after a down time; exactly one of its keys"},
                  [&] { describe_any_distribution(v, replace.down_time); });
        break;
      case Replacement::Kind::never:
        v.mark({.name = "never", .about = "Not at all; also `replace: never`"});
        break;
    }
  });
}

constexpr Names rate_key[] = {"rate"}, every_key[] = {"every"};

std::size_t arrivals_way(const Arrivals& arrivals) {
  return arrivals.kind == Arrivals::Kind::periodic_per_peer ? 1 : 0;
}

void describe_arrivals_way(Visitor& v, Arrivals& arrivals, std::size_t way) {
  if (way == 0) {
    v.scalar(
        {.name = "rate", .about = "Poisson: `20/s` of the whole system, `0.01/s per peer` of each", .required = true},
        rate_scalar(arrivals));
  } else {
    arrivals.kind = Arrivals::Kind::periodic_per_peer;
    v.scalar({.name = "every", .about = "Instead of rate: each peer periodically, random phase", .required = true},
             time_scalar(arrivals.every, tick));
  }
}

void describe_arrivals(Visitor& v, Arrivals& arrivals) {
  static constexpr Way ways[] = {{rate_key}, {every_key}};
  v.ways(ways, arrivals_way(arrivals), true, [&](std::size_t way) { describe_arrivals_way(v, arrivals, way); });
}

void describe_item(Visitor& v, Churn& churn) {
  static constexpr Names departs[] = {"crash", "leave", "mixed"};
  describe_sessions(v, churn);
  v.scalar({.name = "depart", .about = "Vanish, say goodbye, or some of each"}, choice_scalar(churn.depart, departs));
  v.scalar({.name = "leave_ratio", .about = "With mixed: departures that say goodbye"},
           ratio_scalar(churn.leave_ratio));
  if (std::holds_alternative<SessionTrace>(churn.sessions)) return;  // It says all else.
  v.section(
      {.name = "replace", .about = "Who takes the place of a departed peer; exactly one of its keys"},
      [&] { describe_replacement(v, churn.replace); }, true);
  v.scalar({.name = "lasting_ratio", .about = "Peers of the start that never depart"},
           ratio_scalar(churn.lasting_ratio));
  describe_span(v, churn);
}

void describe_item(Visitor& v, Lookups& lookups) {
  static constexpr Names keys[] = {"uniform", "peers"};
  static constexpr Way ways[] = {{rate_key}, {every_key}, {trace_key}};
  v.ways(ways, lookups.trace.file.empty() ? arrivals_way(lookups.arrivals) : 2, true, [&](std::size_t way) {
    if (way < 2) return describe_arrivals_way(v, lookups.arrivals, way);
    describe_trace(v, lookups.trace, "Instead of rate: each lookup from a file, `at_s,peer,key` a line");
  });
  if (!lookups.trace.file.empty()) return;  // It says all else.
  v.scalar({.name = "keys", .about = "Random keys, or ids of live peers"}, choice_scalar(lookups.keys, keys));
  describe_span(v, lookups);
}

void describe_item(Visitor& v, Sends& sends) {
  static constexpr Names senders[] = {"honest", "any"}, receivers[] = {"honest", "any", "targets"};
  static constexpr Names cards[] = {"learned", "known"};
  // In the order of the enumerators.
  static constexpr Names strategies[] = {"cicada", "entries", "repair", "parallel_repair", "guards", "adaptive"};
  static_assert(std::size(strategies) == strategy_count && static_cast<int>(Strategy::cicada) == 0 &&
                static_cast<int>(Strategy::entries) == 1 && static_cast<int>(Strategy::repair) == 2 &&
                static_cast<int>(Strategy::parallel_repair) == 3 && static_cast<int>(Strategy::guards) == 4 &&
                static_cast<int>(Strategy::adaptive) == 5);
  describe_arrivals(v, sends.arrivals);
  v.scalar({.name = "size", .about = "Payload"}, bytes_scalar(sends.size_bytes, std::uint64_t{1} << 20));
  v.scalar({.name = "duplicates", .about = "Budget of work k: k + 1 times the links of one undisturbed way"},
           integer_scalar(sends.duplicates, 0, 64));
  v.scalar({.name = "strategy", .about = "How routes are chosen: see core/README.md"},
           choice_scalar(sends.strategy, strategies));
  v.scalar({.name = "cards", .about = "Contact cards of the targets: from earlier acknowledgements, or held already"},
           choice_scalar(sends.cards, cards));
  v.scalar({.name = "from", .about = "Who sends: honest peers, or anybody"}, choice_scalar(sends.from, senders));
  v.scalar({.name = "to", .about = "Whom they send to: honest peers, anybody, or the targets that adversaries chose"},
           choice_scalar(sends.to, receivers));
  describe_span(v, sends);
}

void describe_item(Visitor& v, Broadcasts& broadcasts) {
  describe_arrivals(v, broadcasts.arrivals);
  v.scalar({.name = "size", .about = "Payload"}, bytes_scalar(broadcasts.size_bytes, std::uint64_t{1} << 20));
  describe_span(v, broadcasts);
}

void describe_at(Visitor& v, Duration& at) {
  v.scalar({.name = "at", .about = "When", .required = true}, time_scalar(at));
}

void describe_for(Visitor& v, Duration& duration) {
  v.scalar({.name = "for", .about = "How long", .required = true}, time_scalar(duration, tick));
}

void describe_item(Visitor& v, PartitionFault& fault) {
  describe_at(v, fault.at);
  describe_for(v, fault.duration);
  v.scalar({.name = "split", .about = "Peers on the first side"}, open_ratio_scalar(fault.split_ratio));
  v.scalar({.name = "one_way", .about = "Only messages from the first side to the second are lost"},
           flag_scalar(fault.one_way));
}

void describe_item(Visitor& v, PauseFault& fault) {
  describe_at(v, fault.at);
  describe_for(v, fault.duration);
  v.scalar({.name = "ratio", .about = "Live peers that stand still"}, ratio_scalar(fault.ratio));
}

void describe_item(Visitor& v, CrashFault& fault) {
  static constexpr Names ratio[] = {"ratio"}, count[] = {"count"};
  static constexpr Way kinds[] = {{ratio}, {count}};
  describe_at(v, fault.at);
  v.ways(kinds, fault.count ? 1 : 0, true, [&](std::size_t kind) {
    if (kind == 0) {
      v.scalar({.name = "ratio", .about = "Live peers that crash", .required = true}, ratio_scalar(fault.ratio));
    } else {
      v.scalar({.name = "count", .about = "Instead of ratio: how many", .required = true},
               integer_scalar(fault.count, 1, 50'000'000));
    }
  });
  v.scalar({.name = "arc", .about = "Neighbours on the ring, not random peers"}, flag_scalar(fault.arc));
}

void describe_item(Visitor& v, LeaveFault& fault) {
  describe_at(v, fault.at);
  v.scalar({.name = "ratio", .about = "Live peers that leave"}, ratio_scalar(fault.ratio));
}

void describe_item(Visitor& v, JoinFault& fault) {
  describe_at(v, fault.at);
  v.scalar({.name = "count", .about = "New peers, beyond peers.count", .required = true},
           integer_scalar(fault.count, 1, 50'000'000));
  v.scalar({.name = "over", .about = "Spread uniformly over this time"}, time_scalar(fault.over));
}

void describe_item(Visitor& v, ClockFault& fault) {
  static constexpr Names offset[] = {"offset"}, step[] = {"step"}, drift[] = {"drift"}, suspend[] = {"suspend"};
  static constexpr Way kinds[] = {{offset}, {step}, {drift}, {suspend}};
  static constexpr Names directions[] = {"either", "ahead", "behind"};
  describe_at(v, fault.at);
  v.ways(kinds, static_cast<std::size_t>(fault.kind), true, [&](std::size_t kind) {
    fault.kind = static_cast<ClockFault::Kind>(kind);
    switch (fault.kind) {
      case ClockFault::Kind::offset:
        return v.scalar({.name = "offset", .about = "Each clock is wrong by 0 to this, evenly drawn", .required = true},
                        time_scalar(fault.amount, tick));
      case ClockFault::Kind::step:
        return v.scalar({.name = "step", .about = "Instead of offset: each clock jumps by this", .required = true},
                        time_scalar(fault.amount, tick));
      case ClockFault::Kind::drift:
        return v.scalar(
            {.name = "drift", .about = "Instead of offset: share of each second gained or lost", .required = true},
            ratio_scalar(fault.drift_ratio));
      case ClockFault::Kind::suspend:
        return v.scalar({.name = "suspend",
                         .about = "Instead of offset: the machine sleeps for so long, and its clock is right after it",
                         .required = true},
                        time_scalar(fault.amount, tick));
    }
  });
  v.scalar({.name = "ratio", .about = "Live peers whose clocks it concerns"}, ratio_scalar(fault.ratio));
  v.scalar({.name = "direction", .about = "Ahead of the true time, behind it, or drawn for each peer"},
           choice_scalar(fault.direction, directions));
  v.scalar({.name = "for", .about = "Then the clocks are right again", .default_text = "the end"},
           time_scalar(fault.duration, tick));
}

}  // namespace

void describe_any_distribution(Visitor& v, Distribution& distribution) {
  static constexpr Way shapes[] = {{fixed_key}, {exponential_key}, {weibull_key}, {pareto_key}};
  v.ways(shapes, static_cast<std::size_t>(distribution.kind), true,
         [&](std::size_t shape) { describe_distribution(v, distribution, shape); });
}

void describe_workloads(Visitor& v, std::vector<Workload>& workloads) {
  static constexpr Key kinds[] = {{.name = "churn", .about = "Peers come and go"},
                                  {.name = "lookups", .about = "Peers look keys up"},
                                  {.name = "sends", .about = "Peers send messages to random live peers"},
                                  {.name = "broadcasts", .about = "Peers send messages to everybody"}};
  static_assert(std::size(kinds) == std::variant_size_v<Workload>);
  v.items({.name = "workloads", .about = "What the peers do: a list of"}, kinds,
          item_list(workloads, 64, [&v](auto& item) { describe_item(v, item); }));
}

void describe_faults(Visitor& v, std::vector<Fault>& faults) {
  static constexpr Key kinds[] = {{.name = "partition", .about = "The network falls into two sides"},
                                  {.name = "pause", .about = "Peers stand still, then go on"},
                                  {.name = "crash", .about = "Many peers crash at once"},
                                  {.name = "leave", .about = "Many peers leave at once"},
                                  {.name = "join", .about = "Many peers join"},
                                  {.name = "clock", .about = "Clocks go wrong, or machines sleep"}};
  static_assert(std::size(kinds) == std::variant_size_v<Fault>);
  v.items({.name = "faults", .about = "What is done to the peers: a list of"}, kinds,
          item_list(faults, 1000, [&v](auto& item) { describe_item(v, item); }));
}

}  // namespace cicada::sim
