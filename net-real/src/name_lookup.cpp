#include "name_lookup.hpp"

#include <algorithm>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <chrono>
#include <mutex>
#include <thread>
#include <utility>

#include <cicada/endpoint_text.hpp>
#include <cicada/swarm_error.hpp>

#include "endpoints.hpp"

namespace cicada {

std::vector<Endpoint> look_up_host(const std::string& host, std::uint16_t port) {
  using asio::ip::tcp;
  asio::io_context context;
  tcp::resolver resolver(context);
  boost::system::error_code error;
  std::vector<Endpoint> endpoints;
  for (const auto& found : resolver.resolve(host, std::to_string(port), tcp::resolver::numeric_service, error))
    endpoints.push_back(from_asio(found.endpoint()));
  return endpoints;
}

struct NameLookup::Wanted {
  std::uint64_t number = 0;
  HostPort address;
  Handler handler;
  asio::steady_timer deadline;
  bool begun = false;
};

/// What the threads and the object have in common. Each of the threads may outlive the object.
struct NameLookup::Shared {
  std::mutex mutex;
  NameLookup* owner = nullptr;  ///< Null when that is gone.
  int threads = 0;

  /// Hands the result to the reactor, while there is one.
  void on_looked_up(const std::shared_ptr<Shared>& self, std::uint64_t number, std::vector<Endpoint> endpoints) {
    const std::lock_guard lock(mutex);
    --threads;
    if (owner == nullptr) return;
    asio::post(owner->reactor_, [self, number, endpoints = std::move(endpoints)]() mutable {
      // The owner is destroyed on this thread only, so it stays while this runs.
      if (self->owner != nullptr) self->owner->on_result(number, std::move(endpoints));
    });
  }
};

NameLookup::NameLookup(asio::io_context& reactor, HostLookup look_up)
    : reactor_(reactor), look_up_(std::move(look_up)), shared_(std::make_shared<Shared>()) {
  shared_->owner = this;
}

NameLookup::~NameLookup() {
  const std::lock_guard lock(shared_->mutex);
  shared_->owner = nullptr;
}

void NameLookup::start(const HostPort& address, Duration limit, Handler handler) {
  if (address.port == 0 || address.host.empty()) return handler(SwarmError::bad_address, {});
  if (const auto literal = parse_address(address.host, address.port)) return handler({}, {*literal});
  if (wanted_.size() >= waiting_max) return handler(SwarmError::too_many_pending, {});
  const std::uint64_t number = ++last_number_;
  wanted_.push_back({number, address, std::move(handler), asio::steady_timer(reactor_)});
  asio::steady_timer& deadline = wanted_.back().deadline;
  deadline.expires_after(limit);
  deadline.async_wait([shared = shared_, number](const boost::system::error_code& error) {
    if (error || shared->owner == nullptr) return;
    NameLookup& self = *shared->owner;
    const auto place = std::ranges::find(self.wanted_, number, &Wanted::number);
    if (place != self.wanted_.end()) self.finish(place, SwarmError::timed_out, {});
  });
  begin_next();
}

void NameLookup::begin_next() {
  for (;;) {
    const auto next = std::ranges::find(wanted_, false, &Wanted::begun);
    if (next == wanted_.end()) return;
    {
      const std::lock_guard lock(shared_->mutex);
      if (shared_->threads >= threads_max) return;  // One that ends comes back here.
      ++shared_->threads;
    }
    next->begun = true;
    try {
      std::thread([shared = shared_, look_up = look_up_, address = next->address, number = next->number] {
        shared->on_looked_up(shared, number, look_up(address.host, address.port));
      }).detach();
    } catch (const std::system_error&) {  // The system has no thread left.
      const std::lock_guard lock(shared_->mutex);
      if (--shared_->threads > 0) {
        next->begun = false;
        return;
      }
      asio::post(reactor_, [shared = shared_, number = next->number] {
        if (shared->owner != nullptr) shared->owner->on_result(number, {});
      });
    }
  }
}

void NameLookup::on_result(std::uint64_t number, std::vector<Endpoint> endpoints) {
  const auto place = std::ranges::find(wanted_, number, &Wanted::number);
  const auto shared = shared_;
  if (place != wanted_.end()) {
    const auto error = endpoints.empty() ? make_error_code(SwarmError::bad_address) : std::error_code();
    finish(place, error, std::move(endpoints));
  }
  if (shared->owner != nullptr) begin_next();
}

void NameLookup::finish(std::list<Wanted>::iterator wanted, std::error_code error, std::vector<Endpoint> endpoints) {
  Handler handler = std::move(wanted->handler);
  wanted_.erase(wanted);
  handler(error, std::move(endpoints));
}

void NameLookup::cancel() {
  for (Wanted& wanted : std::exchange(wanted_, {})) wanted.handler(SwarmError::closed, {});
}

}  // namespace cicada
