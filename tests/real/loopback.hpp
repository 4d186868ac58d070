#pragma once
/// Peers on the loopback interface for tests: ports that the system chooses, one runtime for all that a test makes, and
/// waiting that is bounded and ends as soon as it can.

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <cicada/swarm_peer.hpp>

namespace cicada::test {

using namespace std::chrono_literals;

/// As users have them, but with a ring that keeps itself more eagerly, so that tests take little time.
inline SwarmPeerOptions quick(std::shared_ptr<Runtime> runtime = nullptr) {
  SwarmPeerOptions options;
  options.runtime = std::move(runtime);
  options.protocol.chord.stabilize = 500ms;
  options.protocol.chord.fix_fingers = 500ms;
  options.protocol.chord.check_predecessor = 500ms;
  return options;
}

inline std::unique_ptr<SwarmPeer> bound(SwarmPeerOptions options) {
  auto peer = std::make_unique<SwarmPeer>(std::move(options));
  peer->bind("127.0.0.1", 0);
  return peer;
}

/// Waits until `condition` holds, at most `limit`. There is no event to wait for when a ring has settled: that is a
/// matter of several peers' states.
inline bool eventually(const std::function<bool()>& condition, Duration limit = 20s) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(2ms);
  }
  return true;
}

/// `count` peers, all joined through the first one.
inline std::vector<std::unique_ptr<SwarmPeer>> ring(std::size_t count,
                                                    const std::function<SwarmPeerOptions()>& options) {
  std::vector<std::unique_ptr<SwarmPeer>> peers;
  for (std::size_t i = 0; i < count; ++i) {
    peers.push_back(bound(options()));
    if (i > 0) peers.back()->connect("127.0.0.1", peers.front()->listener().port);
  }
  return peers;
}

/// Waits until each peer has all others in its tables, before and behind it: for rings that are smaller than the lists.
inline bool settled(const std::vector<std::unique_ptr<SwarmPeer>>& peers) {
  return eventually([&] {
    return std::ranges::all_of(peers, [&](const auto& peer) {
      std::size_t successors = 0;
      std::size_t predecessors = 0;
      for (const PeerInfo& info : peer->peers()) {
        successors += info.successor ? 1U : 0U;
        predecessors += info.predecessor ? 1U : 0U;
      }
      return successors == peers.size() - 1 && predecessors == peers.size() - 1;
    });
  });
}

inline std::string text(const Received& received) { return {received.data.begin(), received.data.end()}; }

}  // namespace cicada::test
