#include "selection.hpp"

#include <algorithm>
#include <iterator>

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
  return static_cast<std::size_t>(wanted_hosts(who, scenario_.peers.count));
}

bool Selection::free(std::uint32_t host, const Attackers& who) const {
  return host < taken_.size() && !is_target(host) && (who.overlay || !taken_[host]);
}

std::vector<EntryMask> Selection::choose(const World& world) {
  const std::vector<Adversary>& entries = scenario_.adversaries;
  std::vector<EntryMask> masks(static_cast<std::size_t>(scenario_.peers.count), 0);
  arcs_.assign(entries.size(), {});
  taken_.assign(masks.size(), false);
  arc_share_ = 0;
  Rng arc_rng(scenario_.seed, Purpose::adversary, arc_stream);
  // Who has a place in the ring can't give way to others; the random ones can.
  for (const Select select : {Select::near, Select::high_indegree, Select::contiguous_arc, Select::random}) {
    for (std::size_t entry = 0; entry < entries.size(); ++entry) {
      const Attackers& who = attackers_of(entries[entry]);
      if (who.select != select) continue;
      const std::vector<std::uint32_t> hosts = hosts_of(world, entry, arc_rng);
      for (const std::uint32_t host : hosts) {
        masks[host] |= EntryMask{1} << entry;
        if (!who.overlay) taken_[host] = true;
      }
      if (select == Select::contiguous_arc && !who.overlay)
        arc_share_ += static_cast<double>(hosts.size()) / static_cast<double>(masks.size());
    }
  }
  return masks;
}

std::vector<std::uint32_t> Selection::hosts_of(const World& world, std::size_t entry, Rng& arc_rng) {
  const Adversary& adversary = scenario_.adversaries[entry];
  const Attackers& who = attackers_of(adversary);
  switch (who.select) {
    case Select::random:
      return random_hosts(who);
    case Select::contiguous_arc: {
      Rng first_rng(scenario_.seed, Purpose::adversary, arc_stream);
      return arc_hosts(world, who, who.overlay ? first_rng : arc_rng, arcs_[entry]);
    }
    case Select::near:
      return near_hosts(world, adversary);
    case Select::high_indegree:
      return popular_hosts(world, who);
  }
  return {};
}

EntryMask Selection::newcomer(std::uint32_t host, const Id& id) const {
  const std::vector<Adversary>& entries = scenario_.adversaries;
  const double place = unit_interval(LinkHash(scenario_.seed, Purpose::adversary, rank_stream).of_peer(host));
  EntryMask mask = 0;
  bool taken = false;
  for (std::size_t entry = 0; entry < entries.size(); ++entry) {
    const ArcOfIds& arc = arcs_[entry];
    const bool overlay = attackers_of(entries[entry]).overlay;
    if (arc.empty || (taken && !overlay) || id - arc.first > arc.last - arc.first) continue;
    mask |= EntryMask{1} << entry;
    taken = taken || !overlay;
  }
  // Outside of the arcs the random entries have a larger share, so that it is what they ask for in all.
  const double larger = arc_share_ < 1 ? 1 / (1 - arc_share_) : 0;
  double begin = 0;
  for (std::size_t entry = 0; entry < entries.size(); ++entry) {
    const Attackers& who = attackers_of(entries[entry]);
    if (who.select != Select::random) continue;
    const double ratio = static_cast<double>(wanted(who)) / static_cast<double>(scenario_.peers.count);
    const double end = who.overlay ? ratio : begin + ratio * larger;
    const bool hostile = who.overlay ? place < end : !taken && place >= begin && place < end;
    if (hostile) mask |= EntryMask{1} << entry;
    if (!who.overlay) begin = end;
  }
  return mask;
}

std::vector<std::uint32_t> Selection::random_hosts(const Attackers& who) const {
  std::vector<std::uint32_t> hosts;
  const std::size_t count = wanted(who);
  for (const std::uint32_t host : ranked_) {
    if (hosts.size() == count) break;
    if (free(host, who)) hosts.push_back(host);
  }
  return hosts;
}

std::vector<std::uint32_t> Selection::arc_hosts(const World& world, const Attackers& who, Rng& rng,
                                                ArcOfIds& arc) const {
  std::vector<std::uint32_t> hosts;
  const RingTruth& ring = world.truth();
  Peer at = ring.at_random(rng);
  for (std::size_t seen = 0; seen < ring.size() && hosts.size() < wanted(who); ++seen, at = ring.next(at)) {
    const std::uint32_t host = world.slot(at.index).host;
    if (!free(host, who)) continue;
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
  const std::size_t skipped = targets_.size() + static_cast<std::size_t>(std::ranges::count(taken_, true));
  std::vector<Peer> around(std::min(ring.size(), who.neighbours + skipped));
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
        if (!free(host, who)) continue;
        hosts.push_back(host);
        ++chosen;
      }
    }
  }
  return hosts;
}

std::vector<std::uint32_t> Selection::popular_hosts(const World& world, const Attackers& who) const {
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
  std::vector<std::uint32_t> hosts;
  std::ranges::copy_if(ranked_, std::back_inserter(hosts), [&](std::uint32_t host) { return free(host, who); });
  std::ranges::stable_sort(hosts, std::greater{}, [&](std::uint32_t host) { return named[host]; });
  hosts.resize(std::min(wanted(who), hosts.size()));
  return hosts;
}

}  // namespace cicada::sim
