#pragma once
/// The NAT ladder: what a node tells others about how to reach it, and on which rung it stands with that.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <cicada/port_mapping.hpp>
#include <cicada/swarm_peer.hpp>

#include "config.hpp"

namespace cicada::node {

/// From the best to the last; each also has all that is below.
enum class Rung : std::uint8_t {
  direct,     ///< Others reach the address that it listens on.
  forwarded,  ///< A port forwarded by hand, as the configuration says.
  mapped,     ///< A port opened on the gateway.
  punched,    ///< No address; some links with others like it were made by hole punching, arranged by a relay.
  relayed,    ///< No address; others reach it through relays.
  outgoing,   ///< Only over links that it opened itself, so far.
};

struct ReachPlan {
  Rung rung = Rung::direct;
  std::optional<HostPort> external;  ///< For `SwarmPeer::bind`.
  std::string why;                   ///< One sentence.

  /// The same for others: they need not be told anew.
  [[nodiscard]] bool leads_to_the_same(const ReachPlan& other) const;
};

[[nodiscard]] std::string_view to_string(Rung rung);

/// Where a node with this plan stands now, and why: without an address that depends on the relays that it has found.
struct Standing {
  Rung rung = Rung::direct;
  std::string why;
};
[[nodiscard]] Standing standing(const ReachPlan& plan, const Reachability& reach, const SwarmStatistics& statistics);

/// Addresses of this host.
struct LocalAddresses {
  std::string main;         ///< What the node would tell others without any help; empty: none.
  std::string public_ipv6;  ///< Another one, public, where `main` is an IPv4 address.

  friend bool operator==(const LocalAddresses&, const LocalAddresses&) = default;
};

/// Would a mapping be of any use? Not where the way is configured, or the address is IPv6, loopback or public.
[[nodiscard]] bool wants_mapping(const NodeConfig& config, std::string_view local_address);

/// `mapping` is what came of the attempt to open a port, if there was one. A public IPv6 address is told where the
/// peers to join through have IPv6 addresses only; and by the first of a swarm that has no IPv4 address for others. A
/// swarm that is joined by IPv4 may have members without IPv6, who could not reach it.
[[nodiscard]] ReachPlan plan_reach(const NodeConfig& config, const LocalAddresses& local,
                                   const std::optional<PortMappingStatus>& mapping);

/// `main` is the address of the interface that the node listens on; where that is all interfaces, of the one that the
/// default route uses (of IPv6 where all peers to join through are IPv6, else of IPv4 if there is one); without such a
/// route any address of this host.
[[nodiscard]] LocalAddresses find_local_addresses(const NodeConfig& config);

}  // namespace cicada::node
