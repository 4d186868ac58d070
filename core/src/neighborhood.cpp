#include "neighborhood.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace cicada {
namespace {

constexpr Duration silent_for_long = std::chrono::minutes(15);
constexpr double prior_weight = 2;
constexpr double memory_of_usual = 0.98;
constexpr unsigned samples_remembered = 32;
constexpr unsigned samples_enough = 8;
constexpr double variations = 1;  // Waited for beyond the mean.

bool holds(std::span<const PeerIndex> peers, PeerIndex peer) { return std::ranges::find(peers, peer) != peers.end(); }

}  // namespace

// ------------------------------------------------------------------------------------------------------------- links

void Neighborhood::heard_from(const Peer& peer, TimePoint now) {
  const auto known = std::ranges::find(links_, peer.index, [](const Link& link) { return link.peer.index; });
  if (known != links_.end()) {
    known->heard = now;
    return;
  }
  if (links_.size() < links_max) {
    links_.push_back({peer, now});
    return;
  }
  const auto quiet = std::ranges::min_element(links_, {}, &Link::heard);
  if (now - quiet->heard > silent_for_long) *quiet = {peer, now};
}

void Neighborhood::drop(PeerIndex peer) {
  std::erase_if(links_, [&](const Link& link) { return link.peer.index == peer; });
  std::erase_if(standings_, [&](const Standing& standing) { return standing.peer == peer; });
}

// ---------------------------------------------------------------------------------------------------------- standing

double Neighborhood::decay(TimePoint since, TimePoint now) const {
  return std::exp2(-static_cast<double>((now - since).count()) / static_cast<double>(half_life_.count()));
}

Neighborhood::Standing& Neighborhood::standing(PeerIndex peer, TimePoint now) {
  auto place = std::ranges::find(standings_, peer, &Standing::peer);
  if (place == standings_.end()) {
    if (standings_.size() < standings_max) {
      standings_.push_back({peer, 0, 0, now});
      return standings_.back();
    }
    place = std::ranges::min_element(standings_, {}, &Standing::at);
    *place = {peer, 0, 0, now};
  }
  const auto factor = static_cast<float>(decay(place->at, now));
  place->good *= factor;
  place->bad *= factor;
  place->at = now;
  return *place;
}

void Neighborhood::succeeded(const Peer& peer, TimePoint now) {
  constexpr float good_max = 20;  // Old merits do not cover a change of mind for long.
  Standing& standing = this->standing(peer.index, now);
  standing.good = std::min(standing.good + 1, good_max);
  usual_ = memory_of_usual * usual_ + (1 - memory_of_usual);
}

void Neighborhood::failed(const Peer& peer, TimePoint now, double weight) {
  Standing& standing = this->standing(peer.index, now);
  standing.bad += static_cast<float>(weight);
  standing.good *= 1 - 0.5F * static_cast<float>(std::min(weight, 1.0));
  usual_ *= 1 - (1 - memory_of_usual) * std::min(weight, 1.0);
}

double Neighborhood::reliability(const Peer& peer, TimePoint now) const {
  const auto place = std::ranges::find(standings_, peer.index, &Standing::peer);
  if (place == standings_.end()) return usual_;
  const double factor = decay(place->at, now);
  const double good = factor * place->good;
  const double bad = factor * place->bad;
  return (good + prior_weight * usual_) / (good + bad + prior_weight);
}

// -------------------------------------------------------------------------------------------------------------- time

void Neighborhood::acknowledged(Duration took, unsigned hops) {
  const double per_hop = static_cast<double>(took.count()) / (hops + 1);
  const double weight = 1.0 / std::min(++acknowledged_, samples_remembered);
  hop_variation_ns_ += weight * (std::abs(per_hop - hop_ns_) - hop_variation_ns_);
  hop_ns_ += weight * (per_hop - hop_ns_);
}

Duration Neighborhood::patience(const ChordNode& chord, unsigned hops) const {
  double per_hop = 200e6, variation = 100e6;  // Of an unknown network.
  if (acknowledged_ >= samples_enough) {
    per_hop = hop_ns_;
    variation = hop_variation_ns_;
  } else if (const auto typical = chord.typical_rtt()) {
    per_hop = static_cast<double>(typical->rtt.count());
    variation = static_cast<double>(typical->variation.count());
  }
  // Independent links: their variations add up as squares do.
  const double links = hops + 1;
  const double wait = per_hop * links + variations * std::max(variation, per_hop / 4) * std::sqrt(links);
  return Duration(static_cast<Duration::rep>(std::clamp(wait, 20e6, 10e9)));
}

// ------------------------------------------------------------------------------------------------------------ choice

unsigned Neighborhood::hops_to(const ChordNode& chord, std::uint64_t distance) {
  std::uint64_t reach = 0;  // Everybody within it is in the lists.
  for (const Peer& peer : chord.successors())
    if (peer.exists()) reach = std::max(reach, peer.prefix() - chord.self().prefix());
  if (reach == 0 || distance <= reach) return 1;
  return 1 + (static_cast<unsigned>(std::bit_width(distance / reach)) + 1) / 2;
}

std::optional<Peer> Neighborhood::best(const Environment& env, const ChordNode& chord, const Id& aim,
                                       std::span<const PeerIndex> tried, std::span<const PeerIndex> shunned) const {
  struct Choice {
    Peer peer;
    double utility = 0;
  };
  Choice best, shunned_best;
  const std::uint64_t own = distance(chord.self().prefix(), aim.prefix());
  const auto consider = [&](const Peer& peer) {
    if (!peer.exists() || peer == chord.self() || holds(tried, peer.index)) return;
    const std::uint64_t rest = distance(peer.prefix(), aim.prefix());
    const bool there = rest == 0 && env.contacts.id_of(peer.index) == aim;
    if (!there && rest >= own) return;
    const double trust = 2 * std::log(reliability(peer, env.now));
    const double utility = there ? trust + 16 : trust - std::log2(static_cast<double>(rest) + 1) / 4;
    Choice& choice = holds(shunned, peer.index) && !there ? shunned_best : best;
    if (!choice.peer.exists() || utility > choice.utility) choice = {peer, utility};
  };
  for (const Peer& peer : chord.successors()) consider(peer);
  for (const Peer& peer : chord.predecessors()) consider(peer);
  for (const Peer& peer : chord.fingers()) consider(peer);
  for (const Link& link : links_) consider(link.peer);
  if (best.peer.exists()) return best.peer;
  if (shunned_best.peer.exists()) return shunned_best.peer;
  return std::nullopt;
}

}  // namespace cicada
