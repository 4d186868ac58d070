#pragma once
/// A gateway that speaks NAT-PMP (RFC 6886), by libnatpmp.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "gateway.hpp"

namespace cicada {

/// Decides from the gateway's clock whether it lost its state since the last answer (RFC 6886 section 3.6): its epoch
/// is behind what our own clock leads us to expect.
class EpochWatch {
 public:
  /// Takes the epoch of an answer, in the gateway's seconds. True if state was lost since the one before.
  bool is_restart(std::uint32_t epoch, SteadyTime now);

 private:
  struct Seen {
    std::uint32_t epoch;
    SteadyTime at;
  };
  std::optional<Seen> last_;
};

class NatPmpGateway final : public Gateway {
 public:
  /// Looks for one: asks for the external address. `gateway` is its IPv4 address, or empty for the default route's.
  static GatewayResult<std::unique_ptr<NatPmpGateway>> find(const std::string& gateway, const Patience& patience);

  [[nodiscard]] MappingMethod method() const override { return MappingMethod::nat_pmp; }
  [[nodiscard]] std::string local_address() const override { return local_address_; }
  GatewayResult<std::string> external_address(const Patience& patience) override;
  GatewayResult<MappingGrant> map(const MappingRequest& request, const Patience& patience) override;
  GatewayResult<MappingCheck> check(const MappingRequest& request, const MappingGrant& grant,
                                    const Patience& patience) override;
  void unmap(const MappingRequest& request, const MappingGrant& grant, const Patience& patience) override;

 private:
  explicit NatPmpGateway(std::string gateway) : gateway_(std::move(gateway)) {}

  std::string gateway_;
  std::string local_address_;
  EpochWatch epochs_;
  bool restarted_ = false;  // Seen in an answer, and no mapping made since.
};

}  // namespace cicada
