#pragma once
/// One look at all members at once, as dense arrays by ring rank: who is whose best successor, who is skipped, and
/// which rings that makes. It finds facts; the checker decides what they mean.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <cicada/sim/ring_checker.hpp>

namespace cicada::sim {

/// A survey keeps its arrays, so that the next one allocates only where the world has grown.
class RingSurvey {
 public:
  /// The number of a member on the circle, from id zero. `nowhere` for a peer that is not a member.
  using Rank = std::uint32_t;
  static constexpr Rank nowhere = 0xffffffff;

  RingSurvey(const PeerStates& states, const RingTruth& members) : states_(&states), truth_(&members) {}

  /// Looks at every member and calls `visit(rank, state)` with its state, in ring order, in large worlds in the order
  /// of indices. `rank_of`, `member_at` and `best_of(rank)` are valid from then on, the rest when it returns.
  template <class Visitor>
  void take(Visitor&& visit);

  [[nodiscard]] Rank size() const { return static_cast<Rank>(members_.size()); }
  [[nodiscard]] Peer member_at(Rank rank) const { return members_[rank]; }
  [[nodiscard]] Rank rank_of(Peer peer) const { return peer.index < ranks_.size() ? ranks_[peer.index] : nowhere; }
  [[nodiscard]] Rank next(Rank rank) const { return rank + 1 == size() ? 0 : rank + 1; }
  /// The best successor; `nowhere` where all entries are dead.
  [[nodiscard]] Rank best_of(Rank rank) const { return best_[rank]; }

  [[nodiscard]] std::size_t principals() const { return principals_; }
  /// A member that somebody skips; `nowhere` where there is none.
  [[nodiscard]] Rank first_skipped() const { return first_skipped_; }

  struct Rings {
    std::size_t count = 0;
    std::size_t members = 0;       ///< On rings.
    Rank on_second = nowhere;      ///< A member of the second ring found.
    Rank on_disordered = nowhere;  ///< A member of a ring that does not go around once.
    Rank stranded = nowhere;       ///< A member whose best successors lead to no ring.
  };
  [[nodiscard]] const Rings& rings() const { return rings_; }

  [[nodiscard]] std::size_t memory_bytes() const;

 private:
  enum class Fate : std::uint8_t { unknown, on_path, on_ring, appendage, stranded };

  /// An element of an ESL.
  struct Place {
    Peer peer;
    Rank rank = nowhere;
    Rank near = 0;  ///< A rank that is not far away, where it has none itself.
  };

  void list_members();
  void prefetch_around(std::size_t index) const;
  void follow(Rank rank, std::span<const Peer> successors);
  Rank mark_skipped(const Place& from, const Place& to);
  void mark_range(Rank from, Rank to);
  [[nodiscard]] bool precedes(Peer a, Peer b) const;
  [[nodiscard]] Rank first_not_before(const Place& place) const;
  [[nodiscard]] Rank first_after(const Place& place) const;
  void count_principals();
  void find_rings();
  void close_ring(Rank entry);

  const PeerStates* states_;
  const RingTruth* truth_;
  std::vector<Peer> members_;           ///< By rank.
  std::vector<Rank> ranks_;             ///< By index.
  std::vector<Rank> best_;              ///< By rank.
  std::vector<std::int32_t> coverage_;  ///< By rank: how many more pairs skip this member than skip the one before it.
  std::vector<Fate> fates_;             ///< By rank.
  std::size_t principals_ = 0;
  Rank first_skipped_ = nowhere;
  Rings rings_;
};

template <class Visitor>
void RingSurvey::take(Visitor&& visit) {
  list_members();
  const auto look = [&](Rank rank) {
    const PeerState state = states_->state_of(members_[rank].index);
    follow(rank, state.successors);
    visit(rank, state);
  };
  // Where the peers do not fit into the caches, it takes half the time to look at them in the order in which they
  // probably lie in memory.
  constexpr Rank cached_max = 4096;
  if (size() <= cached_max) {
    for (Rank rank = 0; rank < size(); ++rank) look(rank);
  } else {
    for (std::size_t i = 0; i < ranks_.size(); ++i) {
      prefetch_around(i + 16);
      if (ranks_[i] != nowhere) look(ranks_[i]);
    }
  }
  count_principals();
  find_rings();
}

inline void RingSurvey::prefetch_around(std::size_t index) const {
  if (index >= ranks_.size() || ranks_[index] == nowhere) return;
  const Peer* member = &members_[ranks_[index]];
  for (std::size_t line = 0; line < 4; ++line) __builtin_prefetch(reinterpret_cast<const char*>(member) + 64 * line);
  __builtin_prefetch(&best_[ranks_[index]]);
}

}  // namespace cicada::sim
