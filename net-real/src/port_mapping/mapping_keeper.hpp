#pragma once
/// The life of one mapping: find a gateway, map, look after it, begin again when it is gone. Runs on one thread and
/// blocks it; everything that it waits for has a deadline, and ends at once when the stop signal is raised.

#include <chrono>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include <cicada/port_mapping.hpp>

#include "announcements.hpp"
#include "aside.hpp"
#include "gateway.hpp"
#include "wait.hpp"

namespace cicada {

class MappingKeeper {
 public:
  using Publish = std::function<void(const PortMappingStatus&)>;

  /// `stop` must outlive the object. `publish` hears of every change of the status.
  MappingKeeper(std::uint16_t port, const PortMappingOptions& options, const Signal& stop, Publish publish);

  /// Returns after the stop signal, and after the mapping was removed.
  void run();

 private:
  /// What came of the attempt to get a mapping from one gateway.
  struct Held {
    MappingGrant grant;
    std::string external_address;
  };
  struct Failure {
    MappingState state;
    std::string reason;
    std::string external_address;
    bool is_open = false;  // The gateway may have made the mapping all the same.
  };

  void round();
  std::vector<std::unique_ptr<Gateway>> find();
  std::expected<Held, Failure> establish(Gateway& gateway);
  void hold(std::unique_ptr<Gateway> gateway, Held held);
  /// Looks whether `held` stands, and mends or renews it. False when the gateway is to be looked for anew.
  bool look_after(Gateway& gateway, Held& held);
  bool renew_mapping(Gateway& gateway, Held& held);
  void lose(MappingState state, std::string reason);
  void remove_left(std::chrono::milliseconds time);
  void publish_failure(MappingMethod method, std::string local_address, Failure failure);
  void publish_held(const Gateway& gateway, const Held& held, std::string reason);
  void set_status(PortMappingStatus status);

  /// What may still stand at a gateway that stopped answering, or answered too late: it is removed when the gateway can
  /// be asked again, or at the end.
  struct Left {
    std::unique_ptr<Gateway> gateway;
    MappingGrant grant;
  };

  /// Waits until `until`, a stop, or an announcement of a gateway.
  void pause(SteadyTime until);
  void pause_after_failure();
  [[nodiscard]] Patience patience(std::chrono::milliseconds time) const { return Patience::of(&stop_, time); }

  PortMappingOptions options_;
  MappingRequest request_;
  const Signal& stop_;
  Publish publish_;
  PortMappingStatus status_;
  Aside aside_;
  Announcements announcements_;
  std::optional<Left> left_;
  SteadyTime renew_at_{};            // While a mapping is held.
  SteadyTime heard_{};               // When an announcement was last followed.
  SteadyTime recovering_until_{};    // A mapping was lost a short while ago.
  std::chrono::milliseconds retry_;  // The next pause after a failure.
  std::string no_gateway_reason_;
};

}  // namespace cicada
