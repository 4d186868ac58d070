#include "links.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <chrono>

#include <cicada/identity.hpp>

#include "endpoints.hpp"

namespace cicada {
namespace {

using boost::system::error_code;

constexpr auto accept_pause = std::chrono::milliseconds(100);
constexpr std::uint64_t ns_per_s = 1'000'000'000;

}  // namespace

Links::Links(LinksOwner& owner, const LinkContext& context, const SwarmPeerOptions& options, const PublicKey& key,
             PeerTable& table, std::uint64_t salt)
    : owner_(owner),
      context_(context),
      options_(options),
      key_(key),
      table_(table),
      accept_timer_(context.reactor),
      sweep_timer_(context.reactor),
      circuits_(*this, context),
      ways_(salt) {}

Links::~Links() {
  abort_links();
  stop();
}

void Links::introduce_as(const Contact& self, const Endpoint& local) {
  self_ = self;
  local_ = local;
}

/// Where we listen in our own network is for those only who may be in it too, and whom we cannot meet outside.
std::vector<std::uint8_t> Links::hello_on(const Link& link, const Endpoint& remote) const {
  std::vector<std::uint8_t> bytes;
  const Endpoint local = link.relayed() && behind_nat() ? local_ : Endpoint{};
  encode({options_.id_policy, options_.swarm, self_, remote, local, options_.membership, own_clock_ns()}, bytes);
  return bytes;
}

// ----------------------------------------------------------------------------------------------------------- listening

void Links::listen(asio::ip::tcp::acceptor acceptor) {
  acceptor_ = std::move(acceptor);
  error_code ignored;
  listening_port_ = acceptor_->local_endpoint(ignored).port();
  share_port(*acceptor_);
  accept();
  schedule_sweep();
}

void Links::accept() {
  acceptor_->async_accept([this, alive = std::weak_ptr(alive_)](const error_code& error, asio::ip::tcp::socket socket) {
    if (alive.expired() || !acceptor_) return;
    if (!error) admit(std::move(socket));
    if (!error || error == asio::error::connection_aborted) return accept();
    // No descriptors left, or the like: that passes.
    accept_timer_.expires_after(accept_pause);
    accept_timer_.async_wait([this, alive](const error_code& cancelled) {
      if (!cancelled && !alive.expired() && acceptor_) accept();
    });
  });
}

void Links::admit(asio::ip::tcp::socket socket) {
  error_code error;
  static_cast<void>(socket.remote_endpoint(error));
  if (error || take_punched(socket)) return;  // An error: gone already.
  add_incoming(LinkPath::direct).accept(std::move(socket));
}

/// Strangers who begin a handshake and do not end it make way for newer ones: an honest one takes milliseconds.
Link& Links::add_incoming(LinkPath path) {
  if (handshakes_.size() >= context_.limits.handshakes_max) {
    ++context_.counts.handshakes_failed;
    const std::shared_ptr<Link> oldest = entries_.at(handshakes_.front()).link;
    handshakes_.pop_front();
    entries_.erase(oldest.get());
    oldest->abort();
  }
  const auto link = std::make_shared<Link>(static_cast<LinkOwner&>(*this), context_, Link::Role::accepted);
  Entry& entry = entries_[link.get()];
  entry.link = link;
  entry.path = path;
  handshakes_.push_back(link.get());
  return *link;
}

// -------------------------------------------------------------------------------------------------------------
// dialling

Link& Links::add_outgoing(Link::Role role, LinkPath path) {
  make_room_for_dial();
  const auto link = std::make_shared<Link>(static_cast<LinkOwner&>(*this), context_, role);
  dials_.push_back(link.get());
  Entry& entry = entries_[link.get()];
  entry.link = link;
  entry.path = path;
  entry.cause = cause_;
  return *link;
}

/// A peer that cannot be dialled dials from its listening port: so the others see where that port shows outside.
Link& Links::start_dial(const Endpoint& endpoint, Link::Role role) {
  Link& link = add_outgoing(role, LinkPath::direct);
  Entry& entry = entries_.at(&link);
  entry.dialled = endpoint;
  if (role == Link::Role::probe) {
    link.dial(to_asio(endpoint), {});
  } else {
    tell_own_ways(link, entry);
    link.dial(to_asio(endpoint), hello_on(link, endpoint), self_.endpoint.port == 0 ? listening_port_ : 0);
  }
  return link;
}

void Links::dial(const Endpoint& endpoint, DialHandler handler) {
  for (auto& [link, entry] : entries_) {
    if (entry.peer == no_peer || table_[entry.peer].link != link || table_[entry.peer].contact.endpoint != endpoint)
      continue;
    asio::post(context_.reactor, [handler = std::move(handler), peer = entry.peer]() mutable { handler({}, peer); });
    return;
  }
  entries_[&start_dial(endpoint, Link::Role::dialled)].handler = std::move(handler);
}

bool Links::open(PeerIndex peer) {
  PeerTable::Slot& slot = table_[peer];
  if (slot.link != nullptr) {
    if (!slot.link->standing()) return true;
    asio::post(context_.reactor, [this, peer, alive = std::weak_ptr(alive_)] {
      if (!alive.expired()) owner_.on_peer_up(peer, false);
    });
    return true;
  }
  if (expelled_.contains(slot.contact.id, Link::Clock::now())) {
    down_soon(peer);
    return true;
  }
  if (!may_dial(cause_)) return false;
  if (needs_detour(slot.contact)) {
    if (auto relays = ways_to(slot.contact); !relays.empty()) {
      start_detour(peer, std::move(relays));
      return true;
    }
  }
  if (slot.contact.endpoint.port == 0) {
    down_soon(peer);
    return true;
  }
  slot.link = &start_dial(slot.contact.endpoint, Link::Role::dialled);
  entries_[slot.link].expected = peer;
  return true;
}

void Links::send(const Peer& to, const Message& message) {
  PeerTable::Slot& slot = table_[to.index];
  if (slot.link == nullptr) open(to.index);
  if (slot.link == nullptr) return;
  if (!ways_.empty()) {
    if (send_naming(*slot.link, to, message)) entries_.find(slot.link)->second.forgotten = false;
    return;
  }
  std::size_t begin = 0;
  const bool queued = slot.link->send([&](std::vector<std::uint8_t>& out) {
    begin = out.size();
    encode(message, table_, out);
    if (options_.hooks.send)
      options_.hooks.send({slot.contact.id, slot.contact.endpoint, slot.key}, std::span(out).subspan(begin));
  });
  if (queued) entries_.find(slot.link)->second.forgotten = false;
}

void Links::forget(PeerIndex peer) {
  const auto place = entries_.find(table_[peer].link);
  if (place != entries_.end()) place->second.forgotten = true;
}

void Links::fail_soon(DialHandler handler, std::error_code why) {
  asio::post(context_.reactor, [handler = std::move(handler), why]() mutable { handler(why, no_peer); });
}

/// Not within the step that found it out.
void Links::down_soon(PeerIndex peer) {
  asio::post(context_.reactor, [this, peer, contact = table_[peer].contact, alive = std::weak_ptr(alive_)] {
    if (alive.expired() || table_[peer].contact != contact || table_[peer].link != nullptr) return;
    owner_.on_peer_down(peer);
  });
}

// ------------------------------------------------------------------------------------------------------- who is let in

/// A probe has seen what it was sent for.
void Links::on_key(Link& link) {
  if (link.role() != Link::Role::probe) return;
  const std::shared_ptr<Link> waiting = entries_.at(&link).vouches_for.lock();
  dials_.remove(&link);
  entries_.erase(&link);
  const PublicKey found = link.key();
  link.abort();
  const auto place = entries_.find(waiting.get());
  if (place == entries_.end() || waiting->closing()) return;
  bindings_.bind(place->second.hello->contact.id, found);
  if (found == waiting->key())
    stand(*waiting);
  else
    refuse(*waiting, Goodbye::wrong_identity);
}

std::optional<Goodbye> Links::judge(const Entry& entry, const Hello& hello) {
  const Contact& contact = hello.contact;
  if (hello.policy != options_.id_policy || hello.swarm != options_.swarm) return Goodbye::wrong_swarm;
  if (entry.link->key() == key_) return Goodbye::wrong_identity;
  if (expelled_.contains(entry.link->key(), Link::Clock::now())) {
    on_refused(*entry.link, LinkRefusal::expelled);
    return Goodbye::refused;
  }
  if (too_far(ahead_of(hello.clock_ns, options_.host_clock->wall()))) return Goodbye::wrong_clock;
  const bool reachable = contact.endpoint.port != 0;
  switch (options_.id_policy) {
    case IdPolicy::address:
      if (contact.id != (reachable ? id_of_endpoint(contact.endpoint) : id_of_key(entry.link->key())))
        return Goodbye::wrong_identity;
      break;
    case IdPolicy::key:
      if (contact.id != id_of_key(entry.link->key())) return Goodbye::wrong_identity;
      break;
    case IdPolicy::certified:
      if (!hello.membership || !is_valid(*hello.membership, *options_.authority, options_.swarm, entry.link->key(),
                                         own_clock_ns() / ns_per_s))
        return Goodbye::not_certified;
      break;
  }
  return std::nullopt;
}

/// Is the key known to belong to the id, without any further question?
bool Links::proved(const Entry& entry) const {
  const Contact& contact = entry.hello->contact;
  if (options_.id_policy != IdPolicy::address || contact.endpoint.port == 0) return true;
  if (entry.link->role() == Link::Role::dialled && entry.dialled == contact.endpoint) return true;
  return bindings_.is_fresh(contact.id, entry.link->key());
}

void Links::on_hello(Link& link, const std::expected<Hello, SwarmError>& hello) {
  Entry& entry = entries_.at(&link);
  if (!hello) {
    ++context_.counts.malformed;
    return refuse(link, Goodbye::wrong_protocol);
  }
  if (const auto reason = judge(entry, *hello)) {
    if (*reason == Goodbye::wrong_clock && link.role() == Link::Role::dialled)
      owner_.on_other_clock(entry.dialled, note_clock(link, hello->clock_ns));
    return refuse(link, *reason);
  }
  entry.hello = *hello;
  if (proved(entry)) return stand(link);
  probe(link);
}

/// The dial-back: does the key of this link answer at the address that it claims?
void Links::probe(Link& waiting) {
  const ActingFor visitor(*this, DialCause::of_visitor(waiting.remote()));
  Link& link = start_dial(proving_endpoint(*entries_.at(&waiting).hello), Link::Role::probe);
  entries_.at(&link).vouches_for = waiting.weak_from_this();
}

void Links::refuse(Link& link, Goodbye reason) {
  ++context_.counts.strangers_refused;
  Entry& entry = entries_.at(&link);
  dials_.remove(&link);  // An incoming one stays among the handshakes, so that they are bounded to the end.
  if (entry.expected != no_peer) {
    if (table_[entry.expected].link == &link) table_[entry.expected].link = nullptr;
    owner_.on_peer_down(std::exchange(entry.expected, no_peer));
  }
  if (entry.handler) {
    const auto why = [&]() -> SwarmError {
      if (link.key() == key_) return SwarmError::connected_to_self;
      switch (reason) {
        case Goodbye::wrong_protocol:
          return SwarmError::wrong_protocol;
        case Goodbye::wrong_swarm:
          return SwarmError::wrong_swarm;
        case Goodbye::not_certified:
          return SwarmError::not_certified;
        case Goodbye::wrong_identity:
          return SwarmError::wrong_identity;
        case Goodbye::wrong_clock:
          return SwarmError::wrong_clock;
        default:
          return SwarmError::refused;
      }
    }();
    std::exchange(entry.handler, nullptr)(why, no_peer);
  }
  if (reason == Goodbye::wrong_clock) ++context_.counts.clocks_refused;
  link.close(reason, own_clock_ns());
}

// -------------------------------------------------------------------------------------------------------- standing
// links

void Links::stand(Link& link) {
  Entry& entry = entries_.at(&link);
  const auto peer = make_room() ? table_.intern(entry.hello->contact) : std::nullopt;
  if (!peer) return refuse(link, Goodbye::refused);
  const PeerIndex index = peer->index;
  (link.role() == Link::Role::accepted ? handshakes_ : dials_).remove(&link);
  if (options_.id_policy != IdPolicy::key) bindings_.bind(entry.hello->contact.id, link.key());
  const Endpoint observed = entry.hello->observed;
  if (observed.port != 0) observed_ = observed;
  entry.local = entry.hello->local;
  entry.stood_since = Link::Clock::now();
  static_cast<void>(note_clock(link, entry.hello->clock_ns));
  entry.peer = index;
  entry.hello.reset();
  const PeerIndex expected = std::exchange(entry.expected, no_peer);
  if (expected != no_peer && expected != index) {
    // Another life answers there. What was said to the earlier one is not meant for it.
    dial_came_to_nothing(entry);
    if (table_[expected].link == &link) table_[expected].link = nullptr;
    static_cast<void>(link.take_held());
  }
  ++standing_;
  ++context_.counts.links_opened;
  PeerTable::Slot& slot = table_[index];
  slot.key = link.key();
  const bool first_time = !std::exchange(slot.met, true);
  tell_own_ways(link, entry);
  link.stand(link.role() == Link::Role::accepted ? hello_on(link, link.remote()) : std::vector<std::uint8_t>());
  choose(link, index);
  if (!link.closing()) {
    note_observation(link, observed);
    if (link.relayed()) look_for_direct(link, entry, {}, options_.punch_retry_min);
  }
  DialHandler handler = std::exchange(entry.handler, nullptr);
  if (expected != no_peer && expected != index) owner_.on_peer_down(expected);
  owner_.on_peer_up(index, first_time);
  if (handler) handler({}, index);
}

/// At the limit the link that has been idle for longest gives way, if the ring does not need it.
bool Links::make_room() {
  if (standing_ < context_.limits.links_max) return true;
  std::vector<bool> needed(table_.slot_count());
  owner_.mark_needed(needed);
  Link* oldest = nullptr;
  for (const auto& [link, entry] : entries_)
    if (entry.peer != no_peer && !link->closing() && !needed[entry.peer] && !keeps(*link, entry) &&
        (oldest == nullptr || link->last_used() < oldest->last_used()))
      oldest = link;
  if (oldest == nullptr || Link::Clock::now() - oldest->last_used() < std::chrono::seconds(1)) return false;
  if (table_[entries_.at(oldest).peer].link == oldest) table_[entries_.at(oldest).peer].link = nullptr;
  --standing_;
  const std::shared_ptr<Link> ended = entries_.at(oldest).link;
  release(*oldest, entries_.at(oldest));
  entries_.erase(oldest);
  ended->abort();
  return true;
}

/// Is it of use to others, or for being reached at all?
bool Links::keeps(const Link& link, const Entry& entry) const {
  return entry.client || entry.reservation == Entry::Reservation::granted || circuits_.carries(link);
}

/// A standing link is gone: what hung on it.
void Links::release(Link& link, const Entry& entry) {
  const Contact contact = table_[entry.peer].contact;
  ways_.release(contact.id, contact.incarnation);
  circuits_.on_link_gone(link);
}

/// Sets which link messages to the peer go out on.
void Links::choose(Link& link, PeerIndex peer) {
  PeerTable::Slot& slot = table_[peer];
  Link* const other = std::exchange(slot.link, &link);
  if (other == nullptr || other == &link) return;
  if (!other->standing()) return link.send_frames(other->take_held());
  // Both dialled by the same side: that side had lost the earlier one.
  const bool own_preferred = key_ < *slot.key;
  const bool preferred = link.relayed() != other->relayed()
                             ? other->relayed()
                             : link.role() == other->role() || (link.role() == Link::Role::dialled) == own_preferred;
  Link* const loser = preferred ? other : &link;
  if (!preferred) {
    slot.link = other;
    other->send_frames(link.take_held());
  }
  if (loser->role() == Link::Role::dialled) loser->close(Goodbye::duplicate);
}

void Links::on_message(Link& link, std::span<const std::uint8_t> message) {
  owner_.on_message(entries_.at(&link).peer, message);
}

void Links::on_ended(Link& link, std::error_code why) {
  const auto place = entries_.find(&link);
  if (place == entries_.end()) return;
  Entry entry = std::move(place->second);
  entries_.erase(place);
  handshakes_.remove(&link);
  dials_.remove(&link);
  const bool stood = entry.peer != no_peer;
  if (why == SwarmError::wrong_clock) told_other_clock(link, entry);
  if (stood) {
    --standing_;
    release(link, entry);
    if (entry.reservation == Entry::Reservation::granted) relays_changed();
    if (why) ++context_.counts.links_lost;
  } else {
    dial_came_to_nothing(entry);
    if (link.role() != Link::Role::accepted)
      ++context_.counts.dials_failed;
    else if (!link.authenticated())  // Else it may have been a dial-back, which ends like this.
      ++context_.counts.handshakes_failed;
  }
  if (const auto waiting = entry.vouches_for.lock(); waiting && entries_.contains(waiting.get()) && !waiting->closing())
    refuse(*waiting, Goodbye::wrong_identity);
  const PeerIndex peer = stood ? entry.peer : entry.expected;
  if (peer != no_peer && table_[peer].link == &link) {
    table_[peer].link = nullptr;
    const bool lost = why || !stood;
    if (lost && !(stood && repair_circuit(link, entry, why))) owner_.on_peer_down(peer);
  }
  if (entry.handler) entry.handler(why ? why : make_error_code(SwarmError::unreachable), no_peer);
  if (closing_circuits_ && !std::ranges::any_of(entries_, [](const auto& one) { return one.first->relayed(); })) {
    closing_circuits_ = false;
    for (const auto& [carrier, left] : entries_) carrier->close(Goodbye::leaving);
  }
  if (entries_.empty() && closed_) std::exchange(closed_, nullptr)();
}

}  // namespace cicada
