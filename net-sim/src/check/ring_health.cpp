// Health: how many pointers of which kind are wrong or dead.

#include <algorithm>

#include <cicada/sim/ring_checker.hpp>

#include "ring_survey.hpp"

namespace cicada::sim {

namespace {

/// Compares the pointers of members with the truth, one member at a time.
class HealthCount {
 public:
  HealthCount(const PeerStates& states, const RingSurvey& survey, unsigned successors)
      : states_(states), survey_(survey), successors_(successors) {}

  void add(RingSurvey::Rank rank, const PeerState& state) {
    add_list(rank, state.successors);
    const RingSurvey::Rank previous = (rank == 0 ? survey_.size() : rank) - 1;
    if (survey_.size() > 1 && state.predecessor != survey_.member_at(previous)) ++health_.wrong_predecessors;
    for (const Peer& finger : state.fingers) {
      if (!finger.exists()) continue;
      ++health_.finger_entries;
      if (dead(finger)) ++health_.dead_fingers;
    }
  }

  [[nodiscard]] RingHealth result() const {
    RingHealth health = health_;
    health.members = survey_.size();
    health.rings = survey_.rings().count;
    health.appendages = health.members - survey_.rings().members;
    health.principals = survey_.principals();
    health.ideal = health.wrong_entries == 0 && health.wrong_predecessors == 0;
    return health;
  }

 private:
  [[nodiscard]] bool dead(Peer peer) const {
    return survey_.rank_of(peer) == RingSurvey::nowhere && !states_.alive(peer.index);
  }

  void add_list(RingSurvey::Rank rank, std::span<const Peer> list) {
    const std::size_t others = survey_.size() - 1;
    const std::size_t length = std::max<std::size_t>(list.size(), successors_);
    RingSurvey::Rank expected = rank;
    for (std::size_t i = 0; i < length; ++i) {
      const Peer entry = i < list.size() ? list[i] : Peer{};
      expected = survey_.next(expected);
      const Peer right = i < others && i < successors_ ? survey_.member_at(expected) : Peer{};
      if (entry == right) continue;
      ++health_.wrong_entries;
      if (i > 0) continue;
      ++health_.wrong_successors;
      if (!entry.exists() || dead(entry)) ++health_.dead_successors;
    }
  }

  const PeerStates& states_;
  const RingSurvey& survey_;
  std::size_t successors_;
  RingHealth health_;
};

double ratio(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace

RingHealth RingChecker::health() {
  HealthCount count(*states_, *survey_, successors_);
  survey_->take([&](RingSurvey::Rank rank, const PeerState& state) { count.add(rank, state); });
  return count.result();
}

PointerRatios pointer_ratios(const RingHealth& health) {
  return {.wrong_successors = ratio(health.wrong_successors, health.members),
          .dead_successors = ratio(health.dead_successors, health.members),
          .dead_fingers = ratio(health.dead_fingers, health.finger_entries)};
}

}  // namespace cicada::sim
