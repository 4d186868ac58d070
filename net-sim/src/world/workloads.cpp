// Lookups, sends and broadcasts: who acts when.

#include <chrono>
#include <utility>

#include "adversaries/adversaries.hpp"
#include "listed_inputs.hpp"
#include "processes.hpp"

namespace cicada::sim {
namespace {

constexpr double ns_per_s = 1e9;

/// Calls `act` for a live member at each arrival.
class ArrivalProcess : public Process {
 public:
  ArrivalProcess(const Arrivals& arrivals, Duration start, std::optional<Duration> stop, Rng rng)
      : rng_(rng), arrivals_(arrivals), start_(start), stop_(stop.value_or(Duration::max())) {}

  void begin(World& world, std::size_t self) {
    self_ = self;
    if (!per_peer()) return world.schedule(self_, TimePoint(start_));
    for (const PeerIndex peer : world.members()) on_member(world, peer);
  }

  void on_member(World& world, PeerIndex peer) final {
    if (!per_peer() || self_ == none) return;
    const Duration phase = rng_.between(Duration::zero(), arrivals_.every);
    world.schedule(self_, std::max(world.now(), TimePoint(start_)) + phase, peer);
  }

  void fire(World& world, PeerIndex target) final {
    if (world.now() >= TimePoint(stop_)) return;
    if (per_peer()) {
      if (!world.slot(target).member) return;  // It begins anew when it is a member again.
      if (acts(world, target)) act(world, target);
      return world.schedule(self_, world.now() + arrivals_.every, target);
    }
    if (begun_ && !world.members().empty()) act_somewhere(world);
    begun_ = true;
    const double peers = static_cast<double>(world.members().size());
    const double rate = arrivals_.kind == Arrivals::Kind::poisson_per_peer ? arrivals_.per_s * peers : arrivals_.per_s;
    const double wait_s = rate > 0 ? rng_.exponential(1 / rate) : 1.0;
    world.schedule(self_, world.now() + Duration(static_cast<Duration::rep>(std::min(wait_s, 3600.0) * ns_per_s)));
  }

 protected:
  virtual void act(World& world, PeerIndex peer) = 0;
  [[nodiscard]] virtual bool may_act(const World& world, PeerIndex peer) const { return !world.slot(peer).hostile; }
  /// A random member for which `wanted` holds; nobody where it is not found soon. One draw as a rule.
  template <class Wanted>
  PeerIndex random_such(const World& world, Wanted&& wanted) {
    for (unsigned draws = 0; draws < draws_max; ++draws)
      if (const PeerIndex peer = world.random_member(rng_); wanted(peer)) return peer;
    return no_peer;
  }
  Rng rng_;

 private:
  static constexpr unsigned draws_max = 1000;
  void act_somewhere(World& world) {
    // A rate of the whole system is one of those that may act; a rate per peer thins out with them.
    const bool system = arrivals_.kind == Arrivals::Kind::poisson_system;
    const PeerIndex peer = random_such(world, [&](PeerIndex one) { return !system || acts(world, one); });
    if (peer != no_peer && acts(world, peer)) act(world, peer);
  }
  static constexpr std::size_t none = static_cast<std::size_t>(-1);
  /// Nobody uses a machine that sleeps.
  [[nodiscard]] bool acts(const World& world, PeerIndex peer) const {
    return !world.asleep(peer) && may_act(world, peer);
  }
  [[nodiscard]] bool per_peer() const { return arrivals_.kind == Arrivals::Kind::periodic_per_peer; }

  Arrivals arrivals_;
  Duration start_;
  Duration stop_;
  std::size_t self_ = none;
  bool begun_ = false;
};

class LookupProcess final : public ArrivalProcess {
 public:
  LookupProcess(const Lookups& lookups, Rng rng)
      : ArrivalProcess(lookups.arrivals, lookups.start, lookups.stop, rng), keys_(lookups.keys) {}

 private:
  void act(World& world, PeerIndex peer) override {
    const Id key = keys_ == Lookups::Keys::peers ? world.id(world.random_member(rng_))
                                                 : Id{{rng_.next(), rng_.next(), rng_.next(), rng_.next()}};
    world.lookup(peer, key, 0);
  }
  Lookups::Keys keys_;
};

/// Lookups one by one, as a file lists them.
class LookupTrace final : public Process {
 public:
  explicit LookupTrace(std::vector<ListedLookup> lookups) : lookups_(std::move(lookups)) {}
  void begin(World& world, std::size_t self) {
    for (std::size_t i = 0; i < lookups_.size(); ++i)
      world.schedule(self, TimePoint(lookups_[i].at), static_cast<PeerIndex>(i));
  }
  void fire(World& world, PeerIndex target) override {
    const ListedLookup& listed = lookups_[target];
    const std::optional<PeerIndex> peer = world.host_life(listed.host);
    if (peer && world.slot(*peer).member && !world.asleep(*peer)) world.lookup(*peer, listed.key, 0);
  }

 private:
  std::vector<ListedLookup> lookups_;
};

class SendProcess final : public ArrivalProcess {
 public:
  SendProcess(const Sends& sends, Rng rng)
      : ArrivalProcess(sends.arrivals, sends.start, sends.stop, rng),
        options_(sends.duplicates, sends.strategy),
        cards_(sends.cards),
        from_(sends.from),
        to_(sends.to),
        payload_(std::make_shared<std::vector<std::uint8_t>>(sends.size_bytes, std::uint8_t{0x5a})) {}

 private:
  void act(World& world, PeerIndex peer) override {
    if (world.members().size() < 2) return;
    const PeerIndex target =
        to_ == Sends::To::targets ? random_target(world, peer) : random_such(world, [&](PeerIndex one) {
          return one != peer && (to_ == Sends::To::any || !world.slot(one).hostile);
        });
    if (target == no_peer) return;
    if (cards_ == Sends::Cards::known) world.hand_card(target, peer);
    world.send(peer, world.id(target), payload_, options_);
  }
  [[nodiscard]] bool may_act(const World& world, PeerIndex peer) const override {
    return from_ == Sends::From::any || ArrivalProcess::may_act(world, peer);
  }
  PeerIndex random_target(const World& world, PeerIndex sender) {
    std::vector<PeerIndex> targets = world.adversaries()->targets();
    std::erase_if(targets, [&](PeerIndex one) { return one == sender || !world.slot(one).member; });
    return targets.empty() ? no_peer : targets[rng_.below(targets.size())];
  }
  SendOptions options_;
  Sends::Cards cards_;
  Sends::From from_;
  Sends::To to_;
  Payload payload_;
};

class BroadcastProcess final : public ArrivalProcess {
 public:
  BroadcastProcess(const Broadcasts& broadcasts, Rng rng)
      : ArrivalProcess(broadcasts.arrivals, broadcasts.start, broadcasts.stop, rng),
        payload_(std::make_shared<std::vector<std::uint8_t>>(broadcasts.size_bytes, std::uint8_t{0x5a})) {}

 private:
  void act(World& world, PeerIndex peer) override { world.broadcast(peer, payload_); }
  Payload payload_;
};

}  // namespace

void add_arrivals(World& world, const Workload& workload, std::uint32_t number) {
  const Rng rng(world.seed(), Purpose::workload, number);
  std::unique_ptr<ArrivalProcess> process;
  if (const auto* lookups = std::get_if<Lookups>(&workload)) {
    if (!lookups->trace.file.empty()) {
      TableReader reader(lookups->trace.file);
      auto trace = std::make_unique<LookupTrace>(read_lookups(reader, lookups->trace, world.scenario()).lookups);
      LookupTrace& added = *trace;
      return added.begin(world, world.add_process(std::move(trace)));
    }
    process = std::make_unique<LookupProcess>(*lookups, rng);
  }
  if (const auto* sends = std::get_if<Sends>(&workload)) process = std::make_unique<SendProcess>(*sends, rng);
  if (const auto* broadcasts = std::get_if<Broadcasts>(&workload))
    process = std::make_unique<BroadcastProcess>(*broadcasts, rng);
  if (!process) return;
  ArrivalProcess& added = *process;
  added.begin(world, world.add_process(std::move(process)));
}

}  // namespace cicada::sim
