// Each latency model has the distribution that its parameters promise, is a pure function of (seed, a, b), and is the
// same in both directions.

#include <cicada/sim/latency_model.hpp>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <cicada/rng.hpp>
#include <cicada/sim/normal_quantile.hpp>

namespace {

using namespace cicada;
using namespace cicada::sim;
using namespace std::chrono_literals;

std::unique_ptr<LatencyModel> made(const LinkModel& links, std::uint64_t seed = 1) {
  auto model = make_latency_model(links, seed);
  INFO((model ? std::string() : model.error()));
  REQUIRE(model.has_value());
  return std::move(*model);
}

/// Sorted latencies of random pairs among many peers, in ms.
std::vector<double> sample_ms(const LatencyModel& model, std::size_t count = 200'000) {
  Rng rng(11, Purpose::test);
  std::vector<double> latencies;
  while (latencies.size() < count) {
    const auto a = static_cast<PeerIndex>(rng.below(1'000'000));
    const auto b = static_cast<PeerIndex>(rng.below(1'000'000));
    if (a != b) latencies.push_back(static_cast<double>(model.base(a, b).count()) * 1e-6);
  }
  std::ranges::sort(latencies);
  return latencies;
}

double mean_of(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

std::vector<LinkModel> models_without_files() {
  return {ConstantLinks{},
          UniformLinks{},
          UniformLinks{10ms, 30ms, UniformLinks::Per::message},
          ExponentialLinks{},
          LognormalLinks{},
          EuclideanLinks{},
          EuclideanLinks{.dimensions = 8},
          RegionLinks{{"a", "b", "c"}, {{1ms, 20ms, 30ms}, {20ms, 2ms, 40ms}, {30ms, 40ms, 3ms}}},
          TransitStubLinks{}};
}

TEST_CASE("every model is pure and symmetric, and its seed matters", "[latency_model]") {
  for (const LinkModel& links : models_without_files()) {
    CAPTURE(links.index());
    const auto model = made(links, 5);
    const auto again = made(links, 5);
    const auto other = made(links, 6);
    std::size_t moved = 0;
    for (PeerIndex a = 0; a < 60; ++a) {
      for (PeerIndex b = a + 1; b < 60; ++b) {
        const Duration latency = model->base(a, b);
        REQUIRE(latency == again->base(a, b));
        REQUIRE(latency == model->base(b, a));
        REQUIRE(latency >= Duration::zero());
        REQUIRE(latency <= latency_max);
        moved += latency != other->base(a, b) ? 1U : 0U;
      }
    }
    // A constant has nothing to draw; uniform per message has a constant at rest.
    const bool drawn = model->base(1, 2) != model->base(3, 4) || model->base(1, 2) != model->base(5, 6);
    REQUIRE((moved > 500) == drawn);
    REQUIRE(model->memory_bytes() < 1'000'000);
  }
}

TEST_CASE("typical() lies among the latencies that occur", "[latency_model]") {
  for (const LinkModel& links : models_without_files()) {
    CAPTURE(links.index());
    const auto model = made(links);
    const std::vector<double> sample = sample_ms(*model, 20'000);
    const double typical = static_cast<double>(model->typical().count()) * 1e-6;
    REQUIRE(typical >= sample[sample.size() / 5]);
    REQUIRE(typical <= sample[sample.size() * 4 / 5]);
  }
}

TEST_CASE("uniform per pair fills its range evenly", "[latency_model]") {
  const std::vector<double> sample = sample_ms(*made(UniformLinks{20ms, 80ms, UniformLinks::Per::pair}));
  REQUIRE(sample.front() >= 20);
  REQUIRE(sample.back() < 80);
  for (const double share : {0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99}) {
    const auto rank = static_cast<std::size_t>(share * static_cast<double>(sample.size()));
    REQUIRE(sample[rank] == Approx(20 + 60 * share).margin(0.4));
  }
}

TEST_CASE("log-normal has the median and the mean asked for", "[latency_model]") {
  const std::vector<double> sample = sample_ms(*made(LognormalLinks{78ms, 89ms}));
  REQUIRE(sample[sample.size() / 2] == Approx(78).epsilon(0.01));
  REQUIRE(mean_of(sample) == Approx(89).epsilon(0.01));
  // The 90th percentile is median * exp(1.2816 sigma), sigma = sqrt(2 ln(mean / median)) = 0.5137.
  REQUIRE(sample[sample.size() * 9 / 10] == Approx(78 * std::exp(1.281552 * 0.513672)).epsilon(0.01));

  const std::vector<double> wild = sample_ms(*made(LognormalLinks{1ms, 1h}), 20'000);
  REQUIRE(wild.back() <= 3'600'000);
}

TEST_CASE("Euclidean latencies have the mean asked for in every dimension", "[latency_model]") {
  for (std::uint32_t dimensions = 1; dimensions <= 8; ++dimensions) {
    CAPTURE(dimensions);
    const auto model = made(EuclideanLinks{dimensions, 50ms});
    REQUIRE(mean_of(sample_ms(*model)) == Approx(50).epsilon(0.01));
  }
}

TEST_CASE("Euclidean latencies and shortest paths obey the triangle inequality", "[latency_model]") {
  for (const LinkModel& links : {LinkModel{EuclideanLinks{}}, LinkModel{TransitStubLinks{}}}) {
    const auto model = made(links);
    Rng rng(2, Purpose::test);
    for (int i = 0; i < 20'000; ++i) {
      const auto a = static_cast<PeerIndex>(3 * rng.below(5000));
      const auto b = static_cast<PeerIndex>(3 * rng.below(5000) + 1);
      const auto c = static_cast<PeerIndex>(3 * rng.below(5000) + 2);
      // Each leg is rounded down to a nanosecond.
      REQUIRE(model->base(a, c) <= model->base(a, b) + model->base(b, c) + 2ns);
    }
  }
}

TEST_CASE("regions are equally likely and keep their table", "[latency_model]") {
  const RegionLinks links{{"a", "b"}, {{1ms, 20ms}, {20ms, 3ms}}};
  const std::vector<double> sample = sample_ms(*made(links));
  const auto share_of = [&](double ms) {
    return static_cast<double>(std::ranges::count(sample, ms)) / static_cast<double>(sample.size());
  };
  REQUIRE(share_of(1) == Approx(0.25).margin(0.01));
  REQUIRE(share_of(3) == Approx(0.25).margin(0.01));
  REQUIRE(share_of(20) == Approx(0.5).margin(0.01));
}

TEST_CASE("transit-stub latencies are sums of its three kinds of link", "[latency_model]") {
  const auto model = made(TransitStubLinks{});
  constexpr PeerIndex pairs = 200'000;
  std::size_t within_stub = 0;
  for (PeerIndex pair = 0; pair < pairs; ++pair) {
    const Duration latency = model->base(2 * pair, 2 * pair + 1);
    // Two links to transit routers, whole transit links, a few of 1 ms inside each stub; or only the last; or one
    // router.
    const bool same_site = latency == same_site_latency;
    const bool same_stub = latency >= 1ms && latency <= 8ms && latency % 1ms == 0ms;
    const bool across = latency >= 40ms && (latency - 40ms) % 50ms % 1ms == 0ms && (latency - 40ms) % 50ms <= 16ms;
    REQUIRE((same_site || same_stub || across));
    // Ten domains, all joined: at most a few transit links between any two stubs.
    REQUIRE(latency <= 40ms + 8 * 50ms + 16ms);
    within_stub += same_site || same_stub ? 1U : 0U;
  }
  // 150 stubs of equal size.
  REQUIRE(static_cast<double>(within_stub) / pairs == Approx(1.0 / 150).epsilon(0.1));
}

TEST_CASE("a single router and a single stub are networks too", "[latency_model]") {
  const auto one = made(TransitStubLinks{1, 1, 1, 1});
  REQUIRE(one->base(1, 2) == same_site_latency);
  const auto stub = made(TransitStubLinks{1, 1, 1, 20});
  REQUIRE(sample_ms(*stub, 1000).back() < 20);
}

TEST_CASE("transit-stub networks too large for memory are refused", "[latency_model]") {
  const auto wide = make_latency_model(TransitStubLinks{100, 100, 1, 1}, 1);
  REQUIRE_FALSE(wide.has_value());
  REQUIRE(wide.error() ==
          "links: found 10000 transit routers (transit_domains x transit_nodes), expected at most 2000");
  const auto deep = make_latency_model(TransitStubLinks{10, 10, 10, 1000}, 1);
  REQUIRE_FALSE(deep.has_value());
  REQUIRE(deep.error() ==
          "links: found 1000000000 pairs of routers in a common stub (stub routers x stub_nodes), expected at most "
          "67108864");
}

TEST_CASE("the normal quantile inverts the normal distribution function", "[latency_model]") {
  for (const double p : {1e-300, 1e-30, 1e-12, 1e-5, 0.01, 0.07, 0.0750001, 0.3, 0.5, 0.7, 0.925, 0.99, 0.99999}) {
    CAPTURE(p);
    REQUIRE(0.5 * std::erfc(-normal_quantile(p) / std::sqrt(2.0)) == Approx(p).epsilon(1e-12));
  }
  REQUIRE(normal_quantile(0.5) == 0);
  // Wichura's own check values.
  REQUIRE(normal_quantile(0.25) == Approx(-0.6744897501960817).epsilon(1e-15));
  REQUIRE(normal_quantile(0.001) == Approx(-3.090232306167814).epsilon(1e-15));
  REQUIRE(normal_quantile(1e-20) == Approx(-9.262340089798408).epsilon(1e-15));
}

TEST_CASE("latencies are the same on every compiler and at every optimisation", "[latency_model]") {
  // Recorded once; a change here changes the digest of every simulation that uses the model.
  std::vector<std::uint64_t> digests;
  for (const LinkModel& links : models_without_files()) {
    const auto model = made(links, 42);
    std::uint64_t digest = 0;
    for (PeerIndex a = 0; a < 2000; ++a)
      digest = mix64(digest, static_cast<std::uint64_t>(model->base(a, 3 * a + 1).count()));
    digests.push_back(digest);
  }
  REQUIRE(digests == std::vector<std::uint64_t>{0x622e1db4c4f0b9c6, 0xb6fe37763a4ceb92, 0x5c8bb0c3bb7c2e89,
                                                0x622e1db4c4f0b9c6, 0x337069ac107fa8a3, 0x5f68bffcc6211d7d,
                                                0x8d3415a86d3b7778, 0x59b153c0afeee7d1, 0x7eb51aaa90efaa79});
}

}  // namespace
