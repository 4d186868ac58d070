#pragma once
/// A port of this host, opened on the gateway in front of it: by UPnP, or else by NAT-PMP. The mapping lives as long as
/// the object: it is renewed at three quarters of the lease that the gateway granted, made again when the gateway lost
/// it, followed when the external address changes, and removed by the destructor.
///
/// All work is done by one worker thread of the object, beside whatever the program does. Every call to a gateway has a
/// deadline, so a silent or lying gateway costs time of that thread and nothing else.
///
/// IPv4 only, as both protocols are. A mapping whose external address is private (a second NAT beyond the gateway) is
/// reported as `double_nat` and not kept: it would be of no use to anybody outside.

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace cicada {

enum class MappingProtocol : std::uint8_t { tcp, udp };

/// How the gateway was asked.
enum class MappingMethod : std::uint8_t { none, upnp, nat_pmp };

enum class MappingState : std::uint8_t {
  searching,   ///< No outcome yet.
  mapped,      ///< The external address and `eport` lead here.
  no_gateway,  ///< Nobody answers UPnP or NAT-PMP. It is tried again from time to time.
  refused,     ///< A gateway answers and says no. It is tried again from time to time.
  double_nat,  ///< The gateway's own external address isn't public. It is asked again from time to time.
  /// With `MappingConflict::give_up`: the port belongs to another host or program. It is tried again from time to time.
  taken,
};

/// What to do where another host (or another port of this one) has the wanted external port.
enum class MappingConflict : std::uint8_t {
  another_port,  ///< Take another external port; see `eport`.
  give_up,       ///< Take no other: the state is `taken` until the port is free.
};

struct PortMappingStatus {
  MappingState state = MappingState::searching;
  MappingMethod method = MappingMethod::none;
  std::uint16_t port = 0;          ///< Of this host.
  std::uint16_t eport = 0;         ///< Of the gateway, while mapped; else 0.
  std::string local_address;       ///< Of this host towards the gateway, "192.168.1.11"; empty while unknown.
  std::string external_address;    ///< What the gateway says, also where it is no public one; empty while unknown.
  std::chrono::seconds lease{0};   ///< As granted; 0: until it is removed.
  bool already_mapped = false;     ///< The mapping was there when we came, as after a crash, and was taken over.
  std::uint64_t times_remade = 0;  ///< How often a lost mapping was made again.
  std::string reason;              ///< One sentence for people: why it stands as it does.

  friend bool operator==(const PortMappingStatus&, const PortMappingStatus&) = default;
};

struct PortMappingOptions {
  MappingProtocol protocol = MappingProtocol::tcp;
  MappingConflict conflict = MappingConflict::another_port;
  std::uint16_t external_port = 0;          ///< Wanted on the gateway; 0: the same as the port of this host.
  std::chrono::seconds lease{3600};         ///< Asked for, 2 s .. 7 days. What the gateway grants is honoured.
  std::chrono::milliseconds check{30'000};  ///< Between two looks whether mapping and address stand; 100 ms at least.
  bool upnp = true;                         ///< Ask by UPnP.
  bool nat_pmp = true;                      ///< Ask by NAT-PMP.
  std::string nat_pmp_gateway;              ///< IPv4 address of the gateway; empty: the default route's.
  std::string description = "cicada";       ///< What the gateway's list shows (UPnP).
  /// Longest time that the destructor spends on the removal of the mapping. A gateway that takes longer drops it when
  /// the lease ends.
  std::chrono::milliseconds removal_wait{150};
  /// Called on the worker thread for every change of the status. It must not throw, and must not destroy the object.
  std::function<void(const PortMappingStatus&)> on_change;
};

/// Any thread may call any member function; constructor and destructor excepted, as always.
class PortMapping {
 public:
  /// Starts to open `port` (1..65535) and returns at once. Throws std::system_error where the system gives no thread or
  /// descriptor, and std::invalid_argument for values outside the ranges above.
  explicit PortMapping(std::uint16_t port, PortMappingOptions options = {});
  PortMapping(const PortMapping&) = delete;
  PortMapping& operator=(const PortMapping&) = delete;
  /// Removes the mapping. Takes at most `removal_wait` and a few milliseconds.
  ~PortMapping();

  /// Waits for the first outcome (any state but `searching`), or the time-out. True if there is an outcome.
  bool wait_for(std::chrono::milliseconds timeout) const;
  [[nodiscard]] PortMappingStatus status() const;

  /// Shorthands of `status()`.
  [[nodiscard]] bool is_mapped() const { return status().state == MappingState::mapped; }
  [[nodiscard]] std::uint16_t port() const { return status().port; }
  [[nodiscard]] std::uint16_t eport() const { return status().eport; }
  [[nodiscard]] std::string local_address() const { return status().local_address; }
  [[nodiscard]] std::string external_address() const { return status().external_address; }

 private:
  class Worker;
  std::unique_ptr<Worker> worker_;
};

/// The enumerators' names with '-' for '_': "double-nat", "nat-pmp".
[[nodiscard]] std::string_view to_string(MappingState state);
[[nodiscard]] std::string_view to_string(MappingMethod method);

}  // namespace cicada
