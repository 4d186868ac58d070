// Churn: sessions drawn from a distribution, read from a trace, or joins and departures of the system as a whole.

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <utility>

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

struct Session {
  std::uint32_t host = 0;
  double join_s = 0;
  double leave_s = 0;
};

/// Sessions from a file, in its order of time. Hosts come back under their old ids.
class TraceChurn final : public Process {
 public:
  TraceChurn(std::vector<Session> sessions, Departures& departures)
      : sessions_(std::move(sessions)), departures_(departures) {}
  void begin(World& world, std::size_t self) {
    self_ = self;
    for (std::size_t i = 0; i < sessions_.size(); ++i)
      world.schedule(self_, TimePoint(seconds(sessions_[i].join_s)), static_cast<PeerIndex>(i));
  }
  void fire(World& world, PeerIndex target) override {
    if (target >= departure) {
      const PeerIndex peer = target - departure;
      if (world.slot(peer).alive) departures_.depart(world, peer);
      return;
    }
    const Session& session = sessions_[target];
    const std::optional<PeerIndex> peer = world.host_life(session.host);
    const std::optional<PeerIndex> life = peer && world.slot(*peer).alive ? peer : world.spawn(session.host);
    if (life && std::isfinite(session.leave_s))
      world.schedule(self_, TimePoint(seconds(session.leave_s)), departure + *life);
  }

 private:
  static constexpr PeerIndex departure = 0x80000000;
  std::vector<Session> sessions_;
  Departures& departures_;
  std::size_t self_ = 0;
};

[[noreturn]] void trace_error(const std::string& file, std::size_t line, const std::string& what) {
  throw std::runtime_error(
      file + ":" + std::to_string(line) + ":1: " + what +
      ", expected 'peer,join_s,leave_s' with seconds from the start, leave_s empty or after join_s");
}

std::vector<Session> read_trace(const std::string& file, std::uint64_t peers) {
  std::ifstream in(file);
  if (!in) throw std::runtime_error(file + ": cannot be read");
  std::vector<Session> sessions;
  std::string text;
  for (std::size_t line = 1; std::getline(in, text); ++line) {
    text = text.substr(0, text.find('#'));
    if (text.find_first_not_of(" \t\r") == std::string::npos) continue;
    std::istringstream fields(text);
    std::string host, join, leave;
    std::getline(fields, host, ',');
    std::getline(fields, join, ',');
    std::getline(fields, leave, ',');
    Session session;
    session.leave_s = std::numeric_limits<double>::infinity();
    const auto number = [&](const std::string& field, auto& value) {
      const std::size_t from = field.find_first_not_of(" \t\r");
      const std::size_t to = field.find_last_not_of(" \t\r");
      if (from == std::string::npos) return false;
      const char* end = field.data() + to + 1;
      const auto [stopped, error] = std::from_chars(field.data() + from, end, value);
      return error == std::errc{} && stopped == end;
    };
    if (!number(host, session.host) || !number(join, session.join_s)) trace_error(file, line, "found '" + text + "'");
    if (leave.find_first_not_of(" \t\r") != std::string::npos && !number(leave, session.leave_s))
      trace_error(file, line, "found '" + text + "'");
    if (session.host >= peers) trace_error(file, line, "peer " + host + " is not below peers.count");
    if (session.join_s < 0 || session.leave_s <= session.join_s) trace_error(file, line, "found '" + text + "'");
    sessions.push_back(session);
  }
  std::ranges::stable_sort(sessions, {}, &Session::join_s);
  return sessions;
}

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
    begin(std::make_unique<TraceChurn>(read_trace(trace.file.string(), world.scenario().peers.count), departures));
  }
}

}  // namespace cicada::sim
