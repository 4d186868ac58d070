#pragma once
/// The `links:` section of a scenario: which one-way latency lies between two peers, and what else happens to a
/// message on its way. Only the description; the models themselves live in the simulator's network.

#include <cstdint>
#include <filesystem>
#include <string>
#include <variant>
#include <vector>

#include <cicada/sim/trace_file.hpp>
#include <cicada/time.hpp>

namespace cicada::sim {

/// Every pair of peers has the same latency.
struct ConstantLinks {
  Duration latency = std::chrono::milliseconds{50};  ///< One way. 0 .. 1 h. Default 50 ms.
  bool operator==(const ConstantLinks&) const = default;
};

/// Latency uniform in [min, max].
struct UniformLinks {
  enum class Per : std::uint8_t { pair, message };
  Duration min = std::chrono::milliseconds{20};  ///< One way. 0 .. 1 h. Default 20 ms.
  Duration max = std::chrono::milliseconds{80};  ///< One way, not below `min`. Default 80 ms.
  Per per = Per::pair;                           ///< Drawn once for a pair, or anew for each message. Default pair.
  bool operator==(const UniformLinks&) const = default;
};

/// Log-normal one-way latency per pair, independent between pairs. The default is King-like: round trips of median
/// 156 ms and mean 178 ms (research/chord.md section 5).
struct LognormalLinks {
  Duration median = std::chrono::milliseconds{78};  ///< One way. Above 0. Default 78 ms.
  Duration mean = std::chrono::milliseconds{89};    ///< One way, not below `median`. Default 89 ms.
  bool operator==(const LognormalLinks&) const = default;
};

/// Peers are uniform points of a unit cube; latency is proportional to their Euclidean distance.
struct EuclideanLinks {
  std::uint32_t dimensions = 3;                   ///< 1 .. 8. Default 3.
  Duration mean = std::chrono::milliseconds{50};  ///< Mean one-way latency over random pairs. Default 50 ms.
  bool operator==(const EuclideanLinks&) const = default;
};

/// Each peer belongs to a region, drawn uniformly; latency is that between the regions. `names` and `one_way` are
/// never empty in a loaded scenario (the built-in world regions fill them).
struct RegionLinks {
  std::vector<std::string> names;              ///< 1 .. 64 region names, all different.
  std::vector<std::vector<Duration>> one_way;  ///< one_way[i][j]: from region i to j; square, symmetric; [i][i] inside.
  bool operator==(const RegionLinks&) const = default;
};

/// The first `count` (1 .. 8) of the built-in world regions, with typical one-way times between cloud data centres.
RegionLinks builtin_regions(std::size_t count = 8);

/// A transit-stub router graph (the shape of Stoica et al., ToN 2003, section VI-G; GT-ITM). Peers sit at random stub
/// routers; latency is that of the shortest path. The default has exactly 5,000 routers.
struct TransitStubLinks {
  std::uint32_t transit_domains = 10;                      ///< Number of transit domains. 1 .. 1,000. Default 10.
  std::uint32_t transit_nodes = 5;                         ///< Routers per transit domain. 1 .. 1,000. Default 5.
  std::uint32_t stubs_per_transit = 3;                     ///< Stub domains per transit router. 1 .. 1,000. Default 3.
  std::uint32_t stub_nodes = 33;                           ///< Routers per stub domain. 1 .. 1,000. Default 33.
  Duration intra_transit = std::chrono::milliseconds{50};  ///< One way between transit routers. Default 50 ms.
  Duration transit_stub = std::chrono::milliseconds{20};   ///< One way between transit and stub. Default 20 ms.
  Duration intra_stub = std::chrono::milliseconds{1};      ///< One way between routers of a stub. Default 1 ms.
  bool operator==(const TransitStubLinks&) const = default;
};

/// A router graph from a file: one edge a line, `router,router,one_way_ms`. Peers sit at random routers; latency is
/// that of the shortest path.
struct GraphLinks {
  std::filesystem::path file;    ///< Absolute after loading; existed then. Required.
  TimeUnit unit = TimeUnit::ms;  ///< Of the latencies in the file. Default ms.
  bool operator==(const GraphLinks&) const = default;
};

/// A measured square matrix, with names in the first row and column or without.
struct MatrixLinks {
  std::filesystem::path file;               ///< Absolute after loading; existed then. Required.
  bool rtt = true;                          ///< Entries are round trips (halved for one way). Default true.
  TimeUnit unit = TimeUnit::ms;             ///< Of its entries. Default ms.
  std::vector<std::string> missing{"nan"};  ///< Entries that stand for "not measured". At most 16. Default nan.
  bool operator==(const MatrixLinks&) const = default;
};

/// Every message draws its latency anew, exponentially distributed: the network of Stoica et al., ToN 2003, §VI.
struct ExponentialLinks {
  Duration mean = std::chrono::milliseconds{50};  ///< One way. Above 0. Default 50 ms.
  bool operator==(const ExponentialLinks&) const = default;
};

using LinkModel = std::variant<ConstantLinks, UniformLinks, LognormalLinks, EuclideanLinks, RegionLinks,
                               TransitStubLinks, GraphLinks, MatrixLinks, ExponentialLinks>;

/// How the death of a peer's process shows to those who hold a link to it.
enum class Death : std::uint8_t {
  silent,  ///< The host vanished: only time-outs tell.
  reset    ///< The host lives: an open link is reset one latency later.
};

/// A share of the messages is held back, so that later ones overtake it.
struct Reorder {
  double ratio = 0;                                 ///< Share of messages. 0 .. 1. Default 0.
  Duration delay = std::chrono::milliseconds{100};  ///< Extra one-way delay of those. Default 100 ms.
  bool operator==(const Reorder&) const = default;
};

/// The section `links:`; the parameters of the model stand beside these keys.
struct Links {
  LinkModel model = LognormalLinks{};  ///< One-way latency. Default log-normal, King-like.
  double jitter_ratio = 0;             ///< Each message's latency is times U[1 - j, 1 + j]. 0 .. 1. Default 0.
  double loss_ratio = 0;               ///< Share of messages lost. 0 .. 1. Default 0.
  double duplicate_ratio = 0;          ///< Share of messages that arrive twice. 0 .. 1. Default 0.
  Reorder reorder;                     ///< Default none.
  std::uint32_t setup_rtts = 0;        ///< Round trips to open a link before its first message. 0 .. 10. Default 0.
  Death death = Death::silent;         ///< Default silent.
  double cut_pairs_ratio = 0;          ///< Share of unordered pairs that can never talk (non-transitive). Default 0.
  bool operator==(const Links&) const = default;
};

}  // namespace cicada::sim
