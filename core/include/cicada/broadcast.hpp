#pragma once
/// Broadcasts: one message to every member of the ring, handed up once by each.
///
/// Theory of operation. The payload goes down a tree (El-Ansary et al., 2003): whoever answers for an arc of the ring
/// sends it to each of its distinct successors and fingers in that arc, and leaves to each the arc up to the next one.
/// N - 1 transmissions reach everybody on an ideal ring, and one peer that drops them cuts off all below it. So beside
/// the tree each peer tells some neighbours, a little later, which broadcasts it has (a digest: 8 bytes), and who
/// misses one asks for it, then the next one who told of it. Five ring neighbours on either side and a few random
/// fingers are told: the ring links are the same seen from both ends, so nobody can have bad luck with them, and of two
/// neighbours only the first one has to speak.
///
///   push    Broadcast with `reach`: hand up, pass on within the arc.
///   digest  BroadcastHave to those who are not known to have it: after `announce` where it came down the tree; at once
///           where it had to be asked for, because there the tree is broken; and to new neighbours for half of `keep`.
///           Where nobody on one side has said anything by the second look, all on that side are told, whom the list
///           holds: behind a row of silent peers somebody may hear of nothing.
///   pull    BroadcastWant to the first one who told; after a time-out to another one; never to one who has told of
///           several and delivered none.
///
/// What a stranger says is not believed:
///  - Payload, origin, sequence and the `visited` list are under the origin's signature, and the id is their hash.
///  - `reach` is cut to what the receiver itself would leave to its own place: nothing where the sender has the
///    receiver's successor in its own list, and never beyond the origin or the next level of the sender's fingers.
///  - One who sent a small reach first takes nothing away: a later copy with a larger one is passed on for the rest.
///  - The origin signs the time too. What is older than `age_max` is refused, by everybody, also by who has just come;
///    what is younger is told from a repetition by its id, long after the payload is forgotten: `replay_memory.hpp`.
///  - An origin's pace is limited at every peer, as is what one neighbour may send, tell of and ask for. More is heard
///    than an honest origin may say, because broadcasts catch up with each other on their way; what is too much is
///    dropped and not remembered, and taken when somebody tells of it later.
///
/// Not thread-safe; a movable value; stores no environment. Everything is bounded, see `BroadcastConfig`.

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include <cicada/chord_node.hpp>
#include <cicada/environment.hpp>
#include <cicada/message.hpp>
#include <cicada/rate_limit.hpp>
#include <cicada/replay_memory.hpp>
#include <cicada/rng.hpp>

namespace cicada {

struct BroadcastConfig {
  Duration announce = std::chrono::milliseconds(1200);        ///< Mean wait before a digest; [0.5, 1.5) of it is drawn.
  Duration announce_pulled = std::chrono::milliseconds(250);  ///< The same after a pull.
  unsigned ring_neighbors = 5;                             ///< Told on either side; as many as the lists have at most.
  unsigned fingers = 2;                                    ///< Random ones told for each broadcast.
  Duration pull_timeout = std::chrono::milliseconds(600);  ///< Wait for an answer; then others are asked.
  unsigned pull_failures_max = 3;              ///< Digests in a row without a delivery; then `mute` of not listening.
  Duration mute = std::chrono::minutes(1);     ///< Not listening to the digests of one who does not deliver.
  Duration keep = std::chrono::minutes(1);     ///< A payload can be asked for, and its id is told from others.
  std::size_t items_max = 1024;                ///< Broadcasts kept.
  std::size_t origin_items_max = 128;          ///< Of these of one origin.
  std::size_t cache_bytes_max = 16U << 20;     ///< Payload bytes kept; of one origin a quarter of it.
  Duration age_max = std::chrono::minutes(3);  ///< Older broadcasts are refused: `keep` of two in a row, and clocks.
  Duration ahead_max = 2 * clock_difference_max;  ///< And those from farther in the future, as for messages.
  Duration fresh = std::chrono::seconds(30);      ///< A younger one is not forgotten, however many come.
  std::size_t seen_max = 16384;                   ///< Ids remembered for `age_max`, if need be only for `fresh`.
  std::size_t origins_max = 4096;  ///< Whose pace is known; one neighbour pushes out no others for more than an eighth.
  Pace origin_pace{std::chrono::seconds(1), 32};  ///< Broadcasts that a node may begin.
  /// And those of one origin that another node takes: all that `keep` holds of one at its full pace may come at once.
  Pace origin_pace_heard{std::chrono::milliseconds(800), 128};
  std::size_t missing_max = 256;                          ///< Ids told of and not there yet.
  std::size_t neighbors_max = 128;                        ///< Peers whose pace and failures are kept.
  Pace payload_pace{std::chrono::milliseconds(10), 256};  ///< Payloads from one neighbour, and to it on its demand.
  Pace digest_pace{std::chrono::milliseconds(5), 1024};   ///< Ids that one neighbour may tell of.
  Pace forgery_pace{std::chrono::seconds(1), 8};          ///< Forged broadcasts of one neighbour that are verified.
};

class BroadcastNode {
 public:
  /// `config` must outlive the node.
  BroadcastNode(const BroadcastConfig& config, Rng rng) : config_(&config), rng_(rng) {}

  /// Sends `payload` to all but this node and those in `visited`. The zero id, and nothing happens, where the node is
  /// no member, the payload is longer than `payload_bytes_max`, `visited` than `broadcast_visited_max`, or the node's
  /// own pace is exceeded. Precondition: `payload` is not null.
  MessageId broadcast(Environment& env, const ChordNode& ring, Payload payload, std::span<const Id> visited);

  // Inputs, each within a step. `ring` is the node below.

  /// Is the message part of this protocol?
  [[nodiscard]] static bool takes(const Message& message) {
    return std::holds_alternative<Broadcast>(message) || std::holds_alternative<BroadcastHave>(message) ||
           std::holds_alternative<BroadcastWant>(message);
  }
  /// Ignores messages that are not.
  void on_message(Environment& env, const ChordNode& ring, const Peer& from, const Message& message);
  /// `SwarmNode::is_worth_waiting` for a broadcast.
  [[nodiscard]] bool is_worth_waiting(Environment& env, const ChordNode& ring, const Peer& from,
                                      const Broadcast& message);
  void on_timer(Environment& env, const ChordNode& ring);
  void on_peer_down(Environment& env, const Peer& peer);
  /// This node did not run for a while: what it asked for is asked for again, and nobody is held to have kept it back.
  void on_wake(Environment& env);

  /// Calls `visit(PeerIndex)` for every peer that the node still refers to.
  template <class Visitor>
  void for_each_peer(Visitor&& visit) const;

  // For tests and reports.

  struct Counters {
    std::uint64_t handed_up = 0;
    std::uint64_t duplicates = 0;  ///< Payloads that were there already.
    std::uint64_t tampered = 0;    ///< Refused for hash, key or signature.
    std::uint64_t refused = 0;     ///< Refused for the origin's pace, or for want of room for one more id.
    std::uint64_t repeated = 0;    ///< Were there already, perhaps, or are this node's own.
    std::uint64_t stale = 0;       ///< Refused for a signed time that is too old, or too far ahead.
    std::uint64_t unfounded = 0;   ///< Pulls that were not answered in time.
  };
  [[nodiscard]] const Counters& counters() const { return counters_; }
  [[nodiscard]] std::size_t items() const { return items_.size(); }
  [[nodiscard]] std::size_t missing() const { return missing_.size(); }
  [[nodiscard]] std::size_t origins() const { return origins_.size(); }
  [[nodiscard]] std::size_t seen() const { return seen_.size(); }
  [[nodiscard]] std::size_t cached_bytes() const;

 private:
  static constexpr std::size_t knowing_max = 96;  ///< Peers remembered to have one broadcast.
  static constexpr std::size_t holders_max = 32;  ///< Peers remembered to have told of a missing one.
  static constexpr unsigned asks_at_once_max = 4;
  static constexpr unsigned asks_per_holder_max = 2;
  static constexpr unsigned serves_max = 2 * asks_per_holder_max;  // It may forget that it asked, and ask anew.

  /// A peer that is known to have a broadcast, or has been told of it.
  struct Knowing {
    PeerIndex peer = no_peer;
    bool spoke = false;       ///< It said something about it itself: told, asked, or sent it.
    std::uint8_t served = 0;  ///< So often it asked for the payload, and got it.
  };
  /// A broadcast that this node has, or has decided for good not to take.
  struct Item {
    std::shared_ptr<const BroadcastHeader> header;
    Payload payload;  ///< Null when it is not kept any more: then nobody is told of it.
    TimePoint arrived{};
    TimePoint next{};        ///< When the neighbours are looked at again.
    std::uint8_t round = 0;  ///< How often they have been looked at.
    std::uint8_t hops = 0;
    std::uint64_t passed = 0;  ///< Arc that has been passed on, as `Broadcast::reach`.
    std::vector<Knowing> knowing;
  };
  struct Holder {
    Peer peer;
    std::uint8_t asked = 0;  ///< Times.
    bool pending = false;    ///< Asked since the last look, without an answer.
  };
  struct Missing {
    std::vector<Holder> holders;  ///< The first one is the one who told first.
    std::uint8_t asks_at_once = 1;
    TimePoint deadline{};
  };
  struct Origin {
    RateLimit pace;
    TimePoint last{};
    std::uint64_t bringer = 0;  ///< Prefix of the neighbour from which it was first heard.
  };
  struct Neighbor {
    PeerIndex peer = no_peer;
    unsigned failures = 0;  ///< Pulls in a row that it did not answer.
    TimePoint muted_until{};
    TimePoint last{};
    RateLimit payloads_in, payloads_out, digests, forgeries;
  };
  enum class Verdict : std::uint8_t { good, tampered, strange, refused, repeated, stale, ahead };
  using Items = std::map<std::uint64_t, Item>;

  // Tree (broadcast_tree.cpp)
  void on_broadcast(Environment& env, const ChordNode& ring, const Peer& from, const Broadcast& message);
  [[nodiscard]] Verdict judge(Environment& env, const ChordNode& ring, const Peer& from, const Broadcast& message,
                              bool asked_for);
  [[nodiscard]] static bool is_signed(Environment& env, const Broadcast& message);
  [[nodiscard]] Verdict look(TimePoint wall, const BroadcastHeader& header, bool own) const;
  void accept(Environment& env, const ChordNode& ring, const Peer& from, const Broadcast& message, bool pulled);
  enum class Manner : std::uint8_t { payload, digest };
  void pass_on(Environment& env, const ChordNode& ring, Item& item, std::uint64_t reach, Manner manner);
  [[nodiscard]] static std::uint64_t own_reach(const ChordNode& ring, const Peer& from, const Broadcast& message);

  // Digests and pulls (broadcast_digests.cpp)
  void on_have(Environment& env, const Peer& from, const BroadcastHave& have);
  void on_want(Environment& env, const Peer& from, const BroadcastWant& want);
  void announce(Environment& env, const ChordNode& ring);
  void retry_pulls(Environment& env);
  bool pull(Environment& env, std::uint64_t id, Missing& missing);
  [[nodiscard]] Holder* next_holder(Environment& env, Missing& missing);
  void add_holder(Environment& env, Missing& missing, const Peer& peer);
  void pull_failed(Environment& env, const Peer& peer);
  [[nodiscard]] std::vector<Peer> told_neighbors(const ChordNode& ring, const Item& item);
  void schedule(Environment& env, Item& item, bool pulled);
  void wake(Environment& env, TimePoint at);

  // Memory and limits (broadcast_memory.cpp)
  Origin& origin_of(TimePoint now, const Id& id, const Peer& from);
  [[nodiscard]] bool stale(TimePoint wall, const BroadcastHeader& header) const;
  Item& keep(TimePoint now, const Broadcast& message, bool with_payload);
  void make_room(const Peer& origin, std::size_t bytes);
  Neighbor& neighbor(TimePoint now, const Peer& peer);
  [[nodiscard]] static bool excluded(const BroadcastHeader& header, const Id& id);
  /// Nullptr where no more are remembered.
  static Knowing* note(Item& item, const Peer& peer, bool spoke);
  [[nodiscard]] static bool knows(const Item& item, const Peer& peer);
  [[nodiscard]] static bool spoke(const Item& item, const Peer& peer);

  const BroadcastConfig* config_;
  Rng rng_;
  std::uint64_t sequence_ = 0;
  TimePoint deadline_ = time_never;  ///< What `Timer::broadcast` is armed for.
  Items items_;                      ///< By the first half of the id.
  std::map<std::uint64_t, Missing> missing_;
  RateLimit own_pace_;
  ReplayMemory seen_;
  std::map<Id, Origin> origins_;  ///< Not the own one: nobody else can take its place.
  std::vector<Neighbor> neighbors_;
  Counters counters_;
};

template <class Visitor>
void BroadcastNode::for_each_peer(Visitor&& visit) const {
  for (const auto& [id, item] : items_) {
    visit(item.header->origin.index);
    for (const Knowing& knowing : item.knowing) visit(knowing.peer);
  }
  for (const auto& [id, missing] : missing_) {
    for (const Holder& holder : missing.holders) visit(holder.peer.index);
  }
  for (const Neighbor& neighbor : neighbors_) visit(neighbor.peer);
}

}  // namespace cicada
