#include "swarm_relays.hpp"

#include <utility>

#include <cicada/assert.hpp>
#include <cicada/signing.hpp>

namespace cicada {
namespace {

constexpr std::size_t neighbor_share = 4;  // One neighbour may have one in so many.

std::size_t bytes_of(const Data& data) { return data.payload ? data.payload->size() : 0; }

}  // namespace

SwarmNode::Relay* SwarmNode::Relays::find(const RouteKey& key) {
  const auto place = relays_.find(key);
  return place == relays_.end() ? nullptr : &place->second;
}

SwarmNode::Relay& SwarmNode::Relays::start(Data data, TimePoint expires) {
  const auto [place, fresh] = relays_.try_emplace({data.header->id, data.copy});
  CICADA_ASSERT(fresh);
  Relay& relay = place->second;
  relay.own = true;
  relay.data = std::move(data);
  relay.expires = expires;
  return relay;
}

SwarmNode::Relay* SwarmNode::Relays::take_on(const Peer& from, const Data& data, TimePoint expires) {
  if (!has_room(from, bytes_of(data))) return nullptr;
  while (ended_.size() >= config_->relays_max) erase(RouteKey(ended_.begin()->second));
  const auto [place, fresh] = relays_.try_emplace({data.header->id, data.copy});
  CICADA_ASSERT(fresh);
  Relay& relay = place->second;
  relay.data = data;
  relay.previous[relay.previous_count++] = from;
  relay.expires = expires;
  count(relay);
  return &relay;
}

void SwarmNode::Relays::erase(const RouteKey& key) {
  const auto place = relays_.find(key);
  CICADA_ASSERT(place != relays_.end());
  uncount(place->second);
  if (place->second.end != 0) ended_.erase(place->second.end);
  relays_.erase(place);
}

bool SwarmNode::Relays::has_room(const Peer& from, std::size_t bytes) const {
  if (load_.copies >= config_->relays_max || load_.bytes + bytes > config_->relay_bytes_max) return false;
  const auto place = loads_.find(from.index);
  return place == loads_.end() || (place->second.copies < config_->relays_max / neighbor_share &&
                                   place->second.bytes + bytes <= config_->relay_bytes_max / neighbor_share);
}

bool SwarmNode::Relays::reopen(Relay& relay, const Data& data) {
  CICADA_ASSERT(relay.phase != Relay::Phase::open);
  if (!relay.own && !has_room(relay.previous[0], bytes_of(data))) return false;
  if (relay.end != 0) ended_.erase(std::exchange(relay.end, 0));
  relay.data.payload = data.payload;
  relay.payload_hash.reset();
  relay.phase = Relay::Phase::open;
  relay.last_wait = false;
  count(relay);
  return true;
}

void SwarmNode::Relays::end(Relay& relay, bool proven, Crypto& crypto) {
  uncount(relay);
  relay.phase = proven ? Relay::Phase::proven : Relay::Phase::given_up;
  relay.deadline = time_never;
  if (!relay.own && relay.end == 0)
    ended_.emplace(relay.end = ++last_end_, RouteKey{relay.data.header->id, relay.data.copy});
  if (proven) {
    relay.data.payload = nullptr;
    relay.data.card = nullptr;
  } else if (!relay.own && relay.data.header->kind == DataKind::message && relay.data.payload != nullptr) {
    relay.payload_hash = payload_hash(crypto, relay.data.payload);
    relay.data.payload = nullptr;
  }
}

/// Open copies of others are counted, and have their payloads.
void SwarmNode::Relays::count(const Relay& relay) {
  if (relay.own) return;
  for (Load* sum : {&load_, &loads_[relay.previous[0].index]}) {
    ++sum->copies;
    sum->bytes += bytes_of(relay.data);
  }
}

void SwarmNode::Relays::uncount(const Relay& relay) {
  if (relay.own || relay.phase != Relay::Phase::open) return;
  const auto place = loads_.find(relay.previous[0].index);
  for (Load* sum : {&load_, &place->second}) {
    --sum->copies;
    sum->bytes -= bytes_of(relay.data);
  }
  if (place->second.copies == 0) loads_.erase(place);
}

bool SwarmNode::Relays::is_consistent() const {
  Load open;
  std::size_t over = 0;
  for (const auto& [key, relay] : relays_) {
    if (relay.own) continue;
    if (relay.phase == Relay::Phase::open) {
      ++open.copies;
      open.bytes += bytes_of(relay.data);
    } else {
      const auto place = ended_.find(relay.end);
      if (place == ended_.end() || place->second != key) return false;
      ++over;
    }
  }
  Load shares;
  for (const auto& [peer, share] : loads_) shares = {shares.copies + share.copies, shares.bytes + share.bytes};
  return open == load_ && shares == load_ && over == ended_.size();
}

}  // namespace cicada
