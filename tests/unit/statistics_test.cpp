// Properties: streaming statistics agree with the plain formulas over all values; quantiles are within their promised
// error of the sorted samples; intervals and p-values agree with published tables.

#include <rapidcheck.h>
#include <algorithm>
#include <catch2/catch.hpp>
#include <cicada/rng.hpp>
#include <cicada/sim/statistics.hpp>
#include <cmath>
#include <numeric>
#include <vector>

using namespace cicada;
using namespace cicada::sim;

namespace {

/// Nearest rank over the sorted samples: the definition that the recorder approximates.
double exact_quantile(std::vector<double> samples, double ratio) {
  std::sort(samples.begin(), samples.end());
  const double rank = std::ceil(ratio * static_cast<double>(samples.size()) - 1e-9);
  return samples[static_cast<std::size_t>(std::max(1.0, rank)) - 1];
}

double plain_variance(const std::vector<double>& values) {
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
  double sum = 0;
  for (const double value : values) sum += (value - mean) * (value - mean);
  return sum / static_cast<double>(values.size() - 1);
}

}  // namespace

TEST_CASE("moments of a stream, whole or merged, are those of the list") {
  REQUIRE(rc::check([](const std::vector<int>& raw, std::size_t cut_seed) {
    RC_PRE(raw.size() >= 2);
    const std::vector<double> values(raw.begin(), raw.end());
    const std::size_t cut = cut_seed % values.size();
    RunningMoments whole;
    RunningMoments first;
    RunningMoments second;
    for (std::size_t i = 0; i < values.size(); ++i) {
      whole.add(values[i]);
      (i < cut ? first : second).add(values[i]);
    }
    first.merge(second);
    const double mean = std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
    const double variance = plain_variance(values);
    for (const RunningMoments& moments : {whole, first}) {
      RC_ASSERT(moments.count() == values.size());
      RC_ASSERT(std::abs(moments.mean() - mean) <= 1e-9 * (1 + std::abs(mean)));
      RC_ASSERT(std::abs(moments.variance() - variance) <= 1e-9 * (1 + variance));
      RC_ASSERT(moments.min() == *std::min_element(values.begin(), values.end()));
      RC_ASSERT(moments.max() == *std::max_element(values.begin(), values.end()));
    }
  }));
}

TEST_CASE("the variance survives a large common offset") {
  // The textbook formula (mean of squares minus square of mean) gives garbage here.
  RunningMoments moments;
  for (const double value : {4.0, 7.0, 13.0, 16.0}) moments.add(1e9 + value);
  CHECK(moments.variance() == 30.0);
}

TEST_CASE("without values there is no mean, quantile or interval") {
  CHECK(std::isnan(RunningMoments().mean()));
  CHECK(std::isnan(QuantileRecorder().quantile(0.5)));
  CHECK_FALSE(mean_interval(RunningMoments()).known());
  CHECK_FALSE(wilson_interval(0, 0).known());
  RunningMoments one;
  one.add(3);
  CHECK(std::isnan(one.variance()));
  CHECK_FALSE(mean_interval(one).known());
}

TEST_CASE("quantiles of hop counts are exact") {
  REQUIRE(rc::check([] {
    const auto hops = *rc::gen::nonEmpty(rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 256)));
    const double ratio = *rc::gen::inRange(0, 101) / 100.0;
    QuantileRecorder recorder;
    for (const int value : hops) recorder.add(value);
    RC_ASSERT(recorder.quantile(ratio) == exact_quantile({hops.begin(), hops.end()}, ratio));
  }));
}

TEST_CASE("quantiles of latencies are within 0.4 % or half the resolution, over nine decades") {
  Rng rng(1, Purpose::test);
  constexpr double resolution = 0.001;
  QuantileRecorder recorder(resolution);
  QuantileRecorder odd(resolution);
  QuantileRecorder even(resolution);
  std::vector<double> samples;
  for (int i = 0; i < 20'000; ++i) {
    const double value = std::pow(10.0, rng.uniform() * 9 - 3);
    samples.push_back(value);
    recorder.add(value);
    (i % 2 == 0 ? even : odd).add(value);
  }
  even.merge(odd);
  for (const double ratio : {0.0, 0.001, 0.01, 0.25, 0.5, 0.9, 0.99, 0.999, 1.0}) {
    const double exact = exact_quantile(samples, ratio);
    CAPTURE(ratio, exact);
    CHECK(std::abs(recorder.quantile(ratio) - exact) <= exact / 256 + resolution / 2);
    CHECK(even.quantile(ratio) == recorder.quantile(ratio));
  }
  recorder.clear();
  CHECK(recorder.count() == 0);
  recorder.add(5);
  CHECK(recorder.quantile(0.5) == Approx(5));
}

TEST_CASE("the rank of a quantile does not suffer from rounding") {
  // 0.99 * 100 is 99.00000000000001 in some evaluations; the 99th of a hundred values is the answer.
  QuantileRecorder recorder;
  for (int i = 1; i <= 100; ++i) recorder.add(i);
  for (int percent = 1; percent <= 100; ++percent) CHECK(recorder.quantile(percent / 100.0) == percent);
}

TEST_CASE("huge values are clamped, not lost") {
  QuantileRecorder recorder(0.001);
  recorder.add(1e300);
  CHECK(recorder.count() == 1);
  CHECK(recorder.quantile(1) == 1e300);
}

TEST_CASE("histograms hold every sample, in its place") {
  Rng rng(2, Purpose::test);
  QuantileRecorder hops;
  for (int i = 0; i < 1000; ++i) hops.add(static_cast<double>(rng.below(12)));
  const Histogram path = hops.histogram("path", "hops");
  CHECK(path.discrete());
  CHECK(path.total() == 1000);
  CHECK(path.edges_or_values.front() == 0);
  CHECK(path.edges_or_values.back() == 11);

  QuantileRecorder latency(0.001);
  std::vector<double> samples = {0.0};
  for (int i = 0; i < 1000; ++i) samples.push_back(std::pow(10.0, rng.uniform() * 4 - 1));
  for (const double sample : samples) latency.add(sample);
  const Histogram binned = latency.histogram("latency", "ms", 10);
  CHECK_FALSE(binned.discrete());
  REQUIRE(binned.edges_or_values.size() == binned.counts.size() + 1);
  CHECK(std::ranges::is_sorted(binned.edges_or_values));
  CHECK(binned.total() == samples.size());
  for (std::size_t i = 0; i < binned.counts.size(); ++i) {
    // A sample may fall to the neighbour of its bin when it is within 0.4 % of the edge between them.
    const double low = binned.edges_or_values[i];
    const double high = binned.edges_or_values[i + 1];
    const auto within = [&](double slack) {
      return static_cast<std::uint64_t>(
          std::ranges::count_if(samples, [&](double x) { return x >= low * (1 + slack) && x < high * (1 - slack); }));
    };
    CAPTURE(low, high);
    CHECK(binned.counts[i] >= within(0.005));
    CHECK(binned.counts[i] <= within(-0.005));
  }
}

TEST_CASE("Wilson's interval agrees with published values") {
  // Newcombe, Statistics in Medicine 17, 1998, table I, method 3.
  const Interval common = wilson_interval(81, 263);
  CHECK(common.low == Approx(0.2553).margin(5e-5));
  CHECK(common.high == Approx(0.3662).margin(5e-5));
  const Interval few = wilson_interval(15, 148);
  CHECK(few.low == Approx(0.0624).margin(5e-5));
  CHECK(few.high == Approx(0.1605).margin(5e-5));
  const Interval none = wilson_interval(0, 20);
  CHECK(none.low == 0);
  CHECK(none.high == Approx(0.1611).margin(5e-5));
  const Interval rare = wilson_interval(1, 29);
  CHECK(rare.low == Approx(0.0061).margin(5e-5));
  CHECK(rare.high == Approx(0.1718).margin(5e-5));
  CHECK(wilson_interval(20, 20).high == 1);
}

TEST_CASE("Student's interval uses the published quantiles") {
  // t(0.975) is 12.706 with 1 degree of freedom, 2.262 with 9; t(0.995) is 3.250 with 9.
  RunningMoments two;
  two.add(-1);
  two.add(1);
  CHECK(mean_interval(two).high == Approx(12.7062).epsilon(1e-5));
  RunningMoments ten;
  for (int i = 0; i < 10; ++i) ten.add(i);
  const double error = std::sqrt(ten.variance() / 10);
  CHECK(mean_interval(ten).high == Approx(4.5 + 2.262157 * error).epsilon(1e-6));
  CHECK(mean_interval(ten, 0.99).low == Approx(4.5 - 3.249836 * error).epsilon(1e-6));
}

TEST_CASE("about 95 of 100 intervals over ten seeds cover the true mean") {
  Rng rng(3, Purpose::test);
  int covered = 0;
  constexpr int repetitions = 4000;
  for (int i = 0; i < repetitions; ++i) {
    RunningMoments values;
    for (int j = 0; j < 10; ++j) {
      double value = 0;  // Irwin and Hall's sum of twelve: normal enough, mean 6.
      for (int k = 0; k < 12; ++k) value += rng.uniform();
      values.add(value);
    }
    const Interval interval = mean_interval(values);
    if (interval.low <= 6 && 6 <= interval.high) ++covered;
  }
  // Three and a half standard deviations of the binomial around 95 %.
  CHECK(std::abs(covered - 0.95 * repetitions) < 3.5 * std::sqrt(0.95 * 0.05 * repetitions));
}

TEST_CASE("tests of fit give published p-values and tell a right distribution from a wrong one") {
  // The 5 % critical value of chi-square with 3 degrees of freedom is 7.815.
  const std::vector<double> expected = {100, 100, 100, 100};
  const double shift = std::sqrt(7.8147 * 100 / 2);
  CHECK(chi_square_p(std::vector<double>{100 + shift, 100 - shift, 100, 100}, expected) == Approx(0.05).epsilon(1e-3));
  CHECK(chi_square_p(expected, expected) == 1);

  Rng rng(4, Purpose::test);
  std::vector<double> samples;
  for (int i = 0; i < 2000; ++i) samples.push_back(rng.exponential(3));
  CHECK(kolmogorov_p(samples, [](double x) { return 1 - std::exp(-x / 3); }) > 0.001);
  CHECK(kolmogorov_p(samples, [](double x) { return 1 - std::exp(-x / 3.5); }) < 0.001);
}

TEST_CASE("Kolmogorov's p-values are uniform when the distribution is right") {
  Rng rng(5, Purpose::test);
  std::vector<double> p_values;
  for (int i = 0; i < 1000; ++i) {
    std::vector<double> samples;
    for (int j = 0; j < 50; ++j) samples.push_back(rng.uniform());
    p_values.push_back(kolmogorov_p(samples, [](double x) { return x; }));
  }
  const auto below = [&](double p) { return std::ranges::count_if(p_values, [&](double x) { return x < p; }); };
  CHECK(std::abs(static_cast<double>(below(0.05)) - 50) < 25);
  CHECK(std::abs(static_cast<double>(below(0.5)) - 500) < 60);
}
