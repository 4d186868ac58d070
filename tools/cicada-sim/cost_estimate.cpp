#include "cost_estimate.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <variant>

namespace cicada::tool {
namespace {

double seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

/// How often a periodic task runs, per second.
double frequency(std::optional<Duration> period) { return period ? 1 / seconds(*period) : 0; }

/// What a ring of `peers` makes of single acts, in events: every message is one, and so is every timer.
struct Acts {
  double hops = 0;    // Mean path length, (log2 N) / 2 (Stoica et al., ToN 2003, section IV-C).
  double lookup = 0;  // Forwarded and acknowledged hop by hop, then answered.
  double join = 0;    // A lookup, the lists, then a lookup for every distinct finger.
};

Acts acts_in(double peers) {
  Acts acts;
  acts.hops = std::log2(std::max(peers, 2.0)) / 2;
  acts.lookup = 2 * acts.hops + 1;
  acts.join = acts.lookup * (1 + 2 * acts.hops);
  return acts;
}

/// Events per second that one idle peer causes.
double upkeep(const sim::Protocol& protocol, const Acts& acts) {
  // Ask the successor, ask its predecessor, tell it, which pings in turn: four exchanges at most, and the timer.
  constexpr double stabilize_events = 7;
  constexpr double ping_events = 3;
  const double finger_events = 1 + acts.lookup + 2.0 * protocol.proximity;
  return frequency(protocol.stabilize) * stabilize_events + frequency(protocol.fix_fingers) * finger_events +
         frequency(protocol.check_predecessor) * ping_events;
}

/// Acts per second of all peers.
double rate_of(const sim::Arrivals& arrivals, double peers) {
  switch (arrivals.kind) {
    case sim::Arrivals::Kind::poisson_per_peer:
      return arrivals.per_s * peers;
    case sim::Arrivals::Kind::poisson_system:
      return arrivals.per_s;
    case sim::Arrivals::Kind::periodic_per_peer:
      return peers / seconds(arrivals.every);
  }
  return 0;
}

template <class Activity>
double active_s(const Activity& activity, double duration_s) {
  const double stop = activity.stop ? std::min(seconds(*activity.stop), duration_s) : duration_s;
  return std::max(0.0, stop - seconds(activity.start));
}

double events_of(const sim::Lookups& lookups, const Acts& acts, double peers, double duration_s) {
  return rate_of(lookups.arrivals, peers) * active_s(lookups, duration_s) * (1 + acts.lookup);
}

double events_of(const sim::Sends& sends, const Acts& acts, double peers, double duration_s) {
  // Each copy goes there hop by hop; the acknowledgement comes back.
  return rate_of(sends.arrivals, peers) * active_s(sends, duration_s) *
         (1 + (1.0 + sends.duplicates) * 2 * acts.lookup);
}

double events_of(const sim::Broadcasts& broadcasts, const Acts&, double peers, double duration_s) {
  // Each peer gets the payload once and about eight digests, and looks at its neighbours five times.
  constexpr double peer_events = 14;
  return rate_of(broadcasts.arrivals, peers) * active_s(broadcasts, duration_s) * (1 + peer_events * peers);
}

double events_of(const sim::Churn& churn, const Acts& acts, double peers, double duration_s) {
  double joins_per_s = 0;
  if (const auto* session = std::get_if<sim::Distribution>(&churn.sessions)) {
    joins_per_s =
        churn.replace.kind == sim::Replacement::Kind::never ? 0 : peers / std::max(seconds(session->value), 1e-3);
  } else if (const auto* poisson = std::get_if<sim::PoissonChurn>(&churn.sessions)) {
    joins_per_s = poisson->joins_per_s;
  }
  return joins_per_s * active_s(churn, duration_s) * acts.join;
}

/// Events per second of one core, measured: the state of many peers does not fit into caches.
double speed_at(double peers) {
  constexpr double small = 1e3, large = 1e6;
  constexpr double speed_small = 6e6, speed_large = 1e6;
  const double position = std::clamp(std::log(peers / small) / std::log(large / small), 0.0, 1.0);
  return speed_small * std::pow(speed_large / speed_small, position);
}

}  // namespace

CostEstimate estimate_cost(const sim::Scenario& scenario) {
  constexpr double program_bytes = 7e6;
  constexpr double peer_bytes = 1536;
  if (scenario.explore.worlds > 0) {
    // Measured: about 25 events for each happening, half of them in the quiet at the end, and the checker after each.
    constexpr double events_per_happening = 25, events_per_s = 2e6;
    const auto worlds = static_cast<double>(scenario.explore.worlds);
    CostEstimate estimate;
    estimate.peers_max = scenario.explore.ids;
    estimate.events = worlds * events_per_happening * std::max(1U, scenario.explore.events);
    estimate.memory_bytes = program_bytes;
    estimate.wall_s = estimate.events / events_per_s;
    return estimate;
  }
  const double duration_s = seconds(scenario.duration);
  const auto first_peers = static_cast<double>(scenario.peers.count);

  CostEstimate estimate;
  double crowd = 0;
  for (const sim::Fault& fault : scenario.faults) {
    if (const auto* join = std::get_if<sim::JoinFault>(&fault)) crowd += static_cast<double>(join->count);
  }
  estimate.peers_max = first_peers + crowd;
  const Acts acts = acts_in(estimate.peers_max);
  const double born = scenario.peers.join.kind == sim::Join::Kind::ideal ? 0 : first_peers;
  estimate.events = duration_s * estimate.peers_max * upkeep(scenario.protocol, acts) + (born + crowd) * acts.join;
  for (const sim::Workload& workload : scenario.workloads) {
    estimate.events +=
        std::visit([&](const auto& work) { return events_of(work, acts, estimate.peers_max, duration_s); }, workload);
  }
  estimate.memory_bytes = program_bytes + estimate.peers_max * peer_bytes;
  estimate.wall_s = estimate.events / speed_at(estimate.peers_max);
  return estimate;
}

}  // namespace cicada::tool
