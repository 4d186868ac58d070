// The face of a node: any thread may call it. It hands everything to the reactor's thread, and waits there where the
// caller wants that.

#include <cicada/swarm_peer.hpp>

#include <algorithm>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <utility>

#include <cicada/codec.hpp>

#include "endpoints.hpp"
#include "name_lookup.hpp"
#include "node.hpp"
#include "reactor.hpp"
#include "reactor_call.hpp"

namespace cicada {
namespace {

using asio::ip::tcp;

void throw_if(const std::error_code& error, const char* what) {
  if (error) throw std::system_error(error, what);
}

/// Addresses of a host name; of an empty one: all interfaces, IPv6 and IPv4 together where the system can.
std::vector<tcp::endpoint> resolve_local(std::string_view host, std::uint16_t port) {
  if (host.empty()) return {tcp::endpoint(tcp::v6(), port), tcp::endpoint(tcp::v4(), port)};
  if (const auto literal = parse_address(host, port)) return {to_asio(*literal)};
  std::vector<tcp::endpoint> endpoints;
  for (const Endpoint& found : look_up_host(std::string(host), port)) endpoints.push_back(to_asio(found));
  std::ranges::stable_partition(endpoints, [](const tcp::endpoint& e) { return e.address().is_v4(); });
  return endpoints;
}

}  // namespace

struct SwarmPeer::Impl {
  std::shared_ptr<Runtime> runtime;
  std::shared_ptr<Node> node;

  explicit Impl(SwarmPeerOptions options)
      : runtime(options.runtime ? options.runtime : std::make_shared<Runtime>()),
        node(std::make_shared<Node>(runtime->reactor().context, std::move(options))) {}
  ~Impl() {
    // A node ends on its own thread.
    asio::post(runtime->reactor().context, [last = std::move(node)] {});
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  template <class Work>
  void post(Work&& work) {
    asio::post(runtime->reactor().context, [node = node, work = std::forward<Work>(work)]() mutable { work(*node); });
  }
  /// Runs `work(node)` on the reactor's thread and gives its result. For work that does not wait.
  template <class Work>
  auto call(Work&& work) {
    if (runtime->is_current_thread()) return work(*node);
    return call_on(runtime->reactor().context, [&] { return work(*node); });
  }
  /// Starts an operation on the reactor's thread and waits for its handler's arguments.
  template <class Result, class Start>
  Result wait(std::error_code& error, Start&& start) {
    if (runtime->is_current_thread()) {
      error = SwarmError::would_deadlock;
      return Result();
    }
    return wait_on<Result>(runtime->reactor().context, error, [&](auto handler) { start(*node, std::move(handler)); });
  }
};

namespace {
struct Nothing {};
}  // namespace

SwarmPeer::SwarmPeer(SwarmPeerOptions options) : impl_(std::make_shared<Impl>(std::move(options))) {}
SwarmPeer::~SwarmPeer() {
  if (impl_) close();
}
SwarmPeer::SwarmPeer(SwarmPeer&&) noexcept = default;
SwarmPeer& SwarmPeer::operator=(SwarmPeer&& other) noexcept {
  if (impl_ && this != &other) close();
  impl_ = std::move(other.impl_);
  return *this;
}

// ---------------------------------------------------------------------------------------------------- joining and
// leaving

void SwarmPeer::bind(std::string_view address, std::uint16_t port, std::optional<HostPort> external) {
  std::error_code error;
  bind(address, port, std::move(external), error);
  throw_if(error, "bind");
}

void SwarmPeer::bind(std::string_view address, std::uint16_t port, std::optional<HostPort> external,
                     std::error_code& error) {
  const auto local = resolve_local(address, port);
  std::optional<Endpoint> outside;
  if (external && external->port == 0) outside = Endpoint{};
  if (external && external->port != 0) {
    const auto found = resolve_local(external->host, external->port);
    if (external->host.empty() || found.empty()) {
      error = SwarmError::bad_address;
      return;
    }
    outside = from_asio(found.front());
  }
  error = local.empty() ? make_error_code(SwarmError::bad_address)
                        : impl_->call([&](Node& node) { return node.bind(local, outside); });
}

void SwarmPeer::connect(std::string_view host, std::uint16_t port, Duration timeout) {
  std::error_code error;
  connect(host, port, timeout, error);
  throw_if(error, "connect");
}

void SwarmPeer::connect(std::string_view host, std::uint16_t port, Duration timeout, std::error_code& error) {
  impl_->wait<Nothing>(error, [&](Node& node, auto handler) {
    node.connect({std::string(host), port}, timeout, [handler](std::error_code failed) { handler(failed); });
  });
}

void SwarmPeer::async_connect(HostPort address, Duration timeout,
                              std::move_only_function<void(std::error_code)> handler) {
  impl_->post([address = std::move(address), timeout, handler = std::move(handler)](Node& node) mutable {
    node.connect(std::move(address), timeout, std::move(handler));
  });
}

void SwarmPeer::disconnect() {
  std::error_code error;
  disconnect(error);
  throw_if(error, "disconnect");
}

void SwarmPeer::disconnect(std::error_code& error) {
  impl_->wait<Nothing>(error, [&](Node& node, auto handler) {
    node.disconnect([handler](std::error_code failed) { handler(failed); });
  });
}

void SwarmPeer::async_disconnect(std::move_only_function<void(std::error_code)> handler) {
  impl_->post([handler = std::move(handler)](Node& node) mutable { node.disconnect(std::move(handler)); });
}

void SwarmPeer::close() noexcept {
  if (impl_->runtime->is_current_thread()) return impl_->post([](Node& node) { node.close([] {}); });
  std::error_code ignored;
  impl_->wait<Nothing>(ignored, [&](Node& node, auto handler) { node.close([handler] { handler({}); }); });
}

void SwarmPeer::set_limits(const SwarmLimits& limits) {
  impl_->call([&](Node& node) { node.set_limits(limits); });
}

void SwarmPeer::set_limits(const SwarmLimits& limits, std::error_code& error) {
  error.clear();
  try {
    set_limits(limits);
  } catch (const std::system_error& failed) {
    error = failed.code();
  }
}

void SwarmPeer::drop_links() {
  impl_->call([](Node& node) { node.drop_links(); });
}

void SwarmPeer::abort() noexcept {
  impl_->call([](Node& node) { node.abort(); });
}

// --------------------------------------------------------------------------------------------------------------
// messages

SendReport SwarmPeer::send(const Target& target, std::span<const std::uint8_t> data, SendOptions options) {
  std::error_code error;
  const SendReport report = send(target, data, options, error);
  throw_if(error, "send");
  return report;
}

SendReport SwarmPeer::send(const Target& target, std::span<const std::uint8_t> data, SendOptions options,
                           std::error_code& error) {
  if (data.size() > payload_bytes_max) {
    error = SwarmError::payload_too_long;
    return {};
  }
  return impl_->wait<SendReport>(error, [&](Node& node, auto handler) {
    node.send(target, std::make_shared<const std::vector<std::uint8_t>>(data.begin(), data.end()), options, handler);
  });
}

SendReport SwarmPeer::send(const Target& target, std::string_view data, SendOptions options) {
  std::error_code error;
  const SendReport report = send(target, data, options, error);
  throw_if(error, "send");
  return report;
}

SendReport SwarmPeer::send(const Target& target, std::string_view data, SendOptions options, std::error_code& error) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(data.data());  // Any object may be read as bytes.
  return send(target, std::span(bytes, data.size()), options, error);
}

void SwarmPeer::async_send(const Target& target, std::vector<std::uint8_t> data, SendOptions options,
                           std::move_only_function<void(std::error_code, SendReport)> handler) {
  impl_->post([target, options, handler = std::move(handler),
               payload = std::make_shared<const std::vector<std::uint8_t>>(std::move(data))](Node& node) mutable {
    node.send(target, std::move(payload), options, std::move(handler));
  });
}

MessageId SwarmPeer::broadcast(std::span<const std::uint8_t> data, std::span<const Id> visited) {
  std::error_code error;
  const MessageId id = broadcast(data, visited, error);
  throw_if(error, "broadcast");
  return id;
}

MessageId SwarmPeer::broadcast(std::string_view data, std::span<const Id> visited) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(data.data());  // Any object may be read as bytes.
  return broadcast(std::span(bytes, data.size()), visited);
}

MessageId SwarmPeer::broadcast(std::span<const std::uint8_t> data, std::span<const Id> visited,
                               std::error_code& error) {
  return impl_->wait<MessageId>(error, [&](Node& node, auto handler) {
    node.broadcast(std::make_shared<const std::vector<std::uint8_t>>(data.begin(), data.end()), visited, handler);
  });
}

void SwarmPeer::async_broadcast(std::vector<std::uint8_t> data, std::vector<Id> visited,
                                std::move_only_function<void(std::error_code, MessageId)> handler) {
  impl_->post([visited = std::move(visited), handler = std::move(handler),
               payload = std::make_shared<const std::vector<std::uint8_t>>(std::move(data))](Node& node) mutable {
    node.broadcast(std::move(payload), visited, std::move(handler));
  });
}

Received SwarmPeer::recv() {
  std::error_code error;
  Received received = recv(error);
  throw_if(error, "recv");
  return received;
}

Received SwarmPeer::recv(std::error_code& error) {
  error.clear();
  if (impl_->runtime->is_current_thread())
    error = SwarmError::would_deadlock;
  else if (!impl_->node->address())
    error = SwarmError::not_bound;
  else if (auto received = impl_->node->inbox()->pop(std::nullopt))
    return std::move(*received);
  else
    error = SwarmError::closed;
  return {};
}

std::optional<Received> SwarmPeer::recv_for(Duration time) {
  if (impl_->runtime->is_current_thread()) throw_if(SwarmError::would_deadlock, "recv_for");
  const auto bounded = std::clamp<Duration>(time, Duration{}, std::chrono::hours(24 * 365));
  return impl_->node->inbox()->pop(Inbox::Clock::now() + bounded);
}

std::optional<Received> SwarmPeer::try_recv() { return impl_->node->inbox()->try_pop(); }

void SwarmPeer::async_recv(std::move_only_function<void(std::error_code, Received)> handler) {
  impl_->post([handler = std::move(handler)](Node& node) mutable { node.recv(std::move(handler)); });
}

// -------------------------------------------------------------------------------------------------------------- the
// ring

LookupReport SwarmPeer::lookup(const Id& key) {
  std::error_code error;
  const LookupReport report = lookup(key, error);
  throw_if(error, "lookup");
  return report;
}

LookupReport SwarmPeer::lookup(const Id& key, std::error_code& error) {
  return impl_->wait<LookupReport>(error, [&](Node& node, auto handler) { node.lookup(key, handler); });
}

void SwarmPeer::async_lookup(const Id& key, std::move_only_function<void(std::error_code, LookupReport)> handler) {
  impl_->post([key, handler = std::move(handler)](Node& node) mutable { node.lookup(key, std::move(handler)); });
}

std::vector<PeerInfo> SwarmPeer::peers() const {
  return impl_->call([](const Node& node) { return node.peers(); });
}

SwarmStatistics SwarmPeer::statistics() const {
  return impl_->call([](const Node& node) { return node.statistics(); });
}

std::vector<PeerRefusals> SwarmPeer::refusals() const {
  return impl_->call([](const Node& node) { return node.refusals(); });
}

ClockReport SwarmPeer::clock() const {
  return impl_->call([](const Node& node) { return node.clock_report(); });
}

// --------------------------------------------------------------------------------------------------------------
// identity

namespace {
Node::Address address_of(const Node& node, const char* what) {
  const auto address = node.address();
  throw_if(address ? std::error_code() : make_error_code(SwarmError::not_bound), what);
  return *address;
}
}  // namespace

Id SwarmPeer::id() const { return address_of(*impl_->node, "id").id; }
PublicKey SwarmPeer::public_key() const { return impl_->node->public_key(); }
Endpoint SwarmPeer::listener() const { return address_of(*impl_->node, "listener").listener; }
Endpoint SwarmPeer::endpoint() const { return address_of(*impl_->node, "endpoint").endpoint; }
std::optional<Endpoint> SwarmPeer::observed_endpoint() const {
  return impl_->call([](const Node& node) { return node.observed(); });
}
Reachability SwarmPeer::reachability() const {
  return impl_->call([](const Node& node) { return node.reachability(); });
}

std::string_view to_string(LinkPath path) {
  switch (path) {
    case LinkPath::none:
      return "none";
    case LinkPath::direct:
      return "direct";
    case LinkPath::punched:
      return "punched";
    case LinkPath::relayed:
      return "relayed";
  }
  return "none";
}

std::shared_ptr<Runtime> SwarmPeer::runtime() const { return impl_->runtime; }

}  // namespace cicada
