#include "reach_plan.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>

#include <cicada/address_kind.hpp>

namespace cicada::node {
namespace {

namespace asio = boost::asio;

bool is_local_kind(std::string_view host) {
  if (host == "localhost") return true;
  const auto kind = address_kind(host);
  return kind == "private" || kind == "loopback" || kind == "link-local";
}

/// Everybody whom we join through is as local as we are. Names may lead anywhere, so they count as outside.
bool joins_locally(const NodeConfig& config) {
  return std::ranges::all_of(config.bootstrap, [](const HostPort& peer) { return is_local_kind(peer.host); });
}

}  // namespace

bool ReachPlan::leads_to_the_same(const ReachPlan& other) const {
  if (external.has_value() != other.external.has_value()) return false;
  return !external || (external->host == other.external->host && external->port == other.external->port);
}

std::string_view to_string(Rung rung) {
  switch (rung) {
    case Rung::direct:
      return "direct";
    case Rung::forwarded:
      return "forwarded";
    case Rung::mapped:
      return "mapped";
    case Rung::punched:
      return "punched";
    case Rung::relayed:
      return "relayed";
    case Rung::outgoing:
      return "outgoing";
  }
  return "unknown";
}

Standing standing(const ReachPlan& plan, const Reachability& reach, const SwarmStatistics& statistics) {
  if (plan.rung != Rung::outgoing) return {plan.rung, plan.why};
  if (reach.relays.empty()) return {Rung::outgoing, plan.why + "; no peer has promised to relay for it yet"};
  std::string why = plan.why + "; it is reached through";
  for (const Endpoint& relay : reach.relays)
    why += (&relay == &reach.relays.front() ? " " : " and ") + cicada::to_string(relay);
  if (reach.steady == false) why += "; no hole can be punched, because its gateway shows each peer another port";
  if (statistics.links_punched > 0)
    return {Rung::punched, fmt::format("{}; links by hole punching: {}", why, statistics.links_punched)};
  return {Rung::relayed, why};
}

bool wants_mapping(const NodeConfig& config, std::string_view local_address) {
  if (!config.map_port || config.external || config.reach != Reach::automatic) return false;
  const auto kind = address_kind(local_address);
  return kind == "private" || kind == "shared by a carrier's customers";
}

ReachPlan plan_reach(const NodeConfig& config, std::string_view local_address,
                     const std::optional<PortMappingStatus>& mapping) {
  const HostPort nowhere{"0.0.0.0", 0};
  if (config.external) {
    return {Rung::forwarded, config.external, "the configuration says that this address is forwarded here"};
  }
  if (config.reach == Reach::outgoing) return {Rung::outgoing, nowhere, "the configuration says so"};
  if (config.reach == Reach::direct) return {Rung::direct, std::nullopt, "the configuration says so"};
  if (mapping && mapping->state == MappingState::mapped) {
    return {Rung::mapped, HostPort{mapping->external_address, mapping->eport},
            fmt::format("the gateway opened port {} by {}", mapping->eport,
                        mapping->method == MappingMethod::upnp ? "UPnP" : "NAT-PMP")};
  }
  const auto kind = address_kind(local_address);
  if (kind == "public" || kind == "loopback") {
    return {Rung::direct, std::nullopt, fmt::format("its address {} is {}", local_address, kind)};
  }
  std::string gateway = "for such an address no port is opened on a gateway";
  if (!config.map_port) gateway = "opening a port is switched off";
  if (mapping) gateway = fmt::format("no port could be opened ({}: {})", to_string(mapping->state), mapping->reason);
  if (joins_locally(config)) {
    return {Rung::direct, std::nullopt,
            fmt::format("{}, but its address {} is {}, and so are the peers that it joins through", gateway,
                        local_address, kind)};
  }
  return {Rung::outgoing, nowhere, fmt::format("its address {} is {}, and {}", local_address, kind, gateway)};
}

std::string find_local_address(const std::string& interface) {
  asio::io_context context;
  boost::system::error_code error;
  if (!interface.empty()) {
    asio::ip::tcp::resolver resolver(context);
    const auto found = resolver.resolve(interface, "0", asio::ip::resolver_base::passive, error);
    if (error || found.empty()) return {};
    const auto address = found.begin()->endpoint().address();
    if (!address.is_unspecified()) return address.to_string();
  }
  // Nothing is sent: connecting a datagram socket only asks the routing table. The address is one for documentation.
  asio::ip::udp::socket probe(context);
  probe.connect({asio::ip::make_address("192.0.2.1"), 9}, error);
  const auto local = probe.local_endpoint(error).address();
  return error || local.is_unspecified() ? std::string() : local.to_string();
}

}  // namespace cicada::node
