// Upkeep of links: which are closed because nobody needs them, which because nothing moves on them; how all of them
// end; and what others may look at.

#include <algorithm>
#include <boost/asio/post.hpp>
#include <chrono>

#include <cicada/identity.hpp>

#include "links.hpp"

namespace cicada {
namespace {

using boost::system::error_code;

constexpr auto sweep_period = std::chrono::seconds(1);
constexpr auto forgotten_idle = std::chrono::seconds(5);
constexpr auto clock_period = std::chrono::minutes(10);  ///< Then clocks are compared again.
constexpr auto denied_pause = std::chrono::seconds(60);  ///< Then a relay that had no room is asked again.

}  // namespace

// ---------------------------------------------------------------------------------------------------- what is not
// needed

void Links::schedule_sweep() {
  sweep_timer_.expires_after(sweep_period);
  sweep_timer_.async_wait([this, alive = std::weak_ptr(alive_)](const error_code& error) {
    if (error || alive.expired()) return;
    sweep();
    schedule_sweep();
  });
}

void Links::sweep() {
  const auto now = Link::Clock::now();
  std::vector<Link*> stuck;
  std::vector<Link*> idle;
  for (auto& [link, entry] : entries_) {
    if (entry.peer == no_peer || link->closing()) continue;
    if (entry.reservation == Entry::Reservation::denied && now - entry.denied_at > denied_pause)
      entry.reservation = Entry::Reservation::none;
    const auto since = link->write_stuck_since();
    if ((since && now - *since > context_.limits.vanished_after) ||
        link->unheard_for() > context_.limits.vanished_after - sweep_period)
      stuck.push_back(link);
    else if (!keeps(*link, entry) &&
             now - link->last_used() > (entry.forgotten ? Duration(forgotten_idle) : context_.limits.link_idle))
      idle.push_back(link);
  }
  if (!idle.empty()) {
    std::vector<bool> needed(table_.slot_count());
    owner_.mark_needed(needed);
    for (Link* link : idle) {
      const PeerIndex peer = entries_.at(link).peer;
      if (needed[peer] && table_[peer].link == link) continue;
      if (table_[peer].link == link) table_[peer].link = nullptr;
      link->close(Goodbye::idle);
    }
  }
  ask_for_relays();
  if (now - clocks_compared_ > clock_period) compare_clocks(false);
  // Each of these calls the node, which may do anything to the others.
  for (Link* link : stuck)
    if (const auto place = entries_.find(link); place != entries_.end()) std::shared_ptr(place->second.link)->give_up();
}

// -------------------------------------------------------------------------------------------------------------- the
// end

void Links::close_all(std::move_only_function<void()> done) {
  std::vector<Link*> all;
  for (const auto& [link, entry] : entries_) all.push_back(link);
  closing_circuits_ =
      std::ranges::any_of(entries_, [](const auto& one) { return one.first->relayed() && one.second.peer != no_peer; });
  for (PunchUnderWay& one : std::exchange(punches_, {})) one.punch->stop();
  for (Link* link : all) {
    Entry& entry = entries_.at(link);
    if (entry.peer != no_peer) {
      if (table_[entry.peer].link == link) table_[entry.peer].link = nullptr;
      // Last words over circuits go first, over the links that carry them.
      if (!closing_circuits_ || link->relayed()) link->close(Goodbye::leaving);
      continue;
    }
    if (entry.expected != no_peer && table_[entry.expected].link == link) table_[entry.expected].link = nullptr;
    if (entry.handler) fail_soon(std::move(entry.handler), SwarmError::closed);
    if (link->closing()) continue;  // Refused: its last word is on the way.
    (link->role() == Link::Role::accepted ? handshakes_ : dials_).remove(link);
    const std::shared_ptr<Link> ended = std::move(entry.link);
    entries_.erase(link);
    ended->abort();
  }
  if (entries_.empty())
    asio::post(context_.reactor, std::move(done));
  else
    closed_ = std::move(done);
}

void Links::abort_links() {
  for (PunchUnderWay& one : std::exchange(punches_, {})) one.punch->stop();
  for (const auto& [link, entry] : entries_)
    if (entry.peer != no_peer) release(*link, entry);
  relay_dials_.clear();
  own_ways_.clear();
  closing_circuits_ = false;
  for (auto& [link, entry] : std::exchange(entries_, {})) {
    link->abort();
    if (entry.handler) fail_soon(std::move(entry.handler), SwarmError::closed);
  }
  table_.for_each([this](PeerIndex index) { table_[index].link = nullptr; });
  handshakes_.clear();
  dials_.clear();
  standing_ = 0;
  closed_ = nullptr;
}

void Links::drop_links() {
  for (const auto& [link, entry] : entries_) asio::post(context_.reactor, [cut = entry.link] { cut->give_up(); });
}

void Links::stop() {
  error_code ignored;
  if (acceptor_) acceptor_->close(ignored);
  acceptor_.reset();
  accept_timer_.cancel();
  sweep_timer_.cancel();
}

// ------------------------------------------------------------------------------------------------------------- looking

bool Links::is_key_of(const PublicKey& key, const Id& id) const {
  if (id == self_.id) return key == key_;
  if (options_.id_policy != IdPolicy::certified && id == id_of_key(key)) return true;
  return options_.id_policy != IdPolicy::key && bindings_.is_bound(id, key);
}

bool Links::may_be_key_of(const PublicKey& key, const Id& id) const {
  if (is_key_of(key, id)) return true;
  return options_.id_policy != IdPolicy::key && id != self_.id && !bindings_.knows(id);
}

void Links::remember_key(PeerIndex peer) {
  const PeerTable::Slot& slot = table_[peer];
  if (slot.key) bindings_.bind(slot.contact.id, *slot.key);
}

void Links::mark_linked(std::vector<bool>& marked) const {
  for (const auto& [link, entry] : entries_) {
    if (entry.peer != no_peer) marked[entry.peer] = true;
    if (entry.expected != no_peer) marked[entry.expected] = true;
  }
}

void Links::count(SwarmStatistics& statistics) const {
  statistics.links = standing_;
  statistics.handshakes = static_cast<unsigned>(handshakes_.size());
  statistics.dials = static_cast<unsigned>(dials_.size());
  statistics.circuits = circuits_.relayed();
  statistics.punches = static_cast<unsigned>(punches_.size());
  statistics.links_incoming = static_cast<unsigned>(std::ranges::count_if(entries_, [](const auto& entry) {
    return entry.second.peer != no_peer && entry.first->role() == Link::Role::accepted;
  }));
  statistics.links_relayed = statistics.links_punched = statistics.relay_clients = 0;
  for (const auto& [link, entry] : entries_) {
    if (entry.peer == no_peer) continue;
    if (entry.path == LinkPath::relayed) ++statistics.links_relayed;
    if (entry.path == LinkPath::punched) ++statistics.links_punched;
    if (entry.client) ++statistics.relay_clients;
  }
}

LinkPath Links::path_to(PeerIndex peer) const {
  const auto place = entries_.find(table_[peer].link);
  return place == entries_.end() || place->second.peer == no_peer ? LinkPath::none : place->second.path;
}

}  // namespace cicada
