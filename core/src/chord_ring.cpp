// The ring: join, stabilise, rectify, leave (chord.md §3.4).

#include <utility>

#include <cicada/assert.hpp>
#include <cicada/chord_node.hpp>

namespace cicada {
namespace {

constexpr std::size_t waiting_max = 16;     // State queries kept while busy.
constexpr std::uint8_t join_walk_max = 32;  // Steps from one member to the next before a join starts afresh.
constexpr std::size_t bootstrap_max = 32;   // Peers kept to join through.
constexpr std::uint8_t chase_max = 64;      // Candidates followed one after the other between two periodic steps.
constexpr std::uint8_t skipped_max = 10;  // Times in a row that the predecessor may not take us in, told of us or not.
constexpr std::uint32_t returns_min = 3;  // Attempts to join again before a node that lost everybody stays alone.
constexpr std::uint64_t nonce_salt = 0x6e6f6e6365;
constexpr Duration join_lookup_min = std::chrono::seconds(2);  // For the first question; doubled at each attempt.
constexpr Duration join_backoff_min = std::chrono::milliseconds(500);
constexpr Duration join_backoff_max = std::chrono::seconds(30);

}  // namespace

ChordNode::ChordNode(const ChordConfig& config, Peer self, const Id& id, Rng rng)
    : config_(&config),
      self_(self),
      id_(id),
      lists_(std::make_unique<Peer[]>(2 * config.successors)),
      nonces_(rng.fork(nonce_salt).next()),
      rng_(rng) {
  CICADA_ASSERT(config.successors >= 1 && config.successors <= successors_max);
  CICADA_ASSERT(config.rto.tries >= 1 && config.lookup_tries >= 1);
  CICADA_ASSERT(self.exists() && self.prefix() == id.prefix());
}

void ChordNode::start_alone(Environment& env) {
  stranded_ = false;
  pad_successors(env, 0);
  successor_count_ = static_cast<std::uint8_t>(config_->successors);
  become_member(env);
}

void ChordNode::start_in_ring(Environment& env, std::span<const Peer> successors, std::span<const Peer> predecessors) {
  CICADA_ASSERT(!successors.empty() && !predecessors.empty());
  adopt_successors(env, successors[0], successors.subspan(1));
  adopt_predecessors(env, predecessors[0], predecessors.subspan(1));
  become_member(env);
  filling_ = false;
}

void ChordNode::become_member(Environment& env) {
  member_ = true;
  skipped_ = 0;
  next_level_ = 0;
  filling_ = true;
  ++version_;
  arm_periodic(env, Timer::stabilize, config_->stabilize, true);
  arm_periodic(env, Timer::fix_fingers, config_->fix_fingers, true);
  arm_periodic(env, Timer::check_predecessor, config_->check_predecessor, true);
  finish_step(env);
  env.listener.on_joined();
}

// ---------------------------------------------------------------------------------------------------------------- join

void ChordNode::join(Environment& env, std::span<const Peer> bootstrap) {
  CICADA_ASSERT(!member_ && !bootstrap.empty());
  rare().bootstrap.assign(bootstrap.begin(),
                          bootstrap.begin() + static_cast<std::ptrdiff_t>(std::min(bootstrap.size(), bootstrap_max)));
  begin_join(env);
}

void ChordNode::begin_join(Environment& env) {
  step_ = Step::joining;
  Rare& state = rare();
  CICADA_ASSERT(!state.bootstrap.empty());
  const unsigned attempt = state.join_attempts++;
  const Peer& first = state.bootstrap[attempt % state.bootstrap.size()];
  state.join_walk = 0;
  Lookup& lookup = open_lookup(env, id_, Why::join);
  // Somebody on the way may die with the question. To ask again costs less than to wait for what a user would wait for.
  lookup.deadline = env.now + std::min(config_->lookup_timeout, join_lookup_min * (1 << std::min(attempt, 6U)));
  arm_request_timer(env, lookup.deadline);
  launch_through(env, lookup, first);
}

void ChordNode::join_failed(Environment& env) {
  if (member_ || step_ != Step::joining) return;
  env.listener.on_join_failed();
  env.listener.on_mark(Mark::join_retried);
  cancel_requests(Ask::join_predecessor);
  cancel_requests(Ask::join_successor);
  const Rare& state = rare();
  const bool all_tried = state.join_attempts >= std::max<std::size_t>(returns_min, state.bootstrap.size());
  if (!state.known.empty() && all_tried) return no_way_back(env);
  const unsigned doublings = std::min(state.join_attempts, 6U);
  const Duration backoff = std::min(join_backoff_min * (1 << doublings), join_backoff_max);
  env.clock.arm(Timer::stabilize, env.now + rng_.between(backoff / 2, backoff));
}

void ChordNode::join_found(Environment& env, const Peer& predecessor) {
  if (!predecessor.exists() || RingOrder(env.contacts).same_id(predecessor, self_)) return join_failed(env);
  rare().join_predecessor = predecessor;
  ask(env, predecessor, Ask::join_predecessor);
}

void ChordNode::join_took_predecessor(Environment& env, const Peer& predecessor, const State& state) {
  if (member_ || step_ != Step::joining) return;
  const RingOrder order(env.contacts);
  const std::span<const Peer> list = state.list.view();
  Rare& joining = rare();
  if (!list.empty() && !order.left_open(predecessor, self_, list[0])) {
    // The lookup was answered too early: go on to the last entry before this node.
    std::size_t next = 0;
    while (next + 1 < list.size() && order.open(predecessor, list[next + 1], self_)) ++next;
    if (joining.join_walk++ >= join_walk_max || !order.open(predecessor, list[next], self_)) return join_failed(env);
    env.listener.on_mark(Mark::join_walked);
    joining.join_predecessor = list[next];
    ask(env, list[next], Ask::join_predecessor);
    return;
  }
  joining.join_candidates.clear();
  joining.earlier_life = {};
  for (const Peer& peer : list) {
    if (!peer.exists()) continue;
    if (!order.same_id(peer, self_))
      joining.join_candidates.push_back(peer);
    else if (config_->flaws.has(Flaw::accept_old_incarnation))
      joining.earlier_life = peer;
  }
  if (joining.join_candidates.empty()) joining.join_candidates.push_back(predecessor);
  ask_join_successor(env);
}

void ChordNode::ask_join_successor(Environment& env) {
  if (rare().join_candidates.empty()) return join_failed(env);
  ask(env, rare().join_candidates[0], Ask::join_successor);
}

void ChordNode::join_took_successor(Environment& env, const Peer& successor, const State& state) {
  if (member_ || step_ != Step::joining) return;
  successors_from_ = {};
  predecessors_from_ = {};
  predecessor_dead_ = false;
  successor_count_ = 0;
  predecessor_count_ = 0;
  const bool single = config_->flaws.has(Flaw::join_single_successor);
  if (const Peer earlier = rare().earlier_life; earlier.exists()) [[unlikely]] {
    PeerList rest{successor};
    for (const Peer& peer : state.list) rest.push_back(peer);
    adopt_successors(env, earlier, rest.view());
  } else {
    adopt_successors(env, successor, single ? std::span<const Peer>{} : state.list.view());
  }
  adopt_predecessors(env, rare().join_predecessor, {});
  // Those through whom it could not join may be members of another ring.
  if (rare().join_attempts > 1) remember(env, rare().bootstrap);
  rare().join_attempts = 0;
  rare().known.clear();
  become_member(env);
  env.transport.send(head(), Notify{});
  const Peer behind = rare().join_predecessor;
  if (config_->eager && behind != head()) env.transport.send(behind, Hint{self_});
  consider(env, state.opposite.or_nobody());
}

// ----------------------------------------------------------------------------------------------------------- stabilise

void ChordNode::stabilize(Environment& env) {
  if (!member_) return begin_join(env);
  arm_periodic(env, Timer::stabilize, config_->stabilize, false);
  chase_ = 0;
  if (step_ != Step::idle || awaiting_head_) return;
  if (stranded()) return lost_all_successors(env);
  if (alone()) {
    if (predecessor().exists() && !predecessor_dead_) stabilize_with(env, predecessor());
    return;
  }
  step_ = Step::stabilizing;
  ask(env, head(), Ask::successor, successors_from_.known_by(head()));
}

bool ChordNode::improves(const Environment& env, const Peer& candidate) const {
  return candidate.exists() && candidate != self_ &&
         (alone() || (candidate != head() && between(env, self_, candidate, head())));
}

/// Somebody named `candidate` as lying between this node and its successor: asks it, now or after the present step.
void ChordNode::consider(Environment& env, const Peer& candidate) {
  if (!member_ || !improves(env, candidate)) return;
  if (step_ == Step::idle) return stabilize_with(env, candidate);
  if (!candidate_.exists() || between(env, self_, candidate, candidate_)) candidate_ = candidate;
}

/// Named is a peer that lies before this node's successor, or one behind it, that has lost the one between.
void ChordNode::on_hint(Environment& env, const Peer& named) {
  const std::span<const Peer> list = successors();
  if (list.size() < 2 || std::ranges::find(list.subspan(1), named) == list.end()) return consider(env, named);
  if (step_ != Step::idle || chase_ >= chase_max) return;
  ++chase_;
  step_ = Step::stabilizing;
  ask(env, head(), Ask::successor);
}

/// Part B on its own: somebody named `candidate` as lying between this node and its successor.
void ChordNode::stabilize_with(Environment& env, const Peer& candidate) {
  if (!member_ || step_ != Step::idle) return;
  step_ = Step::stabilizing;
  ask(env, candidate, Ask::candidate);
}

void ChordNode::took_successor_state(Environment& env, const Peer& successor, const State& state) {
  if (step_ != Step::stabilizing) return;
  if (successor != head()) return finish_step(env);
  if (state.unchanged) return finish_step(env);
  const Peer old_head = head();
  adopt_successors(env, successor, state.list.view());
  successors_from_ = {};
  const Peer candidate = state.opposite.or_nobody();
  if (candidate.exists() && candidate != self_ && candidate != old_head && between(env, self_, candidate, old_head)) {
    if (config_->flaws.has(Flaw::adopt_unchecked)) {
      const std::vector<Peer> behind(successors().begin(), successors().end());
      adopt_successors(env, candidate, behind);
      env.transport.send(candidate, Notify{});
      return finish_step(env);
    }
    ask(env, candidate, Ask::candidate);
    return;
  }
  if (candidate == self_)
    successors_from_ = {successor.index, state.version};
  else
    env.transport.send(successor, Notify{});
  finish_step(env);
}

void ChordNode::took_candidate_state(Environment& env, const Peer& candidate, const State& state) {
  if (step_ != Step::stabilizing) return;
  const Peer old_head = head();
  if (alone() || (candidate != old_head && between(env, self_, candidate, old_head))) {
    adopt_successors(env, candidate, state.list.view());
    successors_from_ = {};
    env.listener.on_mark(Mark::candidate_adopted);
    if (const Peer before = state.opposite.or_nobody(); improves(env, before))
      consider(env, before);  // Another one lies before it.
    else
      env.transport.send(candidate, Notify{});
    // Where two rings merge, the newcomer does not know who follows it in the other one.
    if (old_head.exists() && std::ranges::find(state.list, old_head) == state.list.end())
      env.transport.send(candidate, Hint{old_head});
  }
  finish_step(env);
}

void ChordNode::finish_step(Environment& env) {
  step_ = Step::idle;
  answer_waiting(env);
  if (std::exchange(head_unasked_, false) && member_ && !alone() && !config_->flaws.has(Flaw::promote_unchecked))
    return ask_new_head(env);
  const Peer candidate = std::exchange(candidate_, Peer{});
  if (!improves(env, candidate) || !member_ || chase_ >= chase_max) return;
  ++chase_;
  stabilize_with(env, candidate);
}

// ------------------------------------------------------------------------------------------------------------- rectify

void ChordNode::on_notify(Environment& env, const Peer& from) {
  if (!member_ || from == self_) return;
  drop_older_life(env, from);
  const Peer old = predecessor();
  if (old == from && old.exists()) {
    if (predecessor_dead_) ++version_;
    predecessor_dead_ = false;
    return;
  }
  if (!old.exists() || between(env, old, from, self_)) {
    set_predecessor(env, from);
  } else if (config_->flaws.has(Flaw::rectify_without_ping)) {
    return;
  } else if (predecessor_dead_) {
    env.listener.on_mark(Mark::predecessor_replaced_dead);
    set_predecessor(env, from);
  } else if (rectifying_) {
    env.listener.on_mark(Mark::notifiers_coalesced);
    if (between(env, notifier_, from, self_)) notifier_ = from;
  } else {
    rectifying_ = true;
    notifier_ = from;
    ask(env, old, Ask::rectify);
  }
  if (alone() && member_) stabilize_with(env, from);
}

void ChordNode::set_predecessor(Environment& env, const Peer& peer) {
  const Peer old = predecessor();
  const bool closer = old.exists() && !predecessor_dead_ && between(env, old, peer, self_);
  const PeerList behind(predecessors());
  if (predecessor_dead_) ++version_;
  predecessor_dead_ = false;
  predecessors_from_ = {};
  adopt_predecessors(env, peer, behind.view());
  if (config_->eager && closer) env.transport.send(old, Hint{peer});
}

void ChordNode::finish_rectify(Environment& env) {
  rectifying_ = false;
  notifier_ = {};
  answer_waiting(env);
}

void ChordNode::took_predecessor_state(Environment& env, const Peer& predecessor_asked, const State& state) {
  if (!member_ || predecessor_asked != predecessor()) return;
  if (predecessor_dead_) ++version_;
  predecessor_dead_ = false;
  if (state.unchanged) return;
  adopt_predecessors(env, predecessor_asked, state.list.view());
  const Peer next = state.opposite.or_nobody();
  const bool known = next == self_;
  predecessors_from_ = known ? Reconciled{predecessor_asked.index, state.version} : Reconciled{};
  if (known || !next.exists()) {
    skipped_ = 0;
  } else if (between(env, predecessor_asked, self_, next)) {
    // As a rule it has not stabilised since this node came: told of it, it asks this node and takes it in. Coming back
    // through the front door is for those whom that does not help.
    env.transport.send(predecessor_asked, Hint{self_});
    if (config_->fence && ++skipped_ >= skipped_max) rejoin(env);
  } else if (between(env, predecessor_asked, next, self_) && !asking(Ask::neighbor)) {
    ask(env, next, Ask::neighbor);
  }
}

// --------------------------------------------------------------------------------------------------------------- leave

bool ChordNode::leave(Environment& env) {
  if (!member_ || is_busy() || (!alone() && (!predecessor().exists() || predecessor_dead_))) {
    env.listener.on_mark(Mark::leave_refused);
    return false;
  }
  if (!alone()) {
    const Leave goodbye{predecessor(), head()};
    env.transport.send(head(), goodbye);
    if (predecessor() != head()) env.transport.send(predecessor(), goodbye);
  }
  member_ = false;
  return true;
}

void ChordNode::on_leave(Environment& env, const Peer& from, const Leave& leave) {
  const bool was_predecessor = predecessor() == from;
  declare_down(env, from);
  if (!member_ || !config_->eager) return;
  const Peer next = leave.predecessor.or_nobody();
  if (was_predecessor && next.exists() && next != self_ && !asking(Ask::neighbor)) ask(env, next, Ask::neighbor);
}

// ------------------------------------------------------------------------------------------------------- state queries

void ChordNode::on_get_state(Environment& env, const Peer& from, const GetState& question) {
  drop_older_life(env, from);
  const Question asked{from, question.token, question.known_version, question.side};
  if (!member_) return env.transport.send(from, Leave{});  // Who gave up its membership has failed, for all others.
  if (!is_busy() || config_->flaws.has(Flaw::answer_while_busy)) return answer_state(env, asked);
  env.listener.on_mark(Mark::busy_answered);
  env.transport.send(from, Busy{question.token});
  std::vector<Question>& waiting = rare().waiting;
  const auto same = [&](const Question& other) { return other.from == from && other.token == question.token; };
  if (waiting.size() < waiting_max && std::ranges::none_of(waiting, same)) waiting.push_back(asked);
  break_circle(env, from);
}

void ChordNode::answer_state(Environment& env, const Question& question) {
  State state;
  state.token = question.token;
  state.version = version_;
  state.side = question.side;
  state.unchanged = question.known_version == version_;
  if (!state.unchanged) {
    const bool forward = question.side == Side::successors;
    // A predecessor known to be dead is no news for the asker: without it, it notifies us and takes its place.
    const Peer behind = predecessor_dead_ ? Peer{} : predecessor();
    state.opposite = forward ? behind : (alone() ? Peer{} : head());
    for (const Peer& peer : forward ? successors() : predecessors()) {
      if (!peer.exists()) break;
      if (!forward && predecessor_dead_ && peer == predecessor()) continue;
      state.list.push_back(peer);
    }
  }
  env.transport.send(question.from, state);
}

void ChordNode::answer_waiting(Environment& env) {
  if (!rare_ || rare_->waiting.empty() || is_busy() || !member_) return;
  const std::vector<Question> waiting = std::exchange(rare_->waiting, {});
  for (const Question& question : waiting) answer_state(env, question);
}

/// A neighbour under the same id but with a lower incarnation than `from` is a life that has ended.
void ChordNode::drop_older_life(Environment& env, const Peer& from) {
  if (config_->flaws.has(Flaw::accept_old_incarnation)) return;
  const auto earlier = [&](const Peer& peer) {
    return peer.exists() && peer != from && peer.prefix() == from.prefix() &&
           env.contacts.id_of(peer.index) == env.contacts.id_of(from.index) &&
           env.contacts.incarnation_of(peer.index) < env.contacts.incarnation_of(from.index);
  };
  for (const std::span<const Peer> list : {successors(), predecessors()}) {
    const auto old = std::ranges::find_if(list, earlier);
    if (old == list.end()) continue;
    env.listener.on_mark(Mark::older_life_dropped);
    const Peer ended = *old;
    declare_down(env, ended);
  }
}

}  // namespace cicada
