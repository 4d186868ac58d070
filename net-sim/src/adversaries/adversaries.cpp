#include "adversaries.hpp"

#include <algorithm>
#include <span>
#include <utility>

#include "message_kinds.hpp"

namespace cicada::sim {

Adversaries::Adversaries(World& world)
    : world_(world), selection_(world.scenario()), coalition_([&world](PeerIndex peer) { return world.id(peer); }) {
  for (const Adversary& adversary : world.scenario().adversaries) {
    const Attackers& who = attackers_of(adversary);
    entries_.push_back(
        {make_behaviour(adversary), TimePoint(who.start), TimePoint(who.stop.value_or(Duration::max()))});
  }
  insertions_ = plan_insertions(world, selection_);
}

std::vector<Id> Adversaries::first_ids() const {
  std::vector<Id> ids;
  for (const Insertion& insertion : insertions_)
    if (insertion.at == TimePoint{}) ids.push_back(insertion.id);
  return ids;
}

void Adversaries::begin() {
  begun_ = true;
  const std::vector<EntryMask> masks = selection_.choose(world_);
  for (std::uint32_t host = 0; host < masks.size(); ++host) {
    if (masks[host] != 0) hosts_.emplace(host, masks[host]);
    if (const auto peer = world_.host_life(host)) enlist(*peer, masks[host]);
  }
  auto host = static_cast<std::uint32_t>(masks.size());
  for (std::size_t i = 0; i < insertions_.size(); ++i) {
    if (insertions_[i].at > TimePoint{}) {
      schedule({.what = Due::What::insert, .entry = i}, insertions_[i].at);
      continue;
    }
    const PeerIndex peer = *world_.host_life(host);
    hosts_.emplace(host++, insertions_[i].entry);
    enlist(peer, insertions_[i].entry);
    world_.slot(peer).lasting = true;
    ++inserted_;
  }
  for (const PeerIndex target : targets()) world_.slot(target).lasting = true;
}

void Adversaries::enlist(PeerIndex peer, EntryMask entries) {
  if (entries == 0 || !world_.slot(peer).alive) return;
  world_.slot(peer).hostile = true;
  hostile_.insert_or_assign(peer, Hostile{entries, Rng(world_.seed(), Purpose::adversary, peer)});
  if (world_.slot(peer).member) coalition_.insert(world_.id(peer), peer);
  for (std::size_t entry = 0; entry < entries_.size(); ++entry)
    if ((entries >> entry & 1U) != 0) schedule_act(peer, entry);
}

void Adversaries::on_birth(PeerIndex peer) {
  if (!begun_) return;
  const std::uint32_t host = world_.slot(peer).host;
  auto known = hosts_.find(host);
  if (next_birth_ != 0) {
    known = hosts_.insert_or_assign(host, next_birth_).first;
  } else if (known == hosts_.end() && host >= world_.scenario().peers.count && world_.slot(peer).incarnation == 0) {
    const EntryMask entries = selection_.newcomer(host, world_.id(peer));
    if (entries != 0) known = hosts_.emplace(host, entries).first;
  }
  if (known != hosts_.end()) enlist(peer, known->second);
}

void Adversaries::on_member(World&, PeerIndex peer) {
  if (world_.slot(peer).hostile) coalition_.insert(world_.id(peer), peer);
}

void Adversaries::on_death(PeerIndex peer) {
  hostile_.erase(peer);
  coalition_.erase(world_.id(peer), peer);
}

// ---------------------------------------------------------------------------------------------------- what they know

std::map<std::string, std::uint64_t> Adversaries::acts() const {
  std::map<std::string, std::uint64_t> all;
  for (std::size_t entry = 0; entry < entries_.size(); ++entry)
    all[std::string(name_of(world_.scenario().adversaries[entry]))] += entries_[entry].acts;
  return all;
}

std::vector<PeerIndex> Adversaries::targets(std::size_t most) const {
  std::vector<PeerIndex> peers;
  for (const std::uint32_t host : std::span(selection_.targets()).first(std::min(most, selection_.targets().size())))
    if (const auto peer = world_.host_life(host)) peers.push_back(*peer);
  return peers;
}

std::vector<Peer> Adversaries::known_to(PeerIndex self, Knowledge knowledge) const {
  std::vector<Peer> peers;
  const auto add = [&](const Peer& peer) {
    if (peer.exists() && peer.index != self) peers.push_back(peer);
  };
  switch (knowledge) {
    case Knowledge::local: {
      const ChordNode& node = world_.slot(self).node.chord();
      for (const auto list : {node.successors(), node.predecessors(), node.fingers()}) std::ranges::for_each(list, add);
      break;
    }
    case Knowledge::coalition:
      std::for_each(coalition_.begin(), coalition_.end(), add);
      break;
    case Knowledge::omniscient:
      std::for_each(world_.truth().begin(), world_.truth().end(), add);
      break;
  }
  return peers;
}

// ------------------------------------------------------------------------------------------------------- what they do

template <class Act>
bool Adversaries::taken(Attacker& attacker, EntryMask entries, Act&& act) {
  for (std::size_t& entry = attacker.entry; entry < entries_.size(); ++entry) {
    if ((entries >> entry & 1U) == 0) continue;
    if (world_.now() < entries_[entry].start || world_.now() >= entries_[entry].stop) continue;
    if (act(*entries_[entry].behaviour) == Fate::taken) return true;
  }
  return false;
}

bool Adversaries::incoming(PeerIndex self, const Peer& from, Message& message) {
  Hostile& hostile = hostile_.at(self);
  Attacker attacker{*this, world_, self, hostile.rng};
  return !taken(attacker, hostile.entries,
                [&](Behaviour& behaviour) { return behaviour.incoming(attacker, from, message); });
}

void Adversaries::outgoing(PeerIndex self, const Peer& to, const Message& message) {
  if (has_given(message)) return;
  Hostile& hostile = hostile_.at(self);
  Attacker attacker{*this, world_, self, hostile.rng};
  Peer receiver = to;
  Message sent = message;
  if (!taken(attacker, hostile.entries,
             [&](Behaviour& behaviour) { return behaviour.outgoing(attacker, receiver, sent); }))
    world_.transmit(self, receiver, sent);
}

bool Adversaries::has_given(const Message& receipt) const { return muted_ && same_receipt(*muted_, receipt); }

void Adversaries::schedule(Due due, TimePoint at) {
  world_.schedule(self_, at, static_cast<PeerIndex>(due_.emplace(std::move(due))));
}

void Adversaries::hold(const Attacker& attacker, const Peer& from, const Message& message, Duration delay) {
  schedule(
      {.what = Due::What::release, .self = attacker.self, .peer = from, .message = message, .entry = attacker.entry},
      world_.now() + delay);
}

void Adversaries::release(const Due& due) {
  muted_ = receipt_for(due.message);
  Message message = due.message;
  Hostile& hostile = hostile_.at(due.self);
  Attacker attacker{*this, world_, due.self, hostile.rng, due.entry + 1};
  if (!taken(attacker, hostile.entries,
             [&](Behaviour& behaviour) { return behaviour.incoming(attacker, due.peer, message); }))
    world_.hand_over(due.self, due.peer, message);
  muted_.reset();
}

void Adversaries::post(PeerIndex self, const Peer& to, const Message& message, Duration delay) {
  schedule({.what = Due::What::post, .self = self, .peer = to, .message = message}, world_.now() + delay);
}

void Adversaries::schedule_act(PeerIndex peer, std::size_t entry) {
  Attacker attacker{*this, world_, peer, hostile_.at(peer).rng, entry};
  const auto pause = entries_[entry].behaviour->pause(attacker);
  if (!pause) return;
  const TimePoint from = std::max(world_.now(), entries_[entry].start);
  schedule({.what = Due::What::act, .self = peer, .entry = entry}, from + *pause);
}

void Adversaries::act(const Due& due) {
  if (world_.now() >= entries_[due.entry].stop) return;
  Attacker attacker{*this, world_, due.self, hostile_.at(due.self).rng, due.entry};
  entries_[due.entry].behaviour->act(attacker);
  if (hostile_.contains(due.self)) schedule_act(due.self, due.entry);
}

void Adversaries::insert(const Insertion& insertion) {
  next_birth_ = insertion.entry;
  if (const auto peer = world_.spawn(std::nullopt, &insertion.id)) {
    world_.slot(*peer).lasting = true;
    ++inserted_;
  }
  next_birth_ = 0;
}

void Adversaries::rejoin(PeerIndex self) {
  const EntryMask entries = hostile_.at(self).entries;
  world_.kill(self);
  next_birth_ = entries;
  if (world_.spawn()) ++inserted_;
  next_birth_ = 0;
}

void Adversaries::fire(World& world, PeerIndex target) {
  const Due due = std::move(due_[target]);
  due_.erase(target);
  if (due.what == Due::What::insert) return insert(insertions_[due.entry]);
  if (!world.slot(due.self).alive) return;
  switch (due.what) {
    case Due::What::release:
      return release(due);
    case Due::What::post:
      return world.transmit(due.self, due.peer, due.message);
    case Due::What::act:
      return act(due);
    case Due::What::insert:
      return;
  }
}

Adversaries* add_adversaries(World& world) {
  if (world.scenario().adversaries.empty()) return nullptr;
  auto made = std::make_unique<Adversaries>(world);
  Adversaries& adversaries = *made;
  adversaries.set_index(world.add_process(std::move(made)));
  world.set_adversaries(adversaries);
  return &adversaries;
}

}  // namespace cicada::sim
