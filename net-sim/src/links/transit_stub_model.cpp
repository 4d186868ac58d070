/// The transit-stub network of Stoica et al., ToN 2003, section VI-G, as GT-ITM makes it (Zegura, Calvert,
/// Bhattacharjee, INFOCOM 1996). The paper names sizes and latencies but not the edge probabilities; ours are those of
/// GT-ITM's own sample of a transit-stub graph: every two transit domains joined, 0.6 inside a transit domain, 0.42
/// inside a stub, one link from each stub domain to its transit router.

#include <algorithm>
#include <limits>
#include <numeric>
#include <span>
#include <vector>

#include <fmt/format.h>

#include <cicada/assert.hpp>
#include <cicada/sim/link_hash.hpp>

#include "links/models.hpp"
#include "links/router_graph.hpp"

namespace cicada::sim {

namespace {

constexpr double domain_link_probability = 1.0;
constexpr double transit_link_probability = 0.6;
constexpr double stub_link_probability = 0.42;

constexpr std::uint64_t transit_routers_max = 2'000;
constexpr std::uint64_t stub_entries_max = std::uint64_t{1} << 26;

using Hops = std::uint16_t;

/// Links per shortest path between all pairs of a graph whose links are all alike, row by row.
std::vector<Hops> all_hops(std::size_t count, std::span<const RouterLink> links) {
  const RouterGraph graph(count, links);
  std::vector<Hops> hops;
  hops.reserve(count * count);
  for (std::size_t router = 0; router < count; ++router) {
    for (const Duration each : graph.latencies_from(router)) {
      CICADA_ASSERT(each.count() <= std::numeric_limits<Hops>::max());
      hops.push_back(static_cast<Hops>(each.count()));
    }
  }
  return hops;
}

constexpr Duration one_hop{1};

/// A stub hangs on one transit router by one link, so the shortest path between two stubs is up, across and down, and
/// the hop counts inside each stub and between transit routers are all that has to be kept.
class TransitStubModel final : public LatencyModel {
 public:
  TransitStubModel(const TransitStubLinks& links, std::uint64_t seed)
      : links_(links),
        hash_(seed, Purpose::topology, 0),
        transit_routers_(std::size_t{links.transit_domains} * links.transit_nodes),
        stub_routers_(transit_routers_ * links.stubs_per_transit * links.stub_nodes) {
    Rng rng(seed, Purpose::topology);
    build_transit(rng);
    build_stubs(rng);
    std::vector<Duration> some;
    for (PeerIndex peer = 0; peer < 1001; ++peer) some.push_back(base(2 * peer, 2 * peer + 1));
    std::ranges::nth_element(some, some.begin() + 500);
    typical_ = some[500];
  }

  [[nodiscard]] Duration base(PeerIndex a, PeerIndex b) const override {
    return between(choose(hash_.of_peer(a), stub_routers_), choose(hash_.of_peer(b), stub_routers_));
  }

  [[nodiscard]] Duration typical() const override { return typical_; }

  [[nodiscard]] std::size_t memory_bytes() const override {
    return sizeof(*this) + (transit_hops_.capacity() + stub_hops_.capacity() + up_hops_.capacity()) * sizeof(Hops);
  }

 private:
  void build_transit(Rng& rng) {
    std::vector<RouterLink> links;
    std::vector<std::uint32_t> domains(links_.transit_domains);
    std::iota(domains.begin(), domains.end(), 0U);
    connect_randomly(domains, domain_link_probability, one_hop, rng, links);
    // So far these join domains; now each end becomes a router of its domain.
    const std::uint32_t width = links_.transit_nodes;
    for (RouterLink& link : links) {
      link.a = link.a * width + static_cast<std::uint32_t>(rng.below(width));
      link.b = link.b * width + static_cast<std::uint32_t>(rng.below(width));
    }
    std::vector<std::uint32_t> routers(width);
    for (std::uint32_t domain = 0; domain < links_.transit_domains; ++domain) {
      std::iota(routers.begin(), routers.end(), domain * width);
      connect_randomly(routers, transit_link_probability, one_hop, rng, links);
    }
    transit_hops_ = all_hops(transit_routers_, links);
  }

  void build_stubs(Rng& rng) {
    const std::size_t width = links_.stub_nodes;
    std::vector<std::uint32_t> routers(width);
    std::iota(routers.begin(), routers.end(), 0U);
    stub_hops_.reserve(stub_routers_ * width);
    up_hops_.reserve(stub_routers_);
    std::vector<RouterLink> links;
    for (std::size_t stub = 0; stub < stub_routers_ / width; ++stub) {
      links.clear();
      connect_randomly(routers, stub_link_probability, one_hop, rng, links);
      const std::vector<Hops> hops = all_hops(width, links);
      const auto gateway = static_cast<std::ptrdiff_t>(rng.below(width) * width);
      stub_hops_.insert(stub_hops_.end(), hops.begin(), hops.end());
      up_hops_.insert(up_hops_.end(), hops.begin() + gateway,
                      hops.begin() + gateway + static_cast<std::ptrdiff_t>(width));
    }
  }

  [[nodiscard]] Duration between(std::size_t a, std::size_t b) const {
    if (a == b) return std::min(same_site_latency, links_.intra_stub);
    const std::size_t width = links_.stub_nodes;
    const std::size_t stub_a = a / width;
    const std::size_t stub_b = b / width;
    if (stub_a == stub_b) return links_.intra_stub * stub_hops_[a * width + b % width];
    const std::size_t transit_a = stub_a / links_.stubs_per_transit;
    const std::size_t transit_b = stub_b / links_.stubs_per_transit;
    return links_.intra_stub * (up_hops_[a] + up_hops_[b]) + 2 * links_.transit_stub +
           links_.intra_transit * transit_hops_[transit_a * transit_routers_ + transit_b];
  }

  TransitStubLinks links_;
  LinkHash hash_;
  std::size_t transit_routers_;
  std::size_t stub_routers_;
  std::vector<Hops> transit_hops_;  ///< transit_routers_ squared.
  std::vector<Hops> stub_hops_;     ///< Per stub router, a row over its stub.
  std::vector<Hops> up_hops_;       ///< Per stub router, to the one that has the link to the transit router.
  Duration typical_{};
};

}  // namespace

MadeModel make_model(const TransitStubLinks& links, std::uint64_t seed) {
  CICADA_ASSERT(links.transit_domains > 0 && links.transit_nodes > 0);
  CICADA_ASSERT(links.stubs_per_transit > 0 && links.stub_nodes > 0);
  const std::uint64_t transit = std::uint64_t{links.transit_domains} * links.transit_nodes;
  if (transit > transit_routers_max) {
    return std::unexpected(
        fmt::format("links: found {} transit routers (transit_domains x transit_nodes), expected at most {}", transit,
                    transit_routers_max));
  }
  // At most 2,000 x 1,000 x 1,000 x 1,000, which 64 bits hold.
  const std::uint64_t entries = transit * links.stubs_per_transit * links.stub_nodes * links.stub_nodes;
  if (entries > stub_entries_max) {
    return std::unexpected(fmt::format(
        "links: found {} pairs of routers in a common stub (stub routers x stub_nodes), expected at most {}", entries,
        stub_entries_max));
  }
  return std::make_unique<TransitStubModel>(links, seed);
}

}  // namespace cicada::sim
