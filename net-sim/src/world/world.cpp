// The event loop, and the environment of the nodes.

#include "world.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include <cicada/assert.hpp>
#include <cicada/codec.hpp>

#include "adversaries/adversaries.hpp"
#include "adversaries/message_kinds.hpp"
#include "listed_inputs.hpp"
#include "world_config.hpp"

namespace cicada::sim {
namespace {

constexpr PeerIndex first_process_source = 0xff000000;
constexpr Duration tick{1};
constexpr std::size_t small_world = 64;  // Up to here `check: auto` looks at the whole ring after every event.

LinkSampler make_links(const Scenario& scenario) {
  auto links = LinkSampler::make(scenario.links, scenario.seed);
  if (!links) throw std::runtime_error(links.error());
  return std::move(*links);
}

}  // namespace

World::World(const Scenario& scenario, Observer& observer)
    : scenario_(scenario),
      observer_(observer),
      config_(swarm_config(scenario.protocol, has_sends(scenario))),
      links_(make_links(scenario)),
      truth_([this](PeerIndex peer) { return peers_.id(peer); }),
      track_links_(scenario.links.setup_rtts > 0 || scenario.links.death == Death::reset),
      arrivals_(scenario.seed, Purpose::workload, 0xffffffff),
      identity_(scenario.seed, Purpose::identity),
      environment_{{}, {}, *this, *this, *this, *this, *this} {
  sends_ = has_sends(scenario) || std::ranges::any_of(scenario.workloads, [](const Workload& workload) {
             return std::holds_alternative<Broadcasts>(workload);
           });
  if (std::ranges::any_of(scenario.faults,
                          [](const Fault& fault) { return std::holds_alternative<ClockFault>(fault); }))
    clocks_.use();
  if (!scenario.peers.ids.empty()) {
    TableReader reader(scenario.peers.ids);
    listed_ids_ = read_ids(reader, scenario.peers.count);
  }
  const Check check = scenario.measure.check;
  if (check != Check::off)
    checker_.emplace(static_cast<const PeerStates&>(*this), truth_, scenario.protocol.successors);
  check_every_event_ =
      check == Check::every_event || (check == Check::automatic && scenario.peers.count <= small_world);
}

World::~World() = default;

std::size_t World::add_process(std::unique_ptr<Process> process) {
  processes_.push_back(std::move(process));
  return processes_.size() - 1;
}

// ------------------------------------------------------------------------------------------------------------------
// loop

void World::run_until(TimePoint until, const std::function<bool()>& keep_going) {
  constexpr std::uint64_t events_between_calls = 1U << 15;
  std::uint64_t countdown = events_between_calls;
  while (!queue_.empty() && queue_.next_time() <= until.time_since_epoch().count()) {
    const Event event = queue_.pop();
    prefetch_ahead();
    environment_.now = TimePoint(Duration(event.time_ns));
    execute(event);
    if (--countdown == 0) {
      countdown = events_between_calls;
      if (keep_going && !keep_going()) return;
    }
  }
  environment_.now = until;
}

void World::run_one(TimePoint until) {
  if (queue_.empty() || queue_.next_time() > until.time_since_epoch().count()) {
    environment_.now = std::max(environment_.now, until);
    return;
  }
  const Event event = queue_.pop();
  environment_.now = TimePoint(Duration(event.time_ns));
  execute(event);
}

/// Memory is what an event waits for. The message and the node of the events to come are fetched while this one runs;
/// what lies behind the node's pointers follows later, when those have arrived.
void World::prefetch_ahead() const {
  const auto kind_of = [](const Event& event) { return static_cast<Kind>(event.payload >> kind_shift); };
  if (const Event* far = queue_.peek(28); far != nullptr && far->target < peers_.size()) {
    if (kind_of(*far) == Kind::message) {
      flights_.prefetch(far->payload & payload_mask);
      peers_.prefetch_peer(far->source);
    }
    peers_.prefetch(far->target);
  }
  const Event* near = queue_.peek(14);
  if (near == nullptr || near->target >= peers_.size() || !peers_[near->target].alive) return;
  const ChordNode& node = peers_[near->target].node.chord();
  const std::uint32_t payload = near->payload & payload_mask;
  if (kind_of(*near) == Kind::timer && peers_[near->target].timers[payload].due_ns == PeerSlot::unarmed) return;
  if (kind_of(*near) != Kind::message) return node.prefetch_for_ring();
  if (const auto* find = flights_.peek_large<Find>(payload))
    node.prefetch_for_routing(find->key.prefix());
  else if (flights_.peek<HopAck>(payload) != nullptr)
    node.prefetch_for_acknowledgement(near->source);
  else
    node.prefetch_for_ring();
}

void World::execute(const Event& event) {
  if ((!paused_.empty() || !asleep_.empty()) && deferred(event)) return;
  switch (static_cast<Kind>(event.payload >> kind_shift)) {
    case Kind::message:
      return deliver(event);
    case Kind::timer:
      return fire_timer(event);
    case Kind::peer_down: {
      if (!peers_[event.target].alive) return;
      ++counters_.events;
      fold(static_cast<std::uint64_t>(event.time_ns));
      const Peer dead = peers_.peer(event.payload & payload_mask);
      return step(event.target, [&](SwarmNode& node) { node.on_peer_down(environment_, dead); });
    }
    case Kind::process: {
      ++counters_.events;
      fold(static_cast<std::uint64_t>(event.time_ns));
      current_ = no_peer;
      return processes_[event.payload & payload_mask]->fire(*this, event.target);
    }
  }
}

void World::deliver(const Event& event) {
  const std::uint32_t index = event.payload & payload_mask;
  if (watch_answers_) [[unlikely]]
    std::erase_if(answers_, [&](const AnswerUnderWay& answer) { return answer.handle == index; });
  PeerSlot& slot = peers_[event.target];
  if (!slot.alive) {
    flights_.drop(index);
    if (scenario_.links.death == Death::reset && peers_[event.source].alive)
      notify_down(event.source, event.target, links_.base(event.target, event.source));
    return;
  }
  ++counters_.events;
  Message message = flights_.take(index);
  fold(static_cast<std::uint64_t>(event.time_ns));
  fold((std::uint64_t{event.source} << 32 | event.target) + message.index());
  if (slot.hostile) [[unlikely]] {
    current_ = event.target;
    if (!adversaries_->incoming(event.target, peers_.peer(event.source), message)) return;
  }
  step(event.target, [&](SwarmNode& node) { node.on_message(environment_, peers_.peer(event.source), message); });
}

/// An event that stands for a timer may be older than the timer's present deadline: then it only moves on.
void World::fire_timer(const Event& event) {
  PeerSlot& slot = peers_[event.target];
  const std::uint32_t timer = event.payload & payload_mask;
  PeerSlot::TimerState& state = slot.timers[timer];
  if (!slot.alive || state.queued_ns != event.time_ns) return;
  state.queued_ns = PeerSlot::unarmed;
  const std::int64_t due = state.due_ns;
  if (due == PeerSlot::unarmed) return;
  if (due > event.time_ns) {
    state.queued_ns = due;
    return push(TimePoint(Duration(due)), event.target, event.target, event.payload);
  }
  state.due_ns = PeerSlot::unarmed;
  ++counters_.events;
  fold(static_cast<std::uint64_t>(event.time_ns));
  fold((std::uint64_t{event.target} << 8) + timer);
  step(event.target, [&](SwarmNode& node) { node.on_timer(environment_, static_cast<Timer>(timer)); });
}

/// A peer that stands still gets its events when it goes on, in their old order. One that sleeps never gets the
/// messages, and the rest after it has woken up.
bool World::deferred(const Event& event) {
  if (event.target >= peers_.size() || event.payload >> kind_shift == static_cast<std::uint32_t>(Kind::process))
    return false;
  TimePoint until{};
  if (const auto sleep = asleep_.find(event.target); sleep != asleep_.end()) {
    if (event.payload >> kind_shift == static_cast<std::uint32_t>(Kind::message)) {
      flights_.drop(event.payload & payload_mask);
      return true;
    }
    until = sleep->second + tick;
  } else if (const auto pause = paused_.find(event.target); pause != paused_.end()) {
    if (environment_.now < pause->second)
      until = pause->second;
    else
      paused_.erase(pause);
  }
  if (until <= environment_.now) return false;
  Event later = event;
  later.time_ns = until.time_since_epoch().count();
  if (event.payload >> kind_shift == static_cast<std::uint32_t>(Kind::timer)) {
    PeerSlot::TimerState& state = peers_[event.target].timers[event.payload & payload_mask];
    if (state.queued_ns == event.time_ns) state.queued_ns = later.time_ns;
  }
  queue_.push(later);
  return true;
}

/// Links do not outlive a sleep; its peers have found out, or do so when they use them.
void World::suspend(PeerIndex peer, TimePoint until) {
  if (!peers_[peer].alive) return;
  asleep_.insert_or_assign(peer, until);
  if (track_links_) link_table_.close_all(peer);
  class Waking final : public Process {
    void fire(World& world, PeerIndex target) override { world.wake(target); }
  };
  schedule(add_process(std::make_unique<Waking>()), until, peer);
}

void World::wake(PeerIndex peer) {
  const auto sleep = asleep_.find(peer);
  if (sleep == asleep_.end() || sleep->second > environment_.now) return;  // Died, or was put to sleep again.
  asleep_.erase(sleep);
  step(peer, [&](SwarmNode& node) { node.on_wake(environment_); });
}

/// A host that corrects its clock looks after its neighbours at once, as the real node does.
void World::set_clock(PeerIndex peer, Duration offset, double drift_ratio) {
  clocks_.set(peers_[peer].host, environment_.now, offset, drift_ratio);
  if (peers_[peer].alive && !asleep(peer)) step(peer, [&](SwarmNode& node) { node.on_wake(environment_); });
}

void World::after_step(PeerIndex peer) {
  PeerSlot& slot = peers_[peer];
  const ChordNode& node = slot.node.chord();
  if (node.version() == slot.checked_version) [[likely]]
    return;
  slot.checked_version = node.version();
  if (node.is_member() && !slot.member) enter(peer);
  if (!node.is_member() && slot.member) {
    withdraw(peer);
    check_after_deaths(std::span(&peer, 1));
  }
  if (!checker_ || !slot.member) return;
  checker_->on_change(peer, environment_.now, counters_.events);
  if (check_every_event_) checker_->check_all(environment_.now, counters_.events);
}

void World::note_step(PeerIndex peer) {
  if (has_stepped_.size() < peers_.size()) has_stepped_.resize(peers_.size(), false);
  if (has_stepped_[peer]) return;
  has_stepped_[peer] = true;
  stepped_.push_back(peer);
}

std::vector<PeerIndex> World::take_stepped() {
  for (const PeerIndex peer : stepped_) has_stepped_[peer] = false;
  return std::exchange(stepped_, {});
}

void World::push(TimePoint at, PeerIndex target, PeerIndex source, std::uint32_t payload) {
  queue_.push(
      {std::max(at, environment_.now).time_since_epoch().count(), target, source, peers_[source].sequence++, payload});
}

void World::schedule(std::size_t process, TimePoint at, PeerIndex target) {
  queue_.push({std::max(at, environment_.now).time_since_epoch().count(), target,
               first_process_source + static_cast<PeerIndex>(process), process_sequence_++,
               pack(Kind::process, static_cast<std::uint32_t>(process))});
}

// -----------------------------------------------------------------------------------------------------------
// environment

void World::arm(Timer timer, TimePoint at) {
  const auto index = static_cast<std::uint32_t>(timer);
  PeerSlot::TimerState& state = peers_[current_].timers[index];
  state.due_ns = std::max(at, environment_.now).time_since_epoch().count();
  if (state.queued_ns != PeerSlot::unarmed && state.queued_ns <= state.due_ns) return;
  state.queued_ns = state.due_ns;
  push(at, current_, current_, pack(Kind::timer, index));
}

void World::disarm(Timer timer) { peers_[current_].timers[static_cast<std::size_t>(timer)].due_ns = PeerSlot::unarmed; }

void World::send(const Peer& to, const Message& message) {
  if (!peers_[current_].hostile) [[likely]]
    return put_on_link(to, message);
  hostile_step_ = true;
  adversaries_->outgoing(current_, to, message);
  hostile_step_ = false;
}

void World::transmit(PeerIndex from, const Peer& to, const Message& message) {
  begin_step(from);
  put_on_link(to, message);
}

void World::hand_over(PeerIndex peer, const Peer& from, const Message& message) {
  step(peer, [&](SwarmNode& node) { node.on_message(environment_, from, message); });
}

void World::put_on_link(const Peer& to, const Message& message) {
  const std::size_t bytes = encoded_size(message);
  ++counters_.messages;
  counters_.bytes += bytes;
  ++counters_.messages_by_kind[message.index()];
  counters_.bytes_by_kind[message.index()] += bytes;
  const PeerIndex from = current_;
  if (sends_ && (is_data(message) || is_errand(message) || is_acknowledgement(message) || is_data_receipt(message)))
    observer_.on_send_traffic(*this, from, message, bytes, peers_[from].hostile && !hostile_step_);
  if (checker_ && std::holds_alternative<State>(message)) checker_->on_answer(from, environment_.now, counters_.events);
  if (to.index == from) return;  // Nobody is at the other end of a link to oneself.
  for (const auto& [key, barrier] : barriers_)
    if (barrier(from, to.index)) return;
  if (clocks_.apart(peers_[from].host, peers_[to.index].host, environment_.now)) [[unlikely]] {
    if (track_links_) link_table_.close(from, to.index);
    return notify_down(from, to.index, links_.base_rtt(from, to.index));
  }
  Duration setup{};
  if (track_links_ && link_table_.open(from, to.index)) setup = links_.setup_delay(from, to.index);
  const Delivery delivery = links_.sample(from, to.index, peers_[from].sequence);
  if (delivery.lost) {
    ++peers_[from].sequence;
    return;
  }
  dispatch(from, to.index, message, setup + delivery.delay);
  if (delivery.duplicate) dispatch(from, to.index, message, setup + *delivery.duplicate);
}

void World::dispatch(PeerIndex from, PeerIndex to, const Message& message, Duration delay) {
  const Flights::Handle index =
      scenario_.protocol.wire == Wire::encoded ? flights_.add(through_codec(message)) : flights_.add(message);
  CICADA_ASSERT(index <= payload_mask);
  if (watch_answers_) [[unlikely]]
    if (const auto* state = std::get_if<State>(&message)) answers_.push_back({from, to, index, *state});
  push(environment_.now + delay, to, from, pack(Kind::message, index));
}

void World::forget(const Peer& peer) {
  if (track_links_) link_table_.close(current_, peer.index);
}

void World::notify_down(PeerIndex holder, PeerIndex dead, Duration after) {
  push(environment_.now + after, holder, dead, pack(Kind::peer_down, dead));
}

// ------------------------------------------------------------------------------------------------------------------
// acts

void World::lookup(PeerIndex peer, const Id& key, std::uint64_t tag) {
  step(peer, [&](SwarmNode& node) { node.chord().lookup(environment_, key, tag); });
}

void World::send(PeerIndex peer, const Id& target, const Payload& payload, const SendOptions& options) {
  MessageId id;
  step(peer, [&](SwarmNode& node) { id = node.send(environment_, target, payload, options); });
  observer_.on_send_begun(*this, peer, id, target, payload);
}

void World::hand_card(PeerIndex owner, PeerIndex to) {
  std::shared_ptr<const ContactCard> card;
  step(owner, [&](SwarmNode& node) { card = node.contact_card(environment_); });
  if (card) step(to, [&](SwarmNode& node) { node.learn_card(environment_, card); });
}

std::optional<PeerIndex> World::peer_named(const Id& id) const {
  const auto host = hosts_by_prefix_.find(id.prefix());
  return host == hosts_by_prefix_.end() ? std::nullopt : host_life(host->second);
}

void World::broadcast(PeerIndex peer, Payload payload, std::span<const Id> visited) {
  MessageId id;
  step(peer, [&](SwarmNode& node) { id = node.broadcast(environment_, std::move(payload), visited); });
  observer_.on_broadcast_begun(*this, peer, id);
}

void World::act_as(PeerIndex peer, const std::function<void(Environment&)>& act) {
  step(peer, [&](SwarmNode&) { act(environment_); });
}

PeerState World::state_of(PeerIndex peer) const {
  const PeerSlot& slot = peers_[peer];
  if (!slot.alive) return {};
  const ChordNode& node = slot.node.chord();
  return {node.is_member(), node.successors(), node.predecessor(), node.is_busy(), node.fingers()};
}

double World::member_seconds() const {
  const Duration since = environment_.now - members_since_;
  return member_seconds_ + static_cast<double>(members_.size()) * std::chrono::duration<double>(since).count();
}

std::size_t World::memory_bytes() const {
  std::size_t bytes = queue_.memory_bytes() + flights_.memory_bytes() + truth_.memory_bytes();
  for (PeerIndex peer = 0; peer < peers_.size(); ++peer) {
    bytes += sizeof(PeerSlot) + sizeof(Id);
    if (peers_[peer].alive) bytes += peers_[peer].node.chord().heap_bytes();
  }
  return bytes;
}

}  // namespace cicada::sim
