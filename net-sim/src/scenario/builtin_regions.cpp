#include <algorithm>
#include <array>

#include <cicada/assert.hpp>
#include <cicada/sim/scenario_links.hpp>

namespace cicada::sim {

// Rounded one-way times in ms, half of typical round trips between cloud data centres of these parts of the world
// (published inter-region tables of the large providers, which agree within some 10 %). Inside a region: 5 ms.
RegionLinks builtin_regions(std::size_t count) {
  constexpr std::size_t all = 8;
  constexpr std::array<const char*, all> names = {"north_america_east", "north_america_west", "europe",  "asia_east",
                                                  "asia_southeast",     "south_america",      "oceania", "africa"};
  constexpr std::array<std::array<int, all>, all> one_way_ms = {{{5, 32, 42, 82, 108, 57, 100, 115},
                                                                 {32, 5, 70, 54, 86, 87, 70, 140},
                                                                 {42, 70, 5, 112, 84, 100, 135, 78},
                                                                 {82, 54, 112, 5, 36, 128, 55, 180},
                                                                 {108, 86, 84, 36, 5, 162, 47, 150},
                                                                 {57, 87, 100, 128, 162, 5, 157, 170},
                                                                 {100, 70, 135, 55, 47, 157, 5, 205},
                                                                 {115, 140, 78, 180, 150, 170, 205, 5}}};
  CICADA_ASSERT(count >= 1 && count <= all);
  RegionLinks regions;
  for (std::size_t i = 0; i < count; ++i) {
    regions.names.emplace_back(names[i]);
    std::vector<Duration>& row = regions.one_way.emplace_back();
    for (std::size_t j = 0; j < count; ++j) row.emplace_back(std::chrono::milliseconds{one_way_ms[i][j]});
  }
  return regions;
}

}  // namespace cicada::sim
