// Who lives in the world: births, joins, deaths, and the converged ring that a scenario may start from.

#include <algorithm>
#include <utility>

#include <cicada/assert.hpp>

#include "adversaries/adversaries.hpp"
#include "world.hpp"
#include "world_config.hpp"

namespace cicada::sim {
namespace {

constexpr std::size_t bootstrap_peers = 3;  // Members that a newcomer is told of.

}  // namespace

/// What the scenario names; else a stand-in for the hash of an address or a key: uniform, and another one in every run.
Id World::id_of_host(std::uint32_t host) const {
  if (host < listed_ids_.size()) return listed_ids_[host];
  Rng rng(seed(), Purpose::identity, host);
  return Id{{rng.next(), rng.next(), rng.next(), rng.next()}};
}

Id World::draw_id(std::uint32_t host) {
  if (id_bits_ >= Id::bits) return id_of_host(host);
  Rng rng(seed(), Purpose::identity, host);
  // Small worlds: distinct ids among 2^bits, at even distances.
  CICADA_ASSERT(small_ids_.size() < (std::size_t{1} << id_bits_));
  std::uint64_t id = host < first_ids_.size() ? first_ids_[host] : rng.below(std::uint64_t{1} << id_bits_);
  while (small_ids_.contains(id)) id = (id + 1) & ((std::uint64_t{1} << id_bits_) - 1);
  small_ids_.emplace(id, host);
  return Id::from_prefix(id << (64 - id_bits_));
}

PeerIndex World::make_peer(std::optional<std::uint32_t> host, const Id* chosen) {
  const std::uint32_t at = host.value_or(static_cast<std::uint32_t>(last_life_.size()));
  if (at >= last_life_.size()) last_life_.resize(std::size_t{at} + 1, no_peer);
  const PeerIndex before = last_life_[at];
  const auto peer = static_cast<PeerIndex>(peers_.size());
  const Id slot_id = before != no_peer ? peers_.id(before) : chosen != nullptr ? *chosen : draw_id(at);
  PeerSlot& slot = peers_.add(slot_id);
  slot.host = at;
  slot.incarnation = before == no_peer ? 0 : peers_[before].incarnation + 1;
  last_life_[at] = peer;
  if (sends_ && before == no_peer) hosts_by_prefix_.emplace(slot_id.prefix(), at);
  return peer;
}

void World::start_node(PeerIndex peer) {
  PeerSlot& slot = peers_[peer];
  std::construct_at(&slot.node, config_, peers_.peer(peer), peers_.id(peer), Rng(seed(), Purpose::node, peer));
  slot.alive = true;
  ++living_;
  if (adversaries_ != nullptr) adversaries_->on_birth(peer);
}

std::optional<PeerIndex> World::spawn(std::optional<std::uint32_t> host, const Id* chosen) {
  if (members_.empty()) return std::nullopt;
  std::vector<Peer> bootstrap;
  for (std::size_t i = 0; i < bootstrap_peers; ++i) bootstrap.push_back(peers_.peer(random_member(arrivals_)));
  return spawn_through(bootstrap, host, chosen);
}

PeerIndex World::spawn_through(std::span<const Peer> bootstrap, std::optional<std::uint32_t> host, const Id* chosen) {
  const PeerIndex peer = make_peer(host, chosen);
  start_node(peer);
  step(peer, [&](SwarmNode& node) {
    if (bootstrap.empty()) return node.chord().start_alone(environment_);
    node.chord().join(environment_, bootstrap);
  });
  return peer;
}

void World::enter(PeerIndex peer) {
  PeerSlot& slot = peers_[peer];
  count_members();
  slot.member = true;
  slot.member_since_ns = environment_.now.time_since_epoch().count();
  slot.member_position = static_cast<std::uint32_t>(members_.size());
  members_.push_back(peer);
  truth_.insert(peers_.id(peer), peer);
  ++counters_.joined;
  for (const auto& process : processes_) process->on_member(*this, peer);
}

void World::withdraw(PeerIndex peer) {
  PeerSlot& slot = peers_[peer];
  if (!slot.member) return;
  count_members();
  slot.member = false;
  members_[slot.member_position] = members_.back();
  peers_[members_.back()].member_position = slot.member_position;
  members_.pop_back();
  truth_.erase(peers_.id(peer), peer);
  const std::int64_t now = environment_.now.time_since_epoch().count();
  past_members_.push_back({slot.member_since_ns, now, peer});
  const Duration memory = scenario_.protocol.lookup_timeout * (2 + scenario_.protocol.lookup_retries);
  while (past_members_.front().to_ns < now - memory.count()) past_members_.pop_front();
}

void World::count_members() {
  member_seconds_ = member_seconds();
  members_since_ = environment_.now;
}

bool World::owned_since(PeerIndex owner, const Id& key, TimePoint since) const {
  const Peer current = truth_.empty() ? Peer{} : truth_.successor_of(key);
  if (current.index == owner) return true;
  // The last instant at which it was a member, and no present member lay between the key and it.
  const auto now = environment_.now.time_since_epoch().count();
  std::int64_t from = -1;
  std::int64_t instant = now;
  if (peers_[owner].member) from = peers_[owner].member_since_ns;
  for (const PastMember& past : past_members_) {
    if (past.peer != owner) continue;
    from = past.from_ns;
    instant = past.to_ns;
  }
  if (from < 0) return false;
  const Id distance = peers_.id(owner) - key;
  Peer between = current;
  for (std::size_t i = 0; i < truth_.size() && peers_.id(between.index) - key < distance; ++i) {
    instant = std::min(instant, peers_[between.index].member_since_ns);
    between = truth_.next(between);
  }
  // Before that instant, others that are gone by now may have lain between them.
  for (auto past = past_members_.rbegin(); past != past_members_.rend() && past->to_ns > instant; ++past)
    if (past->peer != owner && past->from_ns < instant && peers_.id(past->peer) - key < distance)
      instant = past->from_ns;
  return instant > from && instant > since.time_since_epoch().count();
}

void World::kill(std::span<const PeerIndex> peers) {
  for (const PeerIndex peer : peers)
    if (peers_[peer].alive) remove(peer, Departure::crash);
  check_after_deaths(peers);
}

bool World::leave(PeerIndex peer) {
  PeerSlot& slot = peers_[peer];
  if (!slot.alive) return true;
  begin_step(peer);
  if (!slot.node.chord().leave(environment_)) return false;
  remove(peer, Departure::leave);
  check_after_deaths(std::span(&peer, 1));
  return true;
}

void World::remove(PeerIndex peer, Departure how) {
  PeerSlot& slot = peers_[peer];
  slot.alive = false;
  slot.node.~SwarmNode();
  if (watch_steps_) note_step(peer);
  if (slot.hostile) adversaries_->on_death(peer);
  --living_;
  paused_.erase(peer);
  asleep_.erase(peer);
  fold(peer);
  withdraw(peer);
  ++(how == Departure::crash ? counters_.crashed : counters_.left);
  if (!track_links_) return;
  for (const PeerIndex other : link_table_.close_all(peer))
    if (scenario_.links.death == Death::reset && peers_[other].alive)
      notify_down(other, peer, links_.base(peer, other));
}

void World::check_after_deaths(std::span<const PeerIndex> dead) {
  if (!checker_) return;
  for (const PeerIndex peer : dead) checker_->on_death(peer, environment_.now, counters_.events);
  if (check_every_event_) checker_->check_all(environment_.now, counters_.events);
}

void World::start_ideal(std::size_t count, std::span<const Id> further) {
  std::vector<Peer> ring;
  ring.reserve(peers_.size() + count);
  peers_.reserve(count);
  members_.reserve(count);
  for (std::size_t i = 0; i < count; ++i) ring.push_back(peers_.peer(make_peer(std::nullopt)));
  for (const Id& id : further) ring.push_back(peers_.peer(make_peer(std::nullopt, &id)));
  std::ranges::sort(ring, [&](const Peer& a, const Peer& b) {
    return a.prefix() != b.prefix() ? a.prefix() < b.prefix() : peers_.id(a.index) < peers_.id(b.index);
  });
  truth_.assign(ring);
  const std::size_t r = scenario_.protocol.successors;
  const std::size_t n = ring.size();
  for (std::size_t i = 0; i < n; ++i) {
    PeerList successors, predecessors;
    for (std::size_t k = 1; k <= std::min(r, n - 1); ++k) {
      successors.push_back(ring[(i + k) % n]);
      predecessors.push_back(ring[(i + n - k) % n]);
    }
    const PeerIndex peer = ring[i].index;
    start_node(peer);
    begin_step(peer);
    PeerSlot& slot = peers_[peer];
    slot.node.chord().start_in_ring(environment_, successors.view(), predecessors.view());
    slot.checked_version = slot.node.chord().version();
    slot.member = true;
    slot.member_position = static_cast<std::uint32_t>(members_.size());
    members_.push_back(peer);
  }
  // Fingers level by level: their starts go once around the ring in step with their owners.
  for (unsigned level = 0; level < 64; ++level) {
    std::size_t at = 0;  // Counted on beyond n, so that it never falls behind i.
    bool any = false;
    for (std::size_t i = 0; i < n; ++i) {
      ChordNode& node = peers_[ring[i].index].node.chord();
      if (level >= node.finger_levels()) continue;
      any = true;
      const std::uint64_t start = node.finger_start(level).prefix();
      const std::uint64_t own = ring[i].prefix();
      at = std::max(at, i + 1);
      // The first peer at or after the start; whoever is nearer to the own id than the start lies before it.
      while (at < i + n && ring[at % n].prefix() - own < start - own) ++at;
      if (at == i + n) continue;
      Peer best = ring[at % n];
      const std::uint64_t width = std::uint64_t{1} << (63 - level);
      for (std::size_t k = 1; k <= scenario_.protocol.proximity; ++k) {
        const Peer& other = ring[(at + k) % n];
        if (other.prefix() - start >= width || ring[at % n].prefix() - start >= width) break;
        if (links_.base_rtt(ring[i].index, other.index) < links_.base_rtt(ring[i].index, best.index)) best = other;
      }
      node.set_finger(level, best);
    }
    if (!any) break;
  }
  if (has_sends(scenario_)) vouch_for_links(ring);
  if (checker_) checker_->check_all(TimePoint{}, 0);
}

/// In a ring that has stood for long, peers know who holds links to them, have their guards, and their contact cards
/// are with those who keep them.
void World::vouch_for_links(std::span<const Peer> ring) {
  Rng rng(seed(), Purpose::identity, 0xfffffffe);
  for (const Peer& peer : ring) {
    SwarmNode& node = peers_[peer.index].node;
    for (const Peer& finger : node.chord().fingers())
      if (finger.exists()) peers_[finger.index].node.add_link(peer, environment_.now);
    begin_step(peer.index);
    for (unsigned i = 0; i < config_.guards; ++i) {
      const Peer guard = truth_.successor_of(Id{{rng.next(), rng.next(), rng.next(), rng.next()}});
      if (guard == peer) continue;
      node.add_guard(environment_, guard);
      peers_[guard.index].node.add_ward(peer, environment_.now);
    }
    if (const auto card = node.card_as_published(environment_)) vouch_for_card(card);
  }
}

void World::vouch_for_card(const std::shared_ptr<const ContactCard>& card) {
  for (const Id& place : card_places_of(card->owner)) {
    const Peer owner = truth_.successor_of(place);
    std::vector<Peer> after(std::min<std::size_t>(config_.card_keepers, truth_.size()) - 1);
    std::vector<Peer> before(after.size() + 1);
    after.resize(truth_.successors(owner, after));
    before.resize(truth_.predecessors(owner, before));
    std::vector<Peer> peers{owner};
    for (const auto& list : {after, before})
      for (const Peer& peer : list)
        if (std::ranges::find(peers, peer) == peers.end()) peers.push_back(peer);
    std::ranges::stable_sort(peers, {}, [&](const Peer& peer) {
      return std::min(peer.prefix() - place.prefix(), place.prefix() - peer.prefix());
    });
    for (const Peer& keeper : std::span(peers).first(std::min<std::size_t>(config_.card_keepers, peers.size())))
      peers_[keeper.index].node.add_kept_card(card, place);
  }
}

}  // namespace cicada::sim
