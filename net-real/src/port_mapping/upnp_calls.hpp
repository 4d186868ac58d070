#pragma once
/// The calls of miniupnpc as functions of values: they own nothing that others see, so a thread may run one and be left
/// behind. All of them block, for seconds where the gateway is off.

#include <cstdint>
#include <optional>
#include <string>

#include "upnp_gateway.hpp"

namespace cicada {

/// UPnP error codes are positive, the library's own negative; 0 is success.
struct UpnpEntry {
  int status = 0;
  std::string client;  ///< The host that the port is mapped to.
  std::uint16_t port = 0;
  std::string description;
  bool is_enabled = true;
  std::optional<std::chrono::seconds> lease;  ///< As far as it says. 0: until it is removed.
};

inline constexpr int upnp_no_such_entry = 714;

/// Searches the network for a gateway. Takes 1 s where there is one, else 4 s: SSDP has no other end than silence.
GatewayResult<UpnpService> upnp_find();
GatewayResult<std::string> upnp_external_address(const UpnpService& service);
/// Who has the external port?
UpnpEntry upnp_entry(const UpnpService& service, std::uint16_t external_port);
/// The external port that maps to `port` of this host under `description`, if any (of the first 256 entries).
std::optional<std::uint16_t> upnp_own_entry(const UpnpService& service, std::uint16_t port,
                                            const std::string& description);
/// Status of the call. A lease of 0 asks for one without end.
int upnp_add(const UpnpService& service, const MappingRequest& request, std::uint16_t external_port,
             std::chrono::seconds lease);
int upnp_delete(const UpnpService& service, std::uint16_t external_port);

[[nodiscard]] std::string upnp_error_text(int status);

}  // namespace cicada
