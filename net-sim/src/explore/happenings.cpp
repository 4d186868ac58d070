#include "happenings.hpp"

#include <algorithm>
#include <array>

#include "safe_failures.hpp"

namespace cicada::sim {

std::string_view to_string(Happening::Kind kind) {
  static constexpr std::array<std::string_view, 6> names{"join",  "restart",       "crash",
                                                         "leave", "refused leave", "nothing"};
  return names[static_cast<std::size_t>(kind)];
}

Happenings::Happenings(std::uint64_t seed, std::size_t first_peers, std::size_t ids)
    : rng_(seed, Purpose::churn), hosts_(first_peers), ids_(ids), were_members_(first_peers, true) {}

void Happenings::schedule(World& world, std::size_t self, std::size_t count, Duration over) {
  for (std::size_t i = 0; i < count; ++i) world.schedule(self, TimePoint(rng_.between(Duration::zero(), over)));
}

void Happenings::fire(World& world, PeerIndex) {
  Happening happening = act(world);
  happening.at = world.now();
  list_.push_back(happening);
}

Happening Happenings::act(World& world) {
  const std::uint64_t kind = rng_.below(4);
  const bool birth = kind < 2;
  const Happening happening = birth ? begin_life(world, kind == 0) : end_life(world, kind == 2);
  if (happening.kind != Happening::Kind::nothing) return happening;
  return birth ? end_life(world, kind == 0) : begin_life(world, kind == 2);
}

Happening Happenings::begin_life(World& world, bool fresh) {
  std::vector<std::uint32_t> dead;
  for (std::uint32_t host = 0; host < hosts_; ++host)
    if (const auto life = world.host_life(host); life && !world.slot(*life).alive) dead.push_back(host);
  if (hosts_ < ids_ && (fresh || dead.empty())) {
    const auto peer = world.spawn();
    if (!peer) return {};
    ++hosts_;
    return {.kind = Happening::Kind::join, .peer = *peer};
  }
  if (dead.empty()) return {};
  const auto peer = world.spawn(dead[rng_.below(dead.size())]);
  return peer ? Happening{.kind = Happening::Kind::restart, .peer = *peer} : Happening{};
}

Happening Happenings::end_life(World& world, bool orderly) {
  const SafeFailures failures(world);
  std::vector<PeerIndex> candidates;
  for (const PeerIndex member : world.members())
    if (failures.may_fail(member)) candidates.push_back(member);
  if (candidates.empty()) return {};
  const PeerIndex peer = candidates[rng_.below(candidates.size())];
  if (orderly)
    return {.kind = world.leave(peer) ? Happening::Kind::leave : Happening::Kind::refused_leave, .peer = peer};
  world.kill(peer);
  return {.kind = Happening::Kind::crash, .peer = peer};
}

void Happenings::on_member(World&, PeerIndex peer) {
  if (peer >= were_members_.size()) were_members_.resize(peer + std::size_t{1}, false);
  were_members_[peer] = true;
}

void Happenings::end_joins(World& world) const {
  for (PeerIndex peer = 0; peer < world.lives(); ++peer) {
    const bool was_member = peer < were_members_.size() && were_members_[peer];
    if (world.slot(peer).alive && !was_member) world.kill(peer);
  }
}

}  // namespace cicada::sim
