// Links to peers that cannot be dialled: a relay that has a link with the peer leads a circuit there, and the link runs
// over that, TLS and hello and all. Relays are asked one after the other, and dialled where need be.

#include <algorithm>
#include <boost/asio/post.hpp>
#include <variant>

#include <cicada/address_kind.hpp>

#include "endpoints.hpp"
#include "links.hpp"

namespace cicada {
namespace {

constexpr auto repair_least = std::chrono::milliseconds(100);  ///< A circuit that ends sooner is not made again.

}  // namespace

bool Links::on_detour(Link& link, const DetourFrame& frame) {
  Entry& entry = entries_.at(&link);
  if (entry.peer == no_peer) return false;
  const ActingFor neighbor(*this, entry.peer);
  return std::visit(
      [&](const auto& one) {
        using Frame = std::remove_cvref_t<decltype(one)>;
        if constexpr (std::is_same_v<Frame, Reserve>)
          return on_reserve(link, entry, one);
        else if constexpr (std::is_same_v<Frame, WayFrame>)
          return on_way(entry, one);
        else if constexpr (std::is_same_v<Frame, PunchFrame>)
          return on_punch(link, entry, one);
        else if constexpr (std::is_same_v<Frame, ClockFrame>)
          return on_clock(link, entry, one);
        else
          return circuits_.on_frame(link, one);
      },
      frame);
}

// ----------------------------------------------------------------------------------------------------- asking for one

/// In a step: nothing is asked within this call.
Link& Links::start_detour(PeerIndex peer, std::vector<Endpoint> relays) {
  Link& link = add_outgoing(Link::Role::dialled, LinkPath::relayed);
  Entry& entry = entries_.at(&link);
  std::ranges::reverse(relays);
  entry.relays = std::move(relays);
  entry.expected = peer;
  table_[peer].link = &link;
  tell_own_ways(link, entry);
  link.await_circuit();
  try_next_relay_soon(link.weak_from_this());
  return link;
}

void Links::try_next_relay_soon(std::weak_ptr<Link> waiting) {
  asio::post(context_.reactor, [this, waiting = std::move(waiting), alive = std::weak_ptr(alive_)] {
    if (!alive.expired()) try_next_relay(waiting);
  });
}

void Links::try_next_relay(const std::weak_ptr<Link>& waiting) {
  const std::shared_ptr<Link> link = waiting.lock();
  const auto place = entries_.find(link.get());
  if (place == entries_.end()) return;
  std::vector<Endpoint>& relays = place->second.relays;
  if (relays.empty()) return link->fail(SwarmError::unreachable);
  const ActingFor same(*this, place->second.cause);
  const Endpoint relay = relays.back();
  relays.pop_back();
  if (Link* const known = direct_link_to(relay))
    ask_relay(*known, link);
  else
    dial_relay(relay, waiting);
}

/// Many circuits may wait for the same relay.
void Links::dial_relay(const Endpoint& endpoint, std::weak_ptr<Link> waiting) {
  const auto under_way = std::ranges::find(relay_dials_, endpoint, &RelayDial::relay);
  if (under_way != relay_dials_.end()) return under_way->waiting.push_back(std::move(waiting));
  relay_dials_.push_back({endpoint, {std::move(waiting)}});
  dial(endpoint, [this, endpoint, alive = std::weak_ptr(alive_)](std::error_code, PeerIndex) {
    if (alive.expired()) return;
    const auto done = std::ranges::find(relay_dials_, endpoint, &RelayDial::relay);
    if (done == relay_dials_.end()) return;
    const auto circuits = std::move(done->waiting);
    relay_dials_.erase(done);
    for (const auto& one : circuits) {
      const std::shared_ptr<Link> link = one.lock();
      if (!entries_.contains(link.get())) continue;
      if (Link* const relay = direct_link_to(endpoint))
        ask_relay(*relay, link);
      else
        try_next_relay_soon(one);
    }
  });
}

void Links::ask_relay(Link& relay, const std::shared_ptr<Link>& waiting) {
  const Id target = table_[entries_.at(waiting.get()).expected].contact.id;
  circuits_.ask(relay, target, [this, waiting = std::weak_ptr(waiting)](std::shared_ptr<CircuitSocket> socket) {
    const std::shared_ptr<Link> link = waiting.lock();
    if (!entries_.contains(link.get()) || link->closing()) {
      if (socket) socket->close();
    } else if (socket) {
      link->dial_over(std::move(socket), hello_on(*link, {}));
    } else {
      try_next_relay_soon(waiting);
    }
  });
}

Link* Links::direct_link_to(const Endpoint& endpoint) {
  for (const auto& [link, entry] : entries_)
    if (entry.peer != no_peer && !link->relayed() && !link->closing() &&
        table_[entry.peer].contact.endpoint == endpoint)
      return link;
  return nullptr;
}

/// The circuit broke without a goodbye: the relay is gone, or its links. That says nothing about the peer. What was
/// under way is lost either way.
bool Links::repair_circuit(Link& link, const Entry& entry, std::error_code why) {
  if (!link.relayed() || why != SwarmError::unreachable || Link::Clock::now() - entry.stood_since < repair_least ||
      closed_)
    return false;
  auto relays = ways_to(table_[entry.peer].contact);
  if (relays.empty()) return false;
  start_detour(entry.peer, std::move(relays));
  return true;
}

// ----------------------------------------------------------------------------------------------------- being asked for

/// Circuits lead to those only who asked for a relay.
Link* Links::direct_link(const Id& peer) {
  for (const auto& [link, entry] : entries_)
    if (entry.client && !link->closing() && table_[entry.peer].contact.id == peer) return link;
  return nullptr;
}

const Id& Links::peer_id(const Link& link) const {
  return table_[entries_.at(const_cast<Link*>(&link)).peer].contact.id;  // NOLINT: the map's key is what it looks for.
}

bool Links::on_circuit(std::shared_ptr<CircuitSocket> socket) {
  if (!acceptor_) return false;
  add_incoming(LinkPath::relayed).accept(std::move(socket));
  return true;
}

/// What a dial-back dials. A gateway that does not lead its own outside address back in keeps neighbours from proving
/// theirs; there the key has to answer at an address of the local network. So whoever is let in under an address of
/// ours is really behind our gateway, though perhaps not the one to whom the port belongs.
Endpoint Links::proving_endpoint(const Hello& hello) const {
  if (hello.local.port == 0 || !is_neighbour(hello.contact.endpoint)) return hello.contact.endpoint;
  const auto kind = address_kind(to_asio(hello.local).address().to_string());
  return kind == "private" ? hello.local : hello.contact.endpoint;
}

}  // namespace cicada
