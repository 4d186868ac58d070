#pragma once
/// The words that applications and peers exchange, the same on real sockets and in the simulator.

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <cicada/message.hpp>
#include <cicada/peer.hpp>
#include <cicada/time.hpp>

namespace cicada {

/// A host and a port, the host as an address or as a name: "192.0.2.7", "2001:db8::1", "localhost".
struct HostPort {
  std::string host;
  std::uint16_t port = 0;
};

/// Another peer, as it is known by a name: where it listens, and its key where that is known.
struct RemotePeer {
  Id id;
  Endpoint endpoint;  ///< Port 0 where it cannot be reached from outside.
  std::optional<PublicKey> key;
};

/// Whom a message is for: a host and port, an id, or a peer.
///
/// With id policy `address` a host and port *is* an id. With the other policies the peer that listens there is asked
/// for its id first, over a link of its own.
class Target {
 public:
  Target(const Id& id) : value_(id) {}                      // NOLINT: a target is one of these.
  Target(HostPort address) : value_(std::move(address)) {}  // NOLINT
  Target(std::string host, std::uint16_t port) : value_(HostPort{std::move(host), port}) {}
  Target(const RemotePeer& peer) : value_(peer.id) {}  // NOLINT
  /// A `SwarmPeer` of either world. Throws std::system_error{SwarmError::not_bound} for one without an id.
  template <class Member>
    requires requires(const Member& peer) {
      { peer.id() } -> std::same_as<Id>;
    }
  Target(const Member& peer) : value_(peer.id()) {}  // NOLINT

  [[nodiscard]] const std::variant<Id, HostPort>& value() const { return value_; }

 private:
  std::variant<Id, HostPort> value_;
};

/// The target has the message, and has said so with its signature.
struct SendReport {
  MessageId id;
  Duration took{};             ///< From the call of the protocol to the target's word.
  unsigned hops = 0;           ///< Links that the acknowledged copy crossed, as those on its way say: hearsay.
  unsigned transmissions = 0;  ///< Times that this peer itself put the message on a link, repairs included.
  unsigned copies = 0;         ///< Routes that it chose.
};

/// A payload that arrived.
struct Received {
  RemotePeer source;  ///< Its key and signature have been verified.
  std::vector<std::uint8_t> data;
  bool more = false;    ///< Are further messages waiting?
  bool to_all = false;  ///< It was broadcast.
  MessageId id;
};

struct LookupReport {
  RemotePeer owner;
  Duration took{};
  unsigned hops = 0;
};

/// What the link that messages to a peer go out on runs over.
enum class LinkPath : std::uint8_t {
  none,     ///< There is no link, or it does not stand yet.
  direct,   ///< A connection that one of the two dialled.
  punched,  ///< A connection that both dialled at once, through their NATs.
  relayed,  ///< A circuit through a third peer, which cannot read it.
};

/// What `peers` tells of one peer that this one knows directly.
struct PeerInfo {
  Contact contact;
  std::optional<PublicKey> key;
  bool linked = false;
  LinkPath path = LinkPath::none;
  bool successor = false;    ///< In the successor list.
  bool predecessor = false;  ///< In the predecessor list.
  bool finger = false;
};

}  // namespace cicada
