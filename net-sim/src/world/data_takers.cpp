#include "data_takers.hpp"

#include <algorithm>
#include <type_traits>

#include "adversaries/adversaries.hpp"

namespace cicada::sim {
namespace {

bool touches_data(Scope scope) { return scope == Scope::data || scope == Scope::all; }

/// The probability that a peer which the entry has chosen takes a copy, while the entry is active.
double taking(const Adversary& adversary) {
  return std::visit(
      [](const auto& attack) -> double {
        using Attack = std::decay_t<decltype(attack)>;
        if constexpr (requires { attack.scope; })
          if (!touches_data(attack.scope)) return 0;
        constexpr bool takes_all = std::is_same_v<Attack, DropAttack> || std::is_same_v<Attack, SybilAttack> ||
                                   std::is_same_v<Attack, EclipseTargetAttack> ||
                                   std::is_same_v<Attack, AdaptiveSelectiveAttack> ||
                                   std::is_same_v<Attack, JoinLeaveAttack>;
        constexpr bool takes_some = std::is_same_v<Attack, GrayDropAttack> || std::is_same_v<Attack, TamperAttack> ||
                                    std::is_same_v<Attack, MisrouteAttack> || std::is_same_v<Attack, AckForgeAttack> ||
                                    std::is_same_v<Attack, BlameAttack>;
        if constexpr (takes_all) return 1;
        if constexpr (takes_some) return attack.prob;
        return 0;
      },
      adversary);
}

bool at_chosen_places(const Adversary& adversary) {
  if (attackers_of(adversary).select != Select::random) return true;
  const bool of_some_only = std::visit(
      [](const auto& attack) {
        if constexpr (requires { attack.victims; })
          return attack.victims != std::remove_cvref_t<decltype(attack.victims)>::all;
        return false;
      },
      adversary);
  return of_some_only || std::holds_alternative<EclipseTargetAttack>(adversary) ||
         std::holds_alternative<JoinLeaveAttack>(adversary);
}

/// Good behaviour after its start, or after the peer has joined.
Duration warmup_of(const Adversary& adversary) {
  const auto* selective = std::get_if<AdaptiveSelectiveAttack>(&adversary);
  return selective == nullptr ? Duration::zero() : selective->warmup;
}

}  // namespace

DataTakers::DataTakers(const Scenario& scenario) : scenario_(scenario) {
  for (const Adversary& adversary : scenario.adversaries) {
    if (taking(adversary) <= 0) continue;
    any_ = true;
    placed_ = placed_ || at_chosen_places(adversary);
    if (const auto* eclipse = std::get_if<EclipseTargetAttack>(&adversary);
        eclipse != nullptr && eclipse->form == EclipseTargetAttack::Form::weak)
      zone_ = eclipse->who.neighbours;
    const Attackers& who = attackers_of(adversary);
    changes_.push_back(TimePoint(who.start));
    changes_.push_back(TimePoint(who.start + warmup_of(adversary)));
    if (who.stop) changes_.push_back(TimePoint(*who.stop));
  }
  std::ranges::sort(changes_);
}

double DataTakers::count(const World& world) const {
  if (world.adversaries() == nullptr || world.members().empty()) return 0;
  double sum = 0;
  for (const PeerIndex peer : world.members()) {
    const PeerSlot& slot = world.slot(peer);
    if (!slot.hostile) continue;
    const EntryMask mask = world.adversaries()->entries_of(peer);
    double passes = 1;
    for (std::size_t entry = 0; entry < scenario_.adversaries.size(); ++entry) {
      const Adversary& adversary = scenario_.adversaries[entry];
      if ((mask >> entry & 1U) == 0 || at_chosen_places(adversary)) continue;
      const Attackers& who = attackers_of(adversary);
      const Duration warmup = warmup_of(adversary);
      Duration from = who.start;
      if (warmup > Duration::zero()) from = std::max(from, Duration(slot.member_since_ns)) + warmup;
      if (world.now() < TimePoint(from) || (who.stop && world.now() >= TimePoint(*who.stop))) continue;
      passes *= 1 - taking(adversary);
    }
    sum += 1 - passes;
  }
  return sum / static_cast<double>(world.members().size());
}

double DataTakers::share(const World& world) {
  if (counted_ && world.now() < valid_until_) return share_;
  share_ = count(world);
  counted_ = true;
  valid_until_ = world.now() + scenario_.measure.sample;
  const auto change = std::ranges::upper_bound(changes_, world.now());
  if (change != changes_.end()) valid_until_ = std::min(valid_until_, *change);
  return share_;
}

}  // namespace cicada::sim
