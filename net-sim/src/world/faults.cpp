// Faults: partitions, pauses, wrong clocks, many deaths or joins at once. And how the first peers come into being.

#include <algorithm>
#include <utility>

#include <cicada/sim/link_hash.hpp>

#include "adversaries/adversaries.hpp"
#include "processes.hpp"

namespace cicada::sim {

void add_arrivals(World& world, const Workload& workload, std::uint32_t number);
void add_churn(World& world, const Churn& churn, std::uint32_t number);

namespace {

/// A process that is one function, called whenever it was scheduled.
class Once final : public Process {
 public:
  explicit Once(std::function<void(World&)> act) : act_(std::move(act)) {}
  void fire(World& world, PeerIndex) override { act_(world); }

 private:
  std::function<void(World&)> act_;
};

void at(World& world, Duration time, std::function<void(World&)> act) {
  world.schedule(world.add_process(std::make_unique<Once>(std::move(act))), TimePoint(time));
}

/// `count` different members, in random order.
std::vector<PeerIndex> random_members(World& world, std::size_t count, Rng& rng) {
  std::vector<PeerIndex> peers(world.members().begin(), world.members().end());
  count = std::min(count, peers.size());
  for (std::size_t i = 0; i < count; ++i) std::swap(peers[i], peers[i + rng.below(peers.size() - i)]);
  peers.resize(count);
  return peers;
}

std::size_t share(const World& world, double ratio) {
  return static_cast<std::size_t>(ratio * static_cast<double>(world.members().size()) + 0.5);
}

void add_fault(World& world, const PartitionFault& fault, std::uint32_t number) {
  const std::uint64_t seed = world.seed();
  at(world, fault.at, [=](World& w) {
    const LinkHash sides(seed, Purpose::fault, number);
    w.add_barrier(number, [=](PeerIndex from, PeerIndex to) {
      const bool first_from = unit_interval(sides.of_peer(from)) < fault.split_ratio;
      const bool first_to = unit_interval(sides.of_peer(to)) < fault.split_ratio;
      return first_from != first_to && (first_from || !fault.one_way);
    });
  });
  at(world, fault.at + fault.duration, [=](World& w) { w.remove_barrier(number); });
}

void add_fault(World& world, const PauseFault& fault, std::uint32_t number) {
  at(world, fault.at, [=](World& w) {
    Rng rng(w.seed(), Purpose::fault, number);
    for (const PeerIndex peer : random_members(w, share(w, fault.ratio), rng)) w.pause(peer, w.now() + fault.duration);
  });
}

void add_fault(World& world, const ClockFault& fault, std::uint32_t number) {
  at(world, fault.at, [=](World& w) {
    Rng rng(w.seed(), Purpose::fault, number);
    const std::vector<PeerIndex> peers = random_members(w, share(w, fault.ratio), rng);
    if (fault.kind == ClockFault::Kind::suspend) {
      for (const PeerIndex peer : peers) w.suspend(peer, w.now() + fault.amount);
      return;
    }
    for (const PeerIndex peer : peers) {
      const bool behind = fault.direction == ClockFault::Direction::either
                              ? rng.chance(0.5)
                              : fault.direction == ClockFault::Direction::behind;
      const int sign = behind ? -1 : 1;
      const Duration amount =
          fault.kind == ClockFault::Kind::offset ? rng.between(Duration::zero(), fault.amount) : fault.amount;
      w.set_clock(peer, sign * amount, sign * fault.drift_ratio);
    }
    if (!fault.duration) return;
    // The hosts have right clocks again, whichever of their lives they are in.
    at(w, fault.at + *fault.duration, [peers](World& later) {
      for (const PeerIndex peer : peers) later.set_clock(later.host_life(later.slot(peer).host).value_or(peer), {}, 0);
    });
  });
}

void add_fault(World& world, const CrashFault& fault, std::uint32_t number) {
  at(world, fault.at, [=](World& w) {
    Rng rng(w.seed(), Purpose::fault, number);
    const std::size_t count = fault.count ? static_cast<std::size_t>(*fault.count) : share(w, fault.ratio.value_or(0));
    std::vector<PeerIndex> peers;
    if (fault.arc && !w.members().empty()) {
      Peer peer{w.id(w.random_member(rng)).prefix(), 0};
      peer = w.truth().successor_of(Id::from_prefix(peer.prefix()));
      for (std::size_t i = 0; i < std::min(count, w.members().size()); ++i, peer = w.truth().next(peer))
        peers.push_back(peer.index);
    } else {
      peers = random_members(w, count, rng);
    }
    w.kill(peers);
  });
}

void add_fault(World& world, const LeaveFault& fault, std::uint32_t number) {
  at(world, fault.at, [=](World& w) {
    Rng rng(w.seed(), Purpose::fault, number);
    for (const PeerIndex peer : random_members(w, share(w, fault.ratio), rng))
      if (!w.leave(peer)) w.kill(peer);
  });
}

void add_fault(World& world, const JoinFault& fault, std::uint32_t number) {
  Rng rng(world.seed(), Purpose::fault, number);
  const std::size_t process = world.add_process(std::make_unique<Once>([](World& w) { w.spawn(); }));
  for (std::uint64_t i = 0; i < fault.count; ++i)
    world.schedule(process, TimePoint(fault.at) + rng.between(Duration::zero(), fault.over));
}

}  // namespace

void add_population(World& world) {
  const Peers& peers = world.scenario().peers;
  const std::size_t base =
      peers.join.kind == Join::Kind::ideal
          ? peers.count
          : std::min<std::size_t>(peers.count, std::size_t{world.scenario().protocol.successors} + 1);
  Adversaries* const adversaries = add_adversaries(world);
  world.start_ideal(base, adversaries != nullptr ? adversaries->first_ids() : std::vector<Id>{});
  if (adversaries != nullptr) adversaries->begin();
  if (base == peers.count) return;
  Rng rng(world.seed(), Purpose::fault, 0xfffffff0);
  const std::size_t process = world.add_process(std::make_unique<Once>([](World& w) { w.spawn(); }));
  for (std::size_t i = base; i < peers.count; ++i)
    world.schedule(process, TimePoint(rng.between(Duration::zero(), peers.join.over)));
}

void add_workloads(World& world) {
  std::uint32_t number = 0;
  for (const Workload& workload : world.scenario().workloads) {
    if (const auto* churn = std::get_if<Churn>(&workload))
      add_churn(world, *churn, number);
    else
      add_arrivals(world, workload, number);
    ++number;
  }
  for (const Fault& fault : world.scenario().faults) {
    std::visit([&](const auto& one) { add_fault(world, one, number); }, fault);
    ++number;
  }
}

}  // namespace cicada::sim
