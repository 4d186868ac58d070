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

/// Would a mapping be of any use? Not where the way is configured, or the address is loopback or public.
[[nodiscard]] bool wants_mapping(const NodeConfig& config, std::string_view local_address);

/// `local_address` is what the node would tell others without any help; `mapping` what came of the attempt to open a
/// port, if there was one.
[[nodiscard]] ReachPlan plan_reach(const NodeConfig& config, std::string_view local_address,
                                   const std::optional<PortMappingStatus>& mapping);

/// The address of the interface that the node listens on; where that is all interfaces, of the one that the default
/// route uses. Empty where neither exists, or the name does not resolve.
[[nodiscard]] std::string find_local_address(const std::string& interface);

}  // namespace cicada::node
