#include "ring_survey.hpp"

#include <algorithm>

#include <cicada/assert.hpp>

namespace cicada::sim {

void RingSurvey::list_members() {
  for (const Peer member : members_) ranks_[member.index] = nowhere;
  members_.clear();
  members_.reserve(truth_->size());
  PeerIndex last = 0;
  for (const Peer member : *truth_) {
    members_.push_back(member);
    last = std::max(last, member.index);
  }
  if (!members_.empty() && last >= ranks_.size()) ranks_.resize(std::size_t{last} + 1 + last / 4, nowhere);
  for (Rank rank = 0; rank < size(); ++rank) ranks_[members_[rank].index] = rank;
  best_.assign(members_.size(), nowhere);
  coverage_.assign(members_.size() + 1, 0);
}

/// Walks along the ESL of one member.
void RingSurvey::follow(Rank rank, std::span<const Peer> successors) {
  Rank best = nowhere;
  Rank live = rank;
  Place from{members_[rank], rank, rank};
  bool alone = true;
  for (const Peer& peer : successors) {
    if (!peer.exists()) continue;
    alone = false;
    // In a ring in good order each live entry is the member that follows, which saves the look at a distant table.
    const bool expected = members_[next(live)] == peer;
    const Place to{peer, expected ? next(live) : rank_of(peer), next(live)};
    if (to.rank != nowhere) live = to.rank;
    if (best == nowhere) best = to.rank;
    const bool adjacent = from.rank != nowhere && to.rank == next(from.rank) && from.peer.prefix() != peer.prefix();
    const Rank near = adjacent ? to.rank : mark_skipped(from, to);
    from = {to.peer, to.rank, near};
  }
  best_[rank] = alone || (best == nowhere && size() == 1) ? rank : best;
}

/// The members strictly inside (from, to) are no principals. Equal ids stand for the whole circle without that id.
/// Gives the end of the range of ranks that was marked.
RingSurvey::Rank RingSurvey::mark_skipped(const Place& from, const Place& to) {
  const Rank first = first_after(from);
  const Rank end = first_not_before(to);
  if (precedes(from.peer, to.peer)) {
    mark_range(first, end);
  } else {
    mark_range(first, size());
    mark_range(0, end);
  }
  return end;
}

void RingSurvey::mark_range(Rank from, Rank to) {
  if (from >= to) return;
  ++coverage_[from];
  --coverage_[to];
}

bool RingSurvey::precedes(Peer a, Peer b) const {
  if (a.prefix() != b.prefix()) [[likely]]
    return a.prefix() < b.prefix();
  return states_->id_of(a.index) < states_->id_of(b.index);
}

/// The first member, counted from id zero, whose id is not below the place's; `size()` where there is none.
RingSurvey::Rank RingSurvey::first_not_before(const Place& place) const {
  const auto below = [&](const Peer& member) { return precedes(member, place.peer); };
  Rank rank = place.rank;
  if (rank != nowhere) {
    while (rank > 0 && !below(members_[rank - 1])) --rank;  // Two members may share one id.
    return rank;
  }
  // Most dead peers lie between the members that follow the entry before them.
  constexpr Rank steps_max = 8;
  rank = place.near;
  if (rank == 0 || below(members_[rank - 1])) {
    const Rank end = std::min(size(), rank + steps_max);
    while (rank < end && below(members_[rank])) ++rank;
    if (rank < end) return rank;
  }
  return static_cast<Rank>(std::ranges::partition_point(members_, below) - members_.begin());
}

/// The first member, counted from id zero, whose id is above the place's; `size()` where there is none.
RingSurvey::Rank RingSurvey::first_after(const Place& place) const {
  Rank rank = place.rank != nowhere ? place.rank + 1 : first_not_before(place);
  while (rank < size() && !precedes(place.peer, members_[rank])) ++rank;
  return rank;
}

void RingSurvey::count_principals() {
  principals_ = 0;
  first_skipped_ = nowhere;
  std::int64_t covered = 0;
  for (Rank rank = 0; rank < size(); ++rank) {
    covered += coverage_[rank];
    CICADA_ASSERT(covered >= 0);
    if (covered == 0)
      ++principals_;
    else if (first_skipped_ == nowhere)
      first_skipped_ = rank;
  }
}

/// Follows best successors from every member until it meets a member whose fate is known.
void RingSurvey::find_rings() {
  rings_ = {};
  fates_.assign(members_.size(), Fate::unknown);
  for (Rank start = 0; start < size(); ++start) {
    if (fates_[start] != Fate::unknown) continue;
    Rank at = start;
    while (at != nowhere && fates_[at] == Fate::unknown) {
      fates_[at] = Fate::on_path;
      at = best_[at];
    }
    if (at != nowhere && fates_[at] == Fate::on_path) close_ring(at);
    const bool stranded = at == nowhere || fates_[at] == Fate::stranded;
    if (stranded && rings_.stranded == nowhere) rings_.stranded = start;
    for (at = start; at != nowhere && fates_[at] == Fate::on_path; at = best_[at])
      fates_[at] = stranded ? Fate::stranded : Fate::appendage;
  }
}

void RingSurvey::close_ring(Rank entry) {
  std::size_t turns = 0;
  Rank at = entry;
  do {
    fates_[at] = Fate::on_ring;
    ++rings_.members;
    if (best_[at] <= at) ++turns;
    at = best_[at];
  } while (at != entry);
  if (++rings_.count == 2) rings_.on_second = entry;
  if (turns != 1 && rings_.on_disordered == nowhere) rings_.on_disordered = entry;
}

std::size_t RingSurvey::memory_bytes() const {
  return sizeof(*this) + members_.capacity() * sizeof(Peer) + (ranks_.capacity() + best_.capacity()) * sizeof(Rank) +
         coverage_.capacity() * sizeof(std::int32_t) + fates_.capacity() * sizeof(Fate);
}

}  // namespace cicada::sim
