#pragma once
/// What a `SwarmPeer` is constructed with: its identity, the swarm it belongs to, and the limits that hold against
/// strangers.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <cicada/host_clock.hpp>
#include <cicada/link_refusal.hpp>
#include <cicada/membership.hpp>
#include <cicada/peer.hpp>
#include <cicada/runtime.hpp>
#include <cicada/swarm_api.hpp>
#include <cicada/swarm_node.hpp>
#include <cicada/time.hpp>

namespace cicada {

/// Bounds on what others can make one peer spend. What exceeds one is refused, dropped or closed, and counted in
/// `SwarmStatistics`.
struct SwarmLimits {
  unsigned links_max = 512;      ///< Standing links. At the limit an idle one that the ring does not need gives way.
  unsigned handshakes_max = 64;  ///< Incoming links that are not authenticated yet; one more ends the oldest.
  unsigned dials_max = 64;       ///< Outgoing links under way, dial-backs included; of who has the most one ends.
  Duration handshake_timeout = std::chrono::seconds(4);  ///< From the first packet to the other side's hello.
  Duration name_timeout = std::chrono::seconds(5);       ///< For looking up the host that a send names.
  Duration link_idle = std::chrono::seconds(60);  ///< A link that the ring does not need is closed after this silence.
  /// A host that vanished is noticed within this time, whether or not there is anything to say to it. At least 4 s.
  Duration vanished_after = std::chrono::milliseconds(4500);
  std::size_t write_queue_bytes_max = std::size_t{4}
                                      << 20;             ///< Per link; what does not fit is dropped. At least 2 MiB.
  std::size_t buffer_bytes_max = std::size_t{64} << 20;  ///< Of all links together, both directions. At least 4 MiB.
  unsigned messages_per_second = 20000;  ///< Read from one link, on average; beyond that it is left unread for a while.
  std::size_t bytes_per_second = std::size_t{256} << 20;  ///< The same in bytes. At least 1 MiB.
  Duration expulsion = std::chrono::minutes(10);  ///< So long there is no link with a peer that forged. At least 0.
  /// Dials that a neighbour caused and that came to nothing. Of those under way one neighbour may have a quarter.
  Pace dials_of_neighbor{std::chrono::milliseconds(500), 64};
  unsigned contacts_max = 16384;       ///< Peers known by name. At least 1024.
  unsigned parked_max = 256;           ///< Messages that wait until the key of their source has been verified.
  unsigned inbox_messages_max = 4096;  ///< Unread messages. 0: there is no inbox, only the `recv` hook.
  std::size_t inbox_bytes_max = std::size_t{64} << 20;
  unsigned relay_clients_max = 64;  ///< Peers behind NATs that this one promised to relay for.
  unsigned circuits_max = 256;      ///< Relayed through this peer. At the limit a silent one gives way, or none begins.
  Duration circuit_idle = std::chrono::seconds(10);  ///< So long a circuit that gives way has been silent.
  unsigned circuits_per_link_max = 64;               ///< Circuits on one link, those that end here included.
  /// Relayed on one circuit, both directions together, on average. At least 1.
  unsigned circuit_bytes_per_second = 1U << 20;
  unsigned punches_max = 16;       ///< Attempts at hole punching under way; what comes beyond them is left out.
  unsigned operations_max = 8192;  ///< Lookups, connects and the like under way in one peer.
};

/// Functions that a `SwarmPeer` calls on the reactor's thread. They must not block; they may call the peer's
/// asynchronous and non-waiting functions, not its blocking ones. An exception that leaves one ends the program.
struct SwarmHooks {
  /// Every message that goes out on a link, those of the ring included, encoded as they travel (codec.hpp).
  std::function<void(const RemotePeer& to, std::span<const std::uint8_t> message)> send;
  /// Every payload that arrives for this peer, before it is put into the inbox.
  std::function<void(const RemotePeer& from, std::span<const std::uint8_t> data)> recv;
  /// A peer that this one has not met before has proved who it is on a link with it. Once for each life of a peer.
  std::function<void(const RemotePeer& peer)> new_peer;
  /// The node's time is another one than it was, or than that of a peer. It has done what there is to do by then.
  std::function<void(const ClockEvent& event)> clock;
  /// A neighbour forges, or has much refused: what, since `bind`. At most once a minute for one, and once a second.
  std::function<void(const PeerRefusals& refusals)> refused;
};

struct SwarmPeerOptions {
  std::string swarm = "cicada";  ///< Peers of swarms of other names are turned away. At most 64 bytes.
  IdPolicy id_policy = IdPolicy::address;
  std::optional<KeySeed> key;            ///< The peer's Ed25519 key; a fresh random one where there is none.
  std::optional<PublicKey> authority;    ///< Policy `certified`: whose word counts.
  std::optional<Membership> membership;  ///< Policy `certified`: the authority's word for this peer.
  /// Grows with every restart under the same id. By default the seconds since 2020, and one more for each new life.
  std::optional<std::uint32_t> incarnation;
  /// Look for a direct link (over the local network, or by hole punching) where a relayed one stands.
  bool punch = true;
  /// The pause after the first attempt at that, more than 0. It doubles with each further one, up to `punch_retry_max`
  /// (not less), for as long as the relayed link is used and no other one stands.
  Duration punch_retry_min = std::chrono::seconds(4);
  Duration punch_retry_max = std::chrono::minutes(30);
  SwarmConfig protocol;
  SwarmLimits limits;
  Duration leave_timeout = std::chrono::milliseconds(200);  ///< `disconnect` and `close` take no longer.
  SwarmHooks hooks;
  std::shared_ptr<const HostClock> host_clock;  ///< Those of the system where there is none. For tests.
  /// Looks up the addresses of a host; the system's where there is none. It blocks, on several threads at a time. For
  /// tests.
  std::function<std::vector<Endpoint>(const std::string& host, std::uint16_t port)> host_lookup;
  std::shared_ptr<Runtime> runtime;  ///< Shared with other peers; one of its own where there is none.
};

}  // namespace cicada
