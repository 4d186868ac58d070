// Iterative lookups: the source asks one peer after the other, and more of them at a time where some do not answer.

#include <algorithm>

#include <cicada/chord_node.hpp>

namespace cicada {
namespace {

constexpr std::size_t alternatives = 4;  // Peers named in one answer, while all who are asked answer.
constexpr std::size_t names_max = 16;    // The same after some time-outs, and what the source begins with.
constexpr unsigned width_max = 3;        // Questions at a time.
constexpr unsigned questions_max = 64;   // Of one try that asks the owner itself; `hops_max` bounds all.
constexpr unsigned late_tries_max = 2;   // Transmissions of a question; the second one is waited for twice as long.

}  // namespace

/// The best few peers to ask for `key`, best first.
PeerList ChordNode::closest_preceding(const Environment& env, const Id& key, std::size_t count) const {
  PeerList best;
  Excluded excluded;
  while (best.size() < count) {
    const auto step = next_step(env, key, excluded);
    if (!step) break;
    best.push_back(step->peer);
    excluded.add(step->peer);
  }
  return best;
}

/// At most `names` peers around `key`, as in `NextHops`: those from it on and the last one before it, where one of the
/// lists reaches so far, else the closest ones before it. Behind the key, this node is itself the last one of them.
NextHops ChordNode::peers_around(const Environment& env, const Id& key, std::size_t names) const {
  const RingOrder order(env.contacts);
  NextHops around;
  if (const auto owner = owner_among(env, key, successors().size())) {
    around.final = true;
    for (const Peer& peer : successors().subspan(*owner))
      if (peer.exists() && around.peers.size() + 1 < names) around.peers.push_back(peer);
    if (*owner > 0) around.peers.push_back(successors()[*owner - 1]);
    return around;
  }
  std::span<const Peer> before = predecessors();
  if (predecessor_dead_ && !before.empty()) before = before.subspan(1);
  const auto last = std::ranges::find_if(before, [&](const Peer& peer) { return order.left_open(peer, key, id_); });
  if (last == before.end() || config_->look_ahead_only) {
    around.peers = closest_preceding(env, key, names);
    return around;
  }
  around.final = static_cast<std::size_t>(last - before.begin()) < names;
  for (auto peer = last; peer != before.begin() && around.peers.size() + 1 < names;) around.peers.push_back(*--peer);
  if (around.final) around.peers.push_back(*last);
  return around;
}

void ChordNode::launch_iterative(Environment& env, Lookup& lookup) {
  const bool confirm = config_->confirm && lookup.why == Why::user;
  lookup.search = std::make_unique<LookupSearch>(self_, lookup.key, confirm);
  const RingOrder order(env.contacts);
  if (confirm) {
    NextHops around = peers_around(env, lookup.key, names_max);
    if (around.final && !owner_among(env, lookup.key, successors().size())) around.peers.push_back(self_);
    lookup.search->took_names(order, self_, around.peers.view(), around.final);
    PeerList before;
    const auto offer = [&](const Peer& peer) {
      if (peer.exists() && order.open(self_, peer, lookup.key)) before.push_back(peer);
    };
    std::ranges::for_each(fingers_, offer);
    std::ranges::for_each(successors(), offer);
    lookup.search->took_names(order, self_, before.view(), false);
    return iterate(env, lookup);
  }
  if (owner_in_list(env, lookup.key)) {
    const PeerList owners = owners_list(env, lookup.key, lookup.why == Why::finger ? config_->proximity : 0);
    return lookup_ended(env, lookup.number, LookupStatus::found, self_, owners.view());
  }
  const PeerList best = closest_preceding(env, lookup.key, alternatives);
  lookup.search->took_names(order, self_, best.view(), false);
  iterate(env, lookup);
}

std::uint8_t ChordNode::names_wanted(const LookupSearch& search) {
  if (!search.both_sides()) return 0;
  return static_cast<std::uint8_t>(std::min(names_max, alternatives << std::min(search.troubles(), 8U)));
}

/// The next try of a lookup that still waits for answers goes on with what it knows.
void ChordNode::resume(Environment& env, Lookup& lookup) {
  lookup.search->try_again();
  lookup.deadline = env.now + config_->lookup_timeout;
  arm_request_timer(env, lookup.deadline);
  iterate(env, lookup);
}

/// Ends the lookup, or asks as many peers at a time as it needs to.
void ChordNode::iterate(Environment& env, Lookup& lookup) {
  LookupSearch& search = *lookup.search;
  search.rest();
  if (const auto owner = search.nearest_alive())
    return lookup_ended(env, lookup.number, LookupStatus::found, *owner, std::span(&*owner, 1));
  const unsigned width = search.both_sides() ? std::min(1 + search.troubles(), width_max) : 1;
  while (search.waiting() < width && (!search.both_sides() || search.questions() < questions_max) &&
         lookup.hops < config_->hops_max) {
    const auto peer = search.next();
    if (!peer) break;
    if (!ask(env, *peer, Ask::next_hop, lookup.number)) {
      search.is_silent(*peer);
      break;
    }
  }
  if (search.open() == 0) lookup_timed_out(env, lookup);
}

void ChordNode::on_next_hop(Environment& env, const Peer& from, const NextHop& question) {
  if (!member_ || stranded()) return;
  const unsigned candidates = std::min<unsigned>(question.candidates, successors_max - 1);
  NextHops answer;
  if (question.names > 0 && owns(env, question.key)) {
    answer.final = true;
    answer.peers.push_back(self_);
  } else if (alone() || (question.names == 0 && owner_in_list(env, question.key))) {
    answer.final = true;
    answer.peers = owners_list(env, question.key, candidates);
  } else if (question.names > 0) {
    answer = peers_around(env, question.key, std::min<std::size_t>(question.names, names_max));
  } else {
    answer.peers = closest_preceding(env, question.key, alternatives);
  }
  answer.token = question.token;
  env.transport.send(from, answer);
}

void ChordNode::took_next_hops(Environment& env, const Request& request, const NextHops& answer) {
  Lookup* lookup = find_lookup(request.aux);
  if (lookup == nullptr || !lookup->search) return;
  LookupSearch& search = *lookup->search;
  ++lookup->hops;
  const RingOrder order(env.contacts);
  std::span<const Peer> names = answer.peers.view();
  if (answer.final && !names.empty() &&
      (!search.both_sides() || (names[0] == request.to && search.is_behind(order, request.to))))
    return lookup_ended(env, lookup->number, LookupStatus::found, request.to, names);
  names = names.first(std::min(names.size(), names_max));
  search.took_names(order, request.to, names, answer.final);
  iterate(env, *lookup);
}

/// Once somebody has been silent, others of whom nothing is known are waited for no longer than seems likely.
Duration ChordNode::next_hop_timeout(const Peer& peer, std::uint32_t number) {
  const Lookup* lookup = find_lookup(number);
  const bool hurried = lookup != nullptr && lookup->search->both_sides() && lookup->search->troubles() > 0;
  return hurried ? likely_timeout_for(peer) : timeout_for(peer);
}

/// A question without an answer is asked once more, while others are asked too. Gives false where it is given up.
bool ChordNode::next_hop_late(Environment& env, const Request& request) {
  Lookup* lookup = find_lookup(request.aux);
  if (lookup == nullptr || !lookup->search->both_sides() || request.tries >= late_tries_max) return false;
  lookup->search->is_late(request.to);
  if (lookup->timeouts < 255) ++lookup->timeouts;
  report_timeout(env, request.to);
  return true;
}

/// Goes on with the lookups in which a question has become late.
void ChordNode::resume_lookups(Environment& env) {
  const auto stirred = [](const Lookup& lookup) { return lookup.search && lookup.search->stirred(); };
  while (Lookup* lookup = lookups_.find(stirred)) iterate(env, *lookup);
}

void ChordNode::next_hop_failed(Environment& env, const Request& request) {
  report_timeout(env, request.to);
  Lookup* lookup = find_lookup(request.aux);
  if (lookup == nullptr || !lookup->search) return;
  if (lookup->search->is_silent(request.to) && lookup->timeouts < 255) ++lookup->timeouts;
  iterate(env, *lookup);
}

}  // namespace cicada
