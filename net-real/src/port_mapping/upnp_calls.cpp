#include "upnp_calls.hpp"

#include <fmt/core.h>
#include <miniupnpc/miniupnpc.h>
#include <miniupnpc/upnpcommands.h>
#include <miniupnpc/upnperrors.h>

#include <array>
#include <charconv>
#include <memory>
#include <string_view>

namespace cicada {
namespace {

using Kind = GatewayError::Kind;

constexpr int search_ms = 1000;  // For each of four device types; less counts as this in the library.
constexpr int table_entries_max = 256;

template <class Number>
Number number(std::string_view text) {
  Number value{};
  const auto end = std::from_chars(text.data(), text.data() + text.size(), value).ptr;
  return end == text.data() + text.size() ? value : Number{};
}

/// The texts that the library fills in, with room to spare over what it documents.
using Text = std::array<char, 128>;

struct ListDeleter {
  void operator()(UPNPDev* list) const { freeUPNPDevlist(list); }
};

struct Urls : UPNPUrls {
  Urls() : UPNPUrls{} {}
  Urls(const Urls&) = delete;
  Urls& operator=(const Urls&) = delete;
  ~Urls() { FreeUPNPUrls(this); }
};

}  // namespace

GatewayResult<UpnpService> upnp_find() {
  int error = 0;
  // No minissdpd: its socket belongs to the machine, and its answers may belong to another network namespace.
  const std::unique_ptr<UPNPDev, ListDeleter> list(upnpDiscover(search_ms, nullptr, "", 0, 0, 2, &error));
  if (!list) return std::unexpected(GatewayError{Kind::silent, "no gateway answers UPnP"});
  Urls urls;
  IGDdatas data{};
  std::array<char, 64> local{};
#if MINIUPNPC_API_VERSION >= 18
  std::array<char, 64> wan{};
  const int kind = UPNP_GetValidIGD(list.get(), &urls, &data, local.data(), static_cast<int>(local.size()), wan.data(),
                                    static_cast<int>(wan.size()));
  const bool is_gateway = kind >= 1 && kind <= 3;
#else
  const int kind = UPNP_GetValidIGD(list.get(), &urls, &data, local.data(), static_cast<int>(local.size()));
  const bool is_gateway = kind == 1 || kind == 2;
#endif
  // One that calls itself "not connected" may only stand behind another NAT; its external address will tell.
  if (!is_gateway || urls.controlURL == nullptr) {
    return std::unexpected(GatewayError{Kind::silent, "devices answer UPnP, but none is a gateway"});
  }
  return UpnpService{urls.controlURL, data.first.servicetype, local.data()};
}

GatewayResult<std::string> upnp_external_address(const UpnpService& service) {
  Text address{};
  const int status =
      UPNP_GetExternalIPAddress(service.control_url.c_str(), service.service_type.c_str(), address.data());
  if (status == 0) return std::string(address.data());
  return std::unexpected(GatewayError{status < 0 ? Kind::silent : Kind::refused, upnp_error_text(status)});
}

UpnpEntry upnp_entry(const UpnpService& service, std::uint16_t external_port) {
  Text client{}, port{}, description{}, enabled{}, lease{};
  UpnpEntry entry;
  entry.status = UPNP_GetSpecificPortMappingEntry(
      service.control_url.c_str(), service.service_type.c_str(), std::to_string(external_port).c_str(),
      service.protocol.c_str(), nullptr, client.data(), port.data(), description.data(), enabled.data(), lease.data());
  if (entry.status != 0) return entry;
  entry.client = client.data();
  entry.port = number<std::uint16_t>(port.data());
  entry.description = description.data();
  entry.is_enabled = std::string_view(enabled.data()) != "0";
  if (lease[0] != '\0') entry.lease = std::chrono::seconds(number<std::uint32_t>(lease.data()));
  return entry;
}

std::optional<std::uint16_t> upnp_own_entry(const UpnpService& service, std::uint16_t port,
                                            const std::string& description) {
  for (int i = 0; i < table_entries_max; ++i) {
    Text external{}, client{}, internal{}, protocol{}, text{}, enabled{}, remote{}, lease{};
    const int status = UPNP_GetGenericPortMappingEntry(
        service.control_url.c_str(), service.service_type.c_str(), std::to_string(i).c_str(), external.data(),
        client.data(), internal.data(), protocol.data(), text.data(), enabled.data(), remote.data(), lease.data());
    if (status != 0) return std::nullopt;
    if (service.local_address == client.data() && number<std::uint16_t>(internal.data()) == port &&
        service.protocol == protocol.data() && description == text.data()) {
      const auto found = number<std::uint16_t>(external.data());
      if (found != 0) return found;
    }
  }
  return std::nullopt;
}

int upnp_add(const UpnpService& service, const MappingRequest& request, std::uint16_t external_port,
             std::chrono::seconds lease) {
  return UPNP_AddPortMapping(service.control_url.c_str(), service.service_type.c_str(),
                             std::to_string(external_port).c_str(), std::to_string(request.port).c_str(),
                             service.local_address.c_str(), request.description.c_str(), service.protocol.c_str(),
                             nullptr, std::to_string(lease.count()).c_str());
}

int upnp_delete(const UpnpService& service, std::uint16_t external_port) {
  return UPNP_DeletePortMapping(service.control_url.c_str(), service.service_type.c_str(),
                                std::to_string(external_port).c_str(), service.protocol.c_str(), nullptr);
}

std::string upnp_error_text(int status) {
  const char* text = strupnperror(status);
  return fmt::format("the gateway's UPnP says {} ({})", text != nullptr ? text : "no", status);
}

}  // namespace cicada
