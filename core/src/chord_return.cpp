// Who lost others: a way on when all successors or the predecessor are dead, a way back when everybody is, and the
// search for peers that may be back, perhaps in a ring of their own. And who was away itself.

#include <utility>

#include <cicada/chord_node.hpp>

namespace cicada {
namespace {

constexpr Duration gap_time = std::chrono::seconds(1);  // For the one before a dead predecessor to announce itself.
constexpr std::size_t known_max = 32;                   // Peers that a way back is looked for through.
constexpr std::size_t lost_max = 16;                    // Lost peers remembered.
constexpr Duration hasty_time = std::chrono::seconds(10);
constexpr Duration lone_pause_min = std::chrono::milliseconds(500);

}  // namespace

// ------------------------------------------------------------------------------------------------- this node was away

/// Nobody is late but this node itself: all that it asked is asked again, with the whole time for an answer. The others
/// have closed the ring without it, so it looks at both its sides at once: its successor takes it in again and tells
/// the peer before it. Those that it had lost may have been there all the time. Where neighbours come back together,
/// one look is not enough.
void ChordNode::on_wake(Environment& env) {
  requests_.for_each([&](Request& request) {
    request.tries = std::max<std::uint8_t>(request.tries, 2);  // An answer to either question measures nothing.
    request.deadline = env.now + timeout_for(request.to);
    arm_request_timer(env, request.deadline);
    transmit(env, request);
  });
  hops_.for_each([&](Hop& hop) {
    hop.deadline = env.now + timeout_for(hop.to);
    arm_request_timer(env, hop.deadline);
  });
  if (!member_) return;  // A join goes on with the questions above.
  rare().hasty_until = env.now + hasty_time;
  if (config_->stabilize > Duration::zero()) env.clock.arm(Timer::stabilize, env.now);
  if (config_->check_predecessor > Duration::zero()) env.clock.arm(Timer::check_predecessor, env.now);
  if (rare_->lost.empty() || config_->probe <= Duration::zero()) return;
  for (const LostPeer& lost : rare_->lost) ask(env, lost.peer, Ask::lost);
  rare_->lone_pause = {};
  arm_probe(env);
}

// ------------------------------------------------------------------------------------------------ a neighbour is lost

/// Condition (ii) of chord.md §3.3 does not hold. To join again would not help: the predecessor knows only the same
/// dead peers behind this node, and waits for it. Any other member is a successor too far ahead; stabilisation walks
/// back from it.
void ChordNode::lost_all_successors(Environment& env) {
  env.listener.on_mark(Mark::stranded);
  const Peer ahead = way_ahead();
  if (!ahead.exists()) return rejoin(env);
  step_ = Step::stabilizing;
  ask(env, ahead, Ask::candidate);
}

/// The nearest finger, else the farthest predecessor that is not known to be dead.
Peer ChordNode::way_ahead() const {
  for (std::size_t level = fingers_.size(); level-- > 0;)
    if (fingers_[level].exists()) return fingers_[level];
  if (predecessor_count_ > (predecessor_dead_ ? 1 : 0)) return predecessors().back();
  return {};
}

/// Whoever comes before the dead predecessor may not have noticed yet: it is asked to look. Where nobody announces
/// himself then, it may not know of this node either.
void ChordNode::lost_predecessor(Environment& env) {
  if (predecessor_count_ > 1) env.transport.send(predecessors()[1], Hint{self_});
  if (config_->check_predecessor > gap_time) env.clock.arm(Timer::check_predecessor, env.now + gap_time);
}

/// A lookup of the own id leads to the predecessor, and tells it of this node.
void ChordNode::seek_predecessor(Environment& env) {
  if (alone()) return;
  Lookup& lookup = open_lookup(env, id_, Why::merge);
  lookup.tag = no_peer;
  launch_through(env, lookup, head());
}

// --------------------------------------------------------------------------------------------------- everybody is lost

/// Gives up membership and comes back through whoever is known and answers.
void ChordNode::rejoin(Environment& env) {
  env.listener.on_mark(Mark::rejoined);
  Rare& state = rare();
  std::vector<Peer> known;
  const auto collect = [&](std::span<const Peer> peers) {
    for (const Peer& peer : peers)
      if (peer.exists() && peer != self_ && known.size() < known_max && std::ranges::find(known, peer) == known.end())
        known.push_back(peer);
  };
  collect(successors());
  if (!predecessor_dead_) collect(predecessors());
  collect(fingers_);
  for (const LostPeer& lost : state.lost) collect(std::span(&lost.peer, 1));
  collect(state.bootstrap);
  member_ = false;
  stranded_ = false;
  predecessor_count_ = 0;
  predecessor_dead_ = false;
  ++version_;
  env.clock.disarm(Timer::stabilize);
  for (const Ask what : {Ask::successor, Ask::candidate, Ask::predecessor, Ask::rectify}) cancel_requests(what);
  rectifying_ = false;
  notifier_ = {};
  candidate_ = {};
  step_ = Step::joining;
  state.bootstrap.clear();
  state.join_attempts = 0;
  state.known = std::move(known);
  if (state.known.empty()) return no_way_back(env);
  for (const Peer& peer : state.known) ask(env, peer, Ask::way_back);
}

void ChordNode::way_back_answered(Environment& env, const Peer& peer) {
  if (member_ || rare().known.empty()) return;
  rare().bootstrap.push_back(peer);
  if (rare().bootstrap.size() == 1) begin_join(env);
}

void ChordNode::way_back_failed(Environment& env) {
  if (!member_ && !rare().known.empty() && rare().bootstrap.empty() && !asking(Ask::way_back)) no_way_back(env);
}

/// Nobody answers, or nobody who does is a member. This node is a ring of one now, which others can join and which
/// looks for them: those who have lost each other must not all wait for a member.
void ChordNode::no_way_back(Environment& env) {
  Rare& state = rare();
  cancel_requests(Ask::way_back);
  if (config_->probe <= Duration::zero() && !state.known.empty()) {  // It would not look for them.
    state.bootstrap = std::exchange(state.known, {});
    return begin_join(env);
  }
  env.listener.on_mark(Mark::returned_alone);
  const std::vector<Peer> known = std::exchange(state.known, {});
  step_ = Step::idle;
  start_alone(env);
  remember(env, known);
}

// ------------------------------------------------------------------------------------------------------ are they back?

void ChordNode::remember_lost(const Peer& peer) {
  if (config_->probe <= Duration::zero()) return;
  std::vector<LostPeer>& lost = rare().lost;
  if (std::ranges::any_of(lost, [&](const LostPeer& other) { return other.peer == peer; })) return;
  if (lost.size() >= lost_max) {
    const auto worst = std::ranges::max_element(lost, {}, &LostPeer::failures);
    lost.erase(worst);
  }
  lost.push_back({peer, 0});
}

void ChordNode::remember(Environment& env, std::span<const Peer> peers) {
  for (const Peer& peer : peers)
    if (peer.exists() && peer != self_) remember_lost(peer);
  if (rare_ && !rare_->lost.empty()) arm_probe(env);
}

/// A ring of one has nothing better to do than to look for the others.
void ChordNode::arm_probe(Environment& env) {
  if (config_->probe <= Duration::zero()) return;
  Duration pause = config_->probe;
  if (!member_ || !alone()) {
    rare().lone_pause = {};
  } else {
    Duration& lone = rare().lone_pause;
    pause = lone = std::min(config_->probe, std::max(lone_pause_min, 2 * lone));
  }
  env.clock.arm(Timer::probe, env.now + rng_.between(pause / 2, pause + pause / 2));
}

void ChordNode::introduce(Environment& env, const Peer& peer) {
  if (!member_ || peer == self_ || config_->probe <= Duration::zero()) return;
  remember_lost(peer);
  ask(env, peer, Ask::lost);
  arm_probe(env);
}

void ChordNode::probe_lost(Environment& env) {
  if (!rare_ || rare_->lost.empty()) return;
  arm_probe(env);
  if (!member_) return;
  const std::vector<LostPeer>& lost = rare_->lost;
  if (alone()) {
    for (const LostPeer& peer : lost) ask(env, peer.peer, Ask::lost);
    return;
  }
  ask(env, lost[rare_->next_lost++ % lost.size()].peer, Ask::lost);
}

}  // namespace cicada
