#pragma once
/// A node of the swarm: messages to ids, on top of the ring.
///
/// Theory of operation. A message is signed by its source and carried by *copies*. Each copy is watched over by every
/// peer that holds it: that peer hands it to a neighbour, hears at once that it arrived, and waits for the target's
/// signed acknowledgement, which comes back along the way of the copy. With `Routing::repair` a peer that waits in vain
/// tries its next best neighbour, as far as the copy's *fuel* goes. Fuel is split between a peer and the one it hands
/// the copy to, and comes back with what was not spent. Nobody spends any before it has told the peer before it, which
/// takes a lease back from the silent only: so fuel is in one place as long as words are in time, and nobody can make
/// others work for more than a message of its own would. Late words are bounded by `attempts_max`. What a neighbour did
/// with the copies it was given is remembered (`Neighborhood`) and decides who is asked next time.
///
/// The source chooses the routes (`Strategy`): copies along the shortest way, through entries around the target, or
/// through its *guards*: peers at places that follow from a secret, to which the target holds links, and which it names
/// in a signed contact card. The target recognises copies by the message id, hands the payload up once, and
/// acknowledges every copy.
///
/// Not thread-safe; a movable value; stores no environment, like `ChordNode`.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include <cicada/broadcast.hpp>
#include <cicada/chord_node.hpp>
#include <cicada/environment.hpp>
#include <cicada/message.hpp>
#include <cicada/swarm_config.hpp>

namespace cicada {

class SwarmNode {
 public:
  /// `config` must outlive the node.
  SwarmNode(const SwarmConfig& config, Peer self, const Id& id, Rng rng);
  SwarmNode(SwarmNode&&) noexcept;
  SwarmNode& operator=(SwarmNode&&) noexcept;
  ~SwarmNode();

  /// Sends `payload` to the peer whose id is `target`. Ends in exactly one `on_send_done` with `options.tag`, perhaps
  /// within this call: at once where the payload is longer than `payload_bytes_max` or too many sends are under way.
  /// Precondition: `payload` is not null.
  MessageId send(Environment& env, const Id& target, Payload payload, const SendOptions& options);

  // Contact cards

  /// The card of this node, or null where it has no guards yet. Cost: a signature after a change of guards.
  [[nodiscard]] std::shared_ptr<const ContactCard> contact_card(Environment& env);
  /// Takes a card that came by another way (a file, a friend). Gives false for one that is not signed by its owner, is
  /// expired, or is older than the one that is known.
  bool learn_card(Environment& env, const std::shared_ptr<const ContactCard>& card);

  /// Sends `payload` to everybody but the peers in `visited`; see `BroadcastNode::broadcast`.
  MessageId broadcast(Environment& env, Payload payload, std::span<const Id> visited = {}) {
    return broadcasts().broadcast(env, chord_, std::move(payload), visited);
  }

  // Inputs from the world. Each is one step.

  void on_message(Environment& env, const Peer& from, const Message& message);
  /// A message of a source whose key this node does not know, and that its world may keep until it does: is it genuine
  /// in everything else? Where it is not, it has been refused as `on_message` would. A step of its own.
  [[nodiscard]] bool is_worth_waiting(Environment& env, const Peer& from, const Message& message);
  void on_timer(Environment& env, Timer timer);
  void on_peer_down(Environment& env, const Peer& peer);
  /// The node did not run for a while; see `ChordNode::on_wake`.
  void on_wake(Environment& env);

  // For a world that vouches for a node that has been running for long.

  /// A link that `peer` opened to this node stands.
  void add_link(const Peer& peer, TimePoint now);
  /// This node keeps a link to `guard`, which has agreed to be one.
  void add_guard(Environment& env, const Peer& guard);
  /// This node is a guard of `ward`.
  void add_ward(const Peer& ward, TimePoint now);
  /// The card of this node, which has been stored in the ring at some time within the last period. Null without guards.
  [[nodiscard]] std::shared_ptr<const ContactCard> card_as_published(Environment& env);
  /// This node keeps `card` for others, because `place`, one of its owner's, is near.
  void add_kept_card(const std::shared_ptr<const ContactCard>& card, const Id& place);

  /// The ring below: joins, leaves and lookups are called there.
  [[nodiscard]] ChordNode& chord() { return chord_; }
  [[nodiscard]] const ChordNode& chord() const { return chord_; }
  /// Calls `visit(PeerIndex)` for every peer that the node still refers to.
  template <class Visitor>
  void for_each_peer(Visitor&& visit) const {
    chord_.for_each_peer(visit);
    if (broadcasts_) broadcasts_->for_each_peer(visit);
    if (traffic_) visit_traffic(visit);
  }
  /// Null for a peer that has had nothing to do with broadcasts.
  [[nodiscard]] const BroadcastNode* broadcast_node() const { return broadcasts_.get(); }
  /// Copies of messages that had arrived before.
  [[nodiscard]] std::uint64_t copies_seen() const;
  /// Contact cards kept for others to ask for.
  [[nodiscard]] std::size_t cards_kept() const;
  /// What this node watches over for others: open copies, and the bytes of their payloads.
  struct Load {
    std::size_t copies = 0;
    std::size_t bytes = 0;
    friend bool operator==(const Load&, const Load&) = default;
  };
  [[nodiscard]] Load load() const;
  /// Copies that are watched over or remembered, the own ones included.
  [[nodiscard]] std::size_t relays() const;
  /// Do the counts of relays follow from the relays? For tests. Cost: O(relays).
  [[nodiscard]] bool is_consistent() const;

 private:
  struct Traffic;
  struct RelayAttempt;
  struct Relay;
  class Relays;
  struct Pending;
  struct RouteKey;
  struct Due;
  struct Search;
  struct CardRequest;

  // swarm_node.cpp
  Traffic& traffic();
  BroadcastNode& broadcasts();
  void wake(Environment& env, const Due& due);
  void watch(Environment& env, Relay& relay, TimePoint at);
  void watch(Environment& env, Pending& pending);
  void on_data_timer(Environment& env);
  void look_at(Environment& env, const RouteKey& key, Relay& relay);
  void visit_traffic(const std::function<void(PeerIndex)>& visit) const;

  // swarm_source.cpp
  struct Route;
  [[nodiscard]] std::shared_ptr<const DataHeader> make_header(Environment& env, DataKind kind, const Id& target,
                                                              const Payload& payload);
  bool start_copy(Environment& env, Data data, unsigned fuel);
  [[nodiscard]] static unsigned budget_of(const Pending& pending);
  [[nodiscard]] Duration step_of(const Pending& pending) const;
  void begin(Environment& env, Pending& pending);
  bool launch(Environment& env, Pending& pending, const Route& route);
  void launch_many(Environment& env, Pending& pending, unsigned copies, Routing routing, bool through_waypoints);
  Route next_route(Environment& env, Pending& pending);
  void escalate(Environment& env, Pending& pending);
  void try_again(Environment& env, Pending& pending);
  void launch_rest(Environment& env, Pending& pending);
  void copy_given_up(Environment& env, const Relay& relay);
  void extend(Environment& env, Pending& pending);
  void refund(const Relay& relay, unsigned fuel);
  void own_copy_sent(const Relay& relay);
  void still_working(Environment& env, const Relay& relay);
  void card_came(Environment& env, const Id& owner);
  void finish(Environment& env, const MessageId& id, SendStatus status, unsigned hops);

  // swarm_relay.cpp
  void on_data(Environment& env, const Peer& from, const Data& data);
  [[nodiscard]] std::optional<Refusal> refusal_at_sight(Environment& env, const Peer& from, const Data& data);
  [[nodiscard]] std::shared_ptr<const DataAck> proof_of(const MessageId& id);
  void take_terms(Environment& env, Relay& relay, const Data& data, std::size_t bringer);
  void allow_reassurances(Environment& env, Relay& relay, unsigned count);
  Relay* find_relay(const MessageId& id, std::uint8_t copy);
  void advance(Environment& env, Relay& relay, bool at_no_cost);
  [[nodiscard]] std::optional<Peer> choose(Environment& env, Relay& relay);
  void hand_over(Environment& env, Relay& relay, const Peer& to);
  void give_up(Environment& env, Relay& relay);
  void overdue(Environment& env, Relay& relay);
  static void take_back_lease(Relay& relay, RelayAttempt& attempt);
  void blame(Environment& env, Relay& relay, RelayAttempt& attempt);
  void wait_for(Environment& env, Relay& relay, RelayAttempt& attempt);
  void reassure_previous(Environment& env, Relay& relay);
  void tell_previous(Environment& env, Relay& relay, Report report, unsigned fuel);
  void late_return(Environment& env, Relay& relay, RelayAttempt& attempt, const DataReport& report);
  void on_report(Environment& env, const Peer& from, const DataReport& report);
  void on_ack(Environment& env, const Peer& from, const DataAck& ack);
  void prove(Environment& env, Relay& relay, const DataAck& ack);
  void answer_from_proof(Environment& env, const Peer& to, std::uint8_t copy, const DataAck& proof);
  void wait(Environment& env, Relay& relay, Duration time);
  [[nodiscard]] unsigned hops_left(const Relay& relay, const Peer& from) const;

  // swarm_judge.cpp
  enum class Judgement : std::uint8_t {
    genuine,
    untimely,  ///< Too old, or from the future.
    strange,   ///< Signed by a key that is not its signer's, which those on the way could not know.
    forged,    ///< Whoever passed it on could have seen that it is false.
  };
  void hold_against(Environment& env, const Peer& from, Judgement judgement);
  /// Whose word a key is: `proved` for what is handed up, `possible` for what others will look at again.
  enum class KeyProof : std::uint8_t { possible, proved };
  [[nodiscard]] bool passes(Environment& env, const Peer& from, const Data& data, KeyProof proof);
  [[nodiscard]] Judgement judge(Environment& env, const Data& data, KeyProof proof) const;
  [[nodiscard]] Judgement judge(Environment& env, const Relay& relay, const DataAck& ack) const;
  [[nodiscard]] Judgement judge(Environment& env, const ContactCard& card) const;

  // swarm_target.cpp
  void deliver(Environment& env, const Peer& from, const Data& data);

  // swarm_guards.cpp
  void look_after_guards(Environment& env);
  void seek_guard(Environment& env);
  void guard_found(Environment& env, const Peer& peer);
  void on_guard_request(Environment& env, const Peer& from, const GuardRequest& request);
  void on_guard_reply(Environment& env, const Peer& from, const GuardReply& reply);

  // swarm_cards.cpp
  void publish_card(Environment& env);
  bool remember_card(Environment& env, const std::shared_ptr<const ContactCard>& card);
  [[nodiscard]] std::shared_ptr<const ContactCard> card_of(const Environment& env, const Id& target) const;
  void seek_card(Environment& env, const Id& owner);
  void ask_places(Environment& env, const Id& owner, Search& search);
  void look_at_searches(Environment& env);
  void errand_given_up(Environment& env, const Relay& relay);
  [[nodiscard]] static Payload card_request(const Id& owner, std::uint64_t newer_than);
  [[nodiscard]] static std::optional<CardRequest> read_card_request(const Payload& payload);
  bool run_errand(Environment& env, DataKind kind, const Id& place, const Payload& payload,
                  const std::shared_ptr<const ContactCard>& card);

  // swarm_keeper.cpp
  [[nodiscard]] bool knows_around(const Id& place) const;
  [[nodiscard]] PeerList nearest_to(const Id& place, std::size_t count) const;
  [[nodiscard]] bool is_near(const Id& place, std::size_t count) const;
  [[nodiscard]] bool is_place_of(Environment& env, const Id& owner, const Id& place) const;
  void hand_out_card(Environment& env, const std::shared_ptr<const ContactCard>& card, const Id& place);
  void keep_card(Environment& env, const std::shared_ptr<const ContactCard>& card, const Id& place);
  void take_card(Environment& env, const Data& data);
  [[nodiscard]] std::shared_ptr<const ContactCard> card_kept(Environment& env, const Id& owner,
                                                             std::uint64_t newer_than);
  bool serve_errand(Environment& env, const Peer& from, const Data& data);

  ChordNode chord_;
  const SwarmConfig* config_;
  Rng rng_;  ///< Message ids and guards.
  std::unique_ptr<Traffic> traffic_;
  std::unique_ptr<BroadcastNode> broadcasts_;
};

}  // namespace cicada
