#pragma once
/// Peers whose states are written by hand, for tests of the ring checker. Nothing here runs a protocol.

#include <cstdint>
#include <initializer_list>
#include <set>
#include <utility>
#include <vector>

#include <cicada/sim/ring_checker.hpp>
#include <cicada/sim/ring_truth.hpp>

namespace cicada::sim {

inline constexpr TimePoint noon{Duration{12}};

/// The world around one checker. Members are peers that run; each peer keeps its id when it dies.
class FakeWorld final : public PeerStates {
 public:
  struct Node {
    Id id;
    bool member = false;
    bool alive = false;
    bool busy = false;
    std::vector<Peer> list;
    Peer predecessor;
    std::vector<Peer> fingers;
  };

  explicit FakeWorld(unsigned successors)
      : r(successors), truth([this](PeerIndex peer) { return id_of(peer); }), checker(*this, truth, successors) {}
  FakeWorld(const FakeWorld&) = delete;
  FakeWorld& operator=(const FakeWorld&) = delete;

  /// An ideal ring of `count` members in the order of their indices, the first ones of `r` successors each.
  FakeWorld(unsigned successors, PeerIndex count) : FakeWorld(successors) {
    for (PeerIndex peer = 0; peer < count; ++peer) add_member(Id::from_prefix(0x1000 * (std::uint64_t{peer} + 1)));
    make_ideal();
  }

  [[nodiscard]] PeerState state_of(PeerIndex peer) const override {
    const Node& node = nodes[peer];
    return {node.member, node.list, node.predecessor, node.busy, node.fingers};
  }
  [[nodiscard]] bool alive(PeerIndex peer) const override { return nodes[peer].alive; }
  [[nodiscard]] Id id_of(PeerIndex peer) const override { return nodes[peer].id; }

  PeerIndex add_dead(const Id& id) {
    Node node;
    node.id = id;
    nodes.push_back(std::move(node));
    return static_cast<PeerIndex>(nodes.size() - 1);
  }
  PeerIndex add_member(const Id& id) {
    const PeerIndex peer = add_dead(id);
    nodes[peer].alive = nodes[peer].member = true;
    truth.insert(id, peer);
    return peer;
  }
  void remove(PeerIndex peer) {
    nodes[peer].alive = nodes[peer].member = false;
    truth.erase(nodes[peer].id, peer);
    checker.on_death(peer, noon, 0);
  }

  [[nodiscard]] Peer peer(PeerIndex index) const { return {nodes[index].id.prefix(), index}; }
  [[nodiscard]] std::vector<Peer> padded(std::vector<Peer> list) const {
    const std::uint64_t last = list.empty() ? 0 : list.back().prefix();
    for (std::uint64_t i = 1; list.size() < r; ++i) list.emplace_back(last + i, no_peer);
    return list;
  }
  void set_list(PeerIndex owner, std::initializer_list<PeerIndex> entries) {
    std::vector<Peer> list;
    for (const PeerIndex entry : entries) list.push_back(peer(entry));
    nodes[owner].list = padded(std::move(list));
  }
  void make_ideal() {
    for (const Peer member : truth) {
      std::vector<Peer> list(r);
      list.resize(truth.successors(member, list));
      nodes[member.index].list = padded(std::move(list));
      const Peer previous = truth.previous(member);
      nodes[member.index].predecessor = truth.size() > 1 ? previous : Peer{};
    }
  }

  unsigned r;
  std::vector<Node> nodes;
  RingTruth truth;
  RingChecker checker;
};

using Findings = std::set<std::pair<Property, PeerIndex>>;

/// The violations recorded so far.
inline Findings findings(const RingChecker& checker) {
  Findings found;
  for (const Violation& violation : checker.violations()) found.emplace(violation.property, violation.peer);
  return found;
}

}  // namespace cicada::sim
