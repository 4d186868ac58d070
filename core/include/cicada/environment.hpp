#pragma once
/// What a step of the protocol may do: the small interfaces that the world passes to each step. A node never stores
/// them.
///
/// Contract, for both worlds:
/// - A step runs to completion, never blocks and is never re-entered; `now` and `wall` stand still in it.
/// - `send` only queues: no message is delivered, and no other callback is made, before the step has returned.
/// - The same state, input, `now`, `wall` and random stream give the same calls, bit for bit.

#include <cstdint>
#include <span>

#include <cicada/message.hpp>
#include <cicada/refusal.hpp>
#include <cicada/time.hpp>

namespace cicada {

/// The timers of one node. Arming replaces; there is no handle. The busiest come first.
enum class Timer : std::uint8_t { request, data, stabilize, fix_fingers, check_predecessor, probe, broadcast };
inline constexpr std::size_t timer_count = 7;

class Clock {
 public:
  /// Asks for `on_timer(timer)` at `at` or as soon as possible after it. Replaces what was armed before.
  virtual void arm(Timer timer, TimePoint at) = 0;
  virtual void disarm(Timer timer) = 0;

 protected:
  ~Clock() = default;
};

class Transport {
 public:
  /// Queues `message` for `to` on the link to it, which is opened if need be. Delivery is not promised.
  virtual void send(const Peer& to, const Message& message) = 0;
  /// The node has no more use for the link to `peer`.
  virtual void forget(const Peer& peer) = 0;

 protected:
  ~Transport() = default;
};

/// The table behind `PeerIndex`. Cost of all calls: O(1), but for a hash in `is_key_of`.
class Contacts {
 public:
  /// Precondition: the index was given out by this table.
  [[nodiscard]] virtual Id id_of(PeerIndex index) const = 0;
  [[nodiscard]] virtual std::uint32_t incarnation_of(PeerIndex index) const = 0;
  /// Does the swarm's id policy bind `key` to `id`, as far as this node can tell?
  [[nodiscard]] virtual bool is_key_of(const PublicKey& key, const Id& id) const = 0;
  /// For peers on the way, which may never have met the peer: true also where nothing is known of `id`.
  [[nodiscard]] virtual bool may_be_key_of(const PublicKey& key, const Id& id) const { return is_key_of(key, id); }

 protected:
  ~Contacts() = default;
};

/// Ed25519 in the real world; in a simulation either that or a model with the same sizes and the same guarantees.
class Crypto {
 public:
  [[nodiscard]] virtual PublicKey public_key() const = 0;  ///< Of the node whose step this is.
  [[nodiscard]] virtual Signature sign(std::span<const std::uint8_t> bytes) = 0;
  [[nodiscard]] virtual bool verify(std::span<const std::uint8_t> bytes, const Signature& signature,
                                    const PublicKey& key) = 0;
  /// SHA-256 (or its model) of the bytes.
  [[nodiscard]] virtual Id hash(std::span<const std::uint8_t> bytes) = 0;
  /// 128 bits that nobody but the node whose step this is can foresee, however many others of them he has seen: a
  /// secret function of `number`, each of which a node uses once.
  [[nodiscard]] virtual Nonce nonce(std::uint64_t number) = 0;

 protected:
  ~Crypto() = default;
};

/// How a lookup ended.
enum class LookupStatus : std::uint8_t { found, timed_out };
struct LookupDone {
  std::uint64_t tag = 0;  ///< What the caller passed to `lookup`.
  Id key;
  LookupStatus status = LookupStatus::found;
  Peer owner;  ///< Meaningful when found.
  TimePoint started{};
  unsigned hops = 0;      ///< Links crossed from the originator to the key's predecessor.
  unsigned timeouts = 0;  ///< Peers on the way that did not answer.
  unsigned tries = 1;
};

/// How a send ended.
enum class SendStatus : std::uint8_t { delivered, no_such_peer, timed_out, too_many_pending, payload_too_long };
struct SendDone {
  MessageId id;
  std::uint64_t tag = 0;
  SendStatus status = SendStatus::delivered;
  TimePoint started{};
  unsigned hops = 0;           ///< Links that the acknowledged copy crossed, as those on its way say: hearsay.
  unsigned transmissions = 0;  ///< Times that the source itself put the message on a link, repairs included.
  unsigned copies = 0;         ///< Routes that it chose.
};

/// Branches of the protocol that a test campaign wants to see taken at least once (chord.md §6.1, habit 8).
enum class Mark : std::uint8_t {
  successor_dropped,
  list_padded,
  notifiers_coalesced,
  busy_answered,
  busy_gave_up,
  candidate_dead,
  candidate_adopted,
  predecessor_replaced_dead,
  join_retried,
  join_walked,
  rejoined,
  returned_alone,
  stranded,
  hop_rerouted,
  finger_rejected,
  older_life_dropped,
  merge_candidate,
  leave_refused,
  data_repaired,
  data_refused,
  ack_refused,
  neighbor_limited,
  card_fetched,
};
inline constexpr std::size_t mark_count = 23;

/// What a node tells its world. Called inside a step; an implementation must not call the node back from here.
class Listener {
 public:
  virtual void on_joined() = 0;
  virtual void on_join_failed() = 0;
  virtual void on_lookup_done(const LookupDone& done) = 0;
  virtual void on_send_done(const SendDone& done) = 0;
  /// A payload for this node, once for each message id.
  virtual void on_receive(const DataHeader& header, const Payload& payload) = 0;
  /// A payload for everybody, once for each broadcast. A world that has no use for broadcasts need not listen.
  virtual void on_broadcast(const BroadcastHeader&, const Payload&) {}
  virtual void on_mark(Mark mark) = 0;
  /// Something that `from` sent is refused. The world counts it by its reason. With `Refusal::forged` the neighbour
  /// itself is at fault, since every honest peer verifies before it passes on: the world should close the link to it
  /// after the step, and take up no new one with it for a while. No other reason is a fault that a third peer cannot
  /// cause.
  virtual void on_refused(const Peer& from, Refusal reason) { static_cast<void>(from), static_cast<void>(reason); }
  /// This node holds it against `peer` that a message vanished there. For measurements; nobody else is ever told.
  virtual void on_blame(const Peer& peer) { static_cast<void>(peer); }

 protected:
  ~Listener() = default;
};

/// Everything that one step may use. Made by the world for the step and gone after it.
struct Environment {
  TimePoint now;   ///< Never goes back: for timers, waits and rates. Of this node alone.
  TimePoint wall;  ///< The host's time of day, which may jump either way: for times that are signed or judged.
  Clock& clock;
  Transport& transport;
  Contacts& contacts;
  Crypto& crypto;
  Listener& listener;
};

}  // namespace cicada
