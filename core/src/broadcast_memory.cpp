// What a node remembers of broadcasts, and where it stops.

#include <algorithm>
#include <utility>

#include <cicada/broadcast.hpp>

#include "message_age.hpp"

namespace cicada {
namespace {

constexpr std::size_t neighbors_to_fill_origins = 8;  // As many have to work together to fill the table of origins.

std::size_t bytes_of(const Payload& payload) { return payload ? payload->size() : 0; }

}  // namespace

std::size_t BroadcastNode::cached_bytes() const {
  std::size_t bytes = 0;
  for (const auto& [id, item] : items_) bytes += bytes_of(item.payload);
  return bytes;
}

/// The record of an origin. Where there is no room for one more, the one that was quiet longest gives way, and only its
/// pace is forgotten with it: that is no more than a new key is given. A neighbour that has brought its share of them
/// pushes out its own, so that it cannot renew the paces of those whom others bring.
BroadcastNode::Origin& BroadcastNode::origin_of(TimePoint now, const Id& id, const Peer& from) {
  auto place = origins_.find(id);
  if (place == origins_.end()) {
    const std::uint64_t bringer = from.prefix();
    if (origins_.size() >= config_->origins_max) {
      const auto brought = [&](const auto& entry) { return entry.second.bringer == bringer; };
      const auto share = std::max<std::size_t>(config_->origins_max / neighbors_to_fill_origins, 1);
      const bool own = static_cast<std::size_t>(std::ranges::count_if(origins_, brought)) >= share;
      auto quiet = origins_.end();
      for (auto at = origins_.begin(); at != origins_.end(); ++at)
        if ((!own || brought(*at)) && (quiet == origins_.end() || at->second.last < quiet->second.last)) quiet = at;
      origins_.erase(quiet);
    }
    place = origins_.emplace(id, Origin{}).first;
    place->second.bringer = bringer;
  }
  place->second.last = now;
  return place->second;
}

/// Too old for anybody to take, by this node's clock.
bool BroadcastNode::stale(TimePoint wall, const BroadcastHeader& header) const {
  return age_of(header.sent_ns, wall, config_->age_max, config_->ahead_max) == Age::stale;
}

/// Remembers a broadcast that is not there yet; without its payload it is only known as one not to ask for.
BroadcastNode::Item& BroadcastNode::keep(TimePoint now, const Broadcast& message, bool with_payload) {
  make_room(message.header->origin, with_payload ? bytes_of(message.payload) : 0);
  Item& item = items_[message.header->id.high];
  item.header = message.header;
  if (with_payload)
    item.payload = message.payload ? message.payload : std::make_shared<const std::vector<std::uint8_t>>();
  item.arrived = now;
  item.hops = message.hops;
  return item;
}

/// Drops the oldest items, and the payloads of the oldest, until one more fits. An origin that has its share loses its
/// own; the oldest of all go only where everybody together has too many.
void BroadcastNode::make_room(const Peer& origin, std::size_t bytes) {
  struct Use {
    std::size_t items = 0, bytes = 0;
    Items::iterator oldest, oldest_payload;
  };
  const auto use = [&](auto&& mine) {
    Use found{0, 0, items_.end(), items_.end()};
    const auto older = [&](Items::iterator a, Items::iterator b) {
      return b == items_.end() || a->second.arrived < b->second.arrived;
    };
    for (auto at = items_.begin(); at != items_.end(); ++at) {
      if (!mine(at->second)) continue;
      ++found.items;
      found.bytes += bytes_of(at->second.payload);
      if (older(at, found.oldest)) found.oldest = at;
      if (bytes_of(at->second.payload) > 0 && older(at, found.oldest_payload)) found.oldest_payload = at;
    }
    return found;
  };
  const auto shrink = [&](auto&& mine, std::size_t items_max, std::size_t bytes_max) {
    for (std::size_t steps = items_.size(); steps > 0; --steps) {  // Each step drops one thing; the loop ends before.
      const Use now = use(mine);
      if (now.items >= items_max)
        items_.erase(now.oldest);
      else if (now.bytes + bytes > bytes_max && now.oldest_payload != items_.end())
        now.oldest_payload->second.payload = nullptr;
      else
        return;
    }
  };
  shrink([&](const Item& item) { return item.header->origin == origin; }, config_->origin_items_max,
         config_->cache_bytes_max / 4);
  shrink([](const Item&) { return true; }, config_->items_max, config_->cache_bytes_max);
}

/// The record of a neighbour. Where there is none it takes the place of the one that was quiet longest.
BroadcastNode::Neighbor& BroadcastNode::neighbor(TimePoint now, const Peer& peer) {
  auto place = std::ranges::find(neighbors_, peer.index, &Neighbor::peer);
  if (place == neighbors_.end()) {
    if (neighbors_.size() < config_->neighbors_max)
      place = neighbors_.insert(neighbors_.end(), Neighbor{});
    else
      place = std::ranges::min_element(neighbors_, {}, &Neighbor::last);
    *place = Neighbor{};
    place->peer = peer.index;
  }
  place->last = now;
  return *place;
}

bool BroadcastNode::excluded(const BroadcastHeader& header, const Id& id) {
  return std::ranges::find(header.visited, id) != header.visited.end();
}

BroadcastNode::Knowing* BroadcastNode::note(Item& item, const Peer& peer, bool spoke) {
  const auto place = std::ranges::find(item.knowing, peer.index, &Knowing::peer);
  if (place != item.knowing.end()) {
    place->spoke = place->spoke || spoke;
    return &*place;
  }
  if (item.knowing.size() >= knowing_max) return nullptr;
  return &item.knowing.emplace_back(Knowing{peer.index, spoke, 0});
}

bool BroadcastNode::knows(const Item& item, const Peer& peer) {
  return std::ranges::find(item.knowing, peer.index, &Knowing::peer) != item.knowing.end();
}

bool BroadcastNode::spoke(const Item& item, const Peer& peer) {
  const auto place = std::ranges::find(item.knowing, peer.index, &Knowing::peer);
  return place != item.knowing.end() && place->spoke;
}

}  // namespace cicada
