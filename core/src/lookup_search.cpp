#include <algorithm>
#include <utility>

#include <cicada/lookup_search.hpp>

namespace cicada {

LookupSearch::Candidate* LookupSearch::find(const Peer& peer) {
  const auto place = std::ranges::find(candidates_, peer, &Candidate::peer);
  return place == candidates_.end() ? nullptr : &*place;
}

std::size_t LookupSearch::count(State state) const {
  return static_cast<std::size_t>(std::ranges::count(candidates_, state, &Candidate::state));
}

void LookupSearch::set(const Peer& peer, State from, State to) {
  Candidate* candidate = find(peer);
  if (candidate == nullptr || candidate->state != from) return;
  candidate->state = to;
  if (to != State::late) return;
  if (troubles_ < 255) ++troubles_;
  stirred_ = true;
}

bool LookupSearch::is_silent(const Peer& peer) {
  Candidate* candidate = find(peer);
  if (candidate == nullptr || candidate->state == State::answered) return false;
  const bool news = candidate->state == State::asked;
  candidate->state = State::silent;
  if (news && troubles_ < 255) ++troubles_;
  return news;
}

template <class Wanted>
const LookupSearch::Candidate* LookupSearch::nearest(Wanted&& wanted) const {
  const Candidate* best = nullptr;
  for (const Candidate& candidate : candidates_)
    if (wanted(candidate) && (best == nullptr || distance(candidate) < distance(*best))) best = &candidate;
  return best;
}

/// The candidate that is `peer`; nullptr where there is no place for it, or it is none.
LookupSearch::Candidate* LookupSearch::add(const RingOrder& order, const Peer& peer) {
  if (peer == self_) return nullptr;
  if (Candidate* known = find(peer)) return known;
  const Candidate fresh{.peer = peer, .behind = is_behind(order, peer)};
  if (fresh.behind && !both_sides_) return nullptr;
  if (candidates_.size() < candidates_max) return &candidates_.emplace_back(fresh);
  // Behind the key there are the fewest, and the owner among them: those before it give way.
  Candidate* farthest = nullptr;
  for (Candidate& candidate : candidates_)
    if (candidate.state == State::unasked && candidate.behind <= fresh.behind &&
        (farthest == nullptr ||
         std::pair(!candidate.behind, distance(candidate)) > std::pair(!farthest->behind, distance(*farthest))))
      farthest = &candidate;
  if (farthest == nullptr) return nullptr;
  if (farthest->behind == fresh.behind && distance(*farthest) <= distance(fresh)) return nullptr;
  *farthest = fresh;
  return farthest;
}

void LookupSearch::took_names(const RingOrder& order, const Peer& from, std::span<const Peer> names, bool covers) {
  const bool own = from == self_;
  const bool from_behind = !own && is_behind(order, from);
  for (const Peer& peer : names) {
    if (!both_sides_ && !own && !order.open(from, peer, key_)) continue;
    if (peer == self_) self_covered_ = self_covered_ || (covers && !from_behind);
    Candidate* candidate = add(order, peer);
    if (candidate != nullptr && !both_sides_ && candidate->state > State::late) candidate->state = State::unasked;
    if (candidate != nullptr && candidate->behind && covers && !from_behind) candidate->covered = true;
  }
  if (own) return;
  Candidate* answered = add(order, from);
  if (answered == nullptr) return;
  answered->state = State::answered;
  if (covers && from_behind) answered->covered = true;
}

std::optional<Peer> LookupSearch::nearest_alive() const {
  const Candidate* best = nearest([](const Candidate& c) { return c.behind && c.state != State::silent; });
  if (best == nullptr) return self_covered_ ? std::optional(self_) : std::nullopt;
  if (best->state != State::answered || !best->covered) return std::nullopt;
  return best->peer;
}

std::optional<Peer> LookupSearch::ask(const Candidate* candidate) {
  Candidate& asked = candidates_[static_cast<std::size_t>(candidate - candidates_.data())];
  asked.again = asked.state == State::answered;
  asked.state = State::asked;
  ++questions_;
  return asked.peer;
}

std::optional<Peer> LookupSearch::next() {
  const auto in = [](const Candidate& c, State state) { return c.state == state; };
  // Behind the key: whoever is nearer than the nearest one that answered may be the owner.
  const Candidate* alive = nearest([&](const Candidate& c) { return c.behind && in(c, State::answered); });
  const Candidate* owner = nearest([&](const Candidate& c) { return c.behind && in(c, State::unasked); });
  if (owner != nullptr && (alive == nullptr || distance(*owner) < distance(*alive))) return ask(owner);
  const bool may_answer =
      nearest([&](const Candidate& c) { return c.behind && (in(c, State::asked) || in(c, State::late)); }) != nullptr;
  if (may_answer && (self_covered_ || (alive != nullptr && alive->covered))) return std::nullopt;
  if (const Candidate* before = nearest([&](const Candidate& c) { return !c.behind && in(c, State::unasked); }))
    return ask(before);
  if (may_answer || !both_sides_) return std::nullopt;
  // All that the answers named is silent: the nearest ones that answered may name more, now that more is asked of them.
  const Candidate* again = nearest([&](const Candidate& c) { return !c.behind && in(c, State::answered) && !c.again; });
  return again == nullptr ? std::nullopt : ask(again);
}

}  // namespace cicada
