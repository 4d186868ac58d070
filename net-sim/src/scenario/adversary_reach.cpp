#include "adversary_reach.hpp"

namespace cicada::sim {
namespace {

Reach of_scope(Scope scope) {
  switch (scope) {
    case Scope::data:
      return reach_copies | reach_broadcasts;
    case Scope::acks:
      return reach_words;
    case Scope::control:
      return reach_lookups | reach_errands;
    case Scope::all:
      return reach_copies | reach_broadcasts | reach_digests | reach_words | reach_lookups | reach_errands;
  }
  return 0;
}

Reach always(double prob, Reach reach) { return prob >= 1 ? reach : 0; }

Reach of_victims(Scope scope, Victims victims) { return victims == Victims::targets ? reach_copies : of_scope(scope); }

struct Acts {
  template <class Scoped>
  Reach operator()(const Scoped& attack) const {
    return of_scope(attack.scope);
  }
  Reach operator()(const GrayDropAttack& attack) const { return of_victims(attack.scope, attack.victims); }
  Reach operator()(const AdaptiveSelectiveAttack& attack) const { return of_victims(attack.scope, attack.victims); }
  Reach operator()(const SybilAttack& attack) const { return reach_own_actions | of_scope(attack.scope); }
  Reach operator()(const EclipseTargetAttack& attack) const { return reach_own_actions | of_scope(attack.scope); }
  Reach operator()(const ReplayAttack& attack) const { return of_scope(attack.scope) & ~reach_lookups; }
  Reach operator()(const FalseClosestAttack&) const { return reach_lookups; }
  Reach operator()(const LookupLieAttack&) const { return reach_lookups; }
  Reach operator()(const AckForgeAttack&) const { return reach_copies; }
  Reach operator()(const AckDropAttack&) const { return reach_words; }
  Reach operator()(const BlameAttack&) const { return reach_copies; }
  Reach operator()(const TablePoisonAttack& attack) const {
    return attack.what == TablePoisonAttack::What::fingers ? reach_lookups : reach_lookups | reach_lists;
  }
  Reach operator()(const FloodAttack&) const { return reach_own_actions; }
  Reach operator()(const AmplifyAttack&) const { return reach_own_actions; }
  Reach operator()(const JoinLeaveAttack& attack) const { return reach_own_actions | of_scope(attack.scope); }
  Reach operator()(const BroadcastSuppressAttack&) const { return reach_broadcasts | reach_digests; }
  Reach operator()(const FreerideAttack&) const { return reach_copies | reach_words; }
  Reach operator()(const MutateAttack&) const { return of_scope(Scope::all) | reach_lists; }
};

struct Takes {
  template <class Attack>
  Reach operator()(const Attack&) const {
    return 0;
  }
  Reach operator()(const DropAttack& attack) const { return always(attack.prob, of_scope(attack.scope)); }
  Reach operator()(const GrayDropAttack& attack) const {
    return attack.victims == Victims::all ? always(attack.prob, of_scope(attack.scope)) : 0;
  }
  Reach operator()(const MisrouteAttack& attack) const {  // Broadcasts go on, to another peer.
    return always(attack.prob, of_scope(attack.scope) & ~(reach_broadcasts | reach_digests));
  }
  Reach operator()(const FalseClosestAttack& attack) const { return always(attack.prob, reach_lookups); }
  Reach operator()(const LookupLieAttack& attack) const { return always(attack.prob, reach_lookups); }
  Reach operator()(const AckForgeAttack& attack) const { return always(attack.prob, reach_copies); }
  Reach operator()(const AckDropAttack& attack) const { return attack.spend ? always(attack.prob, reach_words) : 0; }
  Reach operator()(const BlameAttack& attack) const { return always(attack.prob, reach_copies); }
  Reach operator()(const SybilAttack& attack) const { return of_scope(attack.scope); }
  Reach operator()(const EclipseTargetAttack& attack) const { return of_scope(attack.scope); }
  Reach operator()(const BroadcastSuppressAttack& attack) const {
    return attack.how == BroadcastSuppressAttack::How::silent ? always(attack.prob, reach_broadcasts | reach_digests)
                                                              : 0;
  }
};

}  // namespace

Reach reach_of(const Adversary& adversary) { return std::visit(Acts{}, adversary); }

Reach taken_by(const Adversary& adversary) { return std::visit(Takes{}, adversary); }

}  // namespace cicada::sim
