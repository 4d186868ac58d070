#pragma once
/// The makers of all behaviours, one for each alternative of `Adversary`. Each keeps a reference to its entry.

#include "behaviour.hpp"

namespace cicada::sim {

// droppers.cpp
std::unique_ptr<Behaviour> behaviour_of(const DropAttack& attack);
std::unique_ptr<Behaviour> behaviour_of(const GrayDropAttack& attack);
std::unique_ptr<Behaviour> behaviour_of(const DelayAttack& attack);
std::unique_ptr<Behaviour> behaviour_of(const AckDropAttack& attack);
std::unique_ptr<Behaviour> behaviour_of(const AdaptiveSelectiveAttack& attack);
std::unique_ptr<Behaviour> behaviour_of(const FreerideAttack& attack);
std::unique_ptr<Behaviour> behaviour_of(const SybilAttack& attack);
std::unique_ptr<Behaviour> behaviour_of(const EclipseTargetAttack& attack);

// broadcast_liars.cpp
std::unique_ptr<Behaviour> behaviour_of(const BroadcastSuppressAttack& attack);

// forgers.cpp
std::unique_ptr<Behaviour> behaviour_of(const TamperAttack& attack);
std::unique_ptr<Behaviour> behaviour_of(const AckForgeAttack& attack);
std::unique_ptr<Behaviour> behaviour_of(const BlameAttack& attack);
std::unique_ptr<Behaviour> behaviour_of(const ReplayAttack& attack);
std::unique_ptr<Behaviour> behaviour_of(const MutateAttack& attack);

// liars.cpp
std::unique_ptr<Behaviour> behaviour_of(const MisrouteAttack& attack);
std::unique_ptr<Behaviour> behaviour_of(const FalseClosestAttack& attack);
std::unique_ptr<Behaviour> behaviour_of(const LookupLieAttack& attack);
std::unique_ptr<Behaviour> behaviour_of(const TablePoisonAttack& attack);

// active.cpp
std::unique_ptr<Behaviour> behaviour_of(const FloodAttack& attack);
std::unique_ptr<Behaviour> behaviour_of(const AmplifyAttack& attack);
std::unique_ptr<Behaviour> behaviour_of(const JoinLeaveAttack& attack);

}  // namespace cicada::sim
