#include <algorithm>
#include <utility>

#include <cicada/codec.hpp>
#include <cicada/endpoint_text.hpp>
#include <cicada/identity.hpp>
#include <cicada/sim/simulated_swarm.hpp>

#include "application/swarm_state.hpp"

namespace cicada::sim {
namespace {

/// Goodbyes that the ring refuses for a moment are tried again for so long, as by the real peer.
constexpr Duration leave_timeout = std::chrono::milliseconds(200);
/// A send or lookup ends by itself long before; this only bounds what cannot happen.
constexpr Duration operation_max = std::chrono::minutes(10);

std::optional<Endpoint> resolve(std::string_view host, std::uint16_t port) {
  return parse_address(host.empty() || host == "localhost" ? "127.0.0.1" : host, port);
}

std::span<const std::uint8_t> bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};  // NOLINT: text as bytes.
}

void check(const std::error_code& error, const char* what) {
  if (error) throw std::system_error(error, what);
}

std::error_code usable(const SwarmPeer::Impl& peer) {
  if (peer.closed) return SwarmError::closed;
  if (!peer.life) return SwarmError::not_bound;
  return {};
}

}  // namespace

SwarmPeer::SwarmPeer(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
SwarmPeer::SwarmPeer(SwarmPeer&&) noexcept = default;
SwarmPeer& SwarmPeer::operator=(SwarmPeer&& other) noexcept {
  if (this == &other) return *this;
  if (impl_) close();
  impl_ = std::move(other.impl_);
  return *this;
}
SwarmPeer::~SwarmPeer() {
  if (impl_) close();
}

// -------------------------------------------------------------------------------------------------- joining and
// leaving

void SwarmPeer::bind(std::string_view address, std::uint16_t port, std::optional<HostPort> external) {
  std::error_code error;
  bind(address, port, std::move(external), error);
  check(error, "bind");
}

void SwarmPeer::bind(std::string_view address, std::uint16_t port, std::optional<HostPort> external,
                     std::error_code& error) {
  Impl& self = *impl_;
  error = self.closed ? SwarmError::closed : self.life ? make_error_code(SwarmError::already_bound) : std::error_code();
  if (error) return;
  const auto wanted = resolve(address, port);
  const auto told = external ? resolve(external->host, external->port) : wanted;
  error = wanted && told ? std::error_code() : make_error_code(SwarmError::bad_address);
  if (error) return;
  const auto listener = self.swarm->choose_listener(*wanted);
  if (!listener) {
    error = std::make_error_code(std::errc::address_in_use);
    return;
  }
  self.listener = *listener;
  self.endpoint = external ? *told : *listener;
  self.id = id_of_endpoint(self.endpoint);
  self.swarm->begin_life(self, nullptr);
}

void SwarmPeer::connect(std::string_view host, std::uint16_t port, Duration timeout) {
  std::error_code error;
  connect(host, port, timeout, error);
  check(error, "connect");
}

void SwarmPeer::connect(std::string_view host, std::uint16_t port, Duration timeout, std::error_code& error) {
  Impl& self = *impl_;
  SimulatedSwarm::State& swarm = *self.swarm;
  error = usable(self);
  if (error) return;
  const auto endpoint = resolve(host, port);
  const auto successors = swarm.world().slot(*self.life).node.chord().successors();
  if (std::ranges::any_of(successors, &Peer::exists)) error = SwarmError::already_connected;
  if (!error && !endpoint) error = SwarmError::bad_address;
  if (!error && *endpoint == self.endpoint) error = SwarmError::connected_to_self;
  if (error) return;
  SimulatedSwarm::State::Member* const other = swarm.listening_at(*endpoint);
  if (other == nullptr) {
    error = std::make_error_code(std::errc::connection_refused);
    return;
  }
  swarm.end_life(self, Departure::crash);  // Of a ring of one: nobody has heard of it.
  swarm.begin_life(self, other);
  const PeerIndex life = *self.life;
  const auto is_member = [&] { return self.closed || self.life != life || swarm.world().slot(life).member; };
  if (!swarm.wait(swarm.world().now() + timeout, is_member)) {
    error = SwarmError::timed_out;
    swarm.end_life(self, Departure::crash);
    swarm.begin_life(self, nullptr);
  } else if (self.closed || self.life != life) {
    error = SwarmError::closed;
  }
}

void SwarmPeer::disconnect() {
  std::error_code error;
  disconnect(error);
  check(error, "disconnect");
}

void SwarmPeer::disconnect(std::error_code& error) {
  error = usable(*impl_);
  if (error) return;
  impl_->swarm->end_life(*impl_, Departure::leave);
  impl_->swarm->begin_life(*impl_, nullptr);
}

void SwarmPeer::close() noexcept {
  Impl& self = *impl_;
  if (std::exchange(self.closed, true) || !self.life) return;
  SimulatedSwarm::State& swarm = *self.swarm;
  const ChordNode& node = swarm.world().slot(*self.life).node.chord();
  swarm.wait(swarm.world().now() + leave_timeout, [&] { return !node.is_busy(); });
  swarm.end_life(self, Departure::leave);
}

void SwarmPeer::abort() noexcept {
  impl_->closed = true;
  impl_->swarm->end_life(*impl_, Departure::crash);
}

// -------------------------------------------------------------------------------------------------------------
// messages

SendReport SwarmPeer::send(const Target& target, std::span<const std::uint8_t> data, SendOptions options) {
  std::error_code error;
  const SendReport report = send(target, data, options, error);
  check(error, "send");
  return report;
}

SendReport SwarmPeer::send(const Target& target, std::span<const std::uint8_t> data, SendOptions options,
                           std::error_code& error) {
  Impl& self = *impl_;
  SimulatedSwarm::State& swarm = *self.swarm;
  error = usable(self);
  if (error) return {};
  std::optional<Id> id;
  if (const Id* given = std::get_if<Id>(&target.value())) {
    id = *given;
  } else {
    const auto& address = std::get<HostPort>(target.value());
    if (const auto endpoint = resolve(address.host, address.port)) id = id_of_endpoint(*endpoint);
  }
  if (!id) {
    error = SwarmError::bad_address;
    return {};
  }
  options.tag = swarm.next_tag();
  const TimePoint started = swarm.world().now();
  const PeerIndex life = *self.life;
  swarm.world().send(life, *id, std::make_shared<std::vector<std::uint8_t>>(data.begin(), data.end()), options);
  swarm.wait(started + operation_max, [&] { return swarm.has_send(options.tag) || self.life != life; });
  const auto done = swarm.take_send(options.tag);
  error = done ? make_error_code(done->status) : make_error_code(SwarmError::closed);
  if (!done) return {};
  return {done->id, swarm.world().now() - started, done->hops, done->transmissions, done->copies};
}

SendReport SwarmPeer::send(const Target& target, std::string_view data, SendOptions options) {
  return send(target, bytes_of(data), options);
}
SendReport SwarmPeer::send(const Target& target, std::string_view data, SendOptions options, std::error_code& error) {
  return send(target, bytes_of(data), options, error);
}

MessageId SwarmPeer::broadcast(std::span<const std::uint8_t> data, std::span<const Id> visited) {
  std::error_code error;
  const MessageId id = broadcast(data, visited, error);
  check(error, "broadcast");
  return id;
}

MessageId SwarmPeer::broadcast(std::span<const std::uint8_t> data, std::span<const Id> visited,
                               std::error_code& error) {
  Impl& self = *impl_;
  error = usable(self);
  if (!error && data.size() > payload_bytes_max) error = SwarmError::payload_too_long;
  if (!error && visited.size() > broadcast_visited_max) error = SwarmError::bad_option;
  if (error) return {};
  self.swarm->world().broadcast(*self.life, std::make_shared<std::vector<std::uint8_t>>(data.begin(), data.end()),
                                visited);
  const MessageId id = self.swarm->last_broadcast();
  if (id == MessageId{}) error = SwarmError::too_many_pending;
  return id;
}

MessageId SwarmPeer::broadcast(std::string_view data, std::span<const Id> visited) {
  return broadcast(bytes_of(data), visited);
}

Received SwarmPeer::recv() {
  std::error_code error;
  Received received = recv(error);
  check(error, "recv");
  return received;
}

Received SwarmPeer::recv(std::error_code& error) {
  Impl& self = *impl_;
  SimulatedSwarm::State& swarm = *self.swarm;
  error = {};
  if (self.inbox.empty()) error = usable(self);
  if (error) return {};
  swarm.wait(swarm.world().now() + swarm.wait_max(), [&] { return !self.inbox.empty() || self.closed; });
  if (auto received = try_recv()) return *std::move(received);
  error = self.closed ? SwarmError::closed : SwarmError::timed_out;
  return {};
}

std::optional<Received> SwarmPeer::recv_for(Duration time) {
  Impl& self = *impl_;
  self.swarm->wait(self.swarm->world().now() + std::max(Duration::zero(), time),
                   [&] { return !self.inbox.empty() || self.closed; });
  return try_recv();
}

std::optional<Received> SwarmPeer::try_recv() {
  if (impl_->inbox.empty()) return std::nullopt;
  Received received = std::move(impl_->inbox.front());
  impl_->inbox.pop_front();
  received.more = !impl_->inbox.empty();
  return received;
}

// ------------------------------------------------------------------------------------------------- the ring and
// identity

LookupReport SwarmPeer::lookup(const Id& key) {
  std::error_code error;
  const LookupReport report = lookup(key, error);
  check(error, "lookup");
  return report;
}

LookupReport SwarmPeer::lookup(const Id& key, std::error_code& error) {
  Impl& self = *impl_;
  SimulatedSwarm::State& swarm = *self.swarm;
  error = usable(self);
  if (error) return {};
  const std::uint64_t tag = swarm.next_tag();
  const TimePoint started = swarm.world().now();
  const PeerIndex life = *self.life;
  swarm.world().lookup(life, key, tag);
  swarm.wait(started + operation_max, [&] { return swarm.has_lookup(tag) || self.life != life; });
  const auto done = swarm.take_lookup(tag);
  if (!done) error = SwarmError::closed;
  if (done && done->status != LookupStatus::found) error = SwarmError::timed_out;
  if (error) return {};
  return {swarm.remote(done->owner.index), swarm.world().now() - started, done->hops};
}

std::vector<PeerInfo> SwarmPeer::peers() const {
  if (!impl_->life) return {};
  const World& world = impl_->swarm->world();
  const ChordNode& chord = world.slot(*impl_->life).node.chord();
  std::map<Id, PeerInfo> infos;
  const auto mark = [&](std::span<const Peer> peers, bool PeerInfo::* flag) {
    for (const Peer& peer : peers) {
      if (!peer.exists() || peer.index == *impl_->life) continue;
      PeerInfo& info = infos[world.id(peer.index)];
      info.contact = {world.id(peer.index), world.slot(peer.index).incarnation,
                      impl_->swarm->remote(peer.index).endpoint};
      info.*flag = true;
    }
  };
  mark(chord.successors(), &PeerInfo::successor);
  mark(chord.predecessors(), &PeerInfo::predecessor);
  mark(chord.fingers(), &PeerInfo::finger);
  std::vector<PeerInfo> list;
  for (const auto& [id, info] : infos) list.push_back(info);
  return list;
}

Id SwarmPeer::id() const {
  check(impl_->host ? std::error_code() : make_error_code(SwarmError::not_bound), "id");
  return impl_->id;
}
PublicKey SwarmPeer::public_key() const {
  check(impl_->life ? std::error_code() : make_error_code(SwarmError::not_bound), "public_key");
  return impl_->swarm->world().public_key_of(*impl_->life);
}
Endpoint SwarmPeer::listener() const {
  check(impl_->host ? std::error_code() : make_error_code(SwarmError::not_bound), "listener");
  return impl_->listener;
}
Endpoint SwarmPeer::endpoint() const {
  check(impl_->host ? std::error_code() : make_error_code(SwarmError::not_bound), "endpoint");
  return impl_->endpoint;
}

}  // namespace cicada::sim
