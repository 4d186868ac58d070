// From a circuit to a direct link. Over a circuit that stands, between two peers that have proved who they are:
//   - a peer that cannot be dialled dials one that can;
//   - two that show the same address outside try the addresses of their local network;
//   - two others connect at once to where their listening ports show outside (punch.hpp), as libp2p's DCUtR does: the
//   one
//     that asked for the circuit says "ask", the other one "answer"; the first then says "go" and begins half a round
//     trip later, the second when it hears that.
// The direct link is chosen as soon as it stands, and the circuit closed.

#include <algorithm>
#include <chrono>

#include <cicada/address_kind.hpp>

#include "endpoints.hpp"
#include "links.hpp"

namespace cicada {
namespace {

constexpr unsigned tries_max = 3;
constexpr auto try_again = std::chrono::seconds(4);
constexpr auto tried_pause = std::chrono::seconds(1);  ///< Between two attempts that the other side asks for.

}  // namespace

/// Runs `work(link, entry)` if the link still stands then, and is still used.
template <class Work>
void Links::after(Link::Clock::duration time, std::weak_ptr<Link> link, Work work) {
  const auto timer = std::make_shared<asio::steady_timer>(context_.reactor, time);
  timer->async_wait([this, timer, link = std::move(link), work = std::move(work),
                     alive = std::weak_ptr(alive_)](const boost::system::error_code& error) {
    if (error || alive.expired()) return;
    const std::shared_ptr<Link> waiting = link.lock();
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

void Links::look_for_direct(Link& circuit, Entry& entry) {
  const Contact& contact = table_[entry.peer].contact;
  if (!needs_detour(contact)) {
    start_dial(contact.endpoint, Link::Role::dialled);
  } else if (options_.punch && circuit.role() == Link::Role::dialled) {
    ask_to_punch(circuit.weak_from_this());
  }
}

void Links::ask_to_punch(const std::weak_ptr<Link>& circuit) {
  after({}, circuit, [this, circuit](Link& link, Entry& entry) {
    if (table_[entry.peer].link != &link || entry.punch_tries == tries_max) return;
    ++entry.punch_tries;
    entry.punch_asked = true;
    entry.punch_asked_at = Link::Clock::now();
    const PunchFrame ask{PunchFrame::Step::ask, own_candidate()};
    link.control(FrameType::punch, [&](std::vector<std::uint8_t>& out) { encode(ask, out); });
    after(try_again, circuit, [this, circuit](Link&, Entry&) { ask_to_punch(circuit); });
  });
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
      if (!std::exchange(entry.punch_asked, false)) return false;
      say(PunchFrame::Step::go);
      const auto round_trip = Link::Clock::now() - entry.punch_asked_at;
      after(round_trip / 2, circuit.weak_from_this(), [this](Link& link, Entry& e) { try_direct(link, e); });
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
  if (punches_.size() >= context_.limits.punches_max) return;
  const auto target = to_asio(remote);
  if (std::ranges::any_of(punches_, [&](const PunchUnderWay& one) { return one.punch->remote() == target; })) return;
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
