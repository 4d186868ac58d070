#pragma once
/// Parameters of the ring protocol. One object serves all nodes of a world; it must outlive them.

#include <cstdint>
#include <initializer_list>

#include <cicada/time.hpp>

namespace cicada {

/// How the waiting time between two periodic steps is drawn. The mean is the configured period in each case.
enum class Jitter : std::uint8_t {
  none,         ///< Always the period; only the first wait is random, uniform in [0, period).
  uniform,      ///< Uniform in [0.5, 1.5) of the period (Stoica et al., ToN 2003, §VI).
  exponential,  ///< Memoryless, as the master-equation theory of chord.md §2.1 assumes.
};

enum class LookupMode : std::uint8_t { recursive, iterative };

/// Which finger a repair takes.
enum class FingerOrder : std::uint8_t {
  round_robin,  ///< One level after the other: the time between two repairs of a finger hardly varies.
  random,       ///< Any level, as Chord's `fix_fingers` does and the master-equation theory of chord.md §2.1 assumes.
};

/// Known mistakes in Chord implementations, planted on purpose to prove that the checker finds them (chord.md §6.1).
/// A node in use has none of them.
enum class Flaw : std::uint8_t {
  adopt_unchecked,               ///< Takes successor.predecessor as successor before it has answered.
  reconcile_unchecked,           ///< Keeps its own old entries beside the successor's list.
  promote_unchecked,             ///< Takes the next entry after a dead successor for alive without asking it.
  flush_predecessor,             ///< Clears a dead predecessor.
  join_single_successor,         ///< Joins with a list of one.
  shrinking_lists,               ///< Does not pad a list that lost an entry.
  rectify_without_ping,          ///< Never asks whether the old predecessor lives.
  answer_while_busy,             ///< Answers state queries in the middle of a step.
  own_id_in_list,                ///< Does not cut a list where it comes back to its owner.
  no_wrap_around,                ///< Compares ids as plain numbers, without the wrap-around at zero.
  stabilize_every_second_entry,  ///< Copies every second entry of the successor's list.
  accept_old_incarnation,        ///< Keeps earlier lives of its neighbours, and joins behind its own as if it lived.
  boot_below_minimum,            ///< Starts a ring with fewer than r + 1 members.
};
inline constexpr unsigned flaw_count = 13;

/// A set of flaws.
class Flaws {
 public:
  constexpr Flaws() = default;
  constexpr Flaws(std::initializer_list<Flaw> flaws) {
    for (const Flaw flaw : flaws) add(flaw);
  }
  constexpr void add(Flaw flaw) { bits_ |= 1U << static_cast<unsigned>(flaw); }
  [[nodiscard]] constexpr bool has(Flaw flaw) const { return (bits_ >> static_cast<unsigned>(flaw)) & 1U; }
  [[nodiscard]] constexpr bool any() const { return bits_ != 0; }

  /// The rules of Stoica et al. 2001 and ToN 2003, in the terms of the list above (chord.md §3.1).
  static constexpr Flaws chord_2001() {
    return {Flaw::adopt_unchecked,      Flaw::reconcile_unchecked,   Flaw::promote_unchecked,
            Flaw::flush_predecessor,    Flaw::join_single_successor, Flaw::shrinking_lists,
            Flaw::rectify_without_ping, Flaw::answer_while_busy};
  }

 private:
  std::uint32_t bits_ = 0;
};

/// Retransmission time-outs: srtt + 4 rttvar per neighbour (RFC 6298), doubled at each try.
struct RtoConfig {
  Duration initial = std::chrono::seconds(1);  ///< Before the first measurement.
  Duration min = std::chrono::milliseconds(100);
  Duration max = std::chrono::seconds(10);
  unsigned tries = 3;  ///< Transmissions without an answer after which a peer counts as dead. At least 1.
};

struct ChordConfig {
  unsigned successors = 16;  ///< r, length of the successor list and of the predecessor list; 1..successors_max.
  Duration stabilize = std::chrono::seconds(30);
  Duration fix_fingers = std::chrono::seconds(30);        ///< One finger per period; zero: off.
  Duration check_predecessor = std::chrono::seconds(30);  ///< Zero: off.
  Jitter jitter = Jitter::uniform;
  LookupMode lookup = LookupMode::recursive;
  FingerOrder finger_order = FingerOrder::round_robin;
  unsigned proximity = 4;  ///< Further candidates measured per finger repair; the nearest one is kept. 0: off.
  bool eager = true;       ///< A node with a new predecessor tells the old one (ToN 2003, §IV-E).
  RtoConfig rto;
  Duration lookup_timeout = std::chrono::seconds(10);
  unsigned lookup_tries = 2;  ///< Times that the originator starts a lookup before it gives up. At least 1.
  unsigned hops_max = 64;     ///< A message that crossed so many links is dropped; at most 255.
  bool confirm = true;        ///< The owner of a key answers a user's lookup itself.
  /// A node names the owner of any key that its successor list covers, not only of those up to its first successor. One
  /// hop less (Stoica et al., ToN 2003), but it may not have heard of the newest members farther away.
  bool owner_from_list = false;
  /// A node answers only for keys ahead of it, so that a lookup of one of its own keys goes all round the ring, as in
  /// the pseudo-code of Stoica et al., SIGCOMM 2001. Without it the owner answers its own lookups at once.
  bool look_ahead_only = false;
  bool finger_bound = true;      ///< Rejects finger answers that are implausible for the density of the own list.
  bool evict_on_timeout = true;  ///< A peer that did not answer a forwarded message is probed, and dropped if dead.
  bool fence = true;             ///< A member that finds itself skipped by its predecessor joins again.
  Duration probe = std::chrono::seconds(60);  ///< Period of asking one lost peer whether it is back; zero: off.
  Flaws flaws;
};

}  // namespace cicada
