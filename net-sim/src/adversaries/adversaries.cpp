#include "adversaries.hpp"

#include <utility>

#include "message_kinds.hpp"

namespace cicada::sim {

Adversaries::Adversaries(World& world) : world_(world), selection_(world.scenario()) {
  for (const Adversary& adversary : world.scenario().adversaries) {
    const Attackers& who = attackers_of(adversary);
    entries_.push_back(
        {make_behaviour(adversary), TimePoint(who.start), TimePoint(who.stop.value_or(Duration::max()))});
  }
}

void Adversaries::begin(std::size_t self) {
  self_ = self;
  begun_ = true;
  const std::vector<EntryMask> masks = selection_.choose(world_);
  for (std::uint32_t host = 0; host < masks.size(); ++host) {
    if (masks[host] != 0) hosts_.emplace(host, masks[host]);
    if (const auto peer = world_.host_life(host)) enlist(*peer, masks[host]);
  }
  for (const PeerIndex target : targets()) world_.slot(target).lasting = true;
}

void Adversaries::enlist(PeerIndex peer, EntryMask entries) {
  if (entries == 0 || !world_.slot(peer).alive) return;
  world_.slot(peer).hostile = true;
  hostile_.insert_or_assign(peer, Hostile{entries, Rng(world_.seed(), Purpose::adversary, peer)});
}

void Adversaries::on_birth(PeerIndex peer) {
  if (!begun_) return;
  const std::uint32_t host = world_.slot(peer).host;
  auto known = hosts_.find(host);
  if (known == hosts_.end() && host >= world_.scenario().peers.count && world_.slot(peer).incarnation == 0) {
    const EntryMask entries = selection_.newcomer(host, world_.id(peer));
    if (entries != 0) known = hosts_.emplace(host, entries).first;
  }
  if (known != hosts_.end()) enlist(peer, known->second);
}

std::vector<PeerIndex> Adversaries::targets() const {
  std::vector<PeerIndex> peers;
  for (const std::uint32_t host : selection_.targets())
    if (const auto peer = world_.host_life(host)) peers.push_back(*peer);
  return peers;
}

template <class Act>
bool Adversaries::taken(const Hostile& hostile, Act&& act) {
  for (std::size_t entry = 0; entry < entries_.size(); ++entry) {
    if ((hostile.entries >> entry & 1U) == 0) continue;
    if (world_.now() < entries_[entry].start || world_.now() >= entries_[entry].stop) continue;
    if (act(*entries_[entry].behaviour) == Fate::taken) return true;
  }
  return false;
}

bool Adversaries::incoming(PeerIndex self, const Peer& from, Message& message) {
  Hostile& hostile = hostile_.at(self);
  Attacker attacker{*this, world_, self, hostile.rng};
  return !taken(hostile, [&](Behaviour& behaviour) { return behaviour.incoming(attacker, from, message); });
}

void Adversaries::outgoing(PeerIndex self, const Peer& to, const Message& message) {
  if (muted_ && same_receipt(*muted_, message)) return;
  Hostile& hostile = hostile_.at(self);
  Attacker attacker{*this, world_, self, hostile.rng};
  Peer receiver = to;
  Message sent = message;
  if (!taken(hostile, [&](Behaviour& behaviour) { return behaviour.outgoing(attacker, receiver, sent); }))
    world_.transmit(self, receiver, sent);
}

void Adversaries::hold(PeerIndex self, const Peer& from, const Message& message, Duration delay) {
  const auto handle = held_.emplace(Held{self, from, message});
  world_.schedule(self_, world_.now() + delay, static_cast<PeerIndex>(handle));
}

void Adversaries::fire(World& world, PeerIndex target) {
  const Held held = std::move(held_[target]);
  held_.erase(target);
  if (!world.slot(held.self).alive) return;
  muted_ = receipt_for(held.message);
  world.hand_over(held.self, held.from, held.message);
  muted_.reset();
}

void add_adversaries(World& world) {
  if (world.scenario().adversaries.empty()) return;
  auto made = std::make_unique<Adversaries>(world);
  Adversaries& adversaries = *made;
  const std::size_t self = world.add_process(std::move(made));
  world.set_adversaries(adversaries);
  adversaries.begin(self);
}

}  // namespace cicada::sim
