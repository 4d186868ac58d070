// Copies on their way: handing on, waiting, trying again, and bringing the acknowledgement back.
//
// Times. A neighbour that does not say that it has the copy within its retransmission time-out is taken for dead. One
// that has it and stays silent for the time named in the copy has lost it, or wants to: an honest one says `working`
// before that time is over, as long as it has hope. So only the peer just before a gap tries another way, and only the
// gap is blamed. Nobody is believed to be working for ever.
//
// Fuel. Every transmission costs 1, and without fuel there is none but the last one, to the target itself. All that is
// left goes along: the nearer to the target, the better it is used. It comes back with `exhausted`, or is taken back
// from a neighbour that stays silent: an honest one says `working` before it spends any.

#include <algorithm>
#include <utility>

#include <cicada/assert.hpp>

#include "message_age.hpp"
#include "swarm_traffic.hpp"

namespace cicada {
namespace {

constexpr std::uint16_t patience_ms_min = 20;
constexpr unsigned reassurances_per_attempt = 2;
constexpr unsigned reroutes_max = 3;  // Dead neighbours got around without fuel.
constexpr double silence = 1.0;       // What the ways of failing weigh against a neighbour.
constexpr double resignation = 0.25;

/// Early enough to arrive in time: the sender's wait begins when it has the receipt, so the delay there does not count.
Duration reassurance(std::uint16_t patience_ms) { return std::chrono::milliseconds(patience_ms) * 3 / 10; }

std::uint16_t fuel_of(unsigned fuel) { return static_cast<std::uint16_t>(std::min(fuel, 0xffffU)); }

}  // namespace

// ----------------------------------------------------------------------------------------------------------- arriving

SwarmNode::Relay* SwarmNode::find_relay(const MessageId& id, std::uint8_t copy) {
  return traffic_ ? traffic_->relays.find({id, copy}) : nullptr;
}

void SwarmNode::on_data(Environment& env, const Peer& from, const Data& data) {
  if (!chord_.is_member() || data.header == nullptr) return;
  const DataHeader& header = *data.header;
  Traffic& t = traffic();
  const auto answer = [&](Report report) {
    env.transport.send(from, DataReport{.id = header.id, .copy = data.copy, .report = report, .fuel = data.fuel});
  };
  const auto refuse = [&](Refusal reason) {
    env.listener.on_refused(from, reason);
    answer(Report::refused);
  };
  const bool here = header.target == chord_.id();
  if (!passes(env, from, data, here ? KeyProof::proved : KeyProof::possible)) return;
  if (here) return deliver(env, from, data);
  if (const auto proof = proof_of(header.id)) return answer_from_proof(env, from, data.copy, *proof);
  Relay* relay = find_relay(header.id, data.copy);
  if (relay == nullptr) {
    if (header.kind != DataKind::message && serve_errand(env, from, data)) return;
    relay = t.relays.take_on(from, data, env.now + config_->relay_life_max);
    if (relay == nullptr) return refuse(Refusal::no_room);
    relay->data.patience_ms = 0;
    watch(env, *relay, relay->expires);
  }
  const auto known = std::span(relay->previous.data(), relay->previous_count);
  const auto bringer = static_cast<std::size_t>(std::ranges::find(known, from) - known.begin());
  if (bringer == known.size()) {
    if (relay->previous_count == Relay::previous_max) return refuse(Refusal::no_room);
    relay->previous[relay->previous_count++] = from;
  }
  env.transport.send(from, DataReport{.id = header.id, .copy = data.copy, .report = Report::received, .fuel = 0});
  take_terms(env, *relay, data, bringer);
  const bool again = data.attempt > relay->data.attempt;
  relay->data.attempt = std::max(relay->data.attempt, data.attempt);
  const bool untried = relay->attempts.empty();
  if (relay->phase == Relay::Phase::given_up) {  // Without its payload, until it is open again.
    const bool hope = untried || again || relay->fuel > 0;
    if (!hope || !t.relays.reopen(*relay, data)) return answer(Report::exhausted);
    return advance(env, *relay, untried || again);
  }
  if (untried) advance(env, *relay, true);
}

/// What can be said of a copy before anything is hashed or verified: cheap checks, and what the neighbour has made this
/// node do lately. A neighbour that has forged is not verified for a while.
std::optional<Refusal> SwarmNode::refusal_at_sight(Environment& env, const Peer& from, const Data& data) {
  const DataHeader& header = *data.header;
  Traffic& t = *traffic_;
  if (env.contacts.id_of(header.source.index) == chord_.id()) return Refusal::own_message;
  if (age_of(header.sent_ns, env.wall, config_->message_age_max, config_->clock_ahead_max) != Age::good) {
    env.listener.on_mark(Mark::data_refused);
    return Refusal::untimely;
  }
  const bool here = header.target == chord_.id();
  if (!here && data.hops >= config_->chord.hops_max) return Refusal::too_many_hops;
  NeighborLimits::Account& account = t.limits.of(from.index, env.now);
  const bool again = here ? t.received.knows(header.id)
                          : find_relay(header.id, data.copy) != nullptr || proof_of(header.id) != nullptr;
  const bool affordable = account.forgeries.allows(env.now, config_->forgeries_of_neighbor) &&
                          (again ? account.repeats.take(env.now, config_->repeats_of_neighbor)
                                 : account.messages.take(env.now, config_->messages_of_neighbor)) &&
                          (here || again || account.relays.take(env.now, config_->relays_of_neighbor));
  if (!affordable) {
    env.listener.on_mark(Mark::neighbor_limited);
    return Refusal::over_budget;
  }
  const bool relayed = !here && !again && header.kind == DataKind::message;
  if (relayed && !t.relays.has_room(from, data.payload ? data.payload->size() : 0)) return Refusal::no_room;
  return std::nullopt;
}

std::shared_ptr<const DataAck> SwarmNode::proof_of(const MessageId& id) {
  for (const auto& [key, relay] : traffic_->relays.copies_of(id))
    if (relay.proof) return relay.proof;
  return nullptr;
}

/// Fuel and patience that a copy brings, each within its bounds.
void SwarmNode::take_terms(Environment& env, Relay& relay, const Data& data, std::size_t bringer) {
  const unsigned room = config_->fuel_max - std::min<unsigned>(relay.taken_in, config_->fuel_max);
  const unsigned fuel = std::min<unsigned>(data.fuel, room);
  relay.taken_in = fuel_of(relay.taken_in + fuel);
  relay.fuel = fuel_of(relay.fuel + fuel);
  if (fuel > 0) relay.payer = static_cast<std::uint8_t>(bringer);
  if (data.patience_ms == 0) return;
  const std::uint16_t asked = std::max(data.patience_ms, patience_ms_min);
  const bool shared = relay.previous_count > 1 && relay.data.patience_ms > 0;
  relay.data.patience_ms = shared ? std::min(relay.data.patience_ms, asked) : asked;
  relay.reassurances = static_cast<std::uint16_t>(std::max<unsigned>(relay.reassurances, config_->extensions_max));
  relay.reassure = std::min(relay.reassure, env.now + reassurance(relay.data.patience_ms));
  watch(env, relay, relay.reassure);
}

/// Something that costs more than a report has happened to the copy: so many more may be sent to those before.
void SwarmNode::allow_reassurances(Environment& env, Relay& relay, unsigned count) {
  relay.reassurances = fuel_of(relay.reassurances + count);
  if (relay.previous_count == 0 || relay.data.patience_ms == 0 || relay.reassure != time_never) return;
  relay.reassure = env.now + reassurance(relay.data.patience_ms);
  watch(env, relay, relay.reassure);
}

// ----------------------------------------------------------------------------------------------------------- handing
// on

/// To the next neighbour, or nowhere. `at_no_cost`: the first one, or instead of a dead one.
void SwarmNode::advance(Environment& env, Relay& relay, bool at_no_cost) {
  const bool affordable = at_no_cost || (relay.data.routing == Routing::repair && relay.fuel > 0);
  if (!affordable || relay.attempts.size() >= config_->attempts_max) return give_up(env, relay);
  if (!at_no_cost && !relay.own &&
      !traffic_->limits.of(relay.previous[relay.payer].index, env.now)
           .repairs.take(env.now, config_->repairs_of_neighbor)) {
    env.listener.on_mark(Mark::neighbor_limited);
    return give_up(env, relay);
  }
  const std::optional<Peer> to = choose(env, relay);
  if (!to) {
    relay.no_such_peer = relay.no_such_peer || relay.attempts.empty();
    return give_up(env, relay);
  }
  const bool repairs = relay.data.routing == Routing::repair;
  if (repairs && relay.fuel == 0 && env.contacts.id_of(to->index) != relay.data.header->target)
    return give_up(env, relay);
  if (!at_no_cost) {
    env.listener.on_mark(Mark::data_repaired);
  }
  hand_over(env, relay, *to);
}

std::optional<Peer> SwarmNode::choose(Environment& env, Relay& relay) {
  Data& data = relay.data;
  Traffic& t = *traffic_;
  if (data.has_via && (data.via == chord_.id() || chord_.owns(env, data.via))) data.has_via = false;
  std::vector<PeerIndex> tried, shunned, asked_now;
  for (const Relay::Attempt& attempt : relay.attempts) tried.push_back(attempt.to.index);
  for (std::size_t i = 0; i < relay.previous_count; ++i) tried.push_back(relay.previous[i].index);
  if (!relay.own) tried.push_back(data.header->source.index);
  // Copies of one message part at every peer that they meet at; at the source they must.
  for (const auto& [key, other] : t.relays.copies_of(data.header->id))
    if (&other != &relay)
      for (const Relay::Attempt& attempt : other.attempts) {
        shunned.push_back(attempt.to.index);
        if (other.data.attempt == data.attempt) asked_now.push_back(attempt.to.index);
      }
  if (data.routing == Routing::greedy) {
    const auto step = [&](const std::vector<PeerIndex>& parted_from) {
      std::vector<PeerIndex> excluded = tried;
      if (relay.own) excluded.insert(excluded.end(), parted_from.begin(), parted_from.end());
      return chord_.next_step(env, data.header->target, excluded);
    };
    auto next = step(shunned);
    if (!next) next = step(asked_now);  // A new try may go the ways of an old one, where there are no others.
    return next ? std::optional(next->peer) : std::nullopt;
  }
  // At a ward's guard the way is over; else the aim is the waypoint, and then the target.
  for (const Traffic::Ward& ward : t.wards)
    if (ward.peer.prefix() == data.header->target.prefix() &&
        env.contacts.id_of(ward.peer.index) == data.header->target &&
        std::ranges::find(tried, ward.peer.index) == tried.end())
      return ward.peer;
  const Id& aim = data.has_via ? data.via : data.header->target;
  if (data.has_via)
    if (const auto step = chord_.next_step(env, aim, tried); step && step->last) return step->peer;
  return t.neighborhood.best(env, chord_, aim, tried, shunned);
}

unsigned SwarmNode::hops_left(const Relay& relay, const Peer& from) const {
  const std::uint64_t target = relay.data.header->target.prefix();
  if (!relay.data.has_via) return Neighborhood::hops_to(chord_, Neighborhood::distance(from.prefix(), target));
  return 1 + Neighborhood::hops_to(chord_, Neighborhood::distance(from.prefix(), relay.data.via.prefix()));
}

void SwarmNode::wait(Environment& env, Relay& relay, Duration time) {
  relay.deadline = env.now + time;
  watch(env, relay, relay.deadline);
}

/// The neighbour has the copy. The next one is tried long before this one is blamed: that takes almost half off the
/// time that a message needs among droppers. It must come a little after an honest neighbour's first reassurance, or
/// hardly anybody is waited for: of 100,000 peers with 30 % droppers, messages took 9.4 transmissions and 3.5 times the
/// undisturbed p99 with reassurance at 0.30 and this at 0.35, 9.5 and 3.7 times at 0.35 and 0.40, and 11.7 and 3.6
/// times at 0.40 and 0.40.
void SwarmNode::wait_for(Environment& env, Relay& relay, Relay::Attempt& attempt) {
  const Duration patience = std::chrono::milliseconds(attempt.patience_ms);
  attempt.blame_at = env.now + patience;
  watch(env, relay, attempt.blame_at);
  wait(env, relay, attempt.state == Relay::State::received ? patience * 7 / 20 : patience);
}

void SwarmNode::hand_over(Environment& env, Relay& relay, const Peer& to) {
  CICADA_ASSERT(relay.phase == Relay::Phase::open);
  Relay::Attempt& attempt = relay.attempts.emplace_back();
  attempt.to = to;
  attempt.sent = env.now;
  if (relay.data.routing == Routing::repair) attempt.leased = fuel_of(relay.fuel > 0 ? relay.fuel - 1U : 0U);
  attempt.granted = attempt.leased;
  relay.fuel = 0;
  Data data = relay.data;
  data.fuel = attempt.leased;
  data.patience_ms = 0;
  if (data.routing == Routing::repair) {
    const auto ms =
        std::chrono::ceil<std::chrono::milliseconds>(traffic_->neighborhood.patience(chord_, hops_left(relay, to)));
    data.patience_ms = static_cast<std::uint16_t>(std::clamp<std::int64_t>(ms.count(), patience_ms_min, 0xffff));
    attempt.patience_ms = data.patience_ms;
  }
  if (data.hops < 255) ++data.hops;
  env.transport.send(to, data);
  wait(env, relay, chord_.likely_timeout_for(to));
  allow_reassurances(env, relay, reassurances_per_attempt);
  if (relay.own) own_copy_sent(relay);
}

// ------------------------------------------------------------------------------------------------------------- waiting

/// The newest attempt has not been heard of in time.
void SwarmNode::overdue(Environment& env, Relay& relay) {
  relay.deadline = time_never;
  if (relay.last_wait || relay.attempts.empty()) return give_up(env, relay);
  Relay::Attempt& attempt = relay.attempts.back();
  if (attempt.state == Relay::State::sent) {  // Not a word: dead, as it seems.
    attempt.state = Relay::State::over;
    relay.fuel = fuel_of(relay.fuel + attempt.leased);
    env.listener.on_mark(Mark::hop_rerouted);
    chord_.report_timeout(env, attempt.to);
    if (relay.data.timeouts < 255) ++relay.data.timeouts;
    return advance(env, relay, relay.reroutes++ < reroutes_max);
  }
  if (relay.data.routing != Routing::repair) return;  // Sent once, as the strategy has it.
  if (attempt.blame_at <= env.now)
    blame(env, relay, attempt);
  else if (attempt.state == Relay::State::received)
    take_back_lease(relay, attempt);
  advance(env, relay, false);
}

/// A neighbour that has not even said that it is working has not spent anything, or is not to be trusted with more.
void SwarmNode::take_back_lease(Relay& relay, Relay::Attempt& attempt) {
  if (attempt.state != Relay::State::over)
    relay.fuel = fuel_of(relay.fuel + std::exchange(attempt.leased, std::uint16_t{0}));
}

/// It had the copy, and its time is over. Who went on working without success is not blamed, only less liked.
void SwarmNode::blame(Environment& env, Relay& relay, Relay::Attempt& attempt) {
  attempt.blame_at = time_never;
  if (attempt.state == Relay::State::over) return;
  const bool silent = attempt.state == Relay::State::received;
  if (silent) take_back_lease(relay, attempt);
  attempt.state = Relay::State::over;
  if (relay.data.timeouts < 255) ++relay.data.timeouts;
  traffic_->neighborhood.failed(attempt.to, env.now, silent ? silence : resignation);
  if (silent) env.listener.on_blame(attempt.to);
}

void SwarmNode::reassure_previous(Environment& env, Relay& relay) {
  relay.reassure = time_never;
  if (relay.reassurances == 0) return;
  if (--relay.reassurances > 0) relay.reassure = env.now + reassurance(relay.data.patience_ms);
  tell_previous(env, relay, Report::working, 0);
}

void SwarmNode::tell_previous(Environment& env, Relay& relay, Report report, unsigned fuel) {
  for (std::size_t i = 0; i < relay.previous_count; ++i) {
    const DataReport word{
        .id = relay.data.header->id, .copy = relay.data.copy, .report = report, .fuel = fuel_of(i == 0 ? fuel : 0)};
    env.transport.send(relay.previous[i], word);
  }
}

/// Nothing is left to try here. Where somebody says that it is still working, its time is waited out.
void SwarmNode::give_up(Environment& env, Relay& relay) {
  const bool working = std::ranges::any_of(
      relay.attempts, [](const Relay::Attempt& attempt) { return attempt.state == Relay::State::working; });
  if (working && !relay.last_wait) {
    relay.last_wait = true;
    return wait(env, relay, 2 * traffic_->neighborhood.patience(chord_, hops_left(relay, chord_.self())));
  }
  traffic_->relays.end(relay, false, env.crypto);
  tell_previous(env, relay, relay.no_such_peer ? Report::no_such_peer : Report::exhausted, relay.fuel);
  if (!relay.own) relay.fuel = 0;
  if (relay.own) copy_given_up(env, relay);
}

/// Fuel that comes back to a holder who has given up goes on to the one before.
void SwarmNode::late_return(Environment& env, Relay& relay, Relay::Attempt& attempt, const DataReport& report) {
  if (report.report == Report::received || report.report == Report::working) return;
  const unsigned fuel = std::min(report.fuel, std::exchange(attempt.leased, std::uint16_t{0}));
  if (fuel == 0) return;
  if (relay.own) return refund(relay, fuel);
  tell_previous(env, relay, Report::exhausted, fuel);
}

void SwarmNode::on_report(Environment& env, const Peer& from, const DataReport& report) {
  Relay* relay = find_relay(report.id, report.copy);
  if (relay == nullptr || relay->phase == Relay::Phase::proven) return;  // A late report, as a rule.
  const auto place = std::ranges::find(relay->attempts, from, &Relay::Attempt::to);
  if (place == relay->attempts.end()) return env.listener.on_refused(from, Refusal::not_asked_for);
  if (relay->phase == Relay::Phase::given_up) return late_return(env, *relay, *place, report);
  Relay::Attempt& attempt = *place;
  const bool newest = &attempt == &relay->attempts.back();
  const bool repairs = relay->data.routing == Routing::repair;
  switch (report.report) {
    case Report::received:
      if (attempt.state != Relay::State::sent) return;
      chord_.report_rtt(from, env.now - attempt.sent);
      attempt.state = Relay::State::received;
      if (!newest) return;
      if (!repairs) relay->deadline = time_never;
      if (repairs) wait_for(env, *relay, attempt);
      return;
    case Report::working:
      if (attempt.state == Relay::State::over || attempt.extensions >= config_->extensions_max + attempt.granted / 2U)
        return;
      ++attempt.extensions;
      allow_reassurances(env, *relay, 1);
      if (attempt.leased == 0) {  // Taken back too early: it is using it.
        attempt.leased = std::min(relay->fuel, attempt.granted);
        relay->fuel = fuel_of(relay->fuel - attempt.leased);
      }
      attempt.state = Relay::State::working;
      attempt.blame_at = env.now + std::chrono::milliseconds(attempt.patience_ms);
      watch(env, *relay, attempt.blame_at);
      if (newest) wait_for(env, *relay, attempt);
      if (relay->own) still_working(env, *relay);
      return;
    case Report::exhausted:
    case Report::no_such_peer:
    case Report::refused:
      relay->fuel = fuel_of(relay->fuel + std::min(report.fuel, std::exchange(attempt.leased, std::uint16_t{0})));
      if (attempt.state == Relay::State::over) return;
      attempt.state = Relay::State::over;
      if (report.report == Report::no_such_peer) relay->no_such_peer = true;
      if (repairs) traffic_->neighborhood.failed(from, env.now, resignation);
      if (newest) advance(env, *relay, false);
      return;
  }
}

// ------------------------------------------------------------------------------------------------------------ proof

void SwarmNode::on_ack(Environment& env, const Peer& from, const DataAck& ack) {
  Relay* relay = find_relay(ack.id, ack.copy);
  if (relay == nullptr || relay->proof) return;
  const auto attempt = std::ranges::find(relay->attempts, from, &Relay::Attempt::to);
  if (attempt == relay->attempts.end()) return env.listener.on_refused(from, Refusal::not_asked_for);
  Neighborhood& neighborhood = traffic_->neighborhood;
  if (!traffic_->limits.of(from.index, env.now).forgeries.allows(env.now, config_->forgeries_of_neighbor))
    return env.listener.on_refused(from, Refusal::over_budget);
  const Judgement judgement = judge(env, *relay, ack);
  if (judgement != Judgement::genuine) {
    env.listener.on_mark(Mark::ack_refused);
    hold_against(env, from, judgement);
    if (judgement != Judgement::forged) neighborhood.failed(from, env.now, resignation);
    // A copy that is over keeps no payload, and goes nowhere else.
    const bool newest = attempt + 1 == relay->attempts.end();
    if (relay->phase != Relay::Phase::open || attempt->state == Relay::State::over || !newest) return;
    attempt->state = Relay::State::over;
    return advance(env, *relay, false);
  }
  if (relay->data.header->kind != DataKind::store_card) {  // The answer to that is anybody's word.
    neighborhood.succeeded(from, env.now);
    if (attempt->extensions == 0) neighborhood.acknowledged(env.now - attempt->sent, hops_left(*relay, from));
  }
  const bool fetched = relay->data.header->kind == DataKind::fetch_card;
  const bool asked_for = fetched || (ack.card != nullptr && ack.card->owner == relay->data.header->target);
  const bool learned = asked_for && remember_card(env, ack.card);
  if (learned && fetched && relay->own) env.listener.on_mark(Mark::card_fetched);
  // One signature proves all copies: nobody need go on with the others.
  for (auto& [key, copy] : traffic_->relays.copies_of(ack.id))
    if (!copy.proof) prove(env, copy, ack);
  if (learned) card_came(env, ack.card->owner);
}

void SwarmNode::prove(Environment& env, Relay& relay, const DataAck& ack) {
  relay.proof = std::make_shared<const DataAck>(ack);
  traffic_->relays.end(relay, true, env.crypto);
  relay.expires = env.now + config_->proof_kept;
  watch(env, relay, relay.expires);
  for (std::size_t i = 0; i < relay.previous_count; ++i)
    answer_from_proof(env, relay.previous[i], relay.data.copy, ack);
  if (relay.own) finish(env, ack.id, SendStatus::delivered, ack.hops);
}

void SwarmNode::answer_from_proof(Environment& env, const Peer& to, std::uint8_t copy, const DataAck& proof) {
  DataAck ack = proof;
  ack.copy = copy;
  env.transport.send(to, ack);
}

}  // namespace cicada
