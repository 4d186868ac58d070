#pragma once
/// Broadcasts made by hand, as strangers make them, and what else tests of broadcasts share.

#include <memory>
#include <utility>
#include <vector>

#include <cicada/signing.hpp>

#include "sim/broadcast_world.hpp"

namespace cicada::sim::test {

/// Digests never: what arrives has come down the tree.
inline BroadcastConfig tree_only() {
  BroadcastConfig config;
  config.announce = 1h;
  config.keep = 2h;
  return config;
}

/// A broadcast as `origin` would make it: an attacker signs for itself, whatever its own node would allow, at any time.
inline Broadcast made_at(TimePoint sent, BroadcastWorld& world, PeerIndex origin, std::uint64_t sequence,
                         std::size_t bytes = 100, std::vector<Id> visited = {}) {
  CryptoCounts counts;
  ModelledCrypto crypto(origin, counts);
  BroadcastHeader header;
  header.origin = world.peer(origin);
  header.sequence = sequence;
  header.sent_ns = static_cast<std::uint64_t>(sent.time_since_epoch().count());
  header.origin_key = crypto.public_key();
  header.visited = std::move(visited);
  const Payload payload = BroadcastWorld::payload(bytes);
  const auto statement =
      signed_bytes(header, world.id(origin), 0, payload_hash(crypto, payload), visited_hash(crypto, header.visited));
  header.id = broadcast_id(crypto, statement);
  header.signature = crypto.sign(statement);
  return {std::make_shared<const BroadcastHeader>(header), payload, 0, 0};
}
/// The same made now.
inline Broadcast made_by(BroadcastWorld& world, PeerIndex origin, std::uint64_t sequence, std::size_t bytes = 100,
                         std::vector<Id> visited = {}) {
  return made_at(world.now(), world, origin, sequence, bytes, std::move(visited));
}

}  // namespace cicada::sim::test
