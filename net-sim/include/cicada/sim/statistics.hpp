#pragma once
/// Statistics that a simulation keeps while it runs and that a report needs afterwards: streaming moments, quantiles in
/// bounded memory, confidence intervals, tests of fit. It knows nothing of peers or messages.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include <cicada/sim/run_result.hpp>

namespace cicada::sim {

/// Mean and variance of a stream in constant memory, without cancellation. Welford, Technometrics 4(3), 1962; `merge`
/// is Chan, Golub, LeVeque, 1979.
class RunningMoments {
 public:
  void add(double value);
  /// As if every value of `other` had been added here.
  void merge(const RunningMoments& other);

  [[nodiscard]] std::uint64_t count() const { return count_; }
  /// NaN when empty, as for `min` and `max`.
  [[nodiscard]] double mean() const { return count_ > 0 ? mean_ : nan_; }
  /// Sample variance, divisor n - 1. NaN below two values.
  [[nodiscard]] double variance() const;
  [[nodiscard]] double deviation() const;
  [[nodiscard]] double min() const { return count_ > 0 ? min_ : nan_; }
  [[nodiscard]] double max() const { return count_ > 0 ? max_ : nan_; }

 private:
  static constexpr double nan_ = std::numeric_limits<double>::quiet_NaN();
  std::uint64_t count_ = 0;
  double mean_ = 0;
  double squares_ = 0;  // Sum of squared distances from the mean.
  double min_ = 0;
  double max_ = 0;
};

/// Quantiles of many samples in bounded memory: a log-linear histogram in the style of HdrHistogram (Tene, 2012).
///
/// A value is rounded to a multiple of `resolution`. Multiples below 256 have a bin each, so hops (resolution 1) are
/// exact; above, every octave has 128 bins, so a quantile is within 1/256 (0.4 %) of a sample of that rank. Mean,
/// minimum and maximum are exact at any size. Memory grows with the largest value: 2 KiB up to 256 multiples, 1 KiB per
/// further doubling, at most 55 KiB.
class QuantileRecorder {
 public:
  /// `resolution` > 0, in the unit of the values: 1 for hops, 0.001 for milliseconds that are right to a microsecond.
  explicit QuantileRecorder(double resolution = 1.0);

  /// Precondition: `value` is finite and not negative. Constant time. Values above 2^62 resolutions count as that.
  void add(double value);
  /// Precondition: equal resolutions.
  void merge(const QuantileRecorder& other);
  /// Forgets every value and keeps the memory, for use per interval.
  void clear();

  /// The smallest recorded value with at least `ratio` of all at or below it (nearest rank), `ratio` in [0, 1]. NaN
  /// when empty. Linear in the number of bins.
  [[nodiscard]] double quantile(double ratio) const;
  [[nodiscard]] const RunningMoments& moments() const { return moments_; }
  [[nodiscard]] std::uint64_t count() const { return moments_.count(); }

  /// Discrete, one bin per value from 0 to the largest, where the resolution is 1 and all values are below 256; else
  /// `bins_per_decade` log-spaced bins from the smallest to the largest value (the first is [0, resolution) where
  /// values that small exist). The samples of a fine bin go to the coarse bin that holds its middle.
  [[nodiscard]] Histogram histogram(std::string name, std::string unit, int bins_per_decade = 20) const;

 private:
  [[nodiscard]] double middle(std::size_t bin) const;

  double resolution_;
  std::vector<std::uint64_t> bins_;
  RunningMoments moments_;
};

/// A closed range. Both ends are NaN where there is not enough data for one.
struct Interval {
  double low = std::numeric_limits<double>::quiet_NaN();
  double high = std::numeric_limits<double>::quiet_NaN();
  [[nodiscard]] bool known() const { return low <= high; }
};

/// Wilson's score interval for a proportion: right near 0 and 1 and with few trials, where the normal one is not
/// (Wilson, JASA 22, 1927). Unknown without trials. Preconditions: successes <= trials, `confidence` in (0, 1).
[[nodiscard]] Interval wilson_interval(std::uint64_t successes, std::uint64_t trials, double confidence = 0.95);

/// Student's t interval for the mean of independent values, one per seed for example. Unknown below two values.
[[nodiscard]] Interval mean_interval(const RunningMoments& values, double confidence = 0.95);

/// The p-value of Pearson's chi-square test that `observed` counts follow `expected` ones. `fitted` is the number of
/// parameters estimated from the data. Preconditions: equal sizes, more than fitted + 1 bins, every expected count > 0
/// (above 5 for the test to mean much).
[[nodiscard]] double chi_square_p(std::span<const double> observed, std::span<const double> expected, int fitted = 0);

/// The p-value of the one-sample Kolmogorov-Smirnov test of `samples` against a continuous distribution, with Stephens'
/// small-sample correction (JASA 69, 1974). Precondition: not empty. Sorts a copy.
[[nodiscard]] double kolmogorov_p(std::vector<double> samples, const std::function<double(double)>& cumulative);

}  // namespace cicada::sim
