#include <cicada/swarm_node.hpp>

#include <algorithm>

#include <cicada/assert.hpp>
#include <cicada/codec.hpp>
#include <cicada/signing.hpp>

namespace cicada {
namespace {

/// Tokens of data hops have this bit, tokens of the ring have not, so that an acknowledgement finds its way.
constexpr std::uint32_t data_token = 0x80000000U;

/// The id that a node draws its message ids with is another stream than its own.
constexpr std::uint64_t message_id_salt = 0x6d65737361676573ULL;

constexpr std::uint64_t broadcast_salt = 0x62726f6164636173ULL;

}  // namespace

SwarmNode::SwarmNode(const SwarmConfig& config, Peer self, const Id& id, Rng rng)
    : chord_(config.chord, self, id, rng), config_(&config), message_ids_(rng.fork(message_id_salt)) {}

SwarmNode::Traffic& SwarmNode::traffic() {
  if (!traffic_) traffic_ = std::make_unique<Traffic>();
  return *traffic_;
}

BroadcastNode& SwarmNode::broadcasts() {
  if (!broadcasts_)
    broadcasts_ = std::make_unique<BroadcastNode>(config_->broadcast, message_ids_.fork(broadcast_salt));
  return *broadcasts_;
}

void SwarmNode::arm(Environment& env, TimePoint deadline) {
  Traffic& t = traffic();
  if (deadline >= t.deadline) return;
  t.deadline = deadline;
  env.clock.arm(Timer::data, deadline);
}

// ---------------------------------------------------------------------------------------------------------- at the
// source

MessageId SwarmNode::send(Environment& env, const Id& target, Payload payload, unsigned duplicates, std::uint64_t tag) {
  CICADA_ASSERT(payload != nullptr);
  Traffic& t = traffic();
  auto header = std::make_shared<DataHeader>();
  header->id = {message_ids_.next(), message_ids_.next()};
  const MessageId id = header->id;
  const auto refuse = [&](SendStatus status) {
    env.listener.on_send_done({id, tag, status, env.now, 0, 0});
    return id;
  };
  if (payload->size() > payload_bytes_max) return refuse(SendStatus::payload_too_long);
  if (t.pending.size() >= config_->pending_sends_max) return refuse(SendStatus::too_many_pending);
  header->target = target;
  header->source = chord_.self();
  header->source_key = env.crypto.public_key();
  header->signature = env.crypto.sign(signed_bytes(*header, chord_.id(), payload_hash(env.crypto, payload)));
  Pending& pending = t.pending.emplace_back();
  pending.data.header = std::move(header);
  pending.data.payload = std::move(payload);
  pending.tag = tag;
  pending.started = env.now;
  pending.duplicates = duplicates;
  if (target == chord_.id()) {  // A message to oneself needs no network and no signature.
    const Data data = pending.data;
    env.listener.on_receive(*data.header, data.payload);
    finish(env, t.pending.size() - 1, SendStatus::delivered, 0);
    return id;
  }
  transmit(env, pending);
  return id;
}

/// One try: the copy along the best way and the duplicates through other first hops.
void SwarmNode::transmit(Environment& env, Pending& pending) {
  pending.data.attempt = static_cast<std::uint8_t>(pending.tries);
  const Duration wait = config_->ack_timeout * (1 << std::min(pending.tries, 10U));
  pending.deadline = env.now + wait;
  ++pending.tries;
  arm(env, pending.deadline);
  ChordNode::Excluded used;
  for (unsigned copy = 0; copy <= pending.duplicates; ++copy) {
    const auto step = chord_.next_step(env, pending.data.header->target, used);
    if (!step || !used.add(step->peer)) break;
    ++pending.transmissions;
    Data data = pending.data;
    data.last = step->last;
    forward(env, std::move(data), step->peer, {});
    if (step->last) break;  // This is the target's place: another way there ends at the same peer.
  }
}

void SwarmNode::on_ack(Environment& env, const DataAck& ack) {
  if (!traffic_) return;
  std::vector<Pending>& pending = traffic_->pending;
  const auto place = std::ranges::find_if(pending, [&](const Pending& p) { return p.data.header->id == ack.id; });
  if (place == pending.end()) return;
  if (!ack.delivered) {
    place->refused = true;  // Anybody can say so: it is believed only when all tries have failed.
    return;
  }
  const DataHeader& header = *place->data.header;
  const auto statement = signed_bytes(ack, header, chord_.id(), payload_hash(env.crypto, place->data.payload));
  if (!env.contacts.is_key_of(ack.target_key, header.target) ||
      !env.crypto.verify(statement, ack.signature, ack.target_key))
    return;
  finish(env, static_cast<std::size_t>(place - pending.begin()), SendStatus::delivered, ack.hops);
}

void SwarmNode::finish(Environment& env, std::size_t position, SendStatus status, unsigned hops) {
  std::vector<Pending>& pending = traffic_->pending;
  const Pending done = std::move(pending[position]);
  if (position + 1 != pending.size()) pending[position] = std::move(pending.back());
  pending.pop_back();
  env.listener.on_send_done({done.data.header->id, done.tag, status, done.started, hops, done.transmissions});
}

// --------------------------------------------------------------------------------------------------------------- on
// the way

void SwarmNode::on_message(Environment& env, const Peer& from, const Message& message) {
  if (const auto* data = std::get_if<Data>(&message)) return on_data(env, from, *data);
  if (const auto* ack = std::get_if<DataAck>(&message)) return on_ack(env, *ack);
  if (const auto* hop_ack = std::get_if<HopAck>(&message); hop_ack != nullptr && (hop_ack->token & data_token) != 0)
    return on_hop_ack(env, from, *hop_ack);
  if (!chord_.on_message(env, from, message) && BroadcastNode::takes(message))
    broadcasts().on_message(env, chord_, from, message);
}

void SwarmNode::on_data(Environment& env, const Peer& from, const Data& data) {
  if (!chord_.is_member() || data.header == nullptr || !data.header->source.exists()) return;
  env.transport.send(from, HopAck{data.token});
  if (data.header->target == chord_.id()) return deliver(env, data);
  if (!data.last) return route(env, data, {});
  // The sender took this node for the target: perhaps a newcomer lies between the two, else there is no such peer.
  const Peer behind = chord_.predecessor();
  if (behind.exists() && behind != from && env.contacts.id_of(behind.index) == data.header->target) {
    Data back = data;
    back.hops = static_cast<std::uint8_t>(std::min(255, back.hops + 1));
    forward(env, std::move(back), behind, {});
    return;
  }
  DataAck refusal;
  refusal.id = data.header->id;
  refusal.attempt = data.attempt;
  if (data.header->source != chord_.self()) env.transport.send(data.header->source, refusal);
}

void SwarmNode::route(Environment& env, const Data& data, std::span<const PeerIndex> tried) {
  if (data.hops >= config_->chord.hops_max) return;
  const auto step = chord_.next_step(env, data.header->target, tried);
  if (!step) return;
  Data copy = data;
  copy.last = step->last;
  forward(env, std::move(copy), step->peer, tried);
}

bool SwarmNode::forward(Environment& env, Data data, const Peer& to, std::span<const PeerIndex> tried) {
  Traffic& t = traffic();
  data.token = ++t.last_token | data_token;
  if (t.forwards.size() < config_->forwards_max) {
    Forward& entry = t.forwards.emplace_back();
    entry.data = data;
    entry.to = to;
    entry.sent = env.now;
    entry.deadline = env.now + chord_.timeout_for(to);
    entry.tried_count = static_cast<std::uint8_t>(tried.size());
    std::ranges::copy(tried, entry.tried.begin());
    arm(env, entry.deadline);
  }
  if (data.hops < 255) ++data.hops;
  env.transport.send(to, data);
  return true;
}

void SwarmNode::on_hop_ack(Environment& env, const Peer& from, const HopAck& ack) {
  if (!traffic_) return;
  std::vector<Forward>& forwards = traffic_->forwards;
  const auto place = std::ranges::find_if(
      forwards, [&](const Forward& entry) { return entry.data.token == ack.token && entry.to == from; });
  if (place == forwards.end()) return;
  chord_.report_rtt(from, env.now - place->sent);
  *place = std::move(forwards.back());
  forwards.pop_back();
}

// -------------------------------------------------------------------------------------------------------------- at the
// target

void SwarmNode::deliver(Environment& env, const Data& data) {
  Traffic& t = traffic();
  const DataHeader& header = *data.header;
  const Id source = env.contacts.id_of(header.source.index);
  const Id hash = payload_hash(env.crypto, data.payload);
  if (!env.contacts.is_key_of(header.source_key, source) ||
      !env.crypto.verify(signed_bytes(header, source, hash), header.signature, header.source_key))
    return;  // Tampered with, or forged: as if it had not come.
  if (t.remembered.insert(header.id).second) {
    t.remembered_order.push_back(header.id);
    if (t.remembered_order.size() > config_->remembered_max) {
      t.remembered.erase(t.remembered_order.front());
      t.remembered_order.pop_front();
    }
    env.listener.on_receive(header, data.payload);
  } else {
    ++t.copies_seen;
  }
  DataAck ack;  // Every copy is acknowledged: the word on an earlier one may have been lost.
  ack.id = header.id;
  ack.delivered = true;
  ack.hops = data.hops;
  ack.attempt = data.attempt;
  ack.target_key = env.crypto.public_key();
  ack.signature = env.crypto.sign(signed_bytes(ack, header, source, hash));
  env.transport.send(header.source, ack);
}

// ------------------------------------------------------------------------------------------------------------------
// time-outs

void SwarmNode::on_timer(Environment& env, Timer timer) {
  if (timer == Timer::data) return on_data_timer(env);
  if (timer == Timer::broadcast) return broadcasts().on_timer(env, chord_);
  chord_.on_timer(env, timer);
}

void SwarmNode::on_data_timer(Environment& env) {
  if (!traffic_) return;
  Traffic& t = *traffic_;
  t.deadline = time_never;
  for (std::size_t i = 0; i < t.forwards.size();) {
    if (t.forwards[i].deadline > env.now) {
      ++i;
      continue;
    }
    Forward late = std::move(t.forwards[i]);
    if (i + 1 != t.forwards.size()) t.forwards[i] = std::move(t.forwards.back());
    t.forwards.pop_back();
    chord_.report_timeout(env, late.to);
    if (late.tried_count == late.tried.size()) continue;
    late.tried[late.tried_count++] = late.to.index;
    if (late.data.timeouts < 255) ++late.data.timeouts;
    env.listener.on_mark(Mark::hop_rerouted);
    route(env, late.data, std::span(late.tried.data(), late.tried_count));
  }
  for (std::size_t i = 0; i < t.pending.size();) {
    Pending& pending = t.pending[i];
    if (pending.deadline > env.now) {
      ++i;
    } else if (pending.tries < config_->send_tries) {
      transmit(env, pending);
      ++i;
    } else {
      finish(env, i, pending.refused ? SendStatus::no_such_peer : SendStatus::timed_out, 0);
    }
  }
  TimePoint next = time_never;
  for (const Forward& entry : t.forwards) next = std::min(next, entry.deadline);
  for (const Pending& pending : t.pending) next = std::min(next, pending.deadline);
  t.deadline = time_never;
  arm(env, next);
}

/// What waits for a dead peer's acknowledgement goes another way at once.
void SwarmNode::on_peer_down(Environment& env, const Peer& peer) {
  chord_.on_peer_down(env, peer);
  if (broadcasts_) broadcasts_->on_peer_down(env, peer);
  if (!traffic_) return;
  for (Forward& entry : traffic_->forwards) {
    if (entry.to != peer) continue;
    entry.deadline = env.now;
    arm(env, env.now);
  }
}

}  // namespace cicada
