// Clocks. Two peers have a link only where their times of day are about the same, or what one signs would be refused by
// the other. They compare them in the hello, and on a link that stands: each ten minutes, as cheap clocks drift, and at
// once when one of them finds that its own was set.

#include "links.hpp"

namespace cicada {

/// Gives by how much the own clock is ahead of what the peer said.
Duration Links::note_clock(const Link& link, std::uint64_t clock_ns) {
  const Duration ahead = ahead_of(clock_ns, options_.host_clock->wall());
  clocks_.note(link.key(), ahead, Link::Clock::now());
  return ahead;
}

void Links::ask_clock(Link& link) {
  const ClockFrame frame{false, own_clock_ns()};
  link.control(FrameType::clock, [&](auto& out) { encode(frame, out); });
}

void Links::compare_clocks(bool stepped) {
  if (stepped) clocks_.clear();
  clocks_compared_ = Link::Clock::now();
  for (const auto& [link, entry] : entries_)
    if (entry.peer != no_peer && !link->closing()) ask_clock(*link);
}

/// The ring loses the peer at once where the two do not agree any more; both sides are told by how much.
bool Links::on_clock(Link& link, Entry& entry, const ClockFrame& frame) {
  if (!too_far(note_clock(link, frame.clock_ns))) {
    if (!frame.answer) {
      const ClockFrame answer{true, own_clock_ns()};
      link.control(FrameType::clock, [&](auto& out) { encode(answer, out); });
    }
    return true;
  }
  ++context_.counts.clocks_refused;
  const PeerIndex peer = entry.peer;
  const bool used = table_[peer].link == &link;
  if (used) table_[peer].link = nullptr;
  link.close(Goodbye::wrong_clock, own_clock_ns());
  if (used) owner_.on_peer_down(peer);
  return true;
}

/// The other side ended the link, or never began it, and says what its clock shows.
void Links::told_other_clock(const Link& link, const Entry& entry) {
  if (!link.goodbye_clock() || !link.authenticated()) return;
  if (entry.peer == no_peer && link.role() != Link::Role::dialled) return;  // Strangers may say anything.
  const Duration ahead = note_clock(link, *link.goodbye_clock());
  owner_.on_other_clock(entry.peer != no_peer ? table_[entry.peer].contact.endpoint : entry.dialled, ahead);
}

void Links::end_after_sleep() {
  const bool had_relays = !own_ways_.empty();
  for (auto place = entries_.begin(); place != entries_.end();) {
    Entry& entry = place->second;
    if (entry.peer == no_peer) {
      ++place;
      continue;
    }
    Link& link = *place->first;
    if (table_[entry.peer].link == &link) table_[entry.peer].link = nullptr;
    --standing_;
    ++context_.counts.links_lost;
    release(link, entry);
    const std::shared_ptr<Link> ended = entry.link;
    place = entries_.erase(place);
    ended->abort();
  }
  if (had_relays) relays_changed();
}

}  // namespace cicada
