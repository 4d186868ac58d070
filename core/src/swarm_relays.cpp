// The table of copies that this node watches over: taking them on within limits, ending them, and forgetting them.
//
// Open copies of others are counted, with the bytes of their payloads, altogether and by the neighbour that brought
// them first, so that one neighbour leaves room for others. One that has ended keeps neither payload nor room: it is
// remembered for late reports and late copies as long as there is space, the oldest is forgotten first.

#include <cicada/signing.hpp>

#include "swarm_traffic.hpp"

namespace cicada {
namespace {

constexpr std::size_t neighbor_share = 4;  // One neighbour may have one in so many.

std::size_t bytes_of(const Data& data) { return data.payload ? data.payload->size() : 0; }

}  // namespace

SwarmNode::Relay* SwarmNode::find_relay(const MessageId& id, std::uint8_t copy) {
  if (!traffic_) return nullptr;
  const auto place = traffic_->relays.find({id, copy});
  return place == traffic_->relays.end() ? nullptr : &place->second;
}

/// A copy that has come for the first time. Gives null where there is no room.
SwarmNode::Relay* SwarmNode::take_on(Environment& env, const Peer& from, const Data& data) {
  Traffic& t = *traffic_;
  if (!has_room(from, bytes_of(data))) return nullptr;
  while (t.ended.size() >= config_->relays_max) forget(t.ended.begin()->second);
  Relay& relay = t.relays[{data.header->id, data.copy}];
  relay.data = data;
  relay.previous[relay.previous_count++] = from;
  relay.expires = env.now + config_->relay_life_max;
  count(relay);
  watch(env, relay, relay.expires);
  return &relay;
}

bool SwarmNode::has_room(const Peer& from, std::size_t bytes) const {
  const Traffic& t = *traffic_;
  if (t.load.copies >= config_->relays_max || t.load.bytes + bytes > config_->relay_bytes_max) return false;
  const auto place = t.loads.find(from.index);
  return place == t.loads.end() || (place->second.copies < config_->relays_max / neighbor_share &&
                                    place->second.bytes + bytes <= config_->relay_bytes_max / neighbor_share);
}

/// A given up copy that has come again is looked after anew. Gives false where there is no room.
bool SwarmNode::reopen(Relay& relay, const Data& data) {
  if (!relay.own && !has_room(relay.previous[0], bytes_of(data))) return false;
  traffic_->ended.erase(relay.end);
  relay.end = 0;
  relay.data.payload = data.payload;
  relay.payload_hash.reset();
  relay.phase = Relay::Phase::open;
  relay.last_wait = false;
  count(relay);
  return true;
}

/// A copy is given up, or proven, and keeps no payload. That of a proof is of no use to anybody; a late acknowledgement
/// of what was given up is about its hash.
void SwarmNode::end(Environment& env, Relay& relay, bool proven) {
  Traffic& t = *traffic_;
  uncount(relay);
  relay.phase = proven ? Relay::Phase::proven : Relay::Phase::given_up;
  relay.deadline = time_never;
  if (!relay.own && relay.end == 0)
    t.ended.emplace(relay.end = ++t.last_end, RouteKey{relay.data.header->id, relay.data.copy});
  if (proven) {
    relay.data.payload = nullptr;
    relay.data.card = nullptr;
  } else if (!relay.own && relay.data.header->kind == DataKind::message && relay.data.payload != nullptr) {
    relay.payload_hash = payload_hash(env.crypto, relay.data.payload);
    relay.data.payload = nullptr;
  }
}

void SwarmNode::forget(const RouteKey& key) {
  const auto place = traffic_->relays.find(key);
  uncount(place->second);
  traffic_->ended.erase(place->second.end);
  traffic_->relays.erase(place);
}

/// Open copies of others are counted, and have their payloads.
void SwarmNode::count(const Relay& relay) {
  if (relay.own) return;
  Traffic::Load& load = traffic_->loads[relay.previous[0].index];
  for (Traffic::Load* sum : {&traffic_->load, &load}) {
    ++sum->copies;
    sum->bytes += bytes_of(relay.data);
  }
}

void SwarmNode::uncount(const Relay& relay) {
  if (relay.own || relay.phase != Relay::Phase::open) return;
  const auto place = traffic_->loads.find(relay.previous[0].index);
  for (Traffic::Load* sum : {&traffic_->load, &place->second}) {
    --sum->copies;
    sum->bytes -= bytes_of(relay.data);
  }
  if (place->second.copies == 0) traffic_->loads.erase(place);
}

}  // namespace cicada
