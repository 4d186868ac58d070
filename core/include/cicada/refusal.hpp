#pragma once
/// Why a node of the protocol refuses what a remote peer sent. Every refusal has one of these reasons, and is told to
/// the world with it (`Listener::on_refused`). What is refused before it is a message is the world's to name.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace cicada {

enum class Refusal : std::uint8_t {
  own_message,  ///< It names this node as its source or origin.
  forged,       ///< Id, signature or parts do not fit each other. The sender could have seen that: it forges.
  strange_key,  ///< Signed by a key that is not its signer's. The sender need not have known.
  untimely,     ///< Too old, or from the future.
  forgotten,    ///< It may have been here and have been forgotten.
  over_budget,  ///< The neighbour has used up what this node does for it in a time.
  no_room,      ///< A table, or the neighbour's share of it, is full.
  too_many_hops,
  not_asked_for,  ///< An answer to no question of this node, or from another peer than the one asked.
  wrong_answer,   ///< An answer of another kind than the question.
};
inline constexpr std::size_t refusal_count = 10;

/// The name of a reason in reports, as in the enumeration.
[[nodiscard]] constexpr std::string_view to_string(Refusal reason) {
  constexpr std::array<std::string_view, refusal_count> names = {
      "own_message", "forged",  "strange_key",   "untimely",      "forgotten",
      "over_budget", "no_room", "too_many_hops", "not_asked_for", "wrong_answer"};
  return names[static_cast<std::size_t>(reason)];
}

/// How often something was refused, by reason.
using RefusalCounts = std::array<std::uint64_t, refusal_count>;

}  // namespace cicada
