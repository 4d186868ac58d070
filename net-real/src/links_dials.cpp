// Shares of dialling: who may make this node dial, and which dial ends where too many are under way.

#include <algorithm>
#include <boost/asio/post.hpp>

#include <cicada/endpoint_text.hpp>

#include "links.hpp"
#include "node_clock.hpp"

namespace cicada {
namespace {

constexpr std::size_t dials_share = 4;   ///< One neighbour may have one in so many of the dials under way.
constexpr std::size_t subnet_bytes = 8;  ///< Whoever has one IPv6 address has all of a /64.

}  // namespace

DialCause DialCause::of_visitor(Endpoint address) {
  address.port = 0;
  if (!is_ipv4(address)) std::fill(address.address.begin() + subnet_bytes, address.address.end(), std::uint8_t{0});
  return {Kind::visitor, {}, address};
}

Links::ActingFor::ActingFor(Links& links, PeerIndex neighbor) : ActingFor(links, DialCause{}) {
  const Id& id = links.table_[neighbor].contact.id;
  if (id != links.self_.id) links_.cause_ = DialCause::of_neighbor(id);
}

std::size_t Links::dials_for(const DialCause& cause) const {
  return static_cast<std::size_t>(
      std::ranges::count_if(dials_, [&](Link* link) { return entries_.at(link).cause == cause; }));
}

/// Counts the refusal where it gives false.
bool Links::may_dial(const DialCause& cause) {
  if (cause.kind != DialCause::Kind::neighbor) return true;
  if (dials_for(cause) < std::max<std::size_t>(context_.limits.dials_max / dials_share, 1) &&
      dial_shares_.allows(cause, NodeClock::now(), context_.limits.dials_of_neighbor))
    return true;
  ++context_.counts.link_refused[static_cast<std::size_t>(LinkRefusal::dial_refused)];
  const auto place = std::ranges::find_if(entries_, [&](const auto& one) {
    return one.second.peer != no_peer && table_[one.second.peer].contact.id == cause.neighbor;
  });
  if (place != entries_.end())
    tell_refusal(table_[place->second.peer].contact, place->first->remote(), LinkRefusal::dial_refused);
  return false;
}

/// At the limit the oldest dial of whoever has the most under way makes way: it is the least likely to come to
/// anything. The node's own dials end last.
void Links::make_room_for_dial() {
  if (dials_.size() < context_.limits.dials_max) return;
  auto ending = dials_.begin();
  std::size_t most = 0;
  for (auto place = dials_.begin(); place != dials_.end(); ++place) {
    const DialCause& cause = entries_.at(*place).cause;
    if (cause.kind == DialCause::Kind::self) continue;
    if (const std::size_t count = dials_for(cause); count > most) {
      most = count;
      ending = place;
    }
  }
  asio::post(context_.reactor, [ended = entries_.at(*ending).link] { ended->give_up(); });
  dials_.erase(ending);
}

void Links::dial_came_to_nothing(const Entry& entry) {
  dial_shares_.failed(entry.cause, NodeClock::now(), context_.limits.dials_of_neighbor);
}

}  // namespace cicada
