// The source of a message: which routes its copies take, in which order, and when it ends.

#include <algorithm>
#include <utility>

#include <cicada/assert.hpp>
#include <cicada/codec.hpp>
#include <cicada/signing.hpp>

#include "swarm_traffic.hpp"

namespace cicada {
namespace {

constexpr unsigned way_slack = 3;     // Links that a way may be longer than estimated.
constexpr unsigned copies_max = 200;  // Of one message, in all tries.
constexpr unsigned copies_at_once_max = 8;
constexpr unsigned duplicates_anew_max = 7;
constexpr unsigned extensions_max = 6;   // Further copies after others came back early, each after twice the pause,
constexpr unsigned longer_ways_max = 3;  // and the first ones for twice the way.
constexpr unsigned stages_max = 16;      // Fuel that comes back at once could otherwise be sent out for ever.
constexpr int working_steps_max = 6;  // So long the first copy is waited for, while somebody says that it is working.

}  // namespace

/// A signed header for a message of this node.
std::shared_ptr<const DataHeader> SwarmNode::make_header(Environment& env, DataKind kind, const Id& target,
                                                         const Payload& payload) {
  auto header = std::make_shared<DataHeader>();
  header->target = target;
  header->source = chord_.self();
  header->sent_ns = to_ns(env.wall);
  header->nonce = chord_.fresh_nonce(env).low;
  header->kind = kind;
  header->source_key = env.crypto.public_key();
  const auto statement = signed_bytes(*header, chord_.id(), payload_hash(env.crypto, payload));
  header->id = data_id(env.crypto, statement);
  header->signature = env.crypto.sign(statement);
  return header;
}

MessageId SwarmNode::send(Environment& env, const Id& target, Payload payload, const SendOptions& options) {
  CICADA_ASSERT(payload != nullptr);
  Traffic& t = traffic();
  const auto refuse = [&](SendStatus status) {
    const MessageId id{rng_.next(), rng_.next()};  // Of what was never made.
    SendDone done;
    done.id = id;
    done.tag = options.tag;
    done.status = status;
    done.started = env.now;
    env.listener.on_send_done(done);
    return id;
  };
  if (payload->size() > payload_bytes_max) return refuse(SendStatus::payload_too_long);
  if (t.pending.size() >= config_->pending_sends_max) return refuse(SendStatus::too_many_pending);
  auto header = make_header(env, DataKind::message, target, payload);
  const MessageId id = header->id;
  Pending& pending = t.pending[id];
  pending.header = std::move(header);
  pending.payload = std::move(payload);
  pending.options = options;
  pending.options.duplicates = std::min(options.duplicates, duplicates_max);
  pending.started = env.now;
  if (target == chord_.id()) {  // A message to oneself needs no network and no signature.
    env.listener.on_receive(*pending.header, pending.payload);
    finish(env, id, SendStatus::delivered, 0);
    return id;
  }
  const std::uint64_t distance = Neighborhood::distance(chord_.self().prefix(), target.prefix());
  pending.way = Neighborhood::hops_to(chord_, distance);
  begin(env, pending);
  return id;
}

/// What one try may cost. A large budget is for once: where it was of no use, tries anew do not spend it again.
unsigned SwarmNode::budget_of(const Pending& pending) {
  const unsigned k = pending.options.duplicates;
  return ((pending.tries == 0 ? k : std::min(k, duplicates_anew_max)) + 1) * pending.way + way_slack;
}

/// The first copies of a try, as the strategy has them.
void SwarmNode::begin(Environment& env, Pending& pending) {
  const unsigned k = pending.options.duplicates;
  pending.budget = std::max(pending.budget, budget_of(pending));
  Duration wait = config_->ack_timeout;
  const unsigned repairing = std::max(1U, (k + 1) / 2);  // Copies that leave each other as much fuel as they take.
  switch (pending.options.strategy) {
    case Strategy::cicada:
      launch_many(env, pending, k + 1, Routing::greedy, false);
      break;
    case Strategy::entries:
      launch_many(env, pending, k + 1, Routing::two_sided, false);
      break;
    case Strategy::repair:
      launch_many(env, pending, 1, Routing::repair, false);
      break;
    case Strategy::parallel_repair:
      launch_many(env, pending, repairing, Routing::repair, false);
      break;
    case Strategy::guards:
      if (card_of(env, pending.header->target) == nullptr) seek_card(env, pending.header->target);
      pending.awaits_card = repairing > 1 && traffic_->searches.contains(pending.header->target);
      if (pending.awaits_card) wait = step_of(pending);
      launch_many(env, pending, pending.awaits_card ? 1 : repairing, Routing::repair, true);
      break;
    case Strategy::adaptive: {
      Route route;
      // Enough stays back for other ways. What is not needed comes back.
      const unsigned way = pending.way + way_slack;
      const unsigned reserve = std::max(way, pending.budget / 2);
      route.fuel = std::max(way, pending.budget - std::min(reserve, pending.budget));
      launch(env, pending, route);
      wait = step_of(pending);
      break;
    }
  }
  ++pending.tries;
  pending.launched = env.now;
  pending.deadline = env.now + wait;
  watch(env, pending);
}

/// How long an undisturbed copy, with a gap or two on its way, is waited for before others are sent.
Duration SwarmNode::step_of(const Pending& pending) const {
  return std::min(2 * traffic_->neighborhood.patience(chord_, pending.way + 1), config_->ack_timeout);
}

/// `copies` at once, with the budget's rest divided among them. With `through_waypoints` the first one goes straight
/// only where nobody's card names a better way.
void SwarmNode::launch_many(Environment& env, Pending& pending, unsigned copies, Routing routing,
                            bool through_waypoints) {
  const bool card = through_waypoints && card_of(env, pending.header->target) != nullptr;
  const unsigned share = pending.budget / (pending.awaits_card ? (pending.options.duplicates + 1) / 2 : copies);
  for (unsigned copy = 0; copy < copies; ++copy) {
    Route route;
    if (through_waypoints && (copy > 0 || card)) route = next_route(env, pending);
    route.routing = routing;
    route.fuel = routing == Routing::repair ? std::max(share, pending.way + way_slack) : 0;
    if (!launch(env, pending, route)) break;
  }
}

/// The next waypoint: the guards in the target's card, then entries on both sides of the target, the farthest first.
SwarmNode::Route SwarmNode::next_route(Environment& env, Pending& pending) {
  Route route;
  const auto card = card_of(env, pending.header->target);
  const unsigned guards = card ? static_cast<unsigned>(card->guards.size()) : 0;
  route.has_via = true;
  if (pending.guards < guards) {
    const unsigned turn = static_cast<unsigned>(pending.header->id.low % guards);  // Not the same one first each time.
    route.via = env.contacts.id_of(card->guards[(pending.guards++ + turn) % guards].index);
    return route;
  }
  unsigned number = pending.entries++;
  if (pending.options.strategy ==
      Strategy::adaptive) {  // By turns straight, where another neighbour may do, and around.
    route.has_via = number % 2 == 1;
    number /= 2;
  }
  const unsigned levels = std::max(1U, chord_.finger_levels());
  const unsigned level = 1 + (number / 2) % levels;
  const Id step = Id::power_of_two(255 - level);
  route.via = number % 2 == 0 ? pending.header->target + step : pending.header->target - step;
  return route;
}

/// One more copy. Gives false where there is nobody to hand it to.
bool SwarmNode::launch(Environment& env, Pending& pending, const Route& route) {
  if (pending.copies >= copies_max) return false;
  Data data;
  data.header = pending.header;
  data.payload = pending.payload;
  data.copy = static_cast<std::uint8_t>(pending.copies);
  data.attempt = static_cast<std::uint8_t>(std::min(pending.tries, 255U));
  data.routing = route.routing;
  data.has_via = route.has_via;
  data.via = route.via;
  data.want_card = card_of(env, pending.header->target) == nullptr && config_->guards > 0;
  if (!start_copy(env, std::move(data), route.fuel)) return false;
  ++pending.copies;
  ++pending.open_copies;
  pending.budget -= std::min(pending.budget, std::max(route.fuel, pending.way));
  return true;
}

/// Hands a copy of this node's own to the first neighbour and watches over it. Gives false where there is nobody.
bool SwarmNode::start_copy(Environment& env, Data data, unsigned fuel) {
  Traffic& t = *traffic_;
  const RouteKey key{data.header->id, data.copy};
  Relay& relay = t.relays.start(std::move(data), env.now + config_->relay_life_max);
  relay.fuel = static_cast<std::uint16_t>(std::min(fuel, config_->fuel_max));
  const std::optional<Peer> first = choose(env, relay);
  if (!first) {
    t.relays.erase(key);
    return false;
  }
  watch(env, relay, relay.expires);
  hand_over(env, relay, *first);
  return true;
}

// ------------------------------------------------------------------------------------------------------------ going on

/// More copies by other ways, twice as many each time, while the budget lasts; one in any case.
void SwarmNode::escalate(Environment& env, Pending& pending) {
  const unsigned way = pending.way + way_slack;
  const auto card = card_of(env, pending.header->target);
  if (card == nullptr || pending.guards >= card->guards.size()) seek_card(env, pending.header->target);
  const unsigned wanted = std::min(1U << std::min(pending.stage, 3U), copies_at_once_max);
  const unsigned affordable = std::max(1U, pending.budget / (2 * way));
  const unsigned copies = std::min(wanted, affordable);
  ++pending.stage;
  pending.launched = env.now;
  const unsigned share = pending.budget / copies;
  for (unsigned copy = 0; copy < copies; ++copy) {
    Route route = next_route(env, pending);
    route.fuel = std::max(share, way);  // Without it the copy would not arrive even where nobody is hostile.
    launch(env, pending, route);
  }
}

/// The deadline of a try has passed.
void SwarmNode::try_again(Environment& env, Pending& pending) {
  const bool adaptive = pending.options.strategy == Strategy::adaptive;
  if (std::exchange(pending.awaits_card, false)) return launch_rest(env, pending);
  if (const TimePoint rest = std::exchange(pending.extended_try, TimePoint{}); rest > env.now) {
    escalate(env, pending);
    pending.deadline = rest;
    return watch(env, pending);
  }
  if (adaptive && pending.tries == 1 && pending.stage < stages_max && pending.budget > pending.way) {
    escalate(env, pending);
    pending.deadline = env.now + step_of(pending);
    return watch(env, pending);
  }
  if (pending.tries >= config_->send_tries) {
    // The newest copies get the time that those of the other strategies have.
    if (const TimePoint last = pending.launched + config_->ack_timeout; last > env.now) {
      pending.deadline = last;
      pending.last_wait = true;
      return watch(env, pending);
    }
    return finish(env, pending.header->id, pending.refused ? SendStatus::no_such_peer : SendStatus::timed_out, 0);
  }
  const Duration wait = config_->ack_timeout * (1 << std::min(pending.tries, 10U));
  if (adaptive) {
    pending.budget = std::max(pending.budget, budget_of(pending));
    escalate(env, pending);
    ++pending.tries;
  } else {
    begin(env, pending);
    if (pending.awaits_card) return;
  }
  pending.deadline = env.now + wait;
  watch(env, pending);
}

/// The copies that were kept back until the target's card is known.
void SwarmNode::launch_rest(Environment& env, Pending& pending) {
  const unsigned repairing = (pending.options.duplicates + 1) / 2;
  launch_many(env, pending, repairing - 1, Routing::repair, true);
  pending.launched = env.now;
  pending.deadline = env.now + config_->ack_timeout * (1 << std::min(pending.tries - 1, 10U));
  watch(env, pending);
}

/// A card of `owner` has been learned: those in trouble use it at once.
void SwarmNode::card_came(Environment& env, const Id& owner) {
  Traffic& t = *traffic_;
  t.searches.erase(owner);
  for (auto& [id, pending] : t.pending) {
    if (pending.header->target != owner) continue;
    pending.guards = 0;
    if (std::exchange(pending.awaits_card, false))
      launch_rest(env, pending);
    else if (pending.options.strategy == Strategy::adaptive && pending.stage > 0)
      escalate(env, pending);
  }
}

/// A copy of this node has ended without proof.
void SwarmNode::copy_given_up(Environment& env, const Relay& relay) {
  const auto place = traffic_->pending.find(relay.data.header->id);
  if (place == traffic_->pending.end()) return errand_given_up(env, relay);
  Pending& pending = place->second;
  pending.budget += relay.fuel;
  if (pending.open_copies > 0) --pending.open_copies;
  pending.refused = pending.refused || relay.no_such_peer;
  if (pending.open_copies > 0 || pending.options.strategy != Strategy::adaptive) return;
  if (pending.last_wait) return;
  if (pending.tries > 1 || pending.budget <= pending.way) return extend(env, pending);
  pending.deadline = env.now;  // The next step, at the timer: not from within this one.
  watch(env, pending);
}

/// What comes back early has lacked fuel, as the way may be longer than estimated in a young ring, or has met somebody
/// who had no time: with twice the fuel, or after a pause, it may get through. Where it comes back late only time
/// helps: holders that were given up may still bring it there, or the target comes back.
void SwarmNode::extend(Environment& env, Pending& pending) {
  const Duration left = pending.deadline - env.now;
  if (pending.extensions == extensions_max || left < 3 * (env.now - pending.launched)) return;
  const Duration pause = step_of(pending) * (1 << pending.extensions);
  if (pending.extensions++ < longer_ways_max) pending.way *= 2;
  pending.budget = std::max(pending.budget, budget_of(pending));
  pending.extended_try = pending.deadline;
  pending.deadline = env.now + std::min(pause, left);
  watch(env, pending);
}

void SwarmNode::refund(const Relay& relay, unsigned fuel) {
  const auto place = traffic_->pending.find(relay.data.header->id);
  if (place != traffic_->pending.end()) place->second.budget += fuel;
}

/// Somebody on the way of a copy is looking for another way: the next step can wait.
void SwarmNode::still_working(Environment& env, const Relay& relay) {
  const auto place = traffic_->pending.find(relay.data.header->id);
  if (place == traffic_->pending.end() || place->second.options.strategy != Strategy::adaptive) return;
  Pending& pending = place->second;
  const Duration step = traffic_->neighborhood.patience(chord_, pending.way + 1);
  if (env.now < pending.started + working_steps_max * step)
    pending.deadline = std::max(pending.deadline, env.now + step);
}

/// This node has put a copy of its own on a link, for the first time or as a repair.
void SwarmNode::own_copy_sent(const Relay& relay) {
  const auto place = traffic_->pending.find(relay.data.header->id);
  if (place != traffic_->pending.end()) ++place->second.transmissions;
}

void SwarmNode::finish(Environment& env, const MessageId& id, SendStatus status, unsigned hops) {
  const auto place = traffic_->pending.find(id);
  if (place == traffic_->pending.end()) return;
  const Pending pending = std::move(place->second);
  traffic_->pending.erase(place);
  SendDone done;
  done.id = id;
  done.tag = pending.options.tag;
  done.status = status;
  done.started = pending.started;
  done.hops = hops;
  done.transmissions = pending.transmissions;
  done.copies = pending.copies;
  env.listener.on_send_done(done);
}

}  // namespace cicada
