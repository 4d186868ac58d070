#include "scenario_story.hpp"

#include <fmt/core.h>

#include <variant>

#include <cicada/sim/latency_model.hpp>
#include <cicada/sim/report_text.hpp>
#include <cicada/sim/sweep.hpp>
#include <cicada/sim/units.hpp>

#include "activity_story.hpp"
#include "adversary_story.hpp"

namespace cicada::tool {
namespace {

std::string time(Duration duration) { return sim::format_duration(duration); }
std::string share(double ratio) { return sim::format_ratio(ratio); }
std::string count(double number) { return sim::report::format_count(number); }

std::string peers_story(const sim::Scenario& scenario) {
  const auto base = static_cast<double>(scenario.protocol.successors) + 1;
  const std::string peers = count(static_cast<double>(scenario.peers.count));
  switch (scenario.peers.join.kind) {
    case sim::Join::Kind::ideal:
      return fmt::format("{} peers stand in a converged ring at t=0; its birth is not simulated.", peers);
    case sim::Join::Kind::over:
      return fmt::format("{} peers are a ring at t=0; others join, uniformly over {}, until there are {}.", count(base),
                         time(scenario.peers.join.over), peers);
    case sim::Join::Kind::at_once:
      return fmt::format("{} peers are a ring at t=0, and all others, up to {}, begin to join at that moment.",
                         count(base), peers);
  }
  return {};
}

std::string describe(const sim::ConstantLinks&) { return "Every pair of peers has the same latency"; }
std::string describe(const sim::UniformLinks& links) {
  return fmt::format("Latency is uniform from {} to {}, drawn for each {}", time(links.min), time(links.max),
                     links.per == sim::UniformLinks::Per::pair ? "pair of peers" : "message");
}
std::string describe(const sim::LognormalLinks&) { return "Latency between pairs of peers is log-normal"; }
std::string describe(const sim::EuclideanLinks& links) {
  return fmt::format("Peers are points in a cube of {} dimensions, and latency is their distance", links.dimensions);
}
std::string describe(const sim::RegionLinks& links) {
  return fmt::format("Peers live in {} regions, and latency is that between regions", links.names.size());
}
std::string describe(const sim::TransitStubLinks& links) {
  const double transit = static_cast<double>(links.transit_domains) * links.transit_nodes;
  const double routers = transit * (1 + static_cast<double>(links.stubs_per_transit) * links.stub_nodes);
  return fmt::format("Peers sit at stub routers of a transit-stub graph of {} routers", count(routers));
}
std::string describe(const sim::ExponentialLinks& links) {
  return fmt::format("Each message draws an exponential latency with a mean of {}", time(links.mean));
}
std::string describe(const sim::GraphLinks& links) {
  return fmt::format("Peers sit at the routers of the graph in {}", links.file.string());
}
std::string describe(const sim::MatrixLinks& links) {
  return fmt::format("Peers sit at the hosts of the measured matrix in {}", links.file.string());
}

std::string links_story(const sim::Scenario& scenario) {
  const sim::Links& links = scenario.links;
  std::string story = std::visit([](const auto& model) { return describe(model); }, links.model);
  if (const auto model = sim::make_latency_model(links.model, scenario.seed)) {
    const double typical_ms = std::chrono::duration<double, std::milli>((*model)->typical()).count();
    story +=
        fmt::format("; typically {} one way", sim::report::format_figure(typical_ms, sim::report::Unit::milliseconds));
  }
  story += '.';
  if (links.jitter_ratio > 0)
    story += fmt::format(" It varies by {} from message to message.", share(links.jitter_ratio));
  story += links.loss_ratio > 0 ? fmt::format(" {} of the messages are lost.", share(links.loss_ratio))
                                : " No message is lost.";
  if (links.duplicate_ratio > 0) story += fmt::format(" {} arrive twice.", share(links.duplicate_ratio));
  if (links.reorder.ratio > 0) {
    story += fmt::format(" {} are held back by {}.", share(links.reorder.ratio), time(links.reorder.delay));
  }
  if (links.setup_rtts > 0) story += fmt::format(" A new link costs {} round trips first.", links.setup_rtts);
  story += links.death == sim::Death::silent ? " A dead peer shows only by time-outs."
                                             : " The links of a dead peer are reset at once.";
  if (links.cut_pairs_ratio > 0) story += fmt::format(" {} of all pairs can never talk.", share(links.cut_pairs_ratio));
  return story;
}

std::string protocol_story(const sim::Protocol& protocol) {
  std::string story = fmt::format(
      "{} with successor lists of {}, stabilised every {}; {} lookups.",
      protocol.rules == sim::Rules::corrected ? "The corrected Chord" : "The Chord of 2001, with its known mistakes,",
      protocol.successors, time(protocol.stabilize),
      protocol.lookup == LookupMode::recursive ? "recursive" : "iterative");
  story += protocol.fix_fingers ? fmt::format(" A finger is repaired every {}", time(*protocol.fix_fingers))
                                : std::string(" Fingers are never repaired");
  story += protocol.proximity > 0 ? fmt::format(", the nearest of up to {} candidates.", protocol.proximity + 1)
                                  : std::string(".");
  if (!protocol.flaws.empty())
    story += fmt::format(" {} mistakes are planted to test the checker.", protocol.flaws.size());
  if (protocol.wire == sim::Wire::encoded) story += " Every message goes through the wire codec.";
  return story;
}

/// What is asked of the links that live honest peers have.
std::string ceiling_story(const sim::Scenario& scenario) {
  const std::uint64_t every = sim::ceiling_every(scenario), paths = sim::disjoint_samples(scenario);
  if (every == 0) return scenario.adversaries.empty() ? "" : " The ceiling is not measured.";
  std::string story = fmt::format(" For {} it is asked whether a clean path existed when it was sent",
                                  every == 1 ? "each message" : "one message in " + count(static_cast<double>(every)));
  if (paths > 0)
    story += fmt::format(", and for {} of them how many that share no peer", count(static_cast<double>(paths)));
  return story + ".";
}

std::string measure_story(const sim::Scenario& scenario) {
  const sim::Measure& measure = scenario.measure;
  std::string story = fmt::format("{} are simulated with seed {}; a sample is taken every {}", time(scenario.duration),
                                  scenario.seed, time(measure.sample));
  if (measure.warmup > Duration::zero())
    story += fmt::format(", and what happens before {} does not count", time(measure.warmup));
  switch (measure.check) {
    case sim::Check::automatic:
      story += ". The ring is checked after every event in a small world, else as it changes.";
      break;
    case sim::Check::every_event:
      story += ". The whole ring is checked after every event.";
      break;
    case sim::Check::incremental:
      story += ". The ring is checked as it changes, as a whole every " + time(measure.full_check_every) + ".";
      break;
    case sim::Check::off:
      story += ". The ring is not checked.";
      break;
  }
  return story + ceiling_story(scenario);
}

std::string sweep_story(const sim::Scenario& scenario) {
  std::string story =
      fmt::format("`cicada-sim sweep` makes {} runs", count(static_cast<double>(sim::sweep_size(scenario))));
  for (const sim::SweepAxis& axis : scenario.sweep.axes) {
    story += fmt::format(", {} values of {}", axis.values.size(), axis.key);
  }
  return story + fmt::format(", {} seed{} each.", scenario.sweep.seeds, scenario.sweep.seeds == 1 ? "" : "s");
}

}  // namespace

std::vector<std::pair<std::string, std::string>> scenario_story(const sim::Scenario& scenario) {
  std::vector<std::pair<std::string, std::string>> story;
  if (scenario.explore.worlds > 0) {
    story.emplace_back(
        "Worlds",
        fmt::format("{} small worlds with consecutive seeds, each with {} ids. {} times within {} a peer joins, "
                    "comes back, crashes or leaves, where that keeps the operating assumptions of the proof; "
                    "then the ring must become ideal.",
                    count(static_cast<double>(scenario.explore.worlds)), scenario.explore.ids, scenario.explore.events,
                    time(scenario.duration)));
  }
  story.emplace_back("Peers", peers_story(scenario));
  story.emplace_back("Links", links_story(scenario));
  story.emplace_back("Protocol", protocol_story(scenario.protocol));
  for (const sim::Workload& workload : scenario.workloads) story.emplace_back("Workload", workload_story(workload));
  for (const sim::Adversary& adversary : scenario.adversaries)
    story.emplace_back("Adversary", adversary_story(adversary));
  for (const sim::Fault& fault : scenario.faults) story.emplace_back("Fault", fault_story(fault));
  story.emplace_back("Measures", measure_story(scenario));
  if (!scenario.sweep.axes.empty() || scenario.sweep.seeds > 1) story.emplace_back("Sweep", sweep_story(scenario));
  return story;
}

}  // namespace cicada::tool
