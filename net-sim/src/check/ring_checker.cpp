#include <cicada/sim/ring_checker.hpp>

#include <algorithm>
#include <array>
#include <numeric>

#include <cicada/assert.hpp>

#include "list_faults.hpp"
#include "ring_survey.hpp"

namespace cicada::sim {

namespace {

constexpr std::size_t predecessors_max = 64;

constexpr std::uint16_t bit(Property property) {
  return static_cast<std::uint16_t>(1U << static_cast<unsigned>(property));
}

}  // namespace

RingChecker::RingChecker(const PeerStates& states, const RingTruth& members, unsigned successors)
    : states_(&states),
      members_(&members),
      successors_(successors),
      survey_(std::make_unique<RingSurvey>(states, members)) {
  CICADA_ASSERT(successors >= 1 && successors <= predecessors_max);
  violations_.reserve(violations_max);
}

RingChecker::RingChecker(RingChecker&&) noexcept = default;
RingChecker& RingChecker::operator=(RingChecker&&) noexcept = default;
RingChecker::~RingChecker() = default;

void RingChecker::on_change(PeerIndex peer, TimePoint now, std::uint64_t event) {
  const Peer member = peer_at(peer);
  if (!members_->contains(member)) return;
  const PeerState state = states_->state_of(peer);
  watch_predecessor(member, state, now, event);
  examine(member, state, live_successor(state), now, event);
}

void RingChecker::on_death(PeerIndex peer, TimePoint now, std::uint64_t event) {
  memory_of(peer) = {};
  std::array<Peer, predecessors_max> behind;
  const std::size_t count = members_->predecessors(peer_at(peer), std::span(behind).first(successors_));
  for (const Peer member : std::span(behind).first(count)) {
    const PeerIndex known = memory_of(member.index).live_successor;
    if (known != no_peer && known != peer) continue;
    const PeerState state = states_->state_of(member.index);
    examine(member, state, live_successor(state), now, event);
  }
}

void RingChecker::on_answer(PeerIndex peer, TimePoint now, std::uint64_t event) {
  if (states_->state_of(peer).busy) record(Property::answered_while_busy, peer, now, event);
}

void RingChecker::check_all(TimePoint now, std::uint64_t event) {
  RingSurvey& survey = *survey_;
  survey.take([&](RingSurvey::Rank rank, const PeerState& state) {
    const Peer member = survey.member_at(rank);
    const RingSurvey::Rank best = survey.best_of(rank);
    // A member without entries is its own best successor, but not its own entry.
    const bool alone = best == rank && std::ranges::none_of(state.successors, &Peer::exists);
    const bool dead = best == RingSurvey::nowhere || alone;
    examine(member, state, dead ? no_peer : survey.member_at(best).index, now, event);
  });
  const RingSurvey::Rings& rings = survey.rings();
  const std::size_t members = survey.size();
  const std::size_t required = std::size_t{successors_} + 1;
  const auto judge = [&](Property property, bool broken, RingSurvey::Rank witness) {
    const bool asked = members >= 2 && broken;
    settle(property, asked ? survey.member_at(witness).index : no_peer, now, event);
  };
  judge(Property::sufficient_principals, members >= required && survey.principals() < required, survey.first_skipped());
  judge(Property::at_least_one_ring, rings.count == 0, rings.stranded);
  judge(Property::at_most_one_ring, rings.count > 1, rings.on_second);
  judge(Property::ordered_ring, rings.on_disordered != RingSurvey::nowhere, rings.on_disordered);
  judge(Property::connected_appendages, rings.count > 0 && rings.stranded != RingSurvey::nowhere, rings.stranded);
}

PeerIndex RingChecker::live_successor(const PeerState& state) const {
  const auto live = [this](const Peer& peer) { return members_->contains(peer); };
  const auto found = std::ranges::find_if(state.successors, live);
  return found == state.successors.end() ? no_peer : found->index;
}

void RingChecker::examine(Peer member, const PeerState& state, PeerIndex live_successor, TimePoint now,
                          std::uint64_t event) {
  Memory& memory = memory_of(member.index);
  memory.live_successor = live_successor;
  settle(memory.open, faults_of(member, state, live_successor != no_peer), member.index, now, event);
}

/// The properties of one member that do not hold.
RingChecker::Faults RingChecker::faults_of(Peer member, const PeerState& state, bool has_live_successor) const {
  CICADA_ASSERT(state.member);
  unsigned found = 0;
  if (state.successors.size() != successors_) found |= bit(Property::full_length_list);
  const ListFaults list = list_faults(*states_, member, state.successors);
  if (list.unordered) found |= bit(Property::ordered_list);
  if (list.duplicate) found |= bit(Property::no_duplicates);
  if (list.own_id) found |= bit(Property::own_id_not_listed);
  if (has_live_successor && state.predecessor.exists()) return static_cast<Faults>(found);
  const bool alone = std::ranges::none_of(state.successors, &Peer::exists);
  if (!alone && !state.predecessor.exists()) found |= bit(Property::predecessor_present);
  const std::size_t required = alone ? std::size_t{successors_} + 1 : 2;
  if (!has_live_successor && members_->size() >= required) found |= bit(Property::one_live_successor);
  return static_cast<Faults>(found);
}

void RingChecker::watch_predecessor(Peer member, const PeerState& state, TimePoint now, std::uint64_t event) {
  Memory& memory = memory_of(member.index);
  const PeerIndex old = memory.predecessor;
  const PeerIndex fresh = state.predecessor.index;
  if (old == fresh) return;
  memory.predecessor = fresh;
  if (old == no_peer || fresh == no_peer || !members_->contains(peer_at(old))) return;
  if (Arc::open(states_->id_of(fresh), states_->id_of(member.index)).contains(states_->id_of(old)))
    record(Property::predecessor_regressed, member.index, now, event);
}

/// Begins and ends episodes, so that `open` becomes `found`.
void RingChecker::settle(Faults& open, Faults found, PeerIndex peer, TimePoint now, std::uint64_t event) {
  const unsigned begun = found & ~static_cast<unsigned>(open);
  open = found;
  if (begun == 0) [[likely]]
    return;
  for (std::size_t i = 0; i < property_count; ++i)
    if ((begun >> i) & 1U) record(static_cast<Property>(i), peer, now, event);
}

/// The same for one property of all members together; without a witness it holds.
void RingChecker::settle(Property property, PeerIndex witness, TimePoint now, std::uint64_t event) {
  const bool was_open = (open_ & bit(property)) != 0;
  const bool broken = witness != no_peer;
  if (broken == was_open) return;
  open_ ^= bit(property);
  if (broken) record(property, witness, now, event);
}

void RingChecker::record(Property property, PeerIndex peer, TimePoint now, std::uint64_t event) {
  ++counts_[static_cast<std::size_t>(property)];
  if (violations_.size() < violations_max) violations_.push_back({property, peer, now, event});
}

RingChecker::Memory& RingChecker::memory_of(PeerIndex peer) {
  if (peer >= memory_.size()) memory_.resize(std::size_t{peer} + 1 + peer / 4);
  return memory_[peer];
}

std::uint64_t RingChecker::count() const { return std::accumulate(counts_.begin(), counts_.end(), std::uint64_t{0}); }

std::size_t RingChecker::memory_bytes() const {
  return sizeof(*this) + survey_->memory_bytes() + memory_.capacity() * sizeof(Memory) +
         violations_.capacity() * sizeof(Violation);
}

std::string_view to_string(Property property) {
  static constexpr std::array<std::string_view, property_count> names{
      "full_length_list",     "ordered_list",          "no_duplicates",      "own_id_not_listed", "predecessor_present",
      "one_live_successor",   "sufficient_principals", "at_least_one_ring",  "at_most_one_ring",  "ordered_ring",
      "connected_appendages", "predecessor_regressed", "answered_while_busy"};
  return names[static_cast<std::size_t>(property)];
}

}  // namespace cicada::sim
