#include "selection.hpp"

#include <algorithm>

#include <cicada/sim/link_hash.hpp>

#include "world/world.hpp"

namespace cicada::sim {
namespace {

// Indices of streams of Purpose::adversary that belong to no peer.
constexpr std::uint32_t rank_stream = 0xfffffff0;
constexpr std::uint32_t target_stream = 0xfffffff1;
constexpr std::uint32_t arc_stream = 0xfffffff2;

/// All hosts below `count` in an order that the seed decides.
std::vector<std::uint32_t> ranking(std::uint64_t seed, std::uint32_t stream, std::size_t count) {
  const LinkHash hash(seed, Purpose::adversary, stream);
  std::vector<std::uint32_t> hosts(count);
  for (std::uint32_t host = 0; host < count; ++host) hosts[host] = host;
  std::ranges::sort(hosts, [&](std::uint32_t a, std::uint32_t b) {
    const std::uint64_t x = hash.of_peer(a), y = hash.of_peer(b);
    return x != y ? x < y : a < b;
  });
  return hosts;
}

std::size_t target_count_max(const Scenario& scenario) {
  std::uint64_t most = 0;
  for (const Adversary& adversary : scenario.adversaries) most = std::max(most, target_count(adversary));
  return static_cast<std::size_t>(most);
}

}  // namespace

Selection::Selection(const Scenario& scenario) : scenario_(scenario) {
  const auto count = static_cast<std::size_t>(scenario.peers.count);
  if (const std::size_t targets = target_count_max(scenario); targets > 0) {
    targets_ = ranking(scenario.seed, target_stream, count);
    targets_.resize(std::min(targets, targets_.size()));
    aimed_at_.resize(count);
    for (const std::uint32_t host : targets_) aimed_at_[host] = true;
  }
  ranked_ = ranking(scenario.seed, rank_stream, count);
  std::erase_if(ranked_, [&](std::uint32_t host) { return is_target(host); });
}

std::size_t Selection::wanted(const Attackers& who) const {
  if (who.count) return static_cast<std::size_t>(*who.count);
  return static_cast<std::size_t>(who.ratio.value_or(0) * static_cast<double>(scenario_.peers.count) + 0.5);
}

std::vector<EntryMask> Selection::choose(const World& world) {
  std::vector<EntryMask> masks(static_cast<std::size_t>(scenario_.peers.count), 0);
  arcs_.resize(scenario_.adversaries.size());
  for (std::size_t entry = 0; entry < scenario_.adversaries.size(); ++entry) {
    const Attackers& who = attackers_of(scenario_.adversaries[entry]);
    const auto hosts = [&]() -> std::vector<std::uint32_t> {
      switch (who.select) {
        case Select::random:
          return random_hosts(wanted(who));
        case Select::contiguous_arc:
          return arc_hosts(world, wanted(who), arcs_[entry]);
        case Select::near:
          return near_hosts(world, scenario_.adversaries[entry]);
        case Select::high_indegree:
          return popular_hosts(world, wanted(who));
      }
      return {};
    }();
    for (const std::uint32_t host : hosts) masks[host] |= EntryMask{1} << entry;
  }
  return masks;
}

EntryMask Selection::newcomer(std::uint32_t host, const Id& id) const {
  const double place = unit_interval(LinkHash(scenario_.seed, Purpose::adversary, rank_stream).of_peer(host));
  EntryMask mask = 0;
  for (std::size_t entry = 0; entry < scenario_.adversaries.size(); ++entry) {
    const Attackers& who = attackers_of(scenario_.adversaries[entry]);
    const double ratio = who.count ? static_cast<double>(*who.count) / static_cast<double>(scenario_.peers.count)
                                   : who.ratio.value_or(0);
    bool hostile = false;
    if (who.select == Select::random) hostile = place < ratio;
    if (who.select == Select::contiguous_arc && !arcs_[entry].empty)
      hostile = id - arcs_[entry].first <= arcs_[entry].last - arcs_[entry].first;
    if (hostile) mask |= EntryMask{1} << entry;
  }
  return mask;
}

std::vector<std::uint32_t> Selection::random_hosts(std::size_t count) const {
  return {ranked_.begin(), ranked_.begin() + static_cast<std::ptrdiff_t>(std::min(count, ranked_.size()))};
}

std::vector<std::uint32_t> Selection::arc_hosts(const World& world, std::size_t count, ArcOfIds& arc) const {
  std::vector<std::uint32_t> hosts;
  const RingTruth& ring = world.truth();
  Rng rng(scenario_.seed, Purpose::adversary, arc_stream);
  Peer at = ring.at_random(rng);
  for (std::size_t seen = 0; seen < ring.size() && hosts.size() < count; ++seen, at = ring.next(at)) {
    const std::uint32_t host = world.slot(at.index).host;
    if (host >= scenario_.peers.count || is_target(host)) continue;
    if (arc.empty) arc.first = world.id(at.index);
    arc.last = world.id(at.index);
    arc.empty = false;
    hosts.push_back(host);
  }
  return hosts;
}

std::vector<std::uint32_t> Selection::near_hosts(const World& world, const Adversary& adversary) const {
  using Eclipse = EclipseTargetAttack;
  const Attackers& who = attackers_of(adversary);
  const auto* eclipse = std::get_if<Eclipse>(&adversary);
  if (eclipse != nullptr && eclipse->form != Eclipse::Form::weak) return {};  // They bring peers of their own.
  std::vector<std::uint32_t> hosts;
  const RingTruth& ring = world.truth();
  std::vector<Peer> around(std::min<std::size_t>(ring.size(), who.neighbours + targets_.size()));
  for (std::size_t i = 0; i < std::min<std::size_t>(who.targets, targets_.size()); ++i) {
    const auto target = world.host_life(targets_[i]);
    if (!target) continue;
    for (const bool after : {true, false}) {
      if (eclipse != nullptr && eclipse->sides == (after ? Eclipse::Sides::before : Eclipse::Sides::after)) continue;
      const Peer peer{world.id(*target).prefix(), *target};
      const std::size_t found = after ? ring.successors(peer, around) : ring.predecessors(peer, around);
      std::uint32_t chosen = 0;
      for (std::size_t k = 0; k < found && chosen < who.neighbours; ++k) {
        const std::uint32_t host = world.slot(around[k].index).host;
        if (host >= scenario_.peers.count || is_target(host)) continue;
        hosts.push_back(host);
        ++chosen;
      }
    }
  }
  return hosts;
}

std::vector<std::uint32_t> Selection::popular_hosts(const World& world, std::size_t count) const {
  std::vector<std::uint32_t> named(static_cast<std::size_t>(scenario_.peers.count), 0);
  const auto tally = [&](std::span<const Peer> peers) {
    for (const Peer& peer : peers)
      if (peer.exists() && world.slot(peer.index).host < named.size()) ++named[world.slot(peer.index).host];
  };
  for (const PeerIndex member : world.members()) {
    const ChordNode& node = world.slot(member).node.chord();
    tally(node.successors());
    tally(node.predecessors());
    tally(node.fingers());
  }
  std::vector<std::uint32_t> hosts = ranked_;
  std::ranges::stable_sort(hosts, std::greater{}, [&](std::uint32_t host) { return named[host]; });
  hosts.resize(std::min(count, hosts.size()));
  return hosts;
}

}  // namespace cicada::sim
