#include <cicada/port_mapping.hpp>

#include <condition_variable>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <utility>

#include "mapping_keeper.hpp"
#include "wait.hpp"

namespace cicada {
namespace {

void check_options(std::uint16_t port, const PortMappingOptions& options) {
  using namespace std::chrono_literals;
  if (port == 0) throw std::invalid_argument("PortMapping: port 0; expected 1 to 65535");
  if (options.lease < 2s || options.lease > std::chrono::days(7)) {
    throw std::invalid_argument("PortMapping: lease out of range; expected 2 s to 7 days");
  }
  if (options.check < 100ms || options.check > std::chrono::hours(24)) {
    throw std::invalid_argument("PortMapping: check out of range; expected 100 ms to 24 h");
  }
  if (options.removal_wait < 0ms) throw std::invalid_argument("PortMapping: removal_wait is negative");
}

}  // namespace

/// Thread and status. The status is guarded by `mutex_`; the rest is set before the thread begins.
class PortMapping::Worker {
 public:
  Worker(std::uint16_t port, PortMappingOptions options)
      : on_change_(options.on_change),
        keeper_(port, options, stop_, [this](const PortMappingStatus& status) { publish(status); }) {
    status_.port = port;
    thread_ = std::thread([this] { keeper_.run(); });
  }
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  ~Worker() {
    stop_.raise();
    thread_.join();
  }

  bool wait_for(std::chrono::milliseconds timeout) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, timeout, [this] { return status_.state != MappingState::searching; });
  }
  PortMappingStatus status() {
    const std::lock_guard lock(mutex_);
    return status_;
  }

 private:
  void publish(const PortMappingStatus& status) {
    {
      const std::lock_guard lock(mutex_);
      status_ = status;
    }
    changed_.notify_all();
    if (on_change_) on_change_(status);
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  PortMappingStatus status_;
  std::function<void(const PortMappingStatus&)> on_change_;
  Signal stop_;
  MappingKeeper keeper_;
  std::thread thread_;
};

PortMapping::PortMapping(std::uint16_t port, PortMappingOptions options) {
  check_options(port, options);
  worker_ = std::make_unique<Worker>(port, std::move(options));
}

PortMapping::~PortMapping() = default;

bool PortMapping::wait_for(std::chrono::milliseconds timeout) const { return worker_->wait_for(timeout); }

PortMappingStatus PortMapping::status() const { return worker_->status(); }

std::string_view to_string(MappingState state) {
  switch (state) {
    case MappingState::searching:
      return "searching";
    case MappingState::mapped:
      return "mapped";
    case MappingState::no_gateway:
      return "no-gateway";
    case MappingState::refused:
      return "refused";
    case MappingState::double_nat:
      return "double-nat";
    case MappingState::taken:
      return "taken";
  }
  return "unknown";
}

std::string_view to_string(MappingMethod method) {
  switch (method) {
    case MappingMethod::none:
      return "none";
    case MappingMethod::upnp:
      return "upnp";
    case MappingMethod::nat_pmp:
      return "nat-pmp";
  }
  return "unknown";
}

}  // namespace cicada
