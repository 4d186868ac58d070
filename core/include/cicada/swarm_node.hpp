#pragma once
/// A node of the swarm: messages to ids, on top of the ring.
///
/// A send travels along the ring like a lookup, with an acknowledgement at every hop and another way round a peer that
/// does not answer. The target recognises copies by the message id, hands the payload up once, and acknowledges with
/// its signature, straight to the source. The source repeats until it has that, and reports what happened.
///
/// Strategies for duplicate routes choose the first hops and what happens after a failure; the only one so far is the
/// API's own: `duplicates` further copies through other first hops, greedy after that (resilience.md §0, baseline A).
///
/// Not thread-safe; a movable value; stores no environment, like `ChordNode`.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <unordered_set>
#include <utility>
#include <vector>

#include <cicada/broadcast.hpp>
#include <cicada/chord_node.hpp>
#include <cicada/environment.hpp>
#include <cicada/message.hpp>

namespace cicada {

struct SwarmConfig {
  ChordConfig chord;
  BroadcastConfig broadcast;
  Duration ack_timeout = std::chrono::seconds(3);  ///< First wait for the target's word; doubled with every try.
  unsigned send_tries = 4;                         ///< Times that a source transmits before it gives up. At least 1.
  std::size_t pending_sends_max = 4096;            ///< Sends of one node under way; one more fails at once.
  std::size_t forwards_max = 4096;                 ///< Messages of others watched over at one time.
  std::size_t remembered_max = 8192;               ///< Message ids kept to recognise copies.
};

class SwarmNode {
 public:
  /// `config` must outlive the node.
  SwarmNode(const SwarmConfig& config, Peer self, const Id& id, Rng rng);
  SwarmNode(SwarmNode&&) noexcept = default;
  SwarmNode& operator=(SwarmNode&&) noexcept = default;
  ~SwarmNode() = default;

  /// Sends `payload` to the peer whose id is `target`, with `duplicates` further copies along other first hops. Ends in
  /// exactly one `on_send_done` with `tag`, perhaps within this call: at once where the payload is longer than
  /// `payload_bytes_max` or too many sends are under way. Precondition: `payload` is not null.
  MessageId send(Environment& env, const Id& target, Payload payload, unsigned duplicates, std::uint64_t tag);

  /// Sends `payload` to everybody but the peers in `visited`; see `BroadcastNode::broadcast`.
  MessageId broadcast(Environment& env, Payload payload, std::span<const Id> visited = {}) {
    return broadcasts().broadcast(env, chord_, std::move(payload), visited);
  }

  // Inputs from the world. Each is one step.
  void on_message(Environment& env, const Peer& from, const Message& message);
  void on_timer(Environment& env, Timer timer);
  void on_peer_down(Environment& env, const Peer& peer);

  /// The ring below: joins, leaves and lookups are called there.
  [[nodiscard]] ChordNode& chord() { return chord_; }
  [[nodiscard]] const ChordNode& chord() const { return chord_; }
  /// Calls `visit(PeerIndex)` for every peer that the node still refers to.
  template <class Visitor>
  void for_each_peer(Visitor&& visit) const;
  /// Null for a peer that has had nothing to do with broadcasts.
  [[nodiscard]] const BroadcastNode* broadcast_node() const { return broadcasts_.get(); }
  /// Copies of messages that had arrived before.
  [[nodiscard]] std::uint64_t copies_seen() const { return traffic_ ? traffic_->copies_seen : 0; }

 private:
  /// A message of this node that waits for its acknowledgement.
  struct Pending {
    Data data;
    std::uint64_t tag = 0;
    TimePoint started{};
    TimePoint deadline{};
    unsigned duplicates = 0;
    unsigned transmissions = 0;
    unsigned tries = 0;
    bool refused = false;  ///< Somebody said that there is no such peer.
  };
  /// A copy that waits for the acknowledgement of its next hop.
  struct Forward {
    Data data;
    Peer to;
    TimePoint sent{};
    TimePoint deadline{};
    std::uint8_t tried_count = 0;
    std::array<PeerIndex, 3> tried{};
  };
  struct IdHash {
    std::size_t operator()(const MessageId& id) const { return static_cast<std::size_t>(id.low ^ id.high); }
  };
  /// What a node needs once messages pass through it; absent before.
  struct Traffic {
    std::vector<Pending> pending;
    std::vector<Forward> forwards;
    std::unordered_set<MessageId, IdHash> remembered;  ///< Only asked for single ids, never iterated.
    std::deque<MessageId> remembered_order;
    TimePoint deadline = time_never;
    std::uint32_t last_token = 0;
    std::uint64_t copies_seen = 0;
  };

  Traffic& traffic();
  BroadcastNode& broadcasts();
  void transmit(Environment& env, Pending& pending);
  bool forward(Environment& env, Data data, const Peer& to, std::span<const PeerIndex> tried);
  void route(Environment& env, const Data& data, std::span<const PeerIndex> tried);
  void on_data(Environment& env, const Peer& from, const Data& data);
  void deliver(Environment& env, const Data& data);
  void on_ack(Environment& env, const DataAck& ack);
  void on_hop_ack(Environment& env, const Peer& from, const HopAck& ack);
  void on_data_timer(Environment& env);
  void finish(Environment& env, std::size_t position, SendStatus status, unsigned hops);
  void arm(Environment& env, TimePoint deadline);

  ChordNode chord_;
  const SwarmConfig* config_;
  Rng message_ids_;
  std::unique_ptr<Traffic> traffic_;
  std::unique_ptr<BroadcastNode> broadcasts_;
};

template <class Visitor>
void SwarmNode::for_each_peer(Visitor&& visit) const {
  chord_.for_each_peer(visit);
  if (broadcasts_) broadcasts_->for_each_peer(visit);
  if (!traffic_) return;
  for (const Pending& pending : traffic_->pending) visit(pending.data.header->source.index);
  for (const Forward& forward : traffic_->forwards) {
    visit(forward.data.header->source.index);
    visit(forward.to.index);
    for (std::size_t i = 0; i < forward.tried_count; ++i) visit(forward.tried[i]);
  }
}

}  // namespace cicada
