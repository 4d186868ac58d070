#pragma once
/// What the worker wants of a gateway, whichever protocol it speaks. All calls block, for no longer than the patience
/// that is passed to them.

#include <chrono>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>

#include <cicada/port_mapping.hpp>

#include "wait.hpp"

namespace cicada {

struct GatewayError {
  enum class Kind : std::uint8_t {
    silent,   ///< No answer in time, or none that makes sense: the gateway may be gone.
    refused,  ///< It says no, and will say so again for a while.
    taken,    ///< The port is somebody else's, and the caller wanted no other.
    stopped,  ///< We were asked to stop.
  };
  Kind kind = Kind::silent;
  std::string what;  ///< For people.
};

template <class Value>
using GatewayResult = std::expected<Value, GatewayError>;

struct MappingRequest {
  std::uint16_t port = 0;           ///< Of this host.
  std::uint16_t external_port = 0;  ///< Wanted.
  MappingProtocol protocol = MappingProtocol::tcp;
  MappingConflict conflict = MappingConflict::another_port;
  std::chrono::seconds lease{};
  std::string description;
};

struct MappingGrant {
  std::uint16_t external_port = 0;
  std::chrono::seconds lease{};  ///< 0: until it is removed.
  bool was_there = false;        ///< It was ours before we asked.
  bool is_shown = false;         ///< The gateway lists it as ours. If not, it cannot be asked and is believed.
};

struct MappingCheck {
  std::string external_address;                   ///< Empty where the gateway has none.
  bool is_lost = false;                           ///< What the gateway says differs from what should stand.
  std::optional<std::chrono::seconds> remaining;  ///< Of the lease, where the gateway says so.
};

class Gateway {
 public:
  virtual ~Gateway() = default;
  [[nodiscard]] virtual MappingMethod method() const = 0;
  /// Of this host, towards the gateway.
  [[nodiscard]] virtual std::string local_address() const = 0;
  /// Empty where the gateway has none.
  virtual GatewayResult<std::string> external_address(const Patience& patience) = 0;
  /// Makes the mapping, or renews it.
  virtual GatewayResult<MappingGrant> map(const MappingRequest& request, const Patience& patience) = 0;
  /// Does `grant` stand?
  virtual GatewayResult<MappingCheck> check(const MappingRequest& request, const MappingGrant& grant,
                                            const Patience& patience) = 0;
  /// Removes the mapping, unless it is known to be somebody else's. Nothing is reported: nobody could do anything about
  /// it.
  virtual void unmap(const MappingRequest& request, const MappingGrant& grant, const Patience& patience) = 0;
};

}  // namespace cicada
