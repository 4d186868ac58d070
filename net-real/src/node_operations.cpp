// What the user asks of a node: to bind and leave, to send, look up and receive.

#include <algorithm>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>

#include <cicada/endpoint_text.hpp>
#include <cicada/identity.hpp>

#include "endpoints.hpp"
#include "node.hpp"

namespace cicada {
namespace {

using asio::ip::tcp;
using boost::system::error_code;

constexpr auto leave_retry = std::chrono::milliseconds(10);
/// How long a send waits for the first other peer. One that has just joined shows up within a few round trips.
constexpr Duration first_peer_time = std::chrono::seconds(1);

}  // namespace

std::error_code Node::usable() const {
  if (closed_ || departure_) return SwarmError::closed;
  if (!node_) return SwarmError::not_bound;
  return {};
}

// ---------------------------------------------------------------------------------------------------------- life and
// death

std::error_code Node::bind(const std::vector<tcp::endpoint>& local, const std::optional<Endpoint>& external) {
  if (closed_) return SwarmError::closed;
  if (node_) return SwarmError::already_bound;
  error_code error = asio::error::address_family_not_supported;
  tcp::acceptor acceptor(reactor_);
  for (const tcp::endpoint& candidate : local) {
    if (acceptor.is_open()) acceptor.close(error);
    if (acceptor.open(candidate.protocol(), error)) continue;
    acceptor.set_option(asio::socket_base::reuse_address(true), error);
    if (candidate.address().is_unspecified() && candidate.address().is_v6())
      acceptor.set_option(asio::ip::v6_only(false), error);  // IPv4 too.
    if (acceptor.bind(candidate, error) || acceptor.listen(asio::socket_base::max_listen_connections, error)) continue;
    break;
  }
  if (error) return error;
  const tcp::endpoint listening = acceptor.local_endpoint();
  Address address{.id = {}, .listener = from_asio(listening), .endpoint = {}};
  const bool is_ipv6_told = external && external->port != 0 && !is_ipv4(*external);
  local_ = listening.address().is_unspecified() ? default_route_endpoint(reactor_, listening.port(), is_ipv6_told)
                                                : address.listener;
  // No gateway translates to IPv6: without a route of that family it is an address of this host.
  if (is_ipv6_told && is_ipv4(local_)) local_ = *external;
  if (external)
    address.endpoint = external->port == 0 ? Endpoint{} : *external;
  else
    address.endpoint = local_;
  if (options_.id_policy == IdPolicy::certified)
    address.id = options_.membership->id;
  else if (options_.id_policy == IdPolicy::address && address.endpoint.port != 0)
    address.id = id_of_endpoint(address.endpoint);
  else
    address.id = id_of_key(public_key());
  contact_.id = address.id;
  contact_.endpoint = address.endpoint;
  {
    const std::lock_guard lock(address_mutex_);
    address_ = address;
  }
  start_life();
  look_at_clocks();
  watch_clocks();
  links_.listen(std::move(acceptor));
  return {};
}

/// A new incarnation, in a ring of its own, that remembers whom the former one knew. There are no links.
void Node::start_life() {
  const std::vector<Peer> known = acquaintances();
  const auto self = table_.intern(contact_);
  CICADA_ASSERT(self.has_value());
  self_ = *self;
  table_[self_.index].key = public_key();
  links_.introduce_as(contact_, local_);
  make_node();
  step([&](SwarmNode& node, Environment& environment) {
    node.chord().start_alone(environment);
    node.chord().remember(environment, known);
  });
}

std::vector<Peer> Node::acquaintances() const {
  std::vector<Peer> peers;
  if (!node_) return peers;
  node_->chord().for_each_peer([&](PeerIndex index) {
    if (index != self_.index) peers.push_back(table_.peer(index));
  });
  return peers;
}

/// Of somebody whom this node remembers.
bool Node::is_new_life(PeerIndex peer) const {
  return std::ranges::any_of(acquaintances(),
                             [&](const Peer& old) { return old.index != peer && id_of(old.index) == id_of(peer); });
}

/// What the former node had under way ends with it: whether those messages arrived will not be known.
void Node::make_node() {
  clock_.reset();
  node_.emplace(options_.protocol, self_, contact_.id, Rng(seed_++, Purpose::node));
  end_sends_and_lookups(SwarmError::unreachable);
}

void Node::end_sends_and_lookups(std::error_code why) {
  for (auto& [tag, handler] : std::exchange(sends_, {})) handler(why, {});
  for (auto& [tag, handler] : std::exchange(lookups_, {})) handler(why, {});
}

void Node::end_operations(std::error_code why) {
  counts_.buffer_bytes -= parked_.bytes();
  parked_.clear();
  for (Waiting& waiting : std::exchange(waiting_, {})) waiting.handler(why, {});
  while (!introductions_.empty()) end_introduction(introductions_.begin()->first, why);
  end_sends_and_lookups(why);
}

void Node::disconnect(DoneHandler handler) {
  if (const auto error = usable()) return handler(error);
  begin_departure(false, std::move(handler));
}

void Node::close(std::move_only_function<void()> done) {
  if (closed_ || !node_) {
    abort();
    return done();
  }
  begin_departure(true, [done = std::move(done)](std::error_code) mutable { done(); });
}

void Node::begin_departure(bool for_good, DoneHandler handler) {
  if (departure_) {
    departure_->for_good |= for_good;
    departure_->handlers.push_back(std::move(handler));
    return;
  }
  departure_.emplace(for_good, std::vector<DoneHandler>(), asio::steady_timer(reactor_),
                     NodeClock::now() + options_.leave_timeout);
  departure_->handlers.push_back(std::move(handler));
  if (connecting_) end_connect(SwarmError::closed);
  try_to_leave();
}

/// The ring below may refuse for a moment. When the time is up, the neighbours find out by themselves.
void Node::try_to_leave() {
  bool gone = false;
  step([&](SwarmNode& node, Environment& environment) {
    gone = !node.chord().is_member() || node.chord().leave(environment);
  });
  const TimePoint now = NodeClock::now();
  const auto again = [self = shared_from_this()](const error_code& error) {
    if (error || !self->departure_) return;
    if (self->node_)
      self->try_to_leave();
    else
      self->end_departure();
  };
  if (!gone && now < departure_->deadline) {
    departure_->timer.expires_after(leave_retry);
    return departure_->timer.async_wait(again);
  }
  node_.reset();
  clock_.reset();
  departure_->timer.expires_after(std::max(Duration{}, departure_->deadline - now));
  departure_->timer.async_wait(again);
  links_.close_all([self = shared_from_this()] {
    if (self->departure_ && !self->node_) self->end_departure();
  });
}

void Node::end_departure() {
  Departure departure = std::move(*departure_);
  departure_.reset();
  departure.timer.cancel();
  if (departure.for_good) {
    abort();
  } else {
    end_operations(SwarmError::closed);
    links_.abort_links();
    ++contact_.incarnation;
    start_life();
  }
  for (DoneHandler& handler : departure.handlers) handler({});
}

void Node::abort() {
  if (std::exchange(closed_, true)) return;
  if (departure_) {
    departure_->timer.cancel();
    asio::post(reactor_, [handlers = std::move(departure_->handlers)]() mutable {
      for (DoneHandler& handler : handlers) handler({});
    });
    departure_.reset();
  }
  if (connecting_) end_connect(SwarmError::closed);
  node_.reset();
  clock_.reset();
  links_.abort_links();
  links_.stop();
  names_.cancel();
  waiting_timer_.cancel();
  clock_timer_.cancel();
  end_operations(SwarmError::closed);
  for (RecvHandler& handler : std::exchange(receivers_, {})) handler(SwarmError::closed, {});
  inbox_->close();
}

// ------------------------------------------------------------------------------------------------------------
// operations

void Node::send(const Target& target, Payload data, SendOptions options, SendHandler handler) {
  if (const auto error = usable()) return handler(error, {});
  if (const Id* id = std::get_if<Id>(&target.value()))
    return send_to_id(*id, std::move(data), options, std::move(handler));
  resolve(std::get<HostPort>(target.value()), options_.limits.name_timeout,
          [self = shared_from_this(), data = std::move(data), options, handler = std::move(handler)](
              std::error_code error, const std::vector<Endpoint>& endpoints) mutable {
            if (!error) error = self->usable();
            if (error) return handler(error, {});
            const Endpoint& endpoint = endpoints.front();
            if (endpoint == self->contact_.endpoint)
              return self->send_to_id(self->contact_.id, std::move(data), options, std::move(handler));
            if (self->options_.id_policy == IdPolicy::address)
              return self->send_to_id(id_of_endpoint(endpoint), std::move(data), options, std::move(handler));
            // Only the peer itself can tell its id.
            self->links_.dial(endpoint, [self, data = std::move(data), options, handler = std::move(handler)](
                                            std::error_code failed, PeerIndex peer) mutable {
              if (failed) return handler(failed, {});
              self->send_to_id(self->table_[peer].contact.id, std::move(data), options, std::move(handler));
            });
          });
}

bool Node::alone() const { return !node_ || !std::ranges::any_of(node_->chord().successors(), &Peer::exists); }

/// Sends what waited for company, and gives up what has waited for too long.
void Node::release_waiting() {
  const TimePoint now = NodeClock::now();
  while (!waiting_.empty() && (!alone() || waiting_.front().deadline <= now)) {
    Waiting first = std::move(waiting_.front());
    waiting_.pop_front();
    if (alone())
      first.handler(SwarmError::no_such_peer, {});
    else
      send_to_id(first.target, std::move(first.data), first.options, std::move(first.handler));
  }
  if (waiting_.empty()) return;
  waiting_timer_.expires_after(waiting_.front().deadline - now);
  waiting_timer_.async_wait([self = shared_from_this()](const error_code& error) {
    if (!error) self->release_waiting();
  });
}

/// The one place that knows how the core takes a send.
void Node::send_to_id(const Id& id, Payload data, SendOptions options, SendHandler handler) {
  if (const auto error = usable()) return handler(error, {});
  const bool to_self = id == contact_.id;
  if (to_self && options_.limits.inbox_messages_max != 0 && receivers_.empty() && !inbox_->has_room(data->size()))
    return handler(SwarmError::inbox_full, {});
  if (!to_self && alone()) {
    if (waiting_.size() >= options_.limits.operations_max) return handler(SwarmError::too_many_pending, {});
    waiting_.push_back({NodeClock::now() + first_peer_time, id, std::move(data), options, std::move(handler)});
    if (waiting_.size() == 1) release_waiting();
    return;
  }
  const std::uint64_t tag = ++last_tag_;
  sends_.emplace(tag, std::move(handler));
  step([&](SwarmNode& node, Environment& environment) {
    SendOptions tagged = options;
    tagged.tag = tag;
    node.send(environment, id, std::move(data), tagged);
  });
}

void Node::broadcast(Payload data, std::span<const Id> visited, BroadcastHandler handler) {
  if (const auto error = usable()) return handler(error, {});
  if (data->size() > payload_bytes_max) return handler(SwarmError::payload_too_long, {});
  if (visited.size() > broadcast_visited_max) return handler(SwarmError::bad_option, {});
  MessageId id;
  step([&](SwarmNode& node, Environment& environment) { id = node.broadcast(environment, std::move(data), visited); });
  if (id == MessageId{}) return handler(SwarmError::too_many_pending, {});
  handler({}, id);
}

void Node::lookup(const Id& key, LookupHandler handler) {
  if (const auto error = usable()) return handler(error, {});
  if (lookups_.size() >= options_.limits.operations_max) return handler(SwarmError::too_many_pending, {});
  const std::uint64_t tag = ++last_tag_;
  lookups_.emplace(tag, std::move(handler));
  step([&](SwarmNode& node, Environment& environment) { node.chord().lookup(environment, key, tag); });
}

void Node::recv(RecvHandler handler) {
  if (auto waiting = inbox_->try_pop()) return handler({}, std::move(*waiting));
  if (closed_) return handler(SwarmError::closed, {});
  if (!node_ && !departure_) return handler(SwarmError::not_bound, {});
  if (receivers_.size() >= options_.limits.operations_max) return handler(SwarmError::too_many_pending, {});
  receivers_.push_back(std::move(handler));
}

}  // namespace cicada
