#pragma once
/// One-way latency between two peers at rest: what the `links:` section of a scenario describes, made computable.
/// Loss, jitter and everything else that befalls single messages is in link_sampler.hpp.
///
/// Peer indices grow without bound during a run, so nothing is stored per peer: a peer's place (point, region, router,
/// matrix row) is a hash of (seed, index), and what belongs to a pair is a hash of (seed, pair).

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <string>

#include <cicada/peer.hpp>
#include <cicada/sim/scenario_links.hpp>
#include <cicada/time.hpp>

namespace cicada::sim {

/// One-way delay between peers that share a router or a row of a measured matrix: a switched local network.
inline constexpr Duration same_site_latency = std::chrono::microseconds{100};

/// No model gives a longer latency: the tail of the log-normal model is cut here, and files are refused beyond it.
inline constexpr Duration latency_max = std::chrono::hours{1};

class LatencyModel {
 public:
  virtual ~LatencyModel() = default;

  /// One-way delay from a to b, at least 0: a pure function of (seed, a, b), and symmetric unless measured data are
  /// not. Precondition: a != b. Cost: a few nanoseconds, or tens where the model says so; see make_latency_model.
  [[nodiscard]] virtual Duration base(PeerIndex a, PeerIndex b) const = 0;

  /// A middling one-way latency of random pairs (mean or median, whichever the model knows), for sizing queues and
  /// time-outs. Not a bound.
  [[nodiscard]] virtual Duration typical() const = 0;

  /// Heap and object, in bytes.
  [[nodiscard]] virtual std::size_t memory_bytes() const = 0;
};

/// Builds the model; reads the file of a graph or matrix. All draws come from (seed, Purpose::topology) for places and
/// (seed, Purpose::latency) for pairs.
///
/// | model | cost of base() | memory | notes |
/// |---|---|---|---|
/// | constant, uniform | some 3 ns | none | uniform per message: base() is the middle of the range |
/// | lognormal | 25 ns | none | quantile function of the pair's hash, cut at `latency_max` |
/// | euclidean | 8-16 ns | none | plain cube without wrap-around, scaled to the configured mean |
/// | regions | 4 ns | regions^2 | |
/// | transit_stub | 25 ns | 2 B per router pair of a stub | peers at stub routers |
/// | graph | 10-100 ns | 4 B per pair of routers used | rows made on first use; at most 10,000 routers |
/// | matrix | 10 ns | 4 B per entry | peers at rows; stored to the microsecond |
///
/// Errors are one line: `file:line:column: found X, expected Y` for a file's content, else what is wrong with which
/// key. A model is not thread-safe (the graph model fills its rows lazily).
[[nodiscard]] std::expected<std::unique_ptr<LatencyModel>, std::string> make_latency_model(const LinkModel& links,
                                                                                           std::uint64_t seed);

}  // namespace cicada::sim
