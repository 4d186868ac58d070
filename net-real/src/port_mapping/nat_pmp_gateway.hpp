#pragma once
/// A gateway that speaks NAT-PMP (RFC 6886), by libnatpmp.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "gateway.hpp"

namespace cicada {

/// Decides from the gateway's clock whether mappings may be lost since the last answer. An epoch behind what our own
/// clock leads us to expect means that the gateway lost its state (RFC 6886 section 3.6). One far ahead means that this
/// host slept, and the lease may be over (RFC 6887 section 8.5 judges both directions alike).
class EpochWatch {
 public:
  /// Takes the epoch of an answer, in the gateway's seconds. True if mappings may be lost since the one before.
  bool is_loss(std::uint32_t epoch, SteadyTime now);

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
  bool may_be_lost_ = false;  // Seen in an answer, and no mapping made since.
};

}  // namespace cicada
