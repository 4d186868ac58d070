// What is refused of neighbours: counting it, telling the operator, and ending links with those that forge.

#include <boost/asio/post.hpp>

#include "links.hpp"

namespace cicada {

/// The hook is called later: within a step nothing of the node may be called.
template <class Reason>
void Links::tell_refusal(const Contact& contact, const Endpoint& address, Reason reason) {
  const PeerRefusals* const telling = refusals_.note(contact, address, reason, Link::Clock::now());
  if (telling == nullptr || !options_.hooks.refused) return;
  asio::post(context_.reactor, [this, refusals = *telling, alive = std::weak_ptr(alive_)] {
    if (!alive.expired()) options_.hooks.refused(refusals);
  });
}

template void Links::tell_refusal(const Contact& contact, const Endpoint& address, Refusal reason);
template void Links::tell_refusal(const Contact& contact, const Endpoint& address, LinkRefusal reason);

template <class Reason>
void Links::note_refusal(PeerIndex from, Reason reason) {
  if constexpr (std::is_same_v<Reason, LinkRefusal>) ++context_.counts.link_refused[static_cast<std::size_t>(reason)];
  const PeerTable::Slot& slot = table_[from];
  if (slot.contact.id == self_.id) return;
  tell_refusal(slot.contact, slot.link != nullptr ? slot.link->remote() : slot.contact.endpoint, reason);
}
template void Links::note_refusal(PeerIndex from, Refusal reason);
template void Links::note_refusal(PeerIndex from, LinkRefusal reason);

/// Before its hello the other side is nobody yet: it is only counted.
void Links::on_refused(const Link& link, LinkRefusal reason) {
  ++context_.counts.link_refused[static_cast<std::size_t>(reason)];
  const auto place = entries_.find(const_cast<Link*>(&link));  // NOLINT: the map's key is what it looks for.
  if (place != entries_.end() && place->second.peer != no_peer)
    tell_refusal(table_[place->second.peer].contact, link.remote(), reason);
}

void Links::expel(PeerIndex peer) {
  const PeerTable::Slot& slot = table_[peer];
  if (!slot.key || *slot.key == key_ || context_.limits.expulsion == Duration{}) return;
  if (expelled_.contains(*slot.key, Link::Clock::now())) return;
  expelled_.add(*slot.key, slot.contact.id, Link::Clock::now() + context_.limits.expulsion);
  note_refusal(peer, LinkRefusal::forging);
  asio::post(context_.reactor, [this, key = *slot.key, alive = std::weak_ptr(alive_)] {
    if (alive.expired()) return;
    std::vector<std::shared_ptr<Link>> ending;
    for (const auto& [link, entry] : entries_)
      if (link->authenticated() && link->key() == key) ending.push_back(entry.link);
    for (const auto& link : ending) link->fail(SwarmError::refused);  // Calls the node, which may end others.
  });
}

}  // namespace cicada
