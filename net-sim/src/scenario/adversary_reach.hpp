#pragma once
/// What an entry of `adversaries:` lays its hands on, as far as its text alone tells.

#include <cicada/sim/scenario_adversaries.hpp>

namespace cicada::sim {

/// Kinds of things that attacks act on; a set of them is their sum.
using Reach = unsigned;
inline constexpr Reach reach_copies = 1;         ///< Messages of applications on their way.
inline constexpr Reach reach_broadcasts = 2;     ///< Payloads of broadcasts.
inline constexpr Reach reach_digests = 4;        ///< Digests and pulls of broadcasts.
inline constexpr Reach reach_words = 8;          ///< Acknowledgements and reports on their way back.
inline constexpr Reach reach_lookups = 16;       ///< Lookups on their way, and their answers.
inline constexpr Reach reach_errands = 32;       ///< Contact cards on their way, and questions for them.
inline constexpr Reach reach_lists = 64;         ///< Answers to questions for lists.
inline constexpr Reach reach_own_actions = 128;  ///< What the attacker does unasked.

/// What the entry acts on.
[[nodiscard]] Reach reach_of(const Adversary& adversary);

/// Of these, what it leaves to no later entry of the same peer.
[[nodiscard]] Reach taken_by(const Adversary& adversary);

}  // namespace cicada::sim
