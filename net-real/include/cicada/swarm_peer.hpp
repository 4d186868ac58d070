#pragma once
/// A member of a swarm on real sockets: what an application uses. `swarm_peer_async.hpp` adds the forms that take Asio
/// completion tokens; this header is free of Boost.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <cicada/endpoint_text.hpp>
#include <cicada/refusal.hpp>
#include <cicada/swarm_api.hpp>
#include <cicada/swarm_error.hpp>
#include <cicada/swarm_options.hpp>

namespace cicada {

/// The enumerator's name.
[[nodiscard]] std::string_view to_string(LinkPath path);

/// How others reach a peer that is behind a NAT.
struct Reachability {
  bool behind_nat = false;       ///< Its address, if it has one, is not that of the interface that it listens on.
  std::vector<Endpoint> relays;  ///< Peers that have promised to relay to this one.
  /// Where its listening port shows outside, as the relays see it. Nullopt while unknown.
  std::optional<Endpoint> external;
  /// Does it show the same to all of them? If not, no hole can be punched. Nullopt while only one has been asked.
  std::optional<bool> steady;
};

/// Where a peer stands, and what it has counted since `bind`.
struct SwarmStatistics {
  bool member = false;          ///< In a ring, perhaps of one.
  unsigned neighbours = 0;      ///< Distinct peers in the ring's tables.
  unsigned links = 0;           ///< Authenticated and standing.
  unsigned links_incoming = 0;  ///< Of them, opened by the other side.
  unsigned links_relayed = 0;   ///< Of them, through a relay.
  unsigned links_punched = 0;   ///< Of them, by hole punching.
  unsigned relay_clients = 0;   ///< Peers that this one relays for.
  unsigned circuits = 0;        ///< Relayed, between others.
  unsigned punches = 0;         ///< Attempts at hole punching in progress.
  unsigned handshakes = 0;      ///< In progress, incoming.
  unsigned dials = 0;           ///< In progress, outgoing.
  unsigned contacts = 0;
  std::size_t buffer_bytes = 0;  ///< Held by all links for reading and writing.
  unsigned inbox_messages = 0;
  std::uint64_t messages_in = 0, messages_out = 0;
  std::uint64_t bytes_in = 0, bytes_out = 0;  ///< Of frames, before encryption.
  std::uint64_t records_out = 0;              ///< Batches of frames handed to TLS.
  std::uint64_t links_opened = 0;
  std::uint64_t links_lost = 0;         ///< Reset, timed out, or ended without a goodbye.
  std::uint64_t handshakes_failed = 0;  ///< Incoming: broken off, timed out or evicted before the hello.
  std::uint64_t dials_failed = 0;
  std::uint64_t strangers_refused = 0;  ///< Wrong swarm, version, identity, clock, no certificate, or at a limit.
  std::uint64_t clocks_refused = 0;     ///< Links ended or not begun, as the two times of day differed by too much.
  std::uint64_t malformed = 0;          ///< Frames or messages that no honest peer sends.
  std::uint64_t dropped_full = 0;       ///< Messages that found a full write queue, inbox or table.
  std::uint64_t throttled = 0;          ///< Times that a link was left unread for sending too much.
  std::uint64_t circuits_relayed = 0;   ///< Begun, between others.
  std::uint64_t relayed_bytes = 0;
  std::uint64_t direct_asked = 0;      ///< Times that another peer was asked to meet without the relay.
  std::uint64_t punches_failed = 0;    ///< Attempts that ended without a connection.
  std::uint64_t punches_left_out = 0;  ///< Attempts that were not made, because as many as may be were in progress.
  std::uint64_t sends_delivered = 0, sends_failed = 0;
  std::uint64_t received = 0;
  RefusalCounts protocol_refused{};  ///< What the protocol refused of what others sent, by `Refusal`.
  LinkRefusalCounts link_refused{};  ///< What their links refused, by `LinkRefusal`.
};

/// A member of a Cicada swarm.
///
///     cicada::SwarmPeer peer;
///     peer.bind("127.0.0.1", 5000);
///     peer.connect("127.0.0.1", 5001);
///     peer.send({"127.0.0.1", 5001}, "hello");
///     cicada::Received answer = peer.recv();
///
/// @par Order of calls
/// `bind` comes first; it makes the peer the first member of a swarm of its own. `connect` then joins an existing
/// swarm. `disconnect` leaves it, and the peer is alone again. After `close` every call fails with
/// `SwarmError::closed`.
///
/// @par Thread safety
/// Distinct objects: safe. Shared objects: safe. Any thread may call anything at any time, with two exceptions: moving
/// and destroying are for one thread that knows that no other call is under way.
///
/// @par Blocking
/// `bind`, `connect`, `disconnect`, `send`, `lookup`, `recv`, `recv_for` and `close` wait. On the reactor's thread,
/// that is in hooks and handlers, they fail with `SwarmError::would_deadlock`; use the `async_` forms there. Handlers
/// of the `async_` forms are called exactly once, on the reactor's thread, never inside the call that was given them.
///
/// @par Errors
/// Each blocking function throws std::system_error, or has an overload that sets an std::error_code& instead.
class SwarmPeer {
 public:
  /// Makes the key's TLS certificate and starts a runtime where none is given. Opens nothing. Throws std::system_error
  /// (`SwarmError::bad_option`, or what OpenSSL or the system says).
  explicit SwarmPeer(SwarmPeerOptions options = {});
  /// Like `close`.
  ~SwarmPeer();
  SwarmPeer(SwarmPeer&&) noexcept;
  SwarmPeer& operator=(SwarmPeer&&) noexcept;

  // Joining and leaving

  /// Listens for others. Starts a swarm of one.
  /// @param address An address of a local interface, a host name such as "localhost", or empty: all interfaces.
  /// @param port 0 lets the system choose.
  /// @param external Where others reach this peer, when that is not where it listens: a mapped port of a NAT gateway.
  ///   A port of 0 in it says that nobody can; the peer then lives on the links that it opens itself.
  ///   Without it, and with an empty `address`, it is the address of the interface that the default route uses.
  /// @throws SwarmError::already_bound, bad_address; errors of the system such as std::errc::address_in_use.
  void bind(std::string_view address, std::uint16_t port, std::optional<HostPort> external = std::nullopt);
  void bind(std::string_view address, std::uint16_t port, std::optional<HostPort> external, std::error_code& error);

  /// Joins the swarm that the peer at `host` and `port` belongs to. Returns when this peer is a member of the ring.
  /// All addresses of a host name are tried in turn, those of this peer's own family first.
  /// A peer that is in a ring with others stays there, and fails with `already_connected`; where `host` is in another
  /// ring, the two become one.
  /// @throws SwarmError::not_bound, already_connected, bad_address, connected_to_self; timed_out, also where the other
  ///   side never answered; wrong_protocol, wrong_swarm, wrong_identity, not_certified, wrong_clock (`clock` says by
  ///   how much), refused, unreachable, or an error of the system such as std::errc::connection_refused: what was found
  ///   at the last address. wrong_identity is also what a peer hears that cannot be dialled back at its own `endpoint`
  ///   (policy `address`). After a failure the peer is alone, as before.
  void connect(std::string_view host, std::uint16_t port, Duration timeout = std::chrono::seconds(10));
  void connect(std::string_view host, std::uint16_t port, Duration timeout, std::error_code& error);
  void async_connect(HostPort address, Duration timeout, std::move_only_function<void(std::error_code)> handler);

  /// Tells the neighbours, closes all links and is alone again, in a new life. Takes at most `leave_timeout`.
  /// Sends, lookups and connects under way end with `SwarmError::closed`.
  void disconnect();
  void disconnect(std::error_code& error);
  void async_disconnect(std::move_only_function<void(std::error_code)> handler);

  /// Like `disconnect`, then stops listening for good. Unread messages can still be read with `try_recv`. Safe to call
  /// again. On the reactor's thread it does not wait for the neighbours to be told.
  void close() noexcept;
  /// Like `close`, without telling anybody: what a crash of the process looks like to others.
  void abort() noexcept;

  /// Other limits from now on: they hold for what begins after this, and end nothing that stands. `contacts_max` stays
  /// as it was. @throws SwarmError::bad_option; then nothing has changed.
  void set_limits(const SwarmLimits& limits);
  void set_limits(const SwarmLimits& limits, std::error_code& error);

  /// Cuts all links, as a gateway does that lost its state; the peer stays in its ring and opens them again. For tests.
  void drop_links();

  // Messages

  /// Sends data, at most `payload_bytes_max` bytes, and waits until the target has acknowledged it.
  /// The time it takes to give up is bounded by the protocol's options: 45 s by default.
  /// @throws SwarmError::no_such_peer, timed_out, payload_too_long, too_many_pending, inbox_full, not_bound, closed;
  ///   unreachable where all other peers were lost meanwhile: then the message may have arrived or not.
  SendReport send(const Target& target, std::span<const std::uint8_t> data, SendOptions options = {});
  SendReport send(const Target& target, std::span<const std::uint8_t> data, SendOptions options,
                  std::error_code& error);
  SendReport send(const Target& target, std::string_view data, SendOptions options = {});
  SendReport send(const Target& target, std::string_view data, SendOptions options, std::error_code& error);
  void async_send(const Target& target, std::vector<std::uint8_t> data, SendOptions options,
                  std::move_only_function<void(std::error_code, SendReport)> handler);

  /// Sends data to every peer of the swarm but those in `visited`, at most `broadcast_visited_max` of them. Returns
  /// when it is under way: nobody acknowledges a broadcast. Others receive it once, with `Received::to_all`; this peer
  /// does not.
  /// @throws SwarmError::payload_too_long, too_many_pending (faster than a broadcast a second after the first 32),
  ///   bad_option (too many visited), not_bound, closed.
  MessageId broadcast(std::span<const std::uint8_t> data, std::span<const Id> visited = {});
  MessageId broadcast(std::span<const std::uint8_t> data, std::span<const Id> visited, std::error_code& error);
  MessageId broadcast(std::string_view data, std::span<const Id> visited = {});
  void async_broadcast(std::vector<std::uint8_t> data, std::vector<Id> visited,
                       std::move_only_function<void(std::error_code, MessageId)> handler);

  /// Waits for the next message.
  /// @throws SwarmError::closed, not_bound.
  Received recv();
  Received recv(std::error_code& error);
  /// Like `recv`; nullopt when nothing came within `time`, or the peer is closed.
  std::optional<Received> recv_for(Duration time);
  /// The next message if there is one. Never waits.
  std::optional<Received> try_recv();
  /// Receives are served in the order in which they were asked for.
  void async_recv(std::move_only_function<void(std::error_code, Received)> handler);

  // The ring

  /// Finds the peer that owns `key`: the first one whose id is not less, going round.
  /// @throws SwarmError::timed_out, too_many_pending, not_bound, closed.
  LookupReport lookup(const Id& key);
  LookupReport lookup(const Id& key, std::error_code& error);
  void async_lookup(const Id& key, std::move_only_function<void(std::error_code, LookupReport)> handler);

  /// The peers that this one knows directly: its neighbours on the ring, its fingers, and whoever it has a link with.
  /// In order of their ids. Empty before `bind`.
  [[nodiscard]] std::vector<PeerInfo> peers() const;
  [[nodiscard]] SwarmStatistics statistics() const;
  /// The neighbours that had the most refused since `bind`, present ones and earlier ones, at most 64. The worst first.
  [[nodiscard]] std::vector<PeerRefusals> refusals() const;
  /// How this peer's time of day compares with that of others.
  [[nodiscard]] ClockReport clock() const;

  // Identity

  /// @throws SwarmError::not_bound.
  [[nodiscard]] Id id() const;
  [[nodiscard]] PublicKey public_key() const;
  /// Where the socket listens. @throws SwarmError::not_bound.
  [[nodiscard]] Endpoint listener() const;
  /// Where others reach this peer; with policy `address` the id is its hash. @throws SwarmError::not_bound.
  [[nodiscard]] Endpoint endpoint() const;
  /// Where another peer saw the links of this one come from: the address behind which it is hidden, if any. Nullopt
  /// before the first link. It is one stranger's word.
  [[nodiscard]] std::optional<Endpoint> observed_endpoint() const;
  [[nodiscard]] Reachability reachability() const;
  [[nodiscard]] std::shared_ptr<Runtime> runtime() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace cicada
