// Fingers: one level at a time, bound-checked, the nearest of a few candidates. They make routing fast and decide
// nothing.

#include <algorithm>
#include <bit>
#include <utility>

#include <cicada/chord_node.hpp>

namespace cicada {
namespace {

/// An answer farther from the finger's start than so many mean gaps is implausible: for honest random ids the chance is
/// e^-20 (resilience.md §6, layer 0).
constexpr std::uint64_t gap_factor_max = 20;
constexpr unsigned gap_samples_min = 8;

}  // namespace

/// Levels whose start lies beyond the successor list: about log2(N / r). The list itself covers the others.
unsigned ChordNode::finger_levels() const {
  std::uint64_t span = 0;
  for (const Peer& peer : successors())
    if (peer.exists()) span = peer.prefix() - self_.prefix();
  return span == 0 ? 0U : static_cast<unsigned>(std::countl_zero(span));
}

void ChordNode::set_finger(unsigned level, const Peer& peer) {
  if (fingers_.size() <= level) resize_fingers(std::max(level + 1, finger_levels()));
  fingers_[level] = peer;
}

/// Keeps the first levels; new ones are nobody.
void ChordNode::resize_fingers(std::size_t levels) {
  const std::size_t lists = 2 * std::size_t{config_->successors};
  if (levels > finger_capacity_) {
    auto larger = std::make_unique<Peer[]>(lists + levels);
    std::copy_n(lists_.get(), lists + fingers_.size(), larger.get());
    lists_ = std::move(larger);
    finger_capacity_ = static_cast<std::uint8_t>(levels);
  }
  Peer* first = lists_.get() + lists;
  if (levels > fingers_.size()) std::fill(first + fingers_.size(), first + levels, Peer{});
  fingers_ = {first, levels};
}

void ChordNode::fix_next_finger(Environment& env) {
  if (stranded()) return;  // The fingers of earlier are the way back.
  const unsigned levels = finger_levels();
  if (fingers_.size() != levels) resize_fingers(levels);
  if (levels == 0) {
    filling_ = false;
    return;
  }
  if (lookups_.find([](const Lookup& lookup) { return lookup.why == Why::finger; }) != nullptr) return;
  if (next_level_ >= levels) {
    next_level_ = 0;
    filling_ = false;
  }
  const bool random = config_->finger_order == FingerOrder::random && !filling_;
  const unsigned level = random ? static_cast<unsigned>(rng_.below(levels)) : next_level_++;
  Lookup& lookup = open_lookup(env, finger_start(level), Why::finger);
  lookup.level = static_cast<std::uint8_t>(level);
  launch(env, lookup);
}

void ChordNode::took_finger(Environment& env, unsigned level, std::span<const Peer> owners) {
  if (level < fingers_.size() && !owners.empty() && owners[0].exists()) {
    const Peer& owner = owners[0];
    Peer& finger = fingers_[level];
    if (owner == self_) {
      finger = {};
    } else if (!plausible(env, finger_start(level), owner)) {
      env.listener.on_mark(Mark::finger_rejected);
    } else if (config_->proximity == 0 || !in_level(level, owner)) {
      finger = owner;
    } else {
      if (!finger.exists() || !in_level(level, finger)) finger = owner;
      if (std::ranges::find(owners, finger) == owners.end()) ask(env, finger, Ask::finger, level);
      for (const Peer& candidate : owners.first(std::min<std::size_t>(owners.size(), config_->proximity + 1)))
        if (candidate != self_ && in_level(level, candidate)) ask(env, candidate, Ask::finger, level);
    }
  }
  if (filling_) fix_next_finger(env);
}

void ChordNode::took_finger_distance(Environment&, unsigned level, const Peer& candidate) {
  if (level >= fingers_.size() || fingers_[level] == candidate || !in_level(level, candidate)) return;
  const auto mine = rtt_.smoothed(fingers_[level].index);
  const auto theirs = rtt_.smoothed(candidate.index);
  if (!fingers_[level].exists() || (mine && theirs && *theirs < *mine)) fingers_[level] = candidate;
}

bool ChordNode::in_level(unsigned level, const Peer& peer) const {
  const std::uint64_t distance = peer.prefix() - self_.prefix();
  return distance != 0 && static_cast<unsigned>(std::countl_zero(distance)) == level;
}

/// Is `owner` as close behind `start` as the density of the own neighbourhood lets one expect?
bool ChordNode::plausible(const Environment&, const Id& start, const Peer& owner) const {
  if (!config_->finger_bound) return true;
  std::uint64_t span = 0;
  unsigned gaps = 0;
  for (const Peer& peer : successors()) {
    if (!peer.exists()) break;
    span = peer.prefix() - self_.prefix();
    ++gaps;
  }
  if (predecessor_count_ > 0) {
    span += self_.prefix() - predecessors().back().prefix();
    gaps += predecessor_count_;
  }
  if (gaps < gap_samples_min) return true;
  const std::uint64_t gap = span / gaps;
  if (gap > UINT64_MAX / gap_factor_max) return true;
  return owner.prefix() - start.prefix() <= gap * gap_factor_max;
}

}  // namespace cicada
