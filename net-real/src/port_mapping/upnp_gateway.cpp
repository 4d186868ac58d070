#include "upnp_gateway.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <random>

#include "upnp_calls.hpp"

namespace cicada {
namespace {

using Kind = GatewayError::Kind;

constexpr int ports_tried_max = 6;
constexpr int upnp_conflict = 718;
constexpr int upnp_action_failed = 501;     // What several routers say instead of 718.
constexpr int upnp_port_in_use_here = 729;  // The gateway itself listens on it.

bool is_ours(const UpnpEntry& entry, const UpnpService& service, const MappingRequest& request) {
  return entry.status == 0 && entry.client == service.local_address && entry.port == request.port;
}

/// Gateways also answer "success" with empty fields. That names nobody.
bool is_anothers(const UpnpEntry& entry, const UpnpService& service, const MappingRequest& request) {
  return entry.status == 0 && !entry.client.empty() && !is_ours(entry, service, request);
}

/// Another external port than the one that is taken: high, where fewer programs have theirs.
std::uint16_t other_port() {
  std::random_device entropy;
  return static_cast<std::uint16_t>(40'000 + entropy() % 20'000);
}

GatewayError taken(std::uint16_t port, const UpnpEntry& by) {
  return {Kind::taken, fmt::format("port {} of the gateway is mapped to {}:{}", port, by.client, by.port)};
}

/// Everything of one attempt at one external port: says whether it is worth trying another one.
struct Attempt {
  GatewayResult<MappingGrant> result;
  bool try_another = false;
};

Attempt map_at(const UpnpService& service, const MappingRequest& request, std::uint16_t external_port) {
  const UpnpEntry before = upnp_entry(service, external_port);
  if (is_anothers(before, service, request)) return {std::unexpected(taken(external_port, before)), true};
  auto lease = request.lease;
  int status = upnp_add(service, request, external_port, lease);
  if (status > 0 && status != upnp_conflict) {
    // 725 says that only mappings without end are made; gateways say 402, 501 and others in its place.
    lease = std::chrono::seconds(0);
    status = upnp_add(service, request, external_port, lease);
  }
  if (status != 0) {
    const bool may_be_the_port =
        status == upnp_conflict || status == upnp_action_failed || status == upnp_port_in_use_here;
    const Kind kind = status < 0 ? Kind::silent : status == upnp_conflict ? Kind::taken : Kind::refused;
    return {std::unexpected(GatewayError{kind, upnp_error_text(status)}), may_be_the_port};
  }
  // What was granted, and whether: gateways say "success" and mean something else.
  const UpnpEntry after = upnp_entry(service, external_port);
  if (after.status == upnp_no_such_entry) {
    (void)upnp_delete(service, external_port);  // It may only be slow to list it.
    return {std::unexpected(GatewayError{Kind::refused, "the gateway says that it maps the port, and does not"})};
  }
  if (is_anothers(after, service, request)) return {std::unexpected(taken(external_port, after)), true};
  // One that cannot be asked is believed. One that reports more than we wanted gets less of our trust.
  const bool is_shown = is_ours(after, service, request) && after.is_enabled;
  if (is_shown && after.lease) lease = std::min(*after.lease, request.lease);
  return {MappingGrant{external_port, lease, is_ours(before, service, request), is_shown}};
}

GatewayResult<MappingGrant> map_somewhere(const UpnpService& service, const MappingRequest& request) {
  std::uint16_t port = request.external_port;
  Attempt attempt = map_at(service, request, port);
  if (attempt.result || !attempt.try_another || request.conflict == MappingConflict::give_up) return attempt.result;
  // An earlier life of ours may have evaded the same conflict: use its port again instead of filling the table.
  if (const auto own = upnp_own_entry(service, request.port, request.description)) {
    attempt = map_at(service, request, *own);
  }
  for (int tried = 1; tried < ports_tried_max && !attempt.result && attempt.try_another; ++tried) {
    port = tried == 1 && port < 65'535 ? static_cast<std::uint16_t>(port + 1) : other_port();
    attempt = map_at(service, request, port);
  }
  return attempt.result;
}

}  // namespace

UpnpGateway::UpnpGateway(UpnpService service, MappingProtocol protocol, Aside& aside)
    : service_(std::move(service)), aside_(&aside) {
  service_.protocol = protocol == MappingProtocol::tcp ? "TCP" : "UDP";
}

template <class Call>
auto UpnpGateway::ask(Call call, const Patience& patience) -> decltype(call()) {
  auto result = aside_->start(std::move(call)).wait(patience);
  if (result) return *std::move(result);
  if (patience.stop != nullptr && patience.stop->is_raised()) {
    return std::unexpected(GatewayError{Kind::stopped, "stopped"});
  }
  return std::unexpected(GatewayError{Kind::silent, "the gateway does not answer UPnP in time"});
}

GatewayResult<std::string> UpnpGateway::external_address(const Patience& patience) {
  return ask([service = service_] { return upnp_external_address(service); }, patience);
}

GatewayResult<MappingGrant> UpnpGateway::map(const MappingRequest& request, const Patience& patience) {
  return ask([service = service_, request] { return map_somewhere(service, request); }, patience);
}

GatewayResult<MappingCheck> UpnpGateway::check(const MappingRequest& request, const MappingGrant& grant,
                                               const Patience& patience) {
  const auto look = [service = service_, request, grant]() -> GatewayResult<MappingCheck> {
    auto address = upnp_external_address(service);
    if (!address && address.error().kind == Kind::silent) return std::unexpected(address.error());
    const UpnpEntry entry = upnp_entry(service, grant.external_port);
    if (entry.status < 0) return std::unexpected(GatewayError{Kind::silent, upnp_error_text(entry.status)});
    const bool stands = is_ours(entry, service, request) && entry.is_enabled;
    const bool is_gone = entry.status == upnp_no_such_entry || is_anothers(entry, service, request);
    return MappingCheck{address ? *std::move(address) : std::string(), grant.is_shown ? !stands : is_gone,
                        stands ? entry.lease : std::nullopt};
  };
  return ask(look, patience);
}

void UpnpGateway::unmap(const MappingRequest& request, const MappingGrant& grant, const Patience& patience) {
  const auto remove = [service = service_, request, port = grant.external_port]() -> GatewayResult<bool> {
    if (is_anothers(upnp_entry(service, port), service, request)) return false;
    return upnp_delete(service, port) == 0;
  };
  (void)ask(remove, patience);
}

}  // namespace cicada
