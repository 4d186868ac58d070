#include "explored_world.hpp"

#include <algorithm>
#include <bit>

#include <fmt/format.h>

#include "world/asserting_world.hpp"

namespace cicada::sim {
namespace {

/// How often a world must be found ideal, a round apart: nothing may happen any more.
constexpr unsigned calm_rounds = 2;

double seconds(TimePoint at) { return std::chrono::duration<double>(at.time_since_epoch()).count(); }

/// Peers are called by their small id, and a later life of one by its number behind a dot.
std::string name_of(const World& world, PeerIndex peer) {
  const unsigned bits = static_cast<unsigned>(std::bit_width(world.scenario().explore.ids - 1U));
  const std::uint64_t id = world.id(peer).prefix() >> (64 - bits);
  const std::uint32_t life = world.slot(peer).incarnation;
  return life == 0 ? std::to_string(id) : fmt::format("{}.{}", id, life);
}

std::string state_line(const World& world, PeerIndex peer) {
  const ChordNode& node = world.slot(peer).node.chord();
  std::string text = fmt::format("{}: predecessor {}, successors", name_of(world, peer),
                                 node.predecessor().exists() ? name_of(world, node.predecessor().index) : "none");
  for (const Peer& successor : node.successors())
    text += ' ' + (successor.exists() ? name_of(world, successor.index) : std::string("-"));
  return text;
}

std::vector<std::string> story_of(World& world, const Happenings& happenings) {
  struct Line {
    TimePoint at;
    std::string text;
  };
  std::vector<Line> lines;
  for (const Happening& happening : happenings.list())
    lines.push_back({happening.at, fmt::format("{} {}", to_string(happening.kind),
                                               happening.peer == no_peer ? "" : name_of(world, happening.peer))});
  for (const Violation& violation : world.checker()->violations())
    lines.push_back({violation.time, fmt::format("VIOLATION of {} at {} (event {})", to_string(violation.property),
                                                 name_of(world, violation.peer), violation.event)});
  std::ranges::stable_sort(lines, {}, &Line::at);
  std::vector<std::string> story;
  for (const Line& line : lines) story.push_back(fmt::format("{:.6f} s: {}", seconds(line.at), line.text));
  for (const PeerIndex member : world.members()) story.push_back("at the end " + state_line(world, member));
  return story;
}

}  // namespace

bool ExploredWorld::broken() const {
  return std::ranges::any_of(violations, [](std::uint64_t count) { return count > 0; });
}

bool ExploredWorld::ring_lost() const {
  return violates(Property::at_least_one_ring) || violates(Property::at_most_one_ring) ||
         violates(Property::ordered_ring) || violates(Property::connected_appendages);
}

unsigned settling_rounds(const Scenario& scenario) {
  // One round or a few until the newcomers of a gap know each other, r rounds that carry a change to the far ends of
  // the lists, and some for what is under way. In a million worlds with r = 2 none took more than 9.
  constexpr unsigned under_way = 8;
  return scenario.protocol.successors + static_cast<unsigned>(std::bit_width(scenario.explore.ids - 1U)) + under_way;
}

ExploredWorld explore_world(const Scenario& scenario, bool with_story) {
  Observer nobody;
  World world(scenario, nobody);
  const AssertingWorld context(world);
  const Explore& explore = scenario.explore;
  world.use_small_ids(static_cast<unsigned>(std::bit_width(explore.ids - 1U)));
  world.watch_answers();
  const bool too_few =
      std::ranges::find(scenario.protocol.flaws, Flaw::boot_below_minimum) != scenario.protocol.flaws.end();
  const std::size_t first_peers =
      too_few ? std::min<std::size_t>(scenario.peers.count, scenario.protocol.successors) : scenario.peers.count;
  world.start_ideal(first_peers);
  auto made = std::make_unique<Happenings>(scenario.seed, first_peers, explore.ids);
  Happenings& happenings = *made;
  happenings.schedule(world, world.add_process(std::move(made)), explore.events, scenario.duration);
  world.run_until(TimePoint(scenario.duration));
  happenings.end_joins(world);

  ExploredWorld outcome;
  unsigned calm = 0;
  while (calm < calm_rounds && outcome.rounds < settling_rounds(scenario) + calm_rounds) {
    world.run_until(world.now() + scenario.protocol.stabilize);
    ++outcome.rounds;
    calm = world.living() == world.members().size() && world.checker()->health().ideal ? calm + 1 : 0;
  }
  outcome.ideal = calm == calm_rounds;
  outcome.digest = world.digest();
  outcome.counters = world.counters();
  outcome.simulated = world.now().time_since_epoch();
  outcome.peers_end = world.members().size();
  for (std::size_t i = 0; i < property_count; ++i)
    outcome.violations[i] = world.checker()->count(static_cast<Property>(i));
  if (with_story) outcome.story = story_of(world, happenings);
  return outcome;
}

}  // namespace cicada::sim
