// Random streams: pinned values (a change would change every simulation ever published), uniform, independent of each
// other.

#include <catch2/catch.hpp>

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <set>
#include <vector>

#include <cicada/rng.hpp>

namespace {

using namespace cicada;
using namespace std::chrono_literals;

TEST_CASE("known values of the mixer and of streams", "[rng]") {
  CHECK(mix64(0) == 0);
  CHECK(mix64(1) == 0x5692161d100b05e5ULL);
  CHECK(mix64(1, 2) == 0xd047931f0a7cf2dbULL);
  Rng rng(7, Purpose::node, 3);
  CHECK(rng.next() == 0x12632c6d6e156068ULL);
  CHECK(rng.next() == 0x6752bbefccbf0e7eULL);
  CHECK(rng.below(1000) == 416);
  CHECK(rng.uniform() == 0x1.33c00ade612c0p-5);
}

TEST_CASE("streams depend on seed, purpose and index, and on nothing else", "[rng]") {
  std::set<std::uint64_t> firsts;
  for (std::uint64_t seed = 0; seed < 20; ++seed)
    for (const Purpose purpose : {Purpose::node, Purpose::identity, Purpose::churn, Purpose::test})
      for (std::uint32_t index = 0; index < 100; ++index) {
        firsts.insert(Rng(seed, purpose, index).next());
        REQUIRE(Rng(seed, purpose, index).next() == Rng(seed, purpose, index).next());
      }
  REQUIRE(firsts.size() == 20 * 4 * 100);
}

TEST_CASE("neighbouring streams are uncorrelated", "[rng]") {
  constexpr int draws = 20'000;
  for (std::uint32_t index = 0; index < 20; ++index) {
    Rng a(1, Purpose::test, index);
    Rng b(1, Purpose::test, index + 1);
    Rng c(2, Purpose::test, index);
    double with_index = 0;
    double with_seed = 0;
    std::uint64_t equal_bits = 0;
    for (int i = 0; i < draws; ++i) {
      const std::uint64_t bits = a.next();
      const double x = static_cast<double>(bits >> 11) * 0x1.0p-53 - 0.5;
      const std::uint64_t neighbour = b.next();
      with_index += x * (static_cast<double>(neighbour >> 11) * 0x1.0p-53 - 0.5);
      with_seed += x * (c.uniform() - 0.5);
      equal_bits += static_cast<std::uint64_t>(std::popcount(~(bits ^ neighbour)));
    }
    // The product of two uniform variables around 0 has the standard deviation 1/12; five deviations of the mean.
    const double limit = 5.0 / 12 / std::sqrt(double{draws});
    REQUIRE(std::abs(with_index / draws) < limit);
    REQUIRE(std::abs(with_seed / draws) < limit);
    // Half of 64 bits agree, standard deviation 4.
    REQUIRE(std::abs(static_cast<double>(equal_bits) / draws - 32) < 5 * 4 / std::sqrt(double{draws}));
  }
}

TEST_CASE("one flipped bit of the input flips half of the output", "[rng]") {
  Rng inputs(1, Purpose::test);
  for (unsigned bit = 0; bit < 64; ++bit) {
    int flipped = 0;
    int flipped_in_pairs = 0;
    for (int i = 0; i < 1000; ++i) {
      const std::uint64_t x = inputs.next();
      flipped += std::popcount(mix64(x) ^ mix64(x ^ (1ULL << bit)));
      flipped_in_pairs += std::popcount(mix64(x, 5) ^ mix64(x ^ (1ULL << bit), 5));
    }
    // 32,000 expected, standard deviation 126 for an ideal function; SplitMix64's finaliser is close to that.
    REQUIRE(std::abs(flipped - 32'000) < 1'300);
    REQUIRE(std::abs(flipped_in_pairs - 32'000) < 1'300);
  }
}

TEST_CASE("below is uniform and stays below", "[rng]") {
  Rng rng(3, Purpose::test);
  for (int i = 0; i < 100; ++i) REQUIRE(rng.below(1) == 0);
  for (int i = 0; i < 1000; ++i) REQUIRE(rng.below((1ULL << 63) + 1) <= 1ULL << 63);
  constexpr int draws = 100'000;
  std::array<int, 10> hits{};
  for (int i = 0; i < draws; ++i) ++hits.at(rng.below(10));
  double chi_square = 0;
  for (const int count : hits) chi_square += std::pow(count - draws / 10.0, 2) / (draws / 10.0);
  // Nine degrees of freedom: above 40 once in 130,000 seeds.
  REQUIRE(chi_square < 40);
}

TEST_CASE("uniform numbers lie in their interval and have the right moments", "[rng]") {
  Rng rng(4, Purpose::test);
  constexpr int draws = 100'000;
  double sum = 0;
  double squares = 0;
  for (int i = 0; i < draws; ++i) {
    const double x = rng.uniform();
    REQUIRE((x >= 0 && x < 1));
    const double positive = rng.uniform_positive();
    REQUIRE((positive > 0 && positive <= 1));
    sum += x;
    squares += x * x;
  }
  REQUIRE(std::abs(sum / draws - 0.5) < 0.005);
  REQUIRE(std::abs(squares / draws - 1.0 / 3) < 0.005);
}

TEST_CASE("exponential times have the mean that was asked for, and no memory", "[rng]") {
  Rng rng(5, Purpose::test);
  constexpr int draws = 100'000;
  double sum = 0;
  int beyond_mean = 0;
  for (int i = 0; i < draws; ++i) {
    const double x = rng.exponential(30);
    REQUIRE((x >= 0 && std::isfinite(x)));
    sum += x;
    beyond_mean += x > 30 ? 1 : 0;
  }
  REQUIRE(std::abs(sum / draws - 30) < 0.5);
  REQUIRE(std::abs(beyond_mean / double{draws} - std::exp(-1)) < 0.008);
}

TEST_CASE("chance is sure at its ends, durations stay in their range", "[rng]") {
  Rng rng(6, Purpose::test);
  for (int i = 0; i < 1000; ++i) {
    REQUIRE_FALSE(rng.chance(0));
    REQUIRE(rng.chance(1));
    const Duration wait = rng.between(10ms, 20ms);
    REQUIRE((wait >= 10ms && wait < 20ms));
    REQUIRE(rng.between(7ms, 7ms) == 7ms);
    REQUIRE(rng.between(7ms, 3ms) == 7ms);
  }
}

}  // namespace
