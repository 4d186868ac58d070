// Churn: sessions drawn from a distribution, read from a trace, or joins and departures of the system as a whole.

#include <algorithm>
#include <cmath>
#include <utility>

#include "listed_inputs.hpp"
#include "processes.hpp"

namespace cicada::sim {
namespace {

constexpr double ns_per_s = 1e9;
constexpr Duration leave_retry = std::chrono::seconds(1);
constexpr unsigned leave_tries = 30;  // A peer that is refused so often goes without a goodbye.

Duration seconds(double s) { return Duration(static_cast<Duration::rep>(std::min(s, 3e9) * ns_per_s)); }

/// Ends lives: by a crash at once, or by a leave that is tried again while the peer refuses.
class Departures final : public Process {
 public:
  Departures(const Churn& churn, Rng rng) : rng_(rng), churn_(churn) {}
  void set_index(std::size_t self) { self_ = self; }

  /// Gives true where the life is over now; else it will be soon.
  bool depart(World& world, PeerIndex peer) {
    const bool orderly =
        churn_.depart == Depart::leave || (churn_.depart == Depart::mixed && rng_.chance(churn_.leave_ratio));
    if (orderly && world.slot(peer).member) return try_leave(world, peer);
    world.kill(peer);
    return true;
  }
  void fire(World& world, PeerIndex peer) override { try_leave(world, peer); }

 private:
  bool try_leave(World& world, PeerIndex peer) {
    if (world.leave(peer)) {
      tries_.erase(peer);
      return true;
    }
    if (++tries_[peer] < leave_tries) {
      world.schedule(self_, world.now() + leave_retry, peer);
      return false;
    }
    tries_.erase(peer);
    world.kill(peer);
    return true;
  }
  Rng rng_;
  const Churn& churn_;
  std::size_t self_ = 0;
  std::unordered_map<PeerIndex, unsigned> tries_;  ///< Only asked for single peers.
};

/// Each peer's session is drawn when it begins; its place is taken as `replace` says.
class SessionChurn final : public Process {
 public:
  SessionChurn(const Churn& churn, Departures& departures, Rng rng)
      : rng_(rng),
        churn_(churn),
        sessions_(std::get<Distribution>(churn.sessions)),
        departures_(departures),
        stop_(churn.stop.value_or(Duration::max())) {}

  void begin(World& world, std::size_t self) {
    self_ = self;
    const auto lasting =
        static_cast<std::size_t>(churn_.lasting_ratio * static_cast<double>(world.members().size()) + 0.5);
    std::size_t number = 0;
    for (const PeerIndex peer : world.members()) {
      PeerSlot& slot = world.slot(peer);
      slot.lasting = number++ < lasting || slot.lasting;
      on_member(world, peer);
    }
  }
  void on_member(World& world, PeerIndex peer) override {
    if (self_ == none || world.slot(peer).lasting) return;
    world.schedule(self_, std::max(world.now(), TimePoint(churn_.start)) + draw(sessions_, rng_), peer);
  }
  void fire(World& world, PeerIndex target) override {
    if (target >= birth) return take_place(world, target - birth);
    if (!world.slot(target).alive || world.now() >= TimePoint(stop_)) return;
    const std::uint32_t host = world.slot(target).host;
    departures_.depart(world, target);
    if (churn_.replace.kind == Replacement::Kind::immediately) take_place(world, no_host);
    if (churn_.replace.kind == Replacement::Kind::after)
      world.schedule(self_, world.now() + draw(churn_.replace.down_time, rng_), birth + host);
  }

 private:
  static constexpr std::size_t none = static_cast<std::size_t>(-1);
  static constexpr PeerIndex birth = 0x80000000;  ///< Targets from here on are hosts that come back.
  static constexpr std::uint32_t no_host = 0x7fffffff;
  void take_place(World& world, std::uint32_t host) {
    if (host == no_host) {
      world.spawn();
    } else {
      world.spawn(host);
    }
  }

  Rng rng_;
  const Churn& churn_;
  Distribution sessions_;
  Departures& departures_;
  Duration stop_;
  std::size_t self_ = none;
};

/// Joins, or departures, of the whole system as one Poisson process.
class PoissonProcess final : public Process {
 public:
  PoissonProcess(const Churn& churn, double per_s, Departures* departures, Rng rng)
      : rng_(rng), churn_(churn), per_s_(per_s), departures_(departures), stop_(churn.stop.value_or(Duration::max())) {}
  void begin(World& world, std::size_t self) {
    self_ = self;
    world.schedule(self_, TimePoint(churn_.start) + seconds(rng_.exponential(1 / per_s_)));
  }
  void fire(World& world, PeerIndex) override {
    if (world.now() >= TimePoint(stop_)) return;
    if (departures_ == nullptr)
      world.spawn();
    else if (world.members().size() > world.scenario().protocol.successors + 1)
      departures_->depart(world, world.random_member(rng_));
    world.schedule(self_, world.now() + seconds(rng_.exponential(1 / per_s_)));
  }

 private:
  Rng rng_;
  const Churn& churn_;
  double per_s_;
  Departures* departures_;
  Duration stop_;
  std::size_t self_ = 0;
};

/// Sessions from a file. Hosts come back under their old ids.
class TraceChurn final : public Process {
 public:
  TraceChurn(std::vector<ListedSession> sessions, Departures& departures)
      : sessions_(std::move(sessions)), departures_(departures) {}
  void begin(World& world, std::size_t self) {
    self_ = self;
    for (std::size_t i = 0; i < sessions_.size(); ++i)
      world.schedule(self_, TimePoint(sessions_[i].join), static_cast<PeerIndex>(i));
  }
  void fire(World& world, PeerIndex target) override {
    if (target >= departure) {
      const PeerIndex peer = target - departure;
      if (world.slot(peer).alive) departures_.depart(world, peer);
      return;
    }
    const ListedSession& session = sessions_[target];
    const std::optional<PeerIndex> peer = world.host_life(session.host);
    const std::optional<PeerIndex> life = peer && world.slot(*peer).alive ? peer : world.spawn(session.host);
    if (life && session.leave) world.schedule(self_, TimePoint(*session.leave), departure + *life);
  }

 private:
  static constexpr PeerIndex departure = 0x80000000;
  std::vector<ListedSession> sessions_;
  Departures& departures_;
  std::size_t self_ = 0;
};

}  // namespace

Duration draw(const Distribution& distribution, Rng& rng) {
  const double scale = scale_s(distribution);
  switch (distribution.kind) {
    case Distribution::Kind::fixed:
      return seconds(scale);
    case Distribution::Kind::exponential:
      return seconds(rng.exponential(scale));
    case Distribution::Kind::weibull:
      return seconds(scale * std::pow(-std::log(rng.uniform_positive()), 1 / distribution.shape));
    case Distribution::Kind::pareto:
      return seconds(scale * std::pow(rng.uniform_positive(), -1 / distribution.shape));
  }
  return {};
}

void add_churn(World& world, const Churn& churn, std::uint32_t number) {
  const std::uint64_t seed = world.seed();
  auto made = std::make_unique<Departures>(churn, Rng(seed, Purpose::churn, 4 * number));
  Departures& departures = *made;
  departures.set_index(world.add_process(std::move(made)));
  const auto begin = [&](auto process) {
    auto& added = *process;
    added.begin(world, world.add_process(std::move(process)));
  };
  const Rng rng(seed, Purpose::churn, 4 * number + 1);
  if (std::holds_alternative<Distribution>(churn.sessions)) {
    begin(std::make_unique<SessionChurn>(churn, departures, rng));
  } else if (const auto* poisson = std::get_if<PoissonChurn>(&churn.sessions)) {
    if (poisson->joins_per_s > 0) begin(std::make_unique<PoissonProcess>(churn, poisson->joins_per_s, nullptr, rng));
    if (poisson->departures_per_s > 0)
      begin(std::make_unique<PoissonProcess>(churn, poisson->departures_per_s, &departures,
                                             Rng(seed, Purpose::churn, 4 * number + 2)));
  } else {
    const auto& trace = std::get<SessionTrace>(churn.sessions);
    TableReader reader(trace.file);
    begin(std::make_unique<TraceChurn>(read_sessions(reader, trace, world.scenario()).sessions, departures));
  }
}

}  // namespace cicada::sim
