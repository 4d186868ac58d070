#pragma once
/// The copies that a node watches over: its own, and those that it relays for others.
///
/// Open copies of others are counted, with the bytes of their payloads, altogether and by the neighbour that brought
/// them first, so that one neighbour leaves room for others. One that has ended keeps neither payload nor room: it is
/// remembered for late reports and late copies as long as there is space, the oldest is forgotten first. A copy gets in
/// by `start` or `take_on` and out by `erase` only, so the counts follow from what is in the table.

#include <array>
#include <compare>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <ranges>
#include <vector>

#include <cicada/swarm_node.hpp>

namespace cicada {

/// Names one copy of one message.
struct SwarmNode::RouteKey {
  MessageId id;
  std::uint8_t copy = 0;
  friend auto operator<=>(const RouteKey&, const RouteKey&) = default;
};

/// A neighbour that was given the copy.
struct SwarmNode::RelayAttempt {
  enum class State : std::uint8_t {
    sent,      ///< No receipt yet.
    received,  ///< The neighbour has the copy.
    working,   ///< It says that it is looking for another way.
    over,      ///< It gave the copy up, or is taken to have lost it.
  };

  Peer to;
  TimePoint sent{};
  std::uint16_t leased = 0;         ///< Fuel that went along.
  std::uint16_t granted = 0;        ///< The same, before any of it was taken back.
  std::uint16_t patience_ms = 0;    ///< It has so long to say something.
  TimePoint blame_at = time_never;  ///< When silence counts as loss.
  std::uint16_t extensions = 0;
  State state = State::sent;
};

/// A copy that this node has handed on and watches over.
struct SwarmNode::Relay {
  using State = RelayAttempt::State;
  using Attempt = RelayAttempt;
  enum class Phase : std::uint8_t { open, given_up, proven };
  static constexpr std::size_t previous_max = 4;

  Data data;
  std::array<Peer, previous_max> previous{};  ///< Who brought it; nobody at the source.
  std::uint8_t previous_count = 0;
  std::uint8_t payer = 0;     ///< Whose fuel is being spent: the one of them that brought some last.
  std::uint8_t reroutes = 0;  ///< Dead neighbours got around.
  Phase phase = Phase::open;
  bool own = false;        ///< This node is the source.
  bool last_wait = false;  ///< Nothing is left to try, but somebody may still be working.
  bool no_such_peer = false;
  std::uint16_t fuel = 0;
  std::uint16_t taken_in = 0;      ///< Fuel that others have brought, altogether.
  std::uint16_t reassurances = 0;  ///< That may still be sent: what the copy and those behind this node have paid for.
  std::vector<Attempt> attempts;   ///< In the order of time.
  TimePoint deadline = time_never;
  TimePoint reassure = time_never;  ///< Then whoever brought the copy wants to hear that it is still looked after.
  TimePoint expires{};
  TimePoint queued = time_never;  ///< The earliest entry of this relay among what is due.
  std::shared_ptr<const DataAck> proof;
  std::optional<Id> payload_hash;  ///< Of a payload that is kept no longer.
  std::uint64_t end = 0;           ///< Its number among the ended ones; 0: it is none of them.
};

class SwarmNode::Relays {
 public:
  /// `config` must outlive the table.
  explicit Relays(const SwarmConfig& config) : config_(&config) {}

  // Getting in and out

  /// A copy of this node's own, whose number is new.
  Relay& start(Data data, TimePoint expires);
  /// A copy that `from` has brought, and that is not in the table. Gives null where there is no room.
  Relay* take_on(const Peer& from, const Data& data, TimePoint expires);
  void erase(const RouteKey& key);

  // Changing

  /// A copy is given up, or proven, and keeps no payload. That of a proof is of no use to anybody; a late
  /// acknowledgement of what was given up is about its hash.
  void end(Relay& relay, bool proven, Crypto& crypto);
  /// A given up copy that has come again is looked after anew. Gives false where there is no room.
  bool reopen(Relay& relay, const Data& data);

  // Looking

  [[nodiscard]] Relay* find(const RouteKey& key);
  /// Pairs of key and relay of all copies of a message, in the order of their numbers.
  [[nodiscard]] auto copies_of(const MessageId& id) {
    return std::ranges::subrange(relays_.lower_bound({id, 0}), relays_.upper_bound({id, 255}));
  }
  /// Is there room for one more copy of others, brought by `from`?
  [[nodiscard]] bool has_room(const Peer& from, std::size_t bytes) const;
  [[nodiscard]] const Load& load() const { return load_; }
  [[nodiscard]] std::size_t size() const { return relays_.size(); }
  /// Do the counts follow from what is in the table? For tests. Cost: O(copies).
  [[nodiscard]] bool is_consistent() const;
  [[nodiscard]] auto begin() { return relays_.begin(); }
  [[nodiscard]] auto begin() const { return relays_.begin(); }
  [[nodiscard]] auto end() { return relays_.end(); }
  [[nodiscard]] auto end() const { return relays_.end(); }

 private:
  void count(const Relay& relay);
  void uncount(const Relay& relay);

  const SwarmConfig* config_;
  std::map<RouteKey, Relay> relays_;
  Load load_;                                ///< Open copies of others, altogether
  std::map<PeerIndex, Load> loads_;          ///< and by who brought them first.
  std::map<std::uint64_t, RouteKey> ended_;  ///< Others' copies given up or proven, the first of them first.
  std::uint64_t last_end_ = 0;
};

}  // namespace cicada
