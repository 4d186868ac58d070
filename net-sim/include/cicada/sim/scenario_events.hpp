#pragma once
/// The `workloads:` and `faults:` lists of a scenario: what the peers do, and what is done to them. All times count
/// from the start of the simulation.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <variant>
#include <vector>

#include <cicada/send_options.hpp>
#include <cicada/sim/trace_file.hpp>
#include <cicada/time.hpp>

namespace cicada::sim {

/// A distribution of times, given by its mean or its median.
struct Distribution {
  enum class Kind : std::uint8_t {
    fixed,        ///< Always the same.
    exponential,  ///< No memory.
    weibull,      ///< `shape` k below 1: the older, the longer it will stay.
    pareto        ///< Type I (from a minimum on), `shape` alpha.
  };
  enum class Center : std::uint8_t { mean, median };
  Kind kind = Kind::exponential;           ///< Required.
  double shape = 1;                        ///< Weibull k, 0.05 .. 20; Pareto alpha, 0.05 .. 20. Unused otherwise (1).
  Center center = Center::mean;            ///< What `value` is. Pareto with alpha <= 1 has no mean.
  Duration value = std::chrono::hours{1};  ///< The mean or median. Above 0. Required.
  bool operator==(const Distribution&) const = default;
};

/// The scale parameter in seconds: the value itself (fixed), the mean (exponential), lambda (Weibull), the minimum
/// (Pareto).
double scale_s(const Distribution&);

/// When a workload acts.
struct Arrivals {
  enum class Kind : std::uint8_t {
    poisson_per_peer,  ///< `rate: 0.01/s per peer`: each live peer acts as a Poisson process.
    poisson_system,    ///< `rate: 20/s`: one Poisson process; each time a random live peer acts.
    periodic_per_peer  ///< `every: 10s`: each live peer acts periodically, from a random phase on.
  };
  Kind kind = Kind::poisson_per_peer;  ///< By the key and unit in the YAML.
  double per_s = 0;                    ///< Events per second (of one peer, or of all). 0 .. 1e9. Poisson only.
  Duration every = Duration::zero();   ///< The period. Above 0. `periodic_per_peer` only.
  bool operator==(const Arrivals&) const = default;
};

/// Sessions from a file, `peer,join_s,leave_s` a line: the number of a peer below peers.count, and when it comes and
/// goes; an empty leave_s stays to the end. Sessions of a peer don't overlap; one that begins when another ends goes on
/// with it.
struct SessionTrace : TraceFile {
  bool operator==(const SessionTrace&) const = default;
};

/// Churn of the whole system: joins and departures as two Poisson processes; who departs is a random live peer.
struct PoissonChurn {
  double joins_per_s = 0;       ///< 0 .. 1e9 per second. Default 0.
  double departures_per_s = 0;  ///< 0 .. 1e9 per second. Default 0.
  bool operator==(const PoissonChurn&) const = default;
};

/// What happens to the place of a departed peer. Unused with a trace or Poisson churn.
struct Replacement {
  enum class Kind : std::uint8_t { immediately, after, never };
  Kind kind = Kind::immediately;  ///< A new peer at once, after a down time, or not at all. Default immediately.
  Distribution down_time;         ///< Only with `after`.
  bool operator==(const Replacement&) const = default;
};

/// How a peer departs.
enum class Depart : std::uint8_t { crash, leave, mixed };

/// Peers come and go.
struct Churn {
  std::variant<Distribution, SessionTrace, PoissonChurn>
      sessions;                       ///< `session:`, or `joins:`/`departures:`. Required.
  Depart depart = Depart::crash;      ///< Default crash.
  double leave_ratio = 0.5;           ///< With `mixed`: share that leaves orderly. 0 .. 1. Default 50 %.
  Replacement replace;                ///< Default immediately.
  double lasting_ratio = 0;           ///< Share of the first peers that never depart. 0 .. 1. Default 0.
  Duration start = Duration::zero();  ///< No departure before. Default 0 s.
  std::optional<Duration> stop;       ///< No departure from then on. Default the end.
  bool operator==(const Churn&) const = default;
};

/// Peers look keys up.
struct Lookups {
  enum class Keys : std::uint8_t { uniform, peers };
  Arrivals arrivals;  ///< `rate:` or `every:`. Required where there is no trace.
  /// Instead, every single lookup from a file, `at_s,peer,key` a line: when, the number of the peer (below peers.count)
  /// and 64 hexadecimal digits. One whose peer is no member at that time is left out. Default none.
  TraceFile trace{};
  Keys keys = Keys::uniform;  ///< Random keys, or the ids of random live peers. Default uniform. Not for a trace.
  Duration start = Duration::zero();  ///< Default 0 s.
  std::optional<Duration> stop;       ///< Default the end.
  bool operator==(const Lookups&) const = default;
};

/// Peers send messages to random other live peers.
struct Sends {
  enum class From : std::uint8_t { honest, any };
  enum class To : std::uint8_t { honest, any, targets };
  /// Where sources have the contact cards of their targets from.
  enum class Cards : std::uint8_t {
    learned,  ///< From earlier acknowledgements.
    known     ///< They hold them from the start, as from a friend.
  };
  Arrivals arrivals;                       ///< `rate:` or `every:`. Required.
  std::uint64_t size_bytes = 256;          ///< Payload. 0 .. 1 MiB. Default 256 B.
  std::uint32_t duplicates = 0;            ///< The budget: k + 1 times the links of one way. 0 .. 64. Default 0.
  Strategy strategy = Strategy::adaptive;  ///< How routes are chosen. Default adaptive.
  Cards cards = Cards::learned;            ///< Default learned.
  From from = From::honest;                ///< Who sends. Default honest peers.
  To to = To::honest;  ///< Whom to. `targets`: those that `near` or `eclipse_target` chose. Default honest peers.
  Duration start = Duration::zero();  ///< Default 0 s.
  std::optional<Duration> stop;       ///< Default the end.
  bool operator==(const Sends&) const = default;
};

/// Peers send messages to everybody.
struct Broadcasts {
  Arrivals arrivals;                  ///< `rate:` or `every:`. Required.
  std::uint64_t size_bytes = 1024;    ///< Payload. 0 .. 1 MiB. Default 1 KiB.
  Duration start = Duration::zero();  ///< Default 0 s.
  std::optional<Duration> stop;       ///< Default the end.
  bool operator==(const Broadcasts&) const = default;
};

using Workload = std::variant<Churn, Lookups, Sends, Broadcasts>;

/// The network falls into two halves that can't talk.
struct PartitionFault {
  Duration at{};             ///< Required.
  Duration duration{};       ///< `for:`. Above 0. Required.
  double split_ratio = 0.5;  ///< Share of the peers on the first side. 0 .. 1 exclusive. Default 50 %.
  bool one_way = false;      ///< Only messages from the first side to the second are lost. Default false.
  bool operator==(const PartitionFault&) const = default;
};

/// Some processes stand still (a long collection, a stopped process): they do nothing, then everything.
struct PauseFault {
  Duration at{};        ///< Required.
  Duration duration{};  ///< `for:`. Above 0. Required.
  double ratio = 0.1;   ///< Share of the live peers. 0 .. 1. Default 10 %.
  bool operator==(const PauseFault&) const = default;
};

/// Many peers crash at once.
struct CrashFault {
  Duration at{};                       ///< Required.
  std::optional<double> ratio;         ///< Share of the live peers. 0 .. 1. Exactly one of `ratio` and `count` is set.
  std::optional<std::uint64_t> count;  ///< Number of peers. 1 .. peers.count.
  bool arc = false;                    ///< A contiguous arc of the ring instead of random peers. Default false.
  bool operator==(const CrashFault&) const = default;
};

/// Many peers leave orderly at once.
struct LeaveFault {
  Duration at{};       ///< Required.
  double ratio = 0.1;  ///< Share of the live peers. 0 .. 1. Default 10 %.
  bool operator==(const LeaveFault&) const = default;
};

/// A crowd of new peers joins, on top of peers.count.
struct JoinFault {
  Duration at{};                     ///< Required.
  std::uint64_t count = 0;           ///< 1 .. 50,000,000. Required.
  Duration over = Duration::zero();  ///< Spread uniformly over this time. Default 0 s: all at once.
  bool operator==(const JoinFault&) const = default;
};

/// The clocks of some hosts go wrong, or their machines sleep. Peers whose clocks differ by more than
/// `clock_difference_max` have no link with each other.
struct ClockFault {
  enum class Kind : std::uint8_t {
    offset,  ///< Each clock is wrong by its own amount, drawn evenly from 0 to `amount`.
    step,    ///< Each clock jumps by `amount`.
    drift,   ///< Each clock gains or loses `drift_ratio` of each second.
    suspend  ///< The machine sleeps for `amount`; its clock is right when it wakes up.
  };
  enum class Direction : std::uint8_t { either, ahead, behind };
  Duration at{};                            ///< Required.
  double ratio = 0.1;                       ///< Share of the live peers. 0 .. 1. Default 10 %.
  Kind kind = Kind::offset;                 ///< Exactly one of `offset:`, `step:`, `drift:` and `suspend:`.
  Duration amount{};                        ///< Of all but drift. Above 0.
  double drift_ratio = 0;                   ///< 0 .. 1.
  Direction direction = Direction::either;  ///< Default either: drawn for each peer. Not of suspend.
  std::optional<Duration> duration;  ///< `for:`. Then the clocks are right again. Default the end. Not of suspend.
  bool operator==(const ClockFault&) const = default;
};

using Fault = std::variant<PartitionFault, PauseFault, CrashFault, LeaveFault, JoinFault, ClockFault>;

}  // namespace cicada::sim
