#include "mapping_keeper.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <exception>
#include <utility>

#include <cicada/address_kind.hpp>

#include "nat_pmp_gateway.hpp"
#include "upnp_calls.hpp"
#include "upnp_gateway.hpp"

namespace cicada {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

constexpr milliseconds nat_pmp_wait = 2s;        // It answers within milliseconds, or is repeated thrice in this time.
constexpr milliseconds upnp_search = 6s;         // Four kinds of devices, a second each, and some room.
constexpr milliseconds upnp_preferred = 1600ms;  // A gateway that is there has answered after 1.1 s (measured).
constexpr milliseconds call_wait = 8s;           // A UPnP call to a gateway that is off takes the library 6.1 s.
constexpr milliseconds retry_min = 2s;           // Conflicts and refusals pass, often within seconds.
constexpr milliseconds recovery_retry = 2s;
constexpr milliseconds recovery_time = 10min;
constexpr milliseconds announcement_gap = 1s;  // Whoever floods us with announcements makes us look so often.
constexpr int retry_growth_max = 20;           // The longest pause, in units of `check`: 10 min by default.

SteadyTime now() { return std::chrono::steady_clock::now(); }

/// Renewal after three quarters of the lease, so that a few failures still leave time. Gateways reckon in whole
/// seconds, and a lease may end one of them early.
SteadyTime renewal_of(milliseconds lease) {
  if (lease.count() == 0) return SteadyTime::max();
  return now() + std::max<milliseconds>(std::min<milliseconds>(lease * 3 / 4, lease - 1500ms), 500ms);
}

}  // namespace

MappingKeeper::MappingKeeper(std::uint16_t port, const PortMappingOptions& options, const Signal& stop, Publish publish)
    : options_(options), stop_(stop), publish_(std::move(publish)), retry_(std::min(retry_min, options.check)) {
  request_ = {.port = port,
              .external_port = options.external_port != 0 ? options.external_port : port,
              .protocol = options.protocol,
              .conflict = options.conflict,
              .lease = options.lease,
              .description = options.description};
  status_.port = port;
}

void MappingKeeper::run() {
  while (!stop_.is_raised()) {
    try {
      round();
    } catch (const std::exception& error) {
      // No descriptors, no memory: the program's trouble, which may pass.
      publish_failure(MappingMethod::none, {}, {MappingState::no_gateway, error.what(), {}});
    }
    if (!stop_.is_raised()) pause_after_failure();
  }
  remove_left(options_.removal_wait);
}

/// One search for gateways, and the time for which the mapping at one of them holds.
void MappingKeeper::round() {
  auto gateways = find();
  if (stop_.is_raised()) return;
  if (gateways.empty()) {
    publish_failure(MappingMethod::none, {}, {MappingState::no_gateway, no_gateway_reason_, {}});
    return;
  }
  struct Refusal {
    MappingMethod method;
    std::string local_address;
    Failure failure;
  };
  std::optional<Refusal> first;
  for (auto& gateway : gateways) {
    auto held = establish(*gateway);
    if (held) return hold(std::move(gateway), *std::move(held));
    const bool is_first = !first;
    if (is_first) first = {gateway->method(), gateway->local_address(), held.error()};
    // The gateway may have made it all the same, and its answer may be lost or late.
    if (held.error().is_open) left_ = Left{std::move(gateway), {request_.external_port, {}}};
    if (stop_.is_raised()) return;
  }
  publish_failure(first->method, std::move(first->local_address), std::move(first->failure));
}

/// UPnP comes first in the result, but both are asked at the same time: UPnP needs a second to find a gateway and four
/// to find none, NAT-PMP some milliseconds.
std::vector<std::unique_ptr<Gateway>> MappingKeeper::find() {
  std::vector<std::unique_ptr<Gateway>> found;
  const SteadyTime start = now();
  AsideCall<GatewayResult<UpnpService>> search;
  if (options_.upnp) search = aside_.start([] { return upnp_find(); });

  GatewayResult<std::unique_ptr<NatPmpGateway>> nat_pmp = std::unexpected(GatewayError{});
  if (options_.nat_pmp) nat_pmp = NatPmpGateway::find(options_.nat_pmp_gateway, patience(nat_pmp_wait));

  std::string upnp_reason = "UPnP is switched off";
  if (options_.upnp) {
    const auto service = search.wait({&stop_, start + (nat_pmp ? upnp_preferred : upnp_search)});
    if (service && *service) {
      found.push_back(std::make_unique<UpnpGateway>(**service, options_.protocol, aside_));
    } else {
      upnp_reason = service ? service->error().what : "UPnP was not answered in time";
    }
  }
  const std::string nat_pmp_reason =
      options_.nat_pmp ? (nat_pmp ? std::string() : nat_pmp.error().what) : "NAT-PMP is switched off";
  if (nat_pmp) found.push_back(*std::move(nat_pmp));
  no_gateway_reason_ = fmt::format("{}; {}", upnp_reason, nat_pmp_reason);
  return found;
}

auto MappingKeeper::establish(Gateway& gateway) -> std::expected<Held, Failure> {
  const auto failure = [](const GatewayError& error) {
    const MappingState state = error.kind == GatewayError::Kind::silent  ? MappingState::no_gateway
                               : error.kind == GatewayError::Kind::taken ? MappingState::taken
                                                                         : MappingState::refused;
    return Failure{state, error.what, {}};
  };
  const auto address = gateway.external_address(patience(call_wait));
  if (!address && address.error().kind == GatewayError::Kind::silent) {
    return std::unexpected(failure(address.error()));
  }
  if (!address || address->empty()) {
    return std::unexpected(Failure{MappingState::double_nat,
                                   "the gateway names no external address: it has none, or stands behind another NAT "
                                   "itself",
                                   {}});
  }
  if (!is_public_ipv4(*address)) {
    return std::unexpected(
        Failure{MappingState::double_nat,
                fmt::format("the gateway's external address {} is {}: there is another NAT behind it", *address,
                            address_kind(*address)),
                *address});
  }
  auto grant = gateway.map(request_, patience(call_wait));
  if (grant) return Held{*grant, *address};
  Failure failed = failure(grant.error());
  const GatewayError::Kind kind = grant.error().kind;
  failed.is_open = kind == GatewayError::Kind::stopped || kind == GatewayError::Kind::silent;
  return std::unexpected(std::move(failed));
}

void MappingKeeper::hold(std::unique_ptr<Gateway> gateway, Held held) {
  if (left_ && left_->gateway->method() == gateway->method()) {
    // NAT-PMP removes whatever leads to the port of this host, so also the mapping that has just been made.
    const bool is_same_port = left_->grant.external_port == held.grant.external_port;
    if (is_same_port || gateway->method() == MappingMethod::nat_pmp) left_.reset();
  }
  remove_left(options_.removal_wait);
  if (recovering_until_ != SteadyTime{}) ++status_.times_remade;
  recovering_until_ = {};
  retry_ = std::min(retry_min, options_.check);
  status_.already_mapped = held.grant.was_there && status_.times_remade == 0;
  publish_held(*gateway, held, "");
  renew_at_ = renewal_of(held.grant.lease);
  do {
    pause(std::min(now() + options_.check, renew_at_));
  } while (!stop_.is_raised() && look_after(*gateway, held));
  // Stopped, or lost: a gateway that is silent for a while may have it still.
  left_ = Left{std::move(gateway), held.grant};
}

void MappingKeeper::remove_left(milliseconds time) {
  if (left_) left_->gateway->unmap(request_, left_->grant, Patience::of(nullptr, time));
  left_.reset();
}

bool MappingKeeper::look_after(Gateway& gateway, Held& held) {
  auto check = gateway.check(request_, held.grant, patience(call_wait));
  if (stop_.is_raised()) return false;
  if (!check) {
    lose(MappingState::no_gateway, check.error().what);
    return false;
  }
  if (!is_public_ipv4(check->external_address)) {
    gateway.unmap(request_, held.grant, patience(options_.removal_wait));
    lose(MappingState::double_nat, "the gateway lost its public address");
    return false;
  }
  // A lease that turns out to end earlier is renewed earlier.
  if (check->remaining && !check->is_lost) renew_at_ = std::min(renew_at_, renewal_of(*check->remaining));
  if ((now() >= renew_at_ || check->is_lost) && !renew_mapping(gateway, held)) return false;
  if (check->is_lost) ++status_.times_remade;
  held.external_address = std::move(check->external_address);
  publish_held(gateway, held, check->is_lost ? "made again, because the gateway had lost it" : "");
  return true;
}

bool MappingKeeper::renew_mapping(Gateway& gateway, Held& held) {
  MappingRequest request = request_;
  request.external_port = held.grant.external_port;
  auto grant = gateway.map(request, patience(call_wait));
  if (grant) {
    held.grant = *grant;
    renew_at_ = renewal_of(grant->lease);
    return true;
  }
  if (!stop_.is_raised()) lose(MappingState::no_gateway, grant.error().what);
  return false;
}

/// The mapping is gone. For a while it is sought again at short intervals: a restarting gateway is back soon.
void MappingKeeper::lose(MappingState state, std::string reason) {
  recovering_until_ = now() + recovery_time;
  publish_failure(status_.method, status_.local_address, {state, std::move(reason), {}});
}

void MappingKeeper::publish_failure(MappingMethod method, std::string local_address, Failure failure) {
  PortMappingStatus status = status_;
  status.state = failure.state;
  status.method = method;
  status.eport = 0;
  status.lease = {};
  status.already_mapped = false;
  status.local_address = std::move(local_address);
  status.external_address = std::move(failure.external_address);
  status.reason = std::move(failure.reason);
  set_status(std::move(status));
}

void MappingKeeper::publish_held(const Gateway& gateway, const Held& held, std::string reason) {
  PortMappingStatus status = status_;
  status.state = MappingState::mapped;
  status.method = gateway.method();
  status.eport = held.grant.external_port;
  status.lease = held.grant.lease;
  status.local_address = gateway.local_address();
  status.external_address = held.external_address;
  if (reason.empty() && status.eport != request_.external_port) {
    reason = fmt::format("port {} of the gateway is taken", request_.external_port);
  }
  status.reason = reason.empty() ? std::string("the gateway forwards the port") : std::move(reason);
  set_status(std::move(status));
}

void MappingKeeper::set_status(PortMappingStatus status) {
  if (status == status_) return;
  status_ = std::move(status);
  publish_(status_);
}

void MappingKeeper::pause(SteadyTime until) {
  const Patience patience{&stop_, until};
  while (true) {
    const int heard[] = {announcements_.descriptor()};
    if (wait_readable(heard, patience) != Waited::readable) return;
    announcements_.drain();
    if (now() - heard_ < announcement_gap) {
      // Not deaf for the rest of the pause, only for a moment.
      if (wait_readable({}, patience.at_most(announcement_gap)) == Waited::stopped) return;
      announcements_.drain();
    }
    heard_ = now();
    return;
  }
}

void MappingKeeper::pause_after_failure() {
  if (now() < recovering_until_) return pause(now() + std::min(recovery_retry, options_.check));
  pause(now() + retry_);
  retry_ = std::min(retry_ * 2, options_.check * retry_growth_max);
}

}  // namespace cicada
