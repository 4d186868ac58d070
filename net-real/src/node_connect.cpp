// Joining through a peer at an address: the addresses of its host are looked up and dialled one after the other, all of
// it within the time that the caller gave.

#include <algorithm>
#include <chrono>
#include <ranges>

#include "endpoints.hpp"
#include "node.hpp"

namespace cicada {

using boost::system::error_code;

namespace {

/// No timer takes more.
Duration bounded(Duration timeout) { return std::clamp<Duration>(timeout, Duration{}, std::chrono::hours(24)); }

}  // namespace

void Node::resolve(const HostPort& address, Duration limit, NameLookup::Handler handler) {
  names_.start(address, limit,
               [self = shared_from_this(), handler = std::move(handler)](std::error_code error,
                                                                         std::vector<Endpoint> endpoints) mutable {
                 // "localhost" is ::1 and 127.0.0.1: the swarm is more likely where this peer is.
                 const bool ipv4 = is_ipv4(self->contact_.endpoint) || self->contact_.endpoint.port == 0;
                 std::ranges::stable_partition(endpoints, [&](const Endpoint& e) { return is_ipv4(e) == ipv4; });
                 handler(error, std::move(endpoints));
               });
}

void Node::connect(HostPort address, Duration timeout, DoneHandler handler) {
  if (const auto error = usable()) return handler(error);
  if (connecting_) return handler(SwarmError::already_connected);
  if (!alone()) return introduce(address, bounded(timeout), std::move(handler));
  const std::uint64_t number = ++last_tag_;
  connecting_.emplace(number, std::vector<Endpoint>(), no_peer, make_error_code(SwarmError::timed_out),
                      asio::steady_timer(reactor_), std::move(handler));
  connecting_->deadline.expires_after(bounded(timeout));
  connecting_->deadline.async_wait([self = shared_from_this(), number](const error_code& error) {
    if (!error && self->connecting_ && self->connecting_->number == number) self->end_connect(SwarmError::timed_out);
  });
  resolve(address, bounded(timeout),
          [self = shared_from_this(), number](std::error_code error, std::vector<Endpoint> endpoints) {
            if (!self->connecting_ || self->connecting_->number != number) return;
            if (error) return self->end_connect(error);
            std::ranges::reverse(endpoints);
            self->connecting_->endpoints = std::move(endpoints);
            self->try_next_endpoint();
          });
}

/// In a ring already: but the other one's may be another ring, and then both become one.
void Node::introduce(const HostPort& address, Duration timeout, DoneHandler handler) {
  const std::uint64_t number = ++last_tag_;
  const auto place = introductions_.try_emplace(number, asio::steady_timer(reactor_), std::move(handler)).first;
  place->second.deadline.expires_after(timeout);
  place->second.deadline.async_wait([self = shared_from_this(), number](const error_code& error) {
    if (!error) self->end_introduction(number, SwarmError::timed_out);
  });
  resolve(address, timeout,
          [self = shared_from_this(), number](std::error_code error, std::vector<Endpoint> endpoints) {
            if (!self->introductions_.contains(number)) return;
            if (!error) error = self->usable();
            if (!error && endpoints.front() == self->contact_.endpoint) error = SwarmError::connected_to_self;
            if (error) return self->end_introduction(number, error);
            self->links_.dial(endpoints.front(), [self, number](std::error_code failed, PeerIndex peer) {
              if (!failed && !self->usable())
                self->step([&](SwarmNode& node, Environment& environment) {
                  node.chord().introduce(environment, self->table_.peer(peer));
                });
              self->end_introduction(number, failed ? failed : make_error_code(SwarmError::already_connected));
            });
          });
}

void Node::end_introduction(std::uint64_t number, std::error_code error) {
  if (auto ended = introductions_.extract(number)) ended.mapped().handler(error);
}

void Node::try_next_endpoint() {
  while (!connecting_->endpoints.empty()) {
    const Endpoint endpoint = connecting_->endpoints.back();
    connecting_->endpoints.pop_back();
    if (endpoint == contact_.endpoint) {
      connecting_->error = SwarmError::connected_to_self;
      continue;
    }
    return links_.dial(endpoint, [self = shared_from_this(), number = connecting_->number](
                                     std::error_code error, PeerIndex peer) { self->dialled(number, error, peer); });
  }
  end_connect(connecting_->error);
}

void Node::dialled(std::uint64_t number, std::error_code error, PeerIndex peer) {
  if (!connecting_ || connecting_->number != number) return;
  if (error) {
    connecting_->error = error;
    return try_next_endpoint();
  }
  const Peer bootstrap = table_.peer(peer);
  if (!alone()) {  // Others have come in the meantime.
    step([&](SwarmNode& node, Environment& environment) { node.chord().introduce(environment, bootstrap); });
    return end_connect(SwarmError::already_connected);
  }
  connecting_->bootstrap = peer;
  const std::vector<Peer> known = acquaintances();
  make_node();
  step([&](SwarmNode& node, Environment& environment) {
    node.chord().remember(environment, known);
    node.chord().join(environment, std::span(&bootstrap, 1));
  });
}

/// Without success the peer is alone again. Others may have heard of its attempt, so that was another life.
void Node::end_connect(std::error_code error) {
  if (!connecting_) return;
  DoneHandler handler = std::move(connecting_->handler);
  const bool had_begun = connecting_->bootstrap != no_peer;
  connecting_.reset();
  if (error && had_begun && !closed_ && !departure_) {
    links_.abort_links();
    ++contact_.incarnation;
    start_life();
  }
  handler(error);
}

}  // namespace cicada
