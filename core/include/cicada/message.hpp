#pragma once
/// The messages of the protocol, as plain structs. The simulator moves them as they are; `codec.hpp` turns them into
/// bytes. The transport authenticates the sender and hands it to the node beside the message, so no message names its
/// sender. Every list is bounded: peers by `successors_max`, the others as their fields say. A `Peer` in a message
/// exists; one that may be missing is a `MaybePeer`.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <variant>
#include <vector>

#include <cicada/assert.hpp>
#include <cicada/id.hpp>
#include <cicada/peer.hpp>

namespace cicada {

/// Upper bound of every peer list in memory and on the wire.
inline constexpr std::size_t successors_max = 32;

/// A list of at most `successors_max` peers, all of which exist: a node pads its own successor list, and never a list
/// in a message. Copying costs only the entries in use.
class PeerList {
 public:
  PeerList() {}  // NOLINT: entries past size_ stay uninitialised on purpose.
  PeerList(std::initializer_list<Peer> peers) : PeerList(std::span(peers.begin(), peers.size())) {}
  explicit PeerList(std::span<const Peer> peers) {
    for (const Peer& peer : peers) push_back(peer);
  }
  PeerList(const PeerList& other) : size_(other.size_) { std::copy_n(other.peers_, size_, peers_); }
  PeerList& operator=(const PeerList& other) {
    size_ = other.size_;
    std::copy_n(other.peers_, size_, peers_);
    return *this;
  }

  /// Appends while there is room; gives false, and changes nothing, on a full list. Precondition: `peer` exists.
  bool push_back(const Peer& peer) {
    CICADA_ASSERT(peer.exists());
    if (size_ == successors_max) return false;
    peers_[size_++] = peer;
    return true;
  }
  void clear() { size_ = 0; }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] const Peer& operator[](std::size_t i) const { return peers_[i]; }
  [[nodiscard]] Peer& operator[](std::size_t i) { return peers_[i]; }
  [[nodiscard]] const Peer* begin() const { return peers_; }
  [[nodiscard]] const Peer* end() const { return peers_ + size_; }
  [[nodiscard]] std::span<const Peer> view() const { return {peers_, size_}; }

  /// Same length, same positions, same peers.
  friend bool operator==(const PeerList& a, const PeerList& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](const Peer& x, const Peer& y) { return x.index == y.index && x.prefix() == y.prefix(); });
  }

 private:
  std::uint32_t size_ = 0;
  union {
    Peer peers_[successors_max];
  };
};

/// Which neighbours a state query is about.
enum class Side : std::uint8_t { successors, predecessors };

/// 128 bits that nobody but the asker could foresee. A question carries one as its token and its answer repeats it, so
/// that only those who got the question can answer it.
struct Nonce {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  friend constexpr auto operator<=>(const Nonce&, const Nonce&) = default;
};

/// "Are you alive?" Answered at once by every running node, member or not.
struct Ping {
  Nonce token;
};
struct Pong {
  Nonce token;
};

/// "Tell me your neighbours." `known_version` is the version that the asker already holds (0: none); an unchanged state
/// is answered without its list.
struct GetState {
  Nonce token;
  std::uint32_t known_version = 0;
  Side side = Side::successors;
};
/// The answer. `opposite` is the first entry of the other side: the predecessor when successors were asked for.
struct State {
  Nonce token;
  std::uint32_t version = 0;
  Side side = Side::successors;
  bool unchanged = false;
  MaybePeer opposite;
  PeerList list;
};
/// "Alive, but in the middle of a step: the answer follows." (chord.md §3.4, atomicity on real messages)
struct Busy {
  Nonce token;
};

/// "I think that you are my successor."
struct Notify {};
/// "Between us two there is `candidate` now." A hint: it triggers a stabilisation, and never writes a pointer.
struct Hint {
  Peer candidate;
};
/// "I am leaving; these were my neighbours." The sender counts as failed from here on; the neighbours are hints.
struct Leave {
  MaybePeer predecessor;
  MaybePeer successor;
};

/// A recursive lookup on its way to the predecessor of `key`. Each hop has a token of its own, which `HopAck` repeats.
struct Find {
  Id key;
  Peer origin;
  Nonce lookup;  ///< Of the origin, for this lookup and try: `Found` repeats it.
  Nonce token;
  std::uint8_t hops = 0;      ///< Links crossed so far.
  std::uint8_t timeouts = 0;  ///< Peers on the way that did not answer.
  bool confirm = false;  ///< The owner itself shall answer; else the predecessor of the key, with further successors.
  bool last = false;     ///< The receiver is the owner, as far as the sender knows.
};
struct HopAck {
  Nonce token;
};
/// The end of a recursive lookup, sent straight to the origin by the owner of the key, or by its predecessor.
/// `owners[0]` owns the key; the others follow it on the ring.
struct Found {
  Nonce lookup;
  std::uint8_t hops = 0;
  std::uint8_t timeouts = 0;
  MaybePeer predecessor;  ///< The peer that held the key to be its successor's.
  PeerList owners;
};

/// One step of an iterative lookup. With `names` above 0 the owner itself has to claim the key, and others name so many
/// peers on both sides of it. Else the key's predecessor answers for the owner.
struct NextHop {
  Id key;
  Nonce token;
  std::uint8_t candidates = 0;  ///< Further owners wanted.
  std::uint8_t names = 0;
};
/// The answer. `final`: the owner and its successors. Where the owner was to claim the key and the first of the peers
/// is not the sender, they are all whom it knows between the key and itself, or from the key on, and one before the
/// key. Not `final`: peers that are closer to the key, best first.
struct NextHops {
  Nonce token;
  bool final = false;
  PeerList peers;
};

/// 128 bits that identify one message of one source.
struct MessageId {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  friend constexpr auto operator<=>(const MessageId&, const MessageId&) = default;
};

using PublicKey = std::array<std::uint8_t, 32>;
using Signature = std::array<std::uint8_t, 64>;

/// Application bytes. Shared between the copies of a message; immutable.
using Payload = std::shared_ptr<const std::vector<std::uint8_t>>;

/// How to reach a peer whose neighbourhood is hostile: peers at places nobody could foresee, to which it holds links.
/// Signed by its owner, so that whoever hands it on can lie by omission only (resilience.md §6, guard links).
struct ContactCard {
  Id owner;
  PublicKey owner_key{};
  std::uint64_t sequence = 0;    ///< A higher one replaces a lower one.
  std::uint64_t expires_ns = 0;  ///< On the owner's clock.
  PeerList guards;
  Signature signature{};
};

/// What a data message is for. Errands of the protocol itself travel like messages of an application, so that they get
/// through where those do.
enum class DataKind : std::uint8_t {
  message,     ///< Bytes for the application at the target.
  store_card,  ///< `Data::card` is to be kept: by the peer `target`, or by those nearest to the place `target`. The
               ///< payload is the card's signature.
  fetch_card,  ///< Whoever on the way to the place `target` knows a card as in the payload answers with it.
};

/// The part of a data message that its source signs; it does not change on the way.
struct DataHeader {
  MessageId id;  ///< The first 128 bits of the hash of the signed statement: nobody can choose it.
  Id target;
  Peer source;
  std::uint64_t sent_ns = 0;  ///< The source's clock when it made the message: tells a replay from a late copy.
  std::uint64_t nonce = 0;    ///< Tells apart what else would be the same message made at the same time.
  DataKind kind = DataKind::message;
  PublicKey source_key{};
  Signature signature{};
};

/// How the peers on the way pass a data message on.
enum class Routing : std::uint8_t {
  greedy,     ///< To the closest preceding peer, once: plain Chord.
  two_sided,  ///< To the peer nearest on either side, once.
  repair,     ///< The same, and to the next best one when no acknowledgement comes back.
};

/// A message to the peer whose id is `target`, forwarded recursively. What belongs to one copy on its way lives outside
/// the signed header.
struct Data {
  std::shared_ptr<const DataHeader> header;
  Payload payload;
  Id via;                         ///< Where this copy goes first; meaningful with `has_via`.
  std::uint16_t fuel = 0;         ///< Further transmissions that the receiver may cause, beyond one straight way.
  std::uint16_t patience_ms = 0;  ///< The sender waits so long for a word after the receipt. 0: it waits for none.
  std::uint8_t copy = 0;          ///< Numbers the routes of one message.
  std::uint8_t hops = 0;
  std::uint8_t timeouts = 0;
  std::uint8_t attempt = 0;  ///< 0 for the first transmission of this copy by the source, then 1, 2, …
  Routing routing = Routing::greedy;
  bool has_via = false;
  bool want_card = false;                   ///< The source has no fresh contact card of the target.
  std::shared_ptr<const ContactCard> card;  ///< With `store_card`, and only then.
};

/// The target's signed word that it has the message. Goes back along the way that the copy came. The answer to a
/// `fetch_card` proves itself by its card, and that to a `store_card` proves nothing: they are not signed.
struct DataAck {
  MessageId id;
  std::uint8_t copy = 0;
  std::uint8_t hops = 0;  ///< Links that the copy crossed.
  std::uint8_t attempt = 0;
  PublicKey target_key{};
  Signature signature{};
  std::shared_ptr<const ContactCard> card;  ///< Where the source asked for it; may be null.
};

/// What a peer tells the one before it about a copy.
enum class Report : std::uint8_t {
  received,      ///< The copy is here.
  working,       ///< Still waiting for an acknowledgement, or trying another way.
  exhausted,     ///< No way is left, or no fuel: this peer gives the copy up.
  no_such_peer,  ///< The ring has nobody at the target's place. Not signed: a hint.
  refused,       ///< The copy is not what its source signed, too old, or there is no room for it.
};
struct DataReport {
  MessageId id;
  std::uint8_t copy = 0;
  Report report = Report::received;
  std::uint16_t fuel = 0;  ///< Unspent, returned.
};

/// "I want to be reached through you: keep the link to me." Renewed now and then.
struct GuardRequest {
  Nonce token;
};
struct GuardReply {
  Nonce token;
  bool accepted = false;
};

/// Upper bounds of a broadcast's list of excluded ids, and of the digests in one message.
inline constexpr std::size_t broadcast_visited_max = 64;
inline constexpr std::size_t digest_ids_max = 48;

/// The part of a broadcast that its origin signs; it does not change on the way. `signing.hpp` says what is signed.
struct BroadcastHeader {
  MessageId id;                ///< The first 128 bits of the hash of the signed statement: nobody can choose it.
  Peer origin;                 ///< One life of the origin; its incarnation is signed.
  std::uint64_t sequence = 0;  ///< 1 for the first broadcast of that life, then 2, 3, …
  std::uint64_t sent_ns = 0;   ///< The origin's clock when it made the broadcast: tells a replay from news.
  PublicKey origin_key{};
  Signature signature{};
  std::vector<Id> visited;  ///< Peers that shall not get it; at most `broadcast_visited_max`.
};

/// A message to everybody, pushed along a tree or sent to somebody who asked for it.
struct Broadcast {
  std::shared_ptr<const BroadcastHeader> header;
  Payload payload;
  /// How far behind the receiver, in prefixes, the sender leaves the ring to it; 0: nothing. Only a word of the sender.
  std::uint64_t reach = 0;
  std::uint8_t hops = 0;  ///< Links crossed before this one.
};
/// "I have these broadcasts", each named by the first half of its id. At most `digest_ids_max`.
struct BroadcastHave {
  std::vector<std::uint64_t> ids;
};
/// "Send me these broadcasts." At most `digest_ids_max`.
struct BroadcastWant {
  std::vector<std::uint64_t> ids;
};

using Message =
    std::variant<Ping, Pong, GetState, State, Busy, Notify, Hint, Leave, Find, HopAck, Found, NextHop, NextHops, Data,
                 DataAck, DataReport, GuardRequest, GuardReply, Broadcast, BroadcastHave, BroadcastWant>;

/// Name of the alternative, for traces and reports.
const char* message_name(const Message& message);

}  // namespace cicada
