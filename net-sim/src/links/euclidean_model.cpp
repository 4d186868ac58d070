/// Peers as points of the unit cube. The cube is plain, it does not wrap around: peers in its middle are nearer to all
/// others than peers in its corners, as in the 3-d network of Stoica et al., ToN 2003, section VI-G.

#include <algorithm>
#include <array>
#include <cmath>

#include <cicada/assert.hpp>
#include <cicada/sim/link_hash.hpp>

#include "links/models.hpp"

namespace cicada::sim {

namespace {

constexpr std::size_t dimensions_max = 8;

/// Mean distance of two uniform points of the unit cube, for 1 .. 8 dimensions. Computed once in 40 digits from
/// E sqrt(S) = 1 / (2 sqrt(pi)) * integral of (1 - phi(t)^d) t^(-3/2) dt, where phi(t) = E exp(-t (x - y)^2).
constexpr std::array<double, dimensions_max> mean_distance = {
    0.333333333333333333, 0.521405433164720678, 0.661707182267176235, 0.777665653586267115,
    0.878530915267480277, 0.968942083036746773, 1.05158387343685178,  1.12816534024125998};

/// One hash gives three coordinates of 21 bits each: half a millionth of the cube's side, far below any latency that
/// matters.
constexpr std::size_t coordinates_per_hash = 3;
constexpr unsigned coordinate_bits = 21;
constexpr std::uint64_t coordinate_mask = (std::uint64_t{1} << coordinate_bits) - 1;

class EuclideanModel final : public LatencyModel {
 public:
  EuclideanModel(const EuclideanLinks& links, std::uint64_t seed)
      : hashes_{LinkHash(seed, Purpose::topology, 0), LinkHash(seed, Purpose::topology, 1),
                LinkHash(seed, Purpose::topology, 2)},
        dimensions_(links.dimensions),
        mean_(links.mean),
        ns_per_step_(static_cast<double>(links.mean.count()) / mean_distance[links.dimensions - 1] /
                     static_cast<double>(coordinate_mask + 1)) {}

  [[nodiscard]] Duration base(PeerIndex a, PeerIndex b) const override {
    // Integer until the root: differences below 2^21, the sum of 8 squares below 2^45, exact in a double.
    std::int64_t squares = 0;
    for (std::size_t first = 0; first < dimensions_; first += coordinates_per_hash) {
      const LinkHash& hash = hashes_[first / coordinates_per_hash];
      std::uint64_t bits_a = hash.of_peer(a);
      std::uint64_t bits_b = hash.of_peer(b);
      const std::size_t count = std::min(coordinates_per_hash, dimensions_ - first);
      for (std::size_t i = 0; i < count; ++i, bits_a >>= coordinate_bits, bits_b >>= coordinate_bits) {
        const auto difference =
            static_cast<std::int64_t>(bits_a & coordinate_mask) - static_cast<std::int64_t>(bits_b & coordinate_mask);
        squares += difference * difference;
      }
    }
    return Duration(static_cast<Duration::rep>(ns_per_step_ * std::sqrt(static_cast<double>(squares))));
  }

  [[nodiscard]] Duration typical() const override { return mean_; }
  [[nodiscard]] std::size_t memory_bytes() const override { return sizeof(*this); }

 private:
  std::array<LinkHash, 3> hashes_;
  std::size_t dimensions_;
  Duration mean_;
  double ns_per_step_;
};

}  // namespace

MadeModel make_model(const EuclideanLinks& links, std::uint64_t seed) {
  CICADA_ASSERT(links.dimensions >= 1 && links.dimensions <= dimensions_max);
  return std::make_unique<EuclideanModel>(links, seed);
}

}  // namespace cicada::sim
