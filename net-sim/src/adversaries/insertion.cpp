#include "insertion.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "world/world.hpp"

namespace cicada::sim {
namespace {

constexpr std::uint32_t sybil_stream = 0xffffff00;  // Plus the entry.

// Chosen ids lie this far apart, much closer than honest ones in any swarm (2^37 in one of 10^8 peers).
constexpr std::uint64_t spacing = std::uint64_t{1} << 20;

Id multiple(std::uint64_t steps) { return Id::from_prefix(steps * spacing); }

std::vector<Id> sybil_ids(const World& world, const SybilAttack& attack, std::size_t hosts, std::uint32_t entry) {
  Rng rng(world.seed(), Purpose::adversary, sybil_stream + entry);
  std::vector<Id> ids;
  for (std::uint64_t i = 0; i < hosts * (affordable_ids(attack) - 1); ++i)
    ids.push_back(Id{{rng.next(), rng.next(), rng.next(), rng.next()}});
  return ids;
}

std::vector<Id> eclipse_ids(const World& world, const EclipseTargetAttack& attack, const Selection& selection) {
  std::vector<Id> ids;
  for (std::size_t i = 0; i < std::min<std::size_t>(attack.who.targets, selection.targets().size()); ++i) {
    const Id target = world.id_of_host(selection.targets()[i]);
    for (std::uint64_t k = 0; k < attack.card_squatters; ++k)
      for (const Id& place : world.card_places_of(target))
        ids.push_back(k % 2 == 0 ? place + multiple(k / 2 + 1) : place - multiple(k / 2 + 1));
  }
  if (attack.form == EclipseTargetAttack::Form::weak) return ids;
  const auto levels = static_cast<unsigned>(std::bit_width(world.scenario().peers.count)) + 1;
  for (std::size_t i = 0; i < std::min<std::size_t>(attack.who.targets, selection.targets().size()); ++i) {
    const Id target = world.id_of_host(selection.targets()[i]);
    for (std::uint64_t k = 1; k <= attack.who.neighbours; ++k) {
      if (attack.sides != EclipseTargetAttack::Sides::after) ids.push_back(target - multiple(k));
      if (attack.sides != EclipseTargetAttack::Sides::before) ids.push_back(target + multiple(k));
    }
    if (attack.form != EclipseTargetAttack::Form::squat) continue;
    for (unsigned level = 1; level <= levels; ++level) {
      const Id step = Id::power_of_two(256 - level);
      ids.push_back(target + step + multiple(1));
      if (level > 1) ids.push_back(target - step + multiple(1));  // Half the ring is as far on either side.
    }
  }
  return ids;
}

}  // namespace

std::uint64_t affordable_ids(const SybilAttack& attack) {
  const std::uint64_t wanted = attack.ids_per_host;
  switch (attack.policy) {
    case SybilAttack::Policy::free:
      return wanted;
    case SybilAttack::Policy::address:
      return std::min<std::uint64_t>(wanted, attack.addresses);
    case SybilAttack::Policy::puzzle: {
      const double hashes = attack.hashes_per_s * std::chrono::duration<double>(attack.preparation).count();
      const double ids = std::floor(hashes / std::exp2(attack.bits));
      return static_cast<std::uint64_t>(std::clamp(ids, 1.0, static_cast<double>(wanted)));
    }
    case SybilAttack::Policy::certified:
      return 1;
  }
  return 1;
}

std::vector<Insertion> plan_insertions(const World& world, const Selection& selection) {
  std::vector<Insertion> all;
  const std::vector<Adversary>& adversaries = world.scenario().adversaries;
  for (std::uint32_t entry = 0; entry < adversaries.size(); ++entry) {
    std::vector<Id> ids;
    const Attackers& who = attackers_of(adversaries[entry]);
    if (const auto* sybil = std::get_if<SybilAttack>(&adversaries[entry]))
      ids = sybil_ids(world, *sybil, selection.wanted(who), entry);
    if (const auto* eclipse = std::get_if<EclipseTargetAttack>(&adversaries[entry]))
      ids = eclipse_ids(world, *eclipse, selection);
    for (const Id& id : ids) all.push_back({id, EntryMask{1} << entry, TimePoint(who.start)});
  }
  return all;
}

}  // namespace cicada::sim
