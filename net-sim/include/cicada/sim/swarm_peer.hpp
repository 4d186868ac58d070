#pragma once
/// A member of a simulated swarm, for applications: the same calls with the same meaning as `cicada::SwarmPeer` of the
/// real world (net-real, swarm_peer.hpp), so that code over either one is written once, as a template. Peers are made
/// by a `SimulatedSwarm` (simulated_swarm.hpp).
///
/// Different from the real one:
///  - ids are those of policy `address`; addresses are only names, and no host name but "localhost" resolves;
///  - there are the waiting calls and `try_recv`, not the `async_` ones, and of the hooks there is `recv`;
///  - all peers of a swarm share one protocol configuration and the links of the simulator;
///  - a call that waits lets simulated time pass: it returns as soon as the host can compute it.

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <cicada/send_options.hpp>
#include <cicada/swarm_api.hpp>
#include <cicada/swarm_error.hpp>

namespace cicada::sim {

using cicada::Target;

struct SwarmHooks {
  /// Every payload that arrives for this peer, before it is put into the inbox. It must not call anything of the swarm.
  std::function<void(const RemotePeer& from, std::span<const std::uint8_t> data)> recv;
};

/// Where not said otherwise, see the member of the same name of the real `cicada::SwarmPeer` for what a function does
/// and how it fails. Each function throws std::system_error or sets the std::error_code& that it is given. Who may call
/// what: `SimulatedSwarm`.
class SwarmPeer {
 public:
  /// Like `close`.
  ~SwarmPeer();
  SwarmPeer(SwarmPeer&&) noexcept;
  SwarmPeer& operator=(SwarmPeer&&) noexcept;

  /// @param address A numeric address or "localhost"; empty: 127.0.0.1. Any will do.
  /// @param port 0: a free one.
  void bind(std::string_view address, std::uint16_t port, std::optional<HostPort> external = std::nullopt);
  void bind(std::string_view address, std::uint16_t port, std::optional<HostPort> external, std::error_code& error);
  /// Where nobody listens it fails at once with std::errc::connection_refused.
  void connect(std::string_view host, std::uint16_t port, Duration timeout = std::chrono::seconds(10));
  void connect(std::string_view host, std::uint16_t port, Duration timeout, std::error_code& error);
  void disconnect();
  void disconnect(std::error_code& error);
  void close() noexcept;
  /// The process dies: others notice as `Links::death` says.
  void abort() noexcept;

  SendReport send(const Target& target, std::span<const std::uint8_t> data, SendOptions options = {});
  SendReport send(const Target& target, std::span<const std::uint8_t> data, SendOptions options,
                  std::error_code& error);
  SendReport send(const Target& target, std::string_view data, SendOptions options = {});
  SendReport send(const Target& target, std::string_view data, SendOptions options, std::error_code& error);
  MessageId broadcast(std::span<const std::uint8_t> data, std::span<const Id> visited = {});
  MessageId broadcast(std::span<const std::uint8_t> data, std::span<const Id> visited, std::error_code& error);
  MessageId broadcast(std::string_view data, std::span<const Id> visited = {});

  Received recv();
  Received recv(std::error_code& error);
  std::optional<Received> recv_for(Duration time);
  std::optional<Received> try_recv();

  LookupReport lookup(const Id& key);
  LookupReport lookup(const Id& key, std::error_code& error);
  /// `linked` and `key` are not told.
  [[nodiscard]] std::vector<PeerInfo> peers() const;

  [[nodiscard]] Id id() const;
  [[nodiscard]] PublicKey public_key() const;
  [[nodiscard]] Endpoint listener() const;
  [[nodiscard]] Endpoint endpoint() const;

  struct Impl;
  explicit SwarmPeer(std::shared_ptr<Impl> impl);  ///< Private to the library.

 private:
  std::shared_ptr<Impl> impl_;
};

}  // namespace cicada::sim
