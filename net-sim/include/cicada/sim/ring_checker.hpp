#pragma once
/// The ring checker: an observer outside the nodes that compares their pointers with the truth. It knows the
/// definitions of chord.md §3.2-3.3 (Zave's invariant, the ring properties, the ideal state) and nothing of the
/// protocol that keeps them. It counts and records; what a violation means for a run is decided by whoever reads the
/// counts.

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include <cicada/id.hpp>
#include <cicada/peer.hpp>
#include <cicada/sim/ring_truth.hpp>
#include <cicada/time.hpp>

namespace cicada::sim {

class RingSurvey;

/// What the checker sees of one peer. The spans need to be valid only until the next call on the `PeerStates`.
struct PeerState {
  bool member = false;
  std::span<const Peer> successors;  ///< Nearest first, padded entries included.
  Peer predecessor;                  ///< Perhaps dead; nobody where there is none.
  bool busy = false;                 ///< In the middle of a step: its state is undefined (chord.md §3.4).
  std::span<const Peer> fingers;     ///< Entries may be nobody.
};

/// The peers as they really are. Implemented by the world, and by a fake in tests.
class PeerStates {
 public:
  virtual ~PeerStates() = default;
  /// Asked of members, and of peers that answer a state query.
  [[nodiscard]] virtual PeerState state_of(PeerIndex peer) const = 0;
  /// Does the process run, member or not? Asked of every peer that a pointer names.
  [[nodiscard]] virtual bool alive(PeerIndex peer) const = 0;
  /// Asked of dead peers too.
  [[nodiscard]] virtual Id id_of(PeerIndex peer) const = 0;
};

/// The definitions use these words. An *entry* is an element of a successor list with a peer behind it; a *live* entry
/// names a member. ESL = the member ++ its entries. A *principal* is a member that no adjacent pair (a, b) of any
/// member's ESL skips: not a < p < b on the circle. The *best successor* is the first live entry; a member without
/// entries takes itself for a ring of one and is its own. A *ring* is a cycle of best successors.
enum class Property : std::uint8_t {
  // Of one member. A violation names it.
  full_length_list,     ///< The list has r elements, padded ones included.
  ordered_list,         ///< The entries go clockwise around the circle, less than once.
  no_duplicates,        ///< No two entries have the same id.
  own_id_not_listed,    ///< No entry has the member's own id, not even as an earlier life of it.
  predecessor_present,  ///< A member that has an entry has a predecessor, dead as it may be.
  one_live_successor,   ///< An entry is live. Asked where there are two members; of a member without entries only where
                        ///< there are r + 1, so that a ring may grow from one member.
  // Of all members together. A violation names a witness. Asked where there are two members.
  sufficient_principals,  ///< At least r + 1 of them, where there are r + 1 members.
  at_least_one_ring,
  at_most_one_ring,
  ordered_ring,          ///< Each ring goes around the circle once.
  connected_appendages,  ///< Best successors lead from each member to a ring, where there is one.
  // Of what a member does. Each occurrence is a violation.
  predecessor_regressed,  ///< A predecessor that is a member is not replaced by a farther one.
  answered_while_busy,    ///< A state query is not answered in the middle of a step.
};
inline constexpr std::size_t property_count = 13;

/// The property's name as it is written above.
std::string_view to_string(Property property);

struct Violation {
  Property property{};
  PeerIndex peer = no_peer;
  TimePoint time{};
  std::uint64_t event = 0;  ///< Number of the event in the run.
};

/// How far the pointers are from the ideal ring. A pointer is *dead* when the process that it names does not run; one
/// that names a running process may still be wrong. With a single member every pointer that names nobody is right, and
/// so is any predecessor.
struct RingHealth {
  std::uint64_t members = 0;
  std::uint64_t wrong_successors = 0;    ///< First successors that are not the next member.
  std::uint64_t dead_successors = 0;     ///< Those among them that are dead, or padded.
  std::uint64_t wrong_predecessors = 0;  ///< Predecessors that are not the previous member.
  std::uint64_t wrong_entries = 0;   ///< Elements of lists that are not what the truth has there: min(r, members - 1)
                                     ///< next members, then nobody.
  std::uint64_t finger_entries = 0;  ///< Fingers with a peer behind them.
  std::uint64_t dead_fingers = 0;
  std::uint64_t rings = 0;
  std::uint64_t appendages = 0;  ///< Members that are on no ring.
  std::uint64_t principals = 0;
  /// Every list and predecessor is right (chord.md §3.3, Ideal). Also of no members at all.
  bool ideal = false;
};

/// The ratios that the master-equation theory predicts (chord.md §2.1): w1, d1 and f. I = wrong - dead successors.
struct PointerRatios {
  double wrong_successors = 0;  ///< Of the members.
  double dead_successors = 0;   ///< Of the members.
  double dead_fingers = 0;      ///< Of the fingers with a peer behind them.
};
/// A ratio of nothing is 0.
[[nodiscard]] PointerRatios pointer_ratios(const RingHealth& health);

/// Usage. After each event, when the truth is up to date, the world calls `on_change` for every member whose state the
/// event changed and `on_death` for every peer that stopped being a member; in a small world it then calls `check_all`,
/// in a large one every few simulated seconds.
///
/// A violation that persists is one *episode*: it is counted when it begins, per member for the properties of one
/// member, once for the world for those of all members together. An episode ends when an examination finds the property
/// to hold, or with the membership.
///
/// Members are those of the truth; each of them must have `PeerState::member`. Not thread-safe.
class RingChecker {
 public:
  static constexpr std::size_t violations_max = 1000;

  /// `states` and `members` must outlive the checker. `successors` is r, 1 or more.
  RingChecker(const PeerStates& states, const RingTruth& members, unsigned successors);
  RingChecker(RingChecker&&) noexcept;
  RingChecker& operator=(RingChecker&&) noexcept;
  ~RingChecker();

  /// A member joined, or its list or predecessor changed: examines the properties of this one member. To see
  /// `predecessor_regressed` it has to be called for every change. Does nothing for a peer that is not a member.
  /// Cost: O(r + log N) as a rule.
  void on_change(PeerIndex peer, TimePoint now, std::uint64_t event);
  /// A peer stopped being a member and is gone from the truth: examines those of its r predecessors that are not known
  /// to have another live successor. Cost: O(r + log N) as a rule.
  void on_death(PeerIndex peer, TimePoint now, std::uint64_t event);
  /// A peer is sending the answer to a state query. To be called then and there, inside the step. Cost: O(1).
  void on_answer(PeerIndex peer, TimePoint now, std::uint64_t event);
  /// Examines all properties of states. Cost: O(N r), and O(log N) for each entry that is not live. Allocates only
  /// while the world grows.
  void check_all(TimePoint now, std::uint64_t event);
  /// Cost: as `check_all`, and a look at each finger.
  [[nodiscard]] RingHealth health();

  /// The first `violations_max` of them, in the order in which they were found.
  [[nodiscard]] const std::vector<Violation>& violations() const { return violations_; }
  [[nodiscard]] std::uint64_t count(Property property) const { return counts_[static_cast<std::size_t>(property)]; }
  /// All violations, those beyond `violations_max` included.
  [[nodiscard]] std::uint64_t count() const;
  /// Heap and object, in bytes: about 32 per member and 20 per life.
  [[nodiscard]] std::size_t memory_bytes() const;

 private:
  /// One bit per property.
  using Faults = std::uint16_t;

  struct Memory {
    PeerIndex predecessor = no_peer;     ///< As last seen by `on_change`.
    PeerIndex live_successor = no_peer;  ///< As last examined. The property holds while this one is a member.
    Faults open = 0;                     ///< Episodes that have not ended.
  };

  void examine(Peer member, const PeerState& state, PeerIndex live_successor, TimePoint now, std::uint64_t event);
  [[nodiscard]] PeerIndex live_successor(const PeerState& state) const;
  [[nodiscard]] Faults faults_of(Peer member, const PeerState& state, bool has_live_successor) const;
  void watch_predecessor(Peer member, const PeerState& state, TimePoint now, std::uint64_t event);
  void settle(Faults& open, Faults found, PeerIndex peer, TimePoint now, std::uint64_t event);
  void settle(Property property, PeerIndex witness, TimePoint now, std::uint64_t event);
  void record(Property property, PeerIndex peer, TimePoint now, std::uint64_t event);
  [[nodiscard]] Memory& memory_of(PeerIndex peer);
  [[nodiscard]] Peer peer_at(PeerIndex peer) const { return {states_->id_of(peer).prefix(), peer}; }

  const PeerStates* states_;
  const RingTruth* members_;
  unsigned successors_;
  std::unique_ptr<RingSurvey> survey_;
  std::vector<Memory> memory_;  ///< By index.
  Faults open_ = 0;             ///< Episodes of the properties of all members together.
  std::array<std::uint64_t, property_count> counts_{};
  std::vector<Violation> violations_;
};

}  // namespace cicada::sim
