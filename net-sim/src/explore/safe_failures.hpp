#pragma once
/// Which members may fail without breaking the operating assumptions of chord.md §3.3: (ii) a failure never leaves a
/// member without a live successor, (iii) a principal fails only while more than r + 1 remain. Ground truth, for small
/// worlds: it reads all members, and the answers that are under way.

#include <vector>

#include <cicada/peer.hpp>

#include "world/world.hpp"

namespace cicada::sim {

/// A look at one moment of a world.
///
/// The published proof reads the state of another node and acts on it in one atomic step. Messages take time: what is
/// in an answer under way may become a list later, whatever has happened in between. Such a list counts here as one
/// that exists already, and so does the place that a joining peer is about to take. Dead entries count as there and as
/// gone, for their owner will drop them one by one: a list that names the old life of a principal does not name its new
/// one.
class SafeFailures {
 public:
  explicit SafeFailures(const World& world);

  /// Cost: O(N r) for N members.
  [[nodiscard]] bool may_fail(PeerIndex member) const;
  [[nodiscard]] std::size_t principals() const { return principals_.size(); }

 private:
  /// What a peer's list is, or may become.
  struct Line {
    PeerIndex owner = no_peer;
    std::vector<Peer> all;
    std::vector<Peer> live;
  };
  void add_line(const Peer& owner, std::span<const Peer> first, std::span<const Peer> rest);
  [[nodiscard]] bool skips(const Line& line, PeerIndex member) const;
  void find_principals();

  const World& world_;
  std::vector<Line> lines_;
  std::vector<PeerIndex> principals_;
};

}  // namespace cicada::sim
