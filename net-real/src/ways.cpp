// How a peer behind a NAT stays within reach: it asks a few peers that it dialled to relay for it, and tells everybody
// it has a link with who they are. Whoever names such a peer to somebody says first how it is reached.

#include <algorithm>
#include <chrono>

#include "endpoints.hpp"
#include "links.hpp"

namespace cicada {
namespace {

constexpr std::size_t observations_max = 8;
constexpr std::size_t told_max = 1024;                    ///< Per link.
constexpr auto told_lifetime = std::chrono::seconds(30);  ///< Then it is said again: the other side may have forgotten.

/// Notes whom a message names.
class NamingBook final : public ContactBook {
 public:
  explicit NamingBook(PeerTable& table) : table_(table) {}
  [[nodiscard]] Contact contact_of(PeerIndex index) const override {
    if (std::ranges::find(named, index) == named.end()) named.push_back(index);
    return table_.contact_of(index);
  }
  [[nodiscard]] std::optional<Peer> intern(const Contact& contact) override { return table_.intern(contact); }

  mutable std::vector<PeerIndex> named;  ///< `encode` reads the book, and this is what it read.

 private:
  PeerTable& table_;
};

bool same_address(const Endpoint& a, const Endpoint& b) { return a.address == b.address; }

}  // namespace

bool Links::behind_nat() const { return self_.endpoint.port == 0 || !same_address(self_.endpoint, local_); }

/// Where this node shows outside; the port only counts when relays agree on it.
std::optional<Endpoint> Links::external() const {
  if (self_.endpoint.port != 0) return self_.endpoint;
  if (observations_.empty()) return std::nullopt;
  return observations_.back().seen;
}

/// One that has no address, or has ours: few gateways lead their own outside address back in.
bool Links::needs_detour(const Contact& contact) const {
  return contact.endpoint.port == 0 || is_neighbour(contact.endpoint);
}

/// Does the same gateway translate our address and this one?
bool Links::is_neighbour(const Endpoint& endpoint) const {
  const auto own = external();
  return endpoint.port != 0 && own && !same_address(*own, local_) && same_address(*own, endpoint);
}

std::vector<Endpoint> Links::ways_to(const Contact& contact) const {
  auto relays = ways_.find(contact.id, contact.incarnation).relays;
  if (self_.endpoint.port != 0) std::erase(relays, self_.endpoint);
  return relays;
}

/// The other side has said where it sees us. That is of use where the connection comes from our listening port.
void Links::note_observation(Link& link, const Endpoint& observed) {
  if (!behind_nat()) return;
  const Entry& entry = entries_.at(&link);
  if (may_relay(link, entry) && observed.port != 0 && link.local_port() == listening_port_) {
    std::erase_if(observations_, [&](const Observation& one) { return one.relay == entry.dialled; });
    if (observations_.size() == observations_max) observations_.erase(observations_.begin());
    observations_.push_back({entry.dialled, observed});
    // After a change of the external address the others have nothing to say any more.
    std::erase_if(observations_, [&](const Observation& one) { return !same_address(one.seen, observed); });
  }
  ask_for_relays();
}

Reachability Links::reachability() const {
  Reachability reach{behind_nat(), own_ways_, external(), std::nullopt};
  if (observations_.size() > 1)
    reach.steady = std::ranges::all_of(observations_,
                                       [&](const Observation& one) { return one.seen == observations_.front().seen; });
  return reach;
}

// ------------------------------------------------------------------------------------------------------ telling others

/// Queues the message, and before it how those are reached whom it names.
bool Links::send_naming(Link& link, const Peer& to, const Message& message) {
  NamingBook book(table_);
  scratch_.clear();
  encode(message, book, scratch_);
  Entry& entry = entries_.at(&link);
  for (const PeerIndex named : book.named)
    if (named != to.index) tell_way(link, entry, named);
  if (options_.hooks.send) {
    const PeerTable::Slot& slot = table_[to.index];
    options_.hooks.send({slot.contact.id, slot.contact.endpoint, slot.key}, scratch_);
  }
  return link.send([&](std::vector<std::uint8_t>& out) { out.insert(out.end(), scratch_.begin(), scratch_.end()); });
}

void Links::tell_way(Link& link, Entry& entry, PeerIndex named) {
  const Contact& contact = table_[named].contact;
  if (contact.id == self_.id) return;  // That we have told already.
  WayBook::Known known = ways_.find(contact.id, contact.incarnation);
  if (known.relays.empty()) return;
  if (entry.told.size() >= told_max) entry.told.clear();
  Entry::Told& told = entry.told[named];
  const auto now = Link::Clock::now();
  if (told.version == known.version && now - told.when < told_lifetime) return;
  told = {known.version, now};
  if (known.relays.size() > ways_per_peer_max) known.relays.resize(ways_per_peer_max);
  const WayFrame frame{contact.id, contact.incarnation, std::move(known.relays)};
  link.control(FrameType::way, [&](std::vector<std::uint8_t>& out) { encode(frame, out); });
}

/// Also where there are none left, if there were some.
void Links::tell_own_ways(Link& link, Entry& entry) {
  if (entry.told_own == own_ways_version_) return;
  entry.told_own = own_ways_version_;
  const WayFrame frame{self_.id, self_.incarnation, own_ways_};
  link.control(FrameType::way, [&](std::vector<std::uint8_t>& out) { encode(frame, out); });
}

bool Links::on_way(Entry& entry, const WayFrame& frame) {
  if (frame.id == self_.id) return true;
  const Contact& from = table_[entry.peer].contact;
  const bool own = frame.id == from.id && frame.incarnation == from.incarnation;
  ways_.hear(frame.id, frame.incarnation, frame.relays, from.id, own);
  return true;
}

// -------------------------------------------------------------------------------------------------------------- relays

/// We reached it by dialling, so others can too.
bool Links::may_relay(const Link& link, const Entry& entry) const {
  return entry.peer != no_peer && !link.closing() && entry.path == LinkPath::direct &&
         link.role() == Link::Role::dialled && entry.dialled.port != 0 &&
         entry.dialled == table_[entry.peer].contact.endpoint;
}

void Links::ask_for_relays() {
  if (!behind_nat()) return;
  using Reservation = Entry::Reservation;
  auto wanted = static_cast<std::ptrdiff_t>(ways_per_peer_max) - std::ranges::count_if(entries_, [](const auto& one) {
                  return one.second.reservation == Reservation::asked || one.second.reservation == Reservation::granted;
                });
  for (auto& [link, entry] : entries_) {
    if (wanted <= 0) return;
    if (entry.reservation != Reservation::none || !may_relay(*link, entry)) continue;
    --wanted;
    entry.reservation = Reservation::asked;
    link->control(FrameType::reserve, [](std::vector<std::uint8_t>& out) { encode(Reserve{}, out); });
  }
}

bool Links::on_reserve(Link& link, Entry& entry, const Reserve& frame) {
  using Reservation = Entry::Reservation;
  if (frame.answer != Reserve::Answer::question) {
    if (entry.reservation != Reservation::asked) return false;
    const bool granted = frame.answer == Reserve::Answer::yes;
    entry.reservation = granted ? Reservation::granted : Reservation::denied;
    entry.denied_at = Link::Clock::now();
    if (granted) relays_changed();
    return true;
  }
  const auto clients = std::ranges::count_if(entries_, [](const auto& one) { return one.second.client; });
  const bool room = entry.client || clients < static_cast<std::ptrdiff_t>(context_.limits.relay_clients_max);
  entry.client = room && !link.relayed() && self_.endpoint.port != 0;
  if (entry.client) {
    const Contact& contact = table_[entry.peer].contact;
    ways_.hear(contact.id, contact.incarnation, {self_.endpoint}, contact.id, true);
  }
  const Reserve answer{entry.client ? Reserve::Answer::yes : Reserve::Answer::no};
  link.control(FrameType::reserve, [&](std::vector<std::uint8_t>& out) { encode(answer, out); });
  return true;
}

void Links::relays_changed() {
  std::vector<Endpoint> ways;
  for (const auto& [link, entry] : entries_)
    if (entry.reservation == Entry::Reservation::granted) ways.push_back(table_[entry.peer].contact.endpoint);
  if (ways.size() > ways_per_peer_max) ways.resize(ways_per_peer_max);
  std::ranges::sort(ways);
  if (ways == own_ways_) return;
  own_ways_ = std::move(ways);
  ++own_ways_version_;
  for (auto& [link, entry] : entries_)
    if (entry.peer != no_peer) tell_own_ways(*link, entry);
  ask_for_relays();
}

}  // namespace cicada
