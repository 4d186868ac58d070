#pragma once
/// The `adversaries:` list of a scenario: who is hostile, when, and what hostile peers do instead of what they should
/// (resilience.md section 2). All times count from the start of the simulation. The cut of the network is a fault, not
/// an adversary: see `faults.partition`.
///
/// Hostile peers run the same node as everybody else; what an entry says is done at the border between that node and
/// its links. A peer that several entries choose does what all of them say, in the order of the file.

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

#include <cicada/sim/scenario_events.hpp>
#include <cicada/time.hpp>

namespace cicada::sim {

/// Which peers of the start are hostile.
enum class Select : std::uint8_t {
  random,          ///< Any of them.
  contiguous_arc,  ///< Neighbours on the ring: one arc that begins at a random place.
  near,            ///< The nearest neighbours of some targets, on both sides.
  high_indegree    ///< Those that most others name in their lists and fingers.
};

/// The keys that all behaviours have. Hosts are ranked once for a run, so that the random choice of every entry is a
/// beginning of the same order: of two entries with `select: random`, the smaller set lies in the larger one, and a
/// larger fraction in a sweep only adds peers. Targets are never hostile, and churn spares them; all entries draw
/// theirs from one order too.
///
/// A new peer that takes the place of another, or joins later, is hostile with the same probability; a host that comes
/// back is what it was. With contiguous_arc, a new peer is hostile where its id lies in the arc; with near and
/// high_indegree it never is.
struct Attackers {
  std::optional<double> ratio{};         ///< `fraction:`. 0 .. 1. Unused with `near`.
  std::optional<std::uint64_t> count{};  ///< Instead of `ratio`. 0 .. peers.count.
  Select select = Select::random;        ///< Default random.
  std::uint32_t targets = 1;             ///< With `near`: how many. 1 .. 100,000. Default 1.
  std::uint32_t neighbours = 16;         ///< With `near`: hostile peers on each side of each. 1 .. 1,000. Default 16.
  Duration start = Duration::zero();     ///< They behave well before. Default 0 s.
  std::optional<Duration> stop{};        ///< They behave well from then on. Default the end.
  bool operator==(const Attackers&) const = default;
};

/// What an attack touches.
enum class Scope : std::uint8_t {
  data,     ///< Messages of applications on their way.
  acks,     ///< The target's acknowledgements and the reports of the hops, on their way back.
  control,  ///< Lookups on their way. Pings and state queries are answered: who does not is taken for dead.
  all       ///< All of these.
};

/// Whom an attacker knows.
enum class Knowledge : std::uint8_t {
  local,      ///< Itself, and the peers in its own tables.
  coalition,  ///< All hostile peers too.
  omniscient  ///< Every live peer.
};

/// A black hole: acknowledges to the previous hop, and forwards nothing.
struct DropAttack {
  Attackers who;
  Scope scope = Scope::data;  ///< Default data.
  bool operator==(const DropAttack&) const = default;
};

/// The same, now and then.
struct GrayDropAttack {
  Attackers who;
  Scope scope = Scope::data;  ///< Default data.
  double prob = 0.5;          ///< Of each arriving copy, by itself. 0 .. 1. Default 50 %.
  bool operator==(const GrayDropAttack&) const = default;
};

/// Acknowledges to the previous hop at once, and forwards late.
struct DelayAttack {
  enum class Kind : std::uint8_t { by, hold };
  enum class Hold : std::uint8_t { until_timeout };
  Attackers who;
  Scope scope = Scope::data;                         ///< Default data.
  double prob = 1;                                   ///< Of each arriving copy. 0 .. 1. Default 100 %.
  Kind kind = Kind::hold;                            ///< `by:` or `hold:`. Default hold.
  Distribution by{};                                 ///< With `by`.
  Hold hold = Hold::until_timeout;                   ///< Until `margin` before the source's usual time-out.
  Duration margin = std::chrono::milliseconds(100);  ///< With `hold`. Default 100 ms.
  bool operator==(const DelayAttack&) const = default;
};

using Adversary = std::variant<DropAttack, GrayDropAttack, DelayAttack>;

/// The common part of an entry.
[[nodiscard]] inline const Attackers& attackers_of(const Adversary& adversary) {
  return std::visit([](const auto& attack) -> const Attackers& { return attack.who; }, adversary);
}

/// The entry's key in the YAML, such as `gray_drop`.
[[nodiscard]] std::string_view name_of(const Adversary& adversary);

/// How many honest peers the entry aims at; 0: none in particular.
[[nodiscard]] inline std::uint64_t target_count(const Adversary& adversary) {
  const Attackers& who = attackers_of(adversary);
  return who.select == Select::near ? who.targets : 0;
}

}  // namespace cicada::sim
