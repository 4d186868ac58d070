#pragma once
/// A gateway that speaks UPnP (Internet Gateway Device, versions 1 and 2), by miniupnpc.

#include <memory>
#include <string>

#include "aside.hpp"
#include "gateway.hpp"

namespace cicada {

/// What the library needs for every call to a gateway. Copied into the threads of calls that may outlive the gateway.
struct UpnpService {
  std::string control_url;
  std::string service_type;
  std::string local_address;
  std::string protocol = "TCP";
};

class UpnpGateway final : public Gateway {
 public:
  /// `upnp_find` found the service. `aside` must outlive the gateway.
  UpnpGateway(UpnpService service, MappingProtocol protocol, Aside& aside);

  [[nodiscard]] MappingMethod method() const override { return MappingMethod::upnp; }
  [[nodiscard]] std::string local_address() const override { return service_.local_address; }
  GatewayResult<std::string> external_address(const Patience& patience) override;
  GatewayResult<MappingGrant> map(const MappingRequest& request, const Patience& patience) override;
  GatewayResult<MappingCheck> check(const MappingRequest& request, const MappingGrant& grant,
                                    const Patience& patience) override;
  void unmap(const MappingRequest& request, const MappingGrant& grant, const Patience& patience) override;

 private:
  /// Runs a call of the library beside this thread; what fails within the library comes back as an error of the call.
  template <class Call>
  auto ask(Call call, const Patience& patience) -> decltype(call());

  UpnpService service_;
  Aside* aside_;
};

}  // namespace cicada
