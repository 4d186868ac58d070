// From a circuit to a direct link. Over a circuit that stands, between two peers that have proved who they are:
//   - a peer that cannot be dialled dials one that can;
//   - two that show the same address outside try the addresses of their local network;
//   - two others connect at once to where their listening ports show outside (punch.hpp), as libp2p's DCUtR does: who
//     asked for the circuit says "ask", the other one "answer"; the first then says "go" and begins half a round trip
//     later, the second when it hears that.
// The direct link is chosen as soon as it stands, and the circuit closed. Until then this is tried again, ever more
// rarely: what was in the way may be gone by then, such as a gateway's memory, a cut, or a limit of the other side.

#include <algorithm>
#include <chrono>

#include <cicada/address_kind.hpp>

#include "endpoints.hpp"
#include "links.hpp"

namespace cicada {
namespace {

/// So soon after a frame about meeting directly, what goes over the circuit is that frame.
constexpr auto frame_time = std::chrono::milliseconds(100);
constexpr auto tried_pause = std::chrono::seconds(1);  ///< Between two attempts that the other side asks for.

}  // namespace

/// Runs `work(link, entry)` if the link still stands then, and is still used. `timer` is the entry's own.
template <class Work>
void Links::after(Duration time, std::unique_ptr<asio::steady_timer>& timer, Link& link, Work work) {
  timer = std::make_unique<asio::steady_timer>(context_.reactor, time);
  timer->async_wait([this, weak = link.weak_from_this(), work = std::move(work),
                     alive = std::weak_ptr(alive_)](const boost::system::error_code& error) {
    if (error || alive.expired()) return;
    const std::shared_ptr<Link> waiting = weak.lock();
    const auto place = entries_.find(waiting.get());
    if (place == entries_.end() || place->second.peer == no_peer || waiting->closing()) return;
    work(*waiting, place->second);
  });
}

/// The port is 0 where different peers see different ones: then nobody can tell what the next one sees.
Endpoint Links::own_candidate() const {
  Endpoint candidate = external().value_or(Endpoint{});
  if (self_.endpoint.port == 0 && reachability().steady == false) candidate.port = 0;
  return candidate;
}

/// After `wait`, and then again and again: the next time after `next`, which doubles. A circuit that nobody has used
/// meanwhile can wait: if nobody ever does, it is closed, unless the ring needs it.
void Links::look_for_direct(Link& circuit, Entry& entry, Duration wait, Duration next) {
  after(wait, entry.direct_timer, circuit, [this, wait, next](Link& link, Entry& e) {
    if (table_[e.peer].link != &link) return;
    const Contact& contact = table_[e.peer].contact;
    const bool can_dial = !needs_detour(contact);
    if (!can_dial && (!options_.punch || link.role() != Link::Role::dialled)) return;  // The other side looks.
    if (wait != Duration{} && link.last_used() - e.direct_sought_at < frame_time)
      return look_for_direct(link, e, wait, next);
    e.direct_sought_at = Link::Clock::now();
    if (can_dial)
      start_dial(contact.endpoint, Link::Role::dialled);
    else
      ask_to_punch(link, e);
    look_for_direct(link, e, next, std::min(2 * next, options_.punch_retry_max));
  });
}

void Links::ask_to_punch(Link& circuit, Entry& entry) {
  const PunchFrame ask{PunchFrame::Step::ask, own_candidate()};
  if (!circuit.control(FrameType::punch, [&](std::vector<std::uint8_t>& out) { encode(ask, out); })) return;
  ++context_.counts.direct_asked;
  ++entry.punch_asks;
  entry.punch_asked_at = Link::Clock::now();
}

bool Links::on_punch(Link& circuit, Entry& entry, const PunchFrame& frame) {
  if (!circuit.relayed()) return false;
  const auto say = [&](PunchFrame::Step step) {
    const PunchFrame answer{step, own_candidate()};
    circuit.control(FrameType::punch, [&](std::vector<std::uint8_t>& out) { encode(answer, out); });
  };
  entry.external = frame.external;
  switch (frame.step) {
    case PunchFrame::Step::ask:
      say(PunchFrame::Step::answer);
      return true;
    case PunchFrame::Step::answer: {
      if (entry.punch_asks == 0) return false;
      --entry.punch_asks;
      say(PunchFrame::Step::go);
      entry.direct_sought_at = Link::Clock::now();
      const auto round_trip = entry.direct_sought_at - entry.punch_asked_at;
      after(round_trip / 2, entry.go_timer, circuit, [this](Link& link, Entry& e) { try_direct(link, e); });
      return true;
    }
    case PunchFrame::Step::go:
      try_direct(circuit, entry);
      return true;
  }
  return false;
}

void Links::try_direct(Link& circuit, Entry& entry) {
  const auto now = Link::Clock::now();
  const Endpoint own = own_candidate();
  const Endpoint other = entry.external;
  if (!options_.punch || table_[entry.peer].link != &circuit || now - entry.direct_tried_at < tried_pause) return;
  if (own.address == Endpoint{}.address) return;  // Nobody has told us yet where we show outside.
  entry.direct_tried_at = now;
  if (own.address == other.address) {
    const auto kind = address_kind(to_asio(entry.local).address().to_string());
    if (entry.local.port == 0 || (kind != "private" && kind != "loopback")) return;
    Link& link = add_outgoing(Link::Role::dialled, LinkPath::direct);
    Entry& dialled = entries_.at(&link);
    dialled.dialled = entry.local;
    tell_own_ways(link, dialled);
    link.dial(to_asio(entry.local), hello_on(link, entry.local));
    return;
  }
  const bool hidden = self_.endpoint.port == 0 && table_[entry.peer].contact.endpoint.port == 0;
  if (hidden && own.port != 0 && other.port != 0) start_punch(other, key_ < circuit.key());
}

void Links::start_punch(const Endpoint& remote, bool client) {
  const auto target = to_asio(remote);
  if (std::ranges::any_of(punches_, [&](const PunchUnderWay& one) { return one.punch->remote() == target; })) return;
  if (punches_.size() >= context_.limits.punches_max) {
    ++context_.counts.punches_left_out;
    return;
  }
  const auto punch = std::make_shared<Punch>(
      context_.reactor, target, listening_port_,
      [this, target, client, alive = std::weak_ptr(alive_)](asio::ip::tcp::socket socket) {
        if (alive.expired()) return;
        std::erase_if(punches_, [&](const PunchUnderWay& one) { return one.punch->remote() == target; });
        if (socket.is_open()) return punched(std::move(socket), client);
        ++context_.counts.punches_failed;
      });
  punches_.push_back({punch, client});
  punch->start();
}

/// Neither side has dialled the other more than the other it: the smaller key is the client.
void Links::punched(asio::ip::tcp::socket socket, bool client) {
  if (!client) return add_incoming(LinkPath::punched).accept(std::move(socket));
  Link& link = add_outgoing(Link::Role::dialled, LinkPath::punched);
  tell_own_ways(link, entries_.at(&link));
  link.dial_over(std::move(socket), hello_on(link, {}));
}

/// A connection that was accepted may be the other side's part of a punch.
bool Links::take_punched(asio::ip::tcp::socket& socket) {
  boost::system::error_code error;
  // A listener for both families sees IPv4 addresses as IPv6 ones.
  const auto remote = to_asio(from_asio(socket.remote_endpoint(error)));
  const auto place = std::ranges::find_if(punches_, [&](const auto& one) { return one.punch->remote() == remote; });
  if (error || place == punches_.end()) return false;
  const PunchUnderWay found = std::move(*place);
  punches_.erase(place);
  found.punch->stop();
  punched(std::move(socket), found.client);
  return true;
}

}  // namespace cicada
