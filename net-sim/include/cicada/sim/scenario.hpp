#pragma once
/// A scenario: everything that one simulation run is made of, as plain values. `scenario_loader.hpp` makes it from YAML
/// and has checked every range written here; code that builds a Scenario by hand must keep to them itself.
/// A ratio is a share from 0 to 1, a rate counts per simulated second, `bytes` are bytes.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <cicada/sim/scenario_adversaries.hpp>
#include <cicada/sim/scenario_events.hpp>
#include <cicada/sim/scenario_links.hpp>
#include <cicada/sim/scenario_protocol.hpp>
#include <cicada/time.hpp>

namespace cicada::sim {

/// How the first `Peers::count` peers come into being.
struct Join {
  enum class Kind : std::uint8_t {
    ideal,  ///< `{start: ideal}`: a converged ring at t=0, whose birth is not simulated.
    over,  ///< `{over: 5min}`: successors + 1 members are an ideal ring at t=0, the rest joins uniformly over the time.
    at_once  ///< `{at_once: true}`: the same base, and all others begin to join at t=0.
  };
  Kind kind = Kind::ideal;           ///< Default ideal.
  Duration over = Duration::zero();  ///< Only with `over`. Above 0.
  bool operator==(const Join&) const = default;
};

/// The section `peers:`.
struct Peers {
  std::uint64_t count = 0;  ///< Peers at the start, the base ring included. successors + 1 .. 50,000,000. Required.
  Join join;                ///< Default ideal.
  /// One id a line, 64 hexadecimal digits each: those of the first peers, all different, at most `count`; `#` starts a
  /// comment. The other peers draw theirs. Absolute after loading; existed then. Default empty: all draw.
  std::filesystem::path ids{};
  bool operator==(const Peers&) const = default;
};

/// How closely the checker outside the nodes follows the ring.
enum class Check : std::uint8_t {
  automatic,    ///< `auto`: every_event in small worlds, incremental otherwise.
  every_event,  ///< The whole ring after every event: small worlds only.
  incremental,  ///< Touched nodes after each event, all of them every `full_check_every`.
  off           ///< No checks of the ring. Lookups are judged all the same.
};

/// The section `measure:`. Whether a lookup found the correct owner is judged at the time of its answer.
struct Measure {
  Duration sample = std::chrono::seconds{1};  ///< Rows of series.csv. Default duration/100, at least 1 s.
  Duration warmup = Duration::zero();         ///< Lookups, sends, traffic before it don't count. Default 0 s.
  Check check = Check::automatic;             ///< Default auto.
  Duration full_check_every = std::chrono::seconds{10};  ///< Above 0. Default 10 s.
  std::uint64_t keys = 0;  ///< Random keys whose spread over the members is counted at the end. Default 0: none.
  /// For every so-manieth send: did a clean path exist at that instant, through live honest peers only? 0: not asked.
  /// Unset: `ceiling_every`. Cost: a few hundred table entries where a path exists, as a rule.
  std::optional<std::uint64_t> ceiling{};
  /// For so many of these, evenly spread over the time of the sends, the vertex-disjoint clean paths are counted too.
  /// 0 .. 10,000. Unset: `disjoint_samples`.
  std::optional<std::uint64_t> disjoint_paths{};
  bool operator==(const Measure&) const = default;
};

/// The section `explore:`: instead of one world, many small ones, one after the other, with consecutive seeds from the
/// scenario's on. Each starts as an ideal ring of `peers.count` members. Then peers with ids out of a small space join,
/// crash, leave and come back at random times within `duration`, where the operating assumptions of the proof allow it
/// (chord.md section 3.3); then nothing happens any more, and the ring must become ideal within a bounded time.
struct Explore {
  std::uint64_t worlds = 0;   ///< 0: no exploration. Default 0.
  std::uint32_t ids = 16;     ///< Ids that there are, a power of two. 4 .. 64. Default 16.
  std::uint32_t events = 40;  ///< Happenings in each world. 0 .. 10,000. Default 40.
  bool operator==(const Explore&) const = default;
};

/// One axis of a sweep: a dotted key as for `--set`, and its values as one would write them there.
struct SweepAxis {
  std::string key;                  ///< Such as `workloads.sends.duplicates`.
  std::vector<std::string> values;  ///< At least one, each accepted by the loader.
  bool operator==(const SweepAxis&) const = default;
};

/// The section `sweep:`: the grid of all axes, each cell with `seeds` consecutive seeds from the scenario's on.
struct Sweep {
  std::vector<SweepAxis> axes;  ///< In the order of the file. Default none.
  std::uint64_t seeds = 1;      ///< 1 .. 100,000. Default 1.
  /// Expectations of the means over the seeds, in each cell of the grid. Default none.
  std::vector<std::string> expect;
  bool operator==(const Sweep&) const = default;
};

struct Scenario {
  std::string name;                    ///< Required. Names the output folder, so letters, digits, `-`, `_`, `.` only.
  std::string about;                   ///< The question that the scenario asks. Default empty.
  std::uint64_t seed = 1;              ///< Everything random follows from it. Default 1.
  Duration duration{};                 ///< Simulated time. Above 0. Required.
  Peers peers;                         ///< Required.
  Links links;                         ///< Latency, loss and set-up of links.
  Protocol protocol;                   ///< Parameters of the ring.
  std::vector<Workload> workloads;     ///< In the order of the file. Default none.
  std::vector<Adversary> adversaries;  ///< In the order of the file, at most 32. Default none.
  std::vector<Fault> faults;           ///< In the order of the file. Default none.
  Measure measure;                     ///< What is recorded and checked.
  Explore explore;                     ///< Many small worlds instead of one. Default off.
  Sweep sweep;                         ///< Only `cicada-sim sweep` looks at it.
  std::vector<std::string> expect;     ///< Expectations, see expectation.hpp. Default none.
  bool operator==(const Scenario&) const = default;
};

/// What `measure.ceiling` is in effect: unset, it is 1 where there are adversaries (every measured message), else 0.
[[nodiscard]] inline std::uint64_t ceiling_every(const Scenario& scenario) {
  return scenario.measure.ceiling.value_or(scenario.adversaries.empty() ? 0 : 1);
}

/// What `measure.disjoint_paths` is in effect: unset, it is 50 with adversaries and up to 10,000 peers, else 0.
[[nodiscard]] inline std::uint64_t disjoint_samples(const Scenario& scenario) {
  const bool affordable = !scenario.adversaries.empty() && scenario.peers.count <= 10'000;
  return scenario.measure.disjoint_paths.value_or(affordable ? 50 : 0);
}

}  // namespace cicada::sim
