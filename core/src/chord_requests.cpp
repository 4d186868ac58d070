// Requests, time-outs and failures: who has been asked what, who is given up, and what follows from that.

#include <utility>

#include <cicada/assert.hpp>
#include <cicada/chord_node.hpp>

namespace cicada {
namespace {

constexpr std::size_t requests_max = 256;       // Further questions are not asked until some have been answered.
constexpr std::uint8_t lost_failures_max = 64;  // Vain probes after which a lost peer is forgotten.
constexpr Duration busy_pause_max = std::chrono::seconds(2);
constexpr Duration hasty_pause = std::chrono::seconds(2);  // After an absence.
constexpr int busy_factor = 4;                             // A busy peer gets so many time-outs to come to an end.

/// Questions that are asked once: an answer that never comes says nothing about more than the question.
constexpr bool asked_once(auto ask) {
  using Ask = decltype(ask);
  return ask == Ask::finger || ask == Ask::lost || ask == Ask::way_back || ask == Ask::next_hop;
}

/// Questions that a `State` answers, and for which the other side may ask for time by `Busy`.
constexpr bool asks_for_state(auto ask) {
  using Ask = decltype(ask);
  return ask == Ask::successor || ask == Ask::candidate || ask == Ask::predecessor || ask == Ask::join_predecessor ||
         ask == Ask::join_successor;
}

}  // namespace

/// The question that a message from `from` answers. A message of another kind than the question is no answer: the
/// question stays open, and fails in its time. Otherwise whoever was asked could end a step of the ring without an end.
template <class Fits>
std::optional<ChordNode::Request> ChordNode::take_request(Environment& env, const Nonce& token, const Peer& from,
                                                          Fits&& fits) {
  const auto asked = [&](const Request& request) { return request.token == token && request.to == from; };
  const Request* request = requests_.find(asked);
  if (request != nullptr && fits(*request)) return requests_.take(asked);
  env.listener.on_refused(from, request == nullptr ? Refusal::not_asked_for : Refusal::wrong_answer);
  return std::nullopt;
}

bool ChordNode::on_message(Environment& env, const Peer& from, const Message& message) {
  if (awaiting_head_ && from == head()) awaiting_head_ = false;
  if (const auto* find = std::get_if<Find>(&message)) {
    on_find(env, from, *find);
  } else if (const auto* hop_ack = std::get_if<HopAck>(&message)) {
    on_hop_ack(env, from, *hop_ack);
  } else if (const auto* get_state = std::get_if<GetState>(&message)) {
    on_get_state(env, from, *get_state);
  } else if (const auto* state = std::get_if<State>(&message)) {
    on_state(env, from, *state);
  } else if (const auto* found = std::get_if<Found>(&message)) {
    on_found(env, from, *found);
  } else if (std::holds_alternative<Notify>(message)) {
    on_notify(env, from);
  } else if (const auto* ping = std::get_if<Ping>(&message)) {
    env.transport.send(from, Pong{ping->token});
  } else if (const auto* pong = std::get_if<Pong>(&message)) {
    on_pong(env, from, *pong);
  } else if (const auto* next_hop = std::get_if<NextHop>(&message)) {
    on_next_hop(env, from, *next_hop);
  } else if (const auto* next_hops = std::get_if<NextHops>(&message)) {
    const auto fits = [](const Request& request) { return request.ask == Ask::next_hop; };
    if (const auto request = take_request(env, next_hops->token, from, fits)) {
      answered(env, *request);
      took_next_hops(env, *request, *next_hops);
    }
  } else if (const auto* hint = std::get_if<Hint>(&message)) {
    on_hint(env, hint->candidate);
  } else if (const auto* busy = std::get_if<Busy>(&message)) {
    on_busy(env, from, *busy);
  } else if (const auto* leave = std::get_if<Leave>(&message)) {
    on_leave(env, from, *leave);
  } else {
    return false;
  }
  return true;
}

void ChordNode::on_timer(Environment& env, Timer timer) {
  switch (timer) {
    case Timer::stabilize:
      return stabilize(env);
    case Timer::fix_fingers:
      arm_periodic(env, Timer::fix_fingers, config_->fix_fingers, false);
      if (member_) fix_next_finger(env);
      return;
    case Timer::check_predecessor:
      arm_periodic(env, Timer::check_predecessor, config_->check_predecessor, false);
      if (member_ && predecessor_dead_ && config_->eager) return seek_predecessor(env);
      if (member_ && predecessor().exists() && !predecessor_dead_ && !asking(Ask::predecessor))
        ask(env, predecessor(), Ask::predecessor, predecessors_from_.known_by(predecessor()));
      return;
    case Timer::request:
      return on_request_timer(env);
    case Timer::probe:
      return probe_lost(env);
    case Timer::data:
    case Timer::broadcast:
      return;
  }
}

void ChordNode::arm_periodic(Environment& env, Timer timer, Duration period, bool first) {
  if (period <= Duration::zero()) return;
  Duration wait = period;
  if (config_->jitter == Jitter::exponential)
    wait = Duration(static_cast<Duration::rep>(rng_.exponential(static_cast<double>(period.count()))));
  else if (first)
    wait = rng_.between(Duration::zero(), period);
  else if (config_->jitter == Jitter::uniform)
    wait = rng_.between(period / 2, period + period / 2);
  if (rare_ && env.now < rare_->hasty_until) wait = std::min(wait, hasty_pause);
  env.clock.arm(timer, env.now + wait);
}

void ChordNode::arm_request_timer(Environment& env, TimePoint deadline) {
  if (deadline >= request_deadline_) return;
  request_deadline_ = deadline;
  env.clock.arm(Timer::request, deadline);
}

// ------------------------------------------------------------------------------------------------------------ requests

/// Gives false, and asks nobody, where a question of this kind has to wait for others.
bool ChordNode::ask(Environment& env, const Peer& to, Ask what, std::uint32_t aux) {
  CICADA_ASSERT(to.exists());
  if (asked_once(what) && requests_.size() >= requests_max) return false;
  Request request;
  request.to = to;
  request.ask = what;
  request.aux = aux;
  request.token = fresh_nonce(env);
  request.sent = env.now;
  request.deadline = env.now + (what == Ask::next_hop ? next_hop_timeout(to, aux) : timeout_for(to));
  requests_.push(request);
  arm_request_timer(env, request.deadline);
  transmit(env, request);
  return true;
}

void ChordNode::transmit(Environment& env, const Request& request) {
  switch (request.ask) {
    case Ask::successor:
      return env.transport.send(request.to, GetState{request.token, request.aux, Side::successors});
    case Ask::candidate:
    case Ask::join_predecessor:
    case Ask::join_successor:
      return env.transport.send(request.to, GetState{request.token, 0, Side::successors});
    case Ask::predecessor:
      return env.transport.send(request.to, GetState{request.token, request.aux, Side::predecessors});
    case Ask::rectify:
    case Ask::neighbor:
    case Ask::suspect:
    case Ask::finger:
    case Ask::lost:
    case Ask::way_back:
      return env.transport.send(request.to, Ping{request.token});
    case Ask::next_hop: {
      const Lookup* lookup = find_lookup(request.aux);
      CICADA_ASSERT(lookup != nullptr);
      NextHop question;
      question.key = lookup->key;
      question.token = request.token;
      if (lookup->why == Why::finger) question.candidates = static_cast<std::uint8_t>(config_->proximity);
      question.names = names_wanted(*lookup->search);
      return env.transport.send(request.to, question);
    }
  }
}

void ChordNode::cancel_requests(Ask what) {
  requests_.erase_if([&](const Request& request) { return request.ask == what; });
}

bool ChordNode::asking(Ask what) const {
  bool found = false;
  requests_.for_each([&](const Request& request) { found = found || request.ask == what; });
  return found;
}

/// An answer to a question that was asked once measures the round trip (Karn's rule), unless the other side was busy.
void ChordNode::answered(Environment& env, const Request& request) {
  if (request.tries == 1 && !request.busy) rtt_.sample(request.to.index, env.now - request.sent);
  rest_if_idle(env);
}

void ChordNode::rest_if_idle(Environment& env) {
  if (!requests_.empty() || !hops_.empty() || !lookups_.empty()) return;
  request_deadline_ = time_never;
  env.clock.disarm(Timer::request);
}

void ChordNode::on_busy(Environment& env, const Peer& from, const Busy& busy) {
  requests_.for_each([&](Request& request) {
    if (request.token != busy.token || request.to != from || request.busy || !asks_for_state(request.ask)) return;
    request.busy = true;
    request.deadline = env.now + busy_factor * timeout_for(from);
  });
  break_circle(env, from);
}

/// Two nodes that ask each other in the middle of their steps would both wait in vain: the one with the smaller id
/// gives its step up, and answers.
void ChordNode::break_circle(Environment& env, const Peer& other) {
  if (!rare_ || step_ != Step::stabilizing || env.contacts.id_of(other.index) < id_) return;
  if (std::ranges::none_of(rare_->waiting, [&](const Question& question) { return question.from == other; })) return;
  const auto in_circle = [&](const Request& request) {
    return request.to == other && request.busy && (request.ask == Ask::successor || request.ask == Ask::candidate);
  };
  if (const auto request = requests_.take(in_circle)) gave_up_on_busy(env, *request);
}

void ChordNode::on_state(Environment& env, const Peer& from, const State& state) {
  // A list of the other side, or none where no version was named, is no answer either.
  const auto fits = [&](const Request& request) {
    const bool versioned = request.ask == Ask::successor || request.ask == Ask::predecessor;
    const Side side = request.ask == Ask::predecessor ? Side::predecessors : Side::successors;
    return asks_for_state(request.ask) && state.side == side && (!state.unchanged || (versioned && request.aux != 0));
  };
  const auto request = take_request(env, state.token, from, fits);
  if (!request) return;
  answered(env, *request);
  switch (request->ask) {
    case Ask::successor:
      return took_successor_state(env, from, state);
    case Ask::candidate:
      return took_candidate_state(env, from, state);
    case Ask::predecessor:
      return took_predecessor_state(env, from, state);
    case Ask::join_predecessor:
      return join_took_predecessor(env, from, state);
    case Ask::join_successor:
      return join_took_successor(env, from, state);
    default:
      return;
  }
}

void ChordNode::on_pong(Environment& env, const Peer& from, const Pong& pong) {
  const auto request = take_request(env, pong.token, from, [](const Request& asked) {
    return !asks_for_state(asked.ask) && asked.ask != Ask::next_hop;
  });
  if (!request) return;
  answered(env, *request);
  switch (request->ask) {
    case Ask::rectify:
      return finish_rectify(env);
    case Ask::neighbor:
      return on_notify(env, from);
    case Ask::finger:
      return took_finger_distance(env, request->aux, from);
    case Ask::lost: {
      // It stays in memory until its ring turns out to be this one.
      if (!member_) return;
      Lookup& lookup = open_lookup(env, id_, Why::merge);
      lookup.tag = from.index;
      return launch_through(env, lookup, from);
    }
    case Ask::way_back:
      return way_back_answered(env, from);
    default:
      return;
  }
}

// ------------------------------------------------------------------------------------------------------------
// time-outs

void ChordNode::on_request_timer(Environment& env) {
  request_deadline_ = time_never;
  requests_.for_each([&](Request& request) {
    if (request.deadline > env.now || request.busy || request.tries >= config_->rto.tries) return;
    if (asked_once(request.ask) && (request.ask != Ask::next_hop || !next_hop_late(env, request))) return;
    ++request.tries;
    const Duration timeout = timeout_for(request.to) * (1 << std::min<int>(request.tries - 1, 6));
    request.deadline = env.now + std::min(timeout, config_->rto.max);
    transmit(env, request);
  });
  // What fails here may ask, forward or look up anew, but with deadlines to come: each loop ends.
  const auto late = [&](const auto& waiting) { return waiting.deadline <= env.now; };
  while (const auto failed = requests_.take(late))
    failed->busy ? gave_up_on_busy(env, *failed) : request_failed(env, *failed);
  while (const auto hop = hops_.take(late)) hop_timed_out(env, *hop);
  while (Lookup* lookup = lookups_.find(late)) lookup_timed_out(env, *lookup);
  resume_lookups(env);

  TimePoint next = time_never;
  const auto earliest = [&](const auto& waiting) { next = std::min(next, waiting.deadline); };
  requests_.for_each(earliest);
  hops_.for_each(earliest);
  lookups_.for_each(earliest);
  request_deadline_ = time_never;
  arm_request_timer(env, next);
}

void ChordNode::request_failed(Environment& env, const Request& request) {
  switch (request.ask) {
    case Ask::successor:
      declare_down(env, request.to);
      if (step_ != Step::stabilizing) return;
      if (alone()) return lost_all_successors(env);
      if (config_->flaws.has(Flaw::promote_unchecked)) {
        awaiting_head_ = true;
        return finish_step(env);
      }
      return ask_new_head(env);
    case Ask::candidate: {
      env.listener.on_mark(Mark::candidate_dead);
      const bool was_stranded = stranded();
      declare_down(env, request.to);
      if (step_ != Step::stabilizing) return;
      if (was_stranded) {
        std::ranges::replace(fingers_, request.to, Peer{});
        return lost_all_successors(env);
      }
      if (!alone()) env.transport.send(head(), Notify{});
      return finish_step(env);
    }
    case Ask::predecessor:
    case Ask::suspect:
      return declare_down(env, request.to);
    case Ask::rectify: {
      declare_down(env, request.to);
      const Peer notifier = notifier_;
      const Peer present = predecessor();
      // A closer one may have come while the ping was under way: it must not give way to a farther one.
      const bool better = !present.exists() || present == request.to || between(env, present, notifier, self_);
      if (notifier.exists() && member_ && better) {
        env.listener.on_mark(Mark::predecessor_replaced_dead);
        set_predecessor(env, notifier);
      }
      return finish_rectify(env);
    }
    case Ask::join_predecessor:
      return join_failed(env);
    case Ask::join_successor: {
      PeerList& candidates = rare().join_candidates;
      PeerList others;
      for (const Peer& peer : candidates)
        if (peer != request.to) others.push_back(peer);
      candidates = others;
      return ask_join_successor(env);
    }
    case Ask::finger:
      if (request.aux < fingers_.size() && fingers_[request.aux] == request.to) report_timeout(env, request.to);
      return;
    case Ask::way_back:
      return way_back_failed(env);
    case Ask::lost:
      if (rare_ && !alone())
        std::erase_if(rare_->lost,
                      [&](LostPeer& lost) { return lost.peer == request.to && ++lost.failures >= lost_failures_max; });
      return;
    case Ask::next_hop:
      return next_hop_failed(env, request);
    case Ask::neighbor:
      return;
  }
}

/// The other side lives but did not come to an end in time: the step is given up without a judgement.
void ChordNode::gave_up_on_busy(Environment& env, const Request& request) {
  env.listener.on_mark(Mark::busy_gave_up);
  switch (request.ask) {
    case Ask::successor:
    case Ask::candidate:
      // Nodes that wait for each other in a circle would meet again in the next round, were it not for a random wait.
      if (step_ != Step::stabilizing) return;
      env.clock.arm(Timer::stabilize,
                    env.now + rng_.between(Duration::zero(), std::min(config_->stabilize, busy_pause_max)));
      return finish_step(env);
    case Ask::join_predecessor:
    case Ask::join_successor:
      return join_failed(env);
    default:
      return;
  }
}

void ChordNode::report_timeout(Environment& env, const Peer& peer) {
  if (!config_->evict_on_timeout || !peer.exists()) return;
  if (config_->rto.tries <= 1) return declare_down(env, peer);
  const auto waiting = [&](const Request& request) { return request.to == peer && !asked_once(request.ask); };
  if (requests_.find(waiting) != nullptr) return;  // A word from it is waited for already.
  ask(env, peer, Ask::suspect);
}

void ChordNode::on_peer_down(Environment& env, const Peer& peer) { declare_down(env, peer); }

/// `peer` is dead, as far as this node can know. What waits for its answer fails at once.
void ChordNode::declare_down(Environment& env, const Peer& peer) {
  const bool was_head = drop_from_successors(env, peer);
  if (was_head && member_ && alone()) stranded_ = true;
  const bool had_predecessor = !predecessor_dead_;
  drop_from_predecessors(peer);
  if (had_predecessor && predecessor_dead_ && config_->eager) lost_predecessor(env);
  if (config_->evict_on_timeout) std::ranges::replace(fingers_, peer, Peer{});
  requests_.for_each([&](Request& request) {
    if (request.to != peer) return;
    request.deadline = env.now;
    request.busy = false;
    request.tries = static_cast<std::uint8_t>(config_->rto.tries);
    arm_request_timer(env, env.now);
  });
  hops_.for_each([&](Hop& hop) {
    if (hop.to != peer) return;
    hop.deadline = env.now;
    arm_request_timer(env, env.now);
  });
  remember_lost(peer);
  if (rare_ && !rare_->lost.empty() && config_->probe > Duration::zero() && rare_->lost.size() == 1)
    env.clock.arm(Timer::probe, env.now + rng_.between(config_->probe / 2, config_->probe));
  env.transport.forget(peer);
  if (!was_head || !member_) return;
  if (step_ != Step::idle) {
    head_unasked_ = true;
    return;
  }
  if (alone()) return lost_all_successors(env);
  if (config_->flaws.has(Flaw::promote_unchecked)) {
    awaiting_head_ = true;
    return;
  }
  ask_new_head(env);
}

/// The one that follows a dead successor is asked at once, not in the next round.
void ChordNode::ask_new_head(Environment& env) {
  step_ = Step::stabilizing;
  head_unasked_ = false;
  env.transport.send(head(), Notify{});
  ask(env, head(), Ask::successor);
}

std::size_t ChordNode::heap_bytes() const {
  std::size_t bytes = (2 * std::size_t{config_->successors} + finger_capacity_) * sizeof(Peer) +
                      requests_.size() * Chain<Request>::element_bytes() + hops_.size() * Chain<Hop>::element_bytes() +
                      lookups_.size() * Chain<Lookup>::element_bytes();
  if (rare_)
    bytes += sizeof(Rare) + rare_->lost.capacity() * sizeof(LostPeer) +
             (rare_->bootstrap.capacity() + rare_->known.capacity()) * sizeof(Peer);
  return bytes;
}

}  // namespace cicada
