#pragma once
/// Looks up host names without waiting for slow name servers any longer than was asked for.
///
/// The system's function cannot be cancelled: with a silent name server it takes many seconds. So each name is looked
/// up on a thread of its own. A thread whose result nobody waits for any more ends by itself, and touches nothing of
/// this object; while `threads_max` of them are alive, further names wait for one to end.
///
/// Thread safety: everything is called from the reactor's thread.

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include <cicada/peer.hpp>
#include <cicada/swarm_api.hpp>
#include <cicada/time.hpp>

namespace cicada {

namespace asio = boost::asio;

/// The addresses of a host, with the port given; none where it has none. Blocks. May be called by several threads.
using HostLookup = std::function<std::vector<Endpoint>(const std::string& host, std::uint16_t port)>;
/// The one of the system.
[[nodiscard]] std::vector<Endpoint> look_up_host(const std::string& host, std::uint16_t port);

class NameLookup {
 public:
  static constexpr int threads_max = 8;
  static constexpr std::size_t waiting_max = 1024;
  /// The endpoints, at least one; or an error: `bad_address`, `timed_out`, `too_many_pending`, `closed`.
  using Handler = std::move_only_function<void(std::error_code, std::vector<Endpoint>)>;

  NameLookup(asio::io_context& reactor, HostLookup look_up);
  /// Handlers that have not been called are dropped.
  ~NameLookup();
  NameLookup(const NameLookup&) = delete;
  NameLookup& operator=(const NameLookup&) = delete;

  /// `handler` is called once, within `limit`; for an address that needs no looking up within this call.
  void start(const HostPort& address, Duration limit, Handler handler);
  /// All handlers are called, with `closed`.
  void cancel();

 private:
  struct Wanted;
  struct Shared;

  void begin_next();
  void finish(std::list<Wanted>::iterator wanted, std::error_code error, std::vector<Endpoint> endpoints);
  void on_result(std::uint64_t number, std::vector<Endpoint> endpoints);

  asio::io_context& reactor_;
  HostLookup look_up_;
  std::list<Wanted> wanted_;  ///< In the order in which they came.
  std::uint64_t last_number_ = 0;
  std::shared_ptr<Shared> shared_;
};

}  // namespace cicada
