#pragma once
/// What the caller of `send` chooses.

#include <cstdint>

namespace cicada {

/// How the routes of a message are chosen (resilience.md §6). All of them share one code path, and `duplicates` = k is
/// the same budget for all: k + 1 times the links of one undisturbed way.
enum class Strategy : std::uint8_t {
  cicada,           ///< The API's words: k further copies through other first hops, plain greedy after that.
  entries,          ///< k further copies that part wherever they meet, with links used both ways; nothing is repeated.
  repair,           ///< One copy; whoever holds it tries the next neighbour when no acknowledgement comes back.
  parallel_repair,  ///< Several repairing copies at once: for sends that cannot wait.
  guards,           ///< Repairing copies through the guards in the target's contact card; entries where there is none.
  adaptive,         ///< Repair first; then guards and entries, in growing numbers, while the budget lasts. The default.
};
inline constexpr unsigned strategy_count = 6;

struct SendOptions {
  SendOptions(unsigned k = 0, Strategy how = Strategy::adaptive)
      : duplicates(k), strategy(how) {}  // NOLINT: send(to, data, 3)
  unsigned duplicates = 0;               ///< k, the budget of work. 0..64; more counts as 64.
  Strategy strategy = Strategy::adaptive;
  std::uint64_t tag = 0;  ///< Comes back in `SendDone`.
};
inline constexpr unsigned duplicates_max = 64;

}  // namespace cicada
