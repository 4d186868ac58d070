#include "safe_failures.hpp"

#include <algorithm>

#include <cicada/id.hpp>

namespace cicada::sim {

SafeFailures::SafeFailures(const World& world) : world_(world) {
  const auto peer_of = [&](PeerIndex index) { return Peer(world.id(index).prefix(), index); };
  for (const PeerIndex member : world.members())
    add_line(peer_of(member), {}, world.slot(member).node.chord().successors());
  for (PeerIndex peer = 0; peer < world.lives(); ++peer) {
    const PeerSlot& slot = world.slot(peer);
    if (slot.alive && !slot.member) add_line(peer_of(peer), {}, slot.node.chord().join_candidates());
  }
  world.for_each_answer_under_way([&](PeerIndex from, PeerIndex to, const State& state) {
    if (state.side != Side::successors || state.unchanged || !world.slot(to).alive) return;
    const Peer sender = peer_of(from);
    const std::span<const Peer> candidates = world.slot(to).node.chord().join_candidates();
    // A joining peer asks its predecessor first, which does not become an entry of its list.
    const bool taken = world.slot(to).member || std::ranges::find(candidates, sender) != candidates.end();
    if (taken) return add_line(peer_of(to), std::span(&sender, 1), state.list.view());
    PeerList others;
    for (const Peer& peer : state.list)
      if (world.id(peer.index) != world.id(to)) others.push_back(peer);
    // Where the newcomer belongs farther on, it asks there.
    const bool here =
        !state.list.empty() && Arc::left_open(world.id(from), world.id(state.list[0].index)).contains(world.id(to));
    if (here) add_line(peer_of(to), {}, others.view());
  });
  find_principals();
}

void SafeFailures::add_line(const Peer& owner, std::span<const Peer> first, std::span<const Peer> rest) {
  Line line{owner.index, {}, {}};
  const std::size_t r = world_.scenario().protocol.successors;
  const Id& own = world_.id(owner.index);
  std::size_t entries = 0;
  Id last = own;
  for (const std::span<const Peer> part : {first, rest}) {
    for (const Peer& peer : part) {
      if (!peer.exists() || !Arc::open(last, own).contains(world_.id(peer.index)) || entries++ == r) break;
      last = world_.id(peer.index);
      line.all.push_back(peer);
      if (world_.slot(peer.index).member) line.live.push_back(peer);
    }
  }
  lines_.push_back(std::move(line));
}

/// Does the owner's list skip the member, now or when its owner has dropped some of its dead entries?
bool SafeFailures::skips(const Line& line, PeerIndex member) const {
  const Id& id = world_.id(member);
  const auto around = [&](const Id& from, const Id& to) { return from != to && Arc::open(from, to).contains(id); };
  for (std::size_t last = 0; last < line.all.size(); ++last) {
    const Id& to = world_.id(line.all[last].index);
    std::size_t first = last;  // Entries from here up to `last` may be gone.
    for (; first > 0 && !world_.slot(line.all[first - 1].index).member; --first)
      if (around(world_.id(line.all[first - 1].index), to)) return true;
    if (around(first > 0 ? world_.id(line.all[first - 1].index) : world_.id(line.owner), to)) return true;
  }
  return false;
}

void SafeFailures::find_principals() {
  for (const PeerIndex member : world_.members()) {
    const auto skipped = [&](const Line& line) { return line.owner != member && skips(line, member); };
    if (std::ranges::none_of(lines_, skipped)) principals_.push_back(member);
  }
}

bool SafeFailures::may_fail(PeerIndex member) const {
  const std::size_t required = world_.scenario().protocol.successors + std::size_t{1};
  if (principals_.size() <= required && std::ranges::find(principals_, member) != principals_.end()) return false;
  return std::ranges::none_of(lines_, [&](const Line& line) {
    return line.owner != member && !line.live.empty() &&
           std::ranges::all_of(line.live, [&](const Peer& peer) { return peer.index == member; });
  });
}

}  // namespace cicada::sim
