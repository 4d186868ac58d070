#include "reach_plan.hpp"

#include <fmt/core.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
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

bool is_ipv6(std::string_view address) { return address.find(':') != std::string_view::npos; }

bool joins_by_ipv6(const NodeConfig& config) {
  return std::ranges::all_of(config.bootstrap, [](const HostPort& peer) { return is_ipv6(peer.host); });
}

/// Of this host, towards an address outside. Nothing is sent: connecting a datagram socket only asks the routing table.
std::string route_address(const char* outside) {
  asio::io_context context;
  boost::system::error_code error;
  asio::ip::udp::socket probe(context);
  probe.connect({asio::ip::make_address(outside), 9}, error);
  const auto local = probe.local_endpoint(error).address();
  return error || local.is_unspecified() ? std::string() : local.to_string();
}

/// Of IPv6, on a host without a route to the outside: the most useful one of its interfaces.
std::string interface_address() {
  ifaddrs* list = nullptr;
  if (getifaddrs(&list) != 0) return {};
  std::string found;
  for (const ifaddrs* entry = list; entry != nullptr; entry = entry->ifa_next) {
    if (entry->ifa_addr == nullptr || entry->ifa_addr->sa_family != AF_INET6) continue;
    if ((entry->ifa_flags & IFF_LOOPBACK) != 0) continue;
    std::array<char, NI_MAXHOST> text{};
    if (getnameinfo(entry->ifa_addr, sizeof(sockaddr_in6), text.data(), text.size(), nullptr, 0, NI_NUMERICHOST) != 0)
      continue;
    const std::string with_scope = text.data();
    const std::string address = with_scope.substr(0, with_scope.find('%'));
    if (found.empty() || address_kind(found) == "link-local") found = address;
  }
  freeifaddrs(list);
  return found;
}

/// A port of 0 says that the node has to choose one first.
ReachPlan direct(const NodeConfig& config, const std::string& address, std::string why) {
  // An IPv4 address is found by the peer itself; of two families it would take IPv4.
  if (!is_ipv6(address) || !config.interface.empty()) return {Rung::direct, std::nullopt, std::move(why)};
  return {Rung::direct, HostPort{address, config.port}, std::move(why)};
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
  if (is_ipv6(local_address)) return false;
  const auto kind = address_kind(local_address);
  return kind == "private" || kind == "shared by a carrier's customers";
}

ReachPlan plan_reach(const NodeConfig& config, const LocalAddresses& local,
                     const std::optional<PortMappingStatus>& mapping) {
  const HostPort nowhere{"0.0.0.0", 0};
  const std::string& address = local.main;
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
  const auto kind = address_kind(address);
  if (kind == "public" || kind == "loopback") {
    return direct(config, address, fmt::format("its address {} is {}", address, kind));
  }
  if (!local.public_ipv6.empty() && joins_by_ipv6(config)) {
    return direct(config, local.public_ipv6, fmt::format("its address {} is public", local.public_ipv6));
  }
  if (address.empty()) {
    const std::string why = "this host has no address towards others";
    if (joins_locally(config)) return {Rung::direct, std::nullopt, why};
    return {Rung::outgoing, nowhere, why};
  }
  if (is_ipv6(address) && kind == "link-local") {
    return {
        Rung::outgoing, nowhere,
        fmt::format("its address {} is link-local, and such an address leads nowhere without an interface", address)};
  }
  std::string gateway = "for such an address no port is opened on a gateway";
  if (!config.map_port) gateway = "opening a port is switched off";
  if (mapping) gateway = fmt::format("no port could be opened ({}: {})", to_string(mapping->state), mapping->reason);
  if (joins_locally(config)) {
    return direct(config, address,
                  fmt::format("{}, but its address {} is {}, and so are the peers that it joins through", gateway,
                              address, kind));
  }
  return {Rung::outgoing, nowhere, fmt::format("its address {} is {}, and {}", address, kind, gateway)};
}

LocalAddresses find_local_addresses(const NodeConfig& config) {
  if (!config.interface.empty()) {
    asio::io_context context;
    boost::system::error_code error;
    asio::ip::tcp::resolver resolver(context);
    const auto found = resolver.resolve(config.interface, "0", asio::ip::resolver_base::passive, error);
    if (error || found.empty()) return {};
    const auto address = found.begin()->endpoint().address();
    const std::string text = address.to_string();
    if (!address.is_unspecified()) return {text.substr(0, text.find('%')), {}};
    if (address.is_v4()) return {route_address("192.0.2.1"), {}};
  }
  // Addresses for documentation.
  const std::string ipv4 = route_address("192.0.2.1");
  const std::string ipv6 = route_address("2001:db8::1");
  if (ipv4.empty() && ipv6.empty()) return {interface_address(), {}};
  const bool prefers_ipv6 = !ipv6.empty() && !config.bootstrap.empty() && joins_by_ipv6(config);
  if (ipv4.empty() || prefers_ipv6) return {ipv6, {}};
  return {ipv4, address_kind(ipv6) == "public" ? ipv6 : std::string()};
}

}  // namespace cicada::node
