#pragma once
/// Peers that nobody can dial, on loopback: they join through a peer with an address, which relays for them.

#include <catch2/catch.hpp>
#include <memory>
#include <string>

#include "real/loopback.hpp"

namespace cicada::test {

/// Nobody can dial it, it says.
inline std::unique_ptr<SwarmPeer> hidden(SwarmPeerOptions options) {
  auto peer = std::make_unique<SwarmPeer>(std::move(options));
  peer->bind("127.0.0.1", 0, HostPort{"0.0.0.0", 0});
  return peer;
}
inline std::unique_ptr<SwarmPeer> hidden(SwarmPeerOptions options, const SwarmPeer& through) {
  auto peer = hidden(std::move(options));
  peer->connect("127.0.0.1", through.listener().port, 10s);
  return peer;
}

inline SwarmPeerOptions without_punching(const std::shared_ptr<Runtime>& runtime) {
  SwarmPeerOptions options = quick(runtime);
  options.punch = false;
  return options;
}

/// What `from` says that its link to `to` runs over.
inline LinkPath path(const SwarmPeer& from, const SwarmPeer& to) {
  for (const PeerInfo& info : from.peers())
    if (info.contact.id == to.id()) return info.path;
  return LinkPath::none;
}

/// It arrives once, from whom it says.
inline void check_message(SwarmPeer& from, SwarmPeer& to, const std::string& words) {
  from.send(to.id(), words);
  const auto got = to.recv_for(10s);
  REQUIRE(got.has_value());
  CHECK(text(*got) == words);
  CHECK(got->source.id == from.id());
  CHECK(got->source.key == from.public_key());
}

}  // namespace cicada::test
