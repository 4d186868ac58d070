#include <Eigen/Core>
#include <algorithm>
#include <bit>
#include <boost/math/distributions/chi_squared.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <utility>

#include <cicada/assert.hpp>
#include <cicada/sim/statistics.hpp>

namespace cicada::sim {
namespace {

constexpr unsigned exact_bits = 8;                        // Multiples below 2^8 have a bin each.
constexpr std::uint64_t exact_values = 1U << exact_bits;  // 256
constexpr std::uint64_t octave_bins = exact_values / 2;   // 128
constexpr std::uint64_t multiple_max = std::uint64_t{1} << 62;

// Boost promotes double to long double by default, whose width differs between platforms.
using Policy = boost::math::policies::policy<boost::math::policies::promote_double<false>>;

std::size_t bin_of(std::uint64_t multiple) {
  if (multiple < exact_values) return multiple;
  // Shifted right by this much, the multiple is in [128, 256): its top eight bits are the place within the octave.
  const unsigned shift = static_cast<unsigned>(std::bit_width(multiple)) - exact_bits;
  return exact_values + (shift - 1) * octave_bins + ((multiple >> shift) - octave_bins);
}

}  // namespace

void RunningMoments::add(double value) {
  min_ = count_ == 0 ? value : std::min(min_, value);
  max_ = count_ == 0 ? value : std::max(max_, value);
  ++count_;
  const double before = value - mean_;
  mean_ += before / static_cast<double>(count_);
  squares_ += before * (value - mean_);
}

void RunningMoments::merge(const RunningMoments& other) {
  if (other.count_ == 0) return;
  if (count_ == 0) {
    *this = other;
    return;
  }
  const double mine = static_cast<double>(count_);
  const double theirs = static_cast<double>(other.count_);
  const double distance = other.mean_ - mean_;
  mean_ += distance * theirs / (mine + theirs);
  squares_ += other.squares_ + distance * distance * mine * theirs / (mine + theirs);
  count_ += other.count_;
  min_ = std::min(min_, other.min_);
  max_ = std::max(max_, other.max_);
}

double RunningMoments::variance() const { return count_ > 1 ? squares_ / static_cast<double>(count_ - 1) : nan_; }

double RunningMoments::deviation() const { return std::sqrt(variance()); }

QuantileRecorder::QuantileRecorder(double resolution) : resolution_(resolution) { CICADA_ASSERT(resolution > 0); }

void QuantileRecorder::add(double value) {
  CICADA_ASSERT(std::isfinite(value) && value >= 0);
  const double scaled = std::nearbyint(value / resolution_);
  const std::uint64_t multiple =
      scaled >= static_cast<double>(multiple_max) ? multiple_max : static_cast<std::uint64_t>(scaled);
  const std::size_t bin = bin_of(multiple);
  if (bin >= bins_.size()) bins_.resize(bin + 1);
  ++bins_[bin];
  moments_.add(value);
}

void QuantileRecorder::merge(const QuantileRecorder& other) {
  CICADA_ASSERT(resolution_ == other.resolution_);
  if (other.bins_.size() > bins_.size()) bins_.resize(other.bins_.size());
  for (std::size_t i = 0; i < other.bins_.size(); ++i) bins_[i] += other.bins_[i];
  moments_.merge(other.moments_);
}

void QuantileRecorder::clear() {
  std::fill(bins_.begin(), bins_.end(), 0U);
  moments_ = {};
}

double QuantileRecorder::middle(std::size_t bin) const {
  if (bin < exact_values) return static_cast<double>(bin) * resolution_;
  const unsigned shift = static_cast<unsigned>((bin - exact_values) / octave_bins) + 1;
  const std::uint64_t low = (octave_bins + (bin - exact_values) % octave_bins) << shift;
  const std::uint64_t high = low + (std::uint64_t{1} << shift) - 1;
  return (static_cast<double>(low) + static_cast<double>(high)) / 2 * resolution_;
}

double QuantileRecorder::quantile(double ratio) const {
  CICADA_ASSERT(ratio >= 0 && ratio <= 1);
  if (count() == 0) return std::numeric_limits<double>::quiet_NaN();
  // Without the guard, 0.99 of 100 values would be rank 100: the product is a little above 99.
  const double exact_rank = ratio * static_cast<double>(count());
  const double rank = std::max(1.0, std::ceil(exact_rank * (1 - 4 * std::numeric_limits<double>::epsilon())));
  std::uint64_t seen = 0;
  for (std::size_t bin = 0; bin < bins_.size(); ++bin) {
    seen += bins_[bin];
    if (static_cast<double>(seen) >= rank) return std::clamp(middle(bin), moments_.min(), moments_.max());
  }
  return moments_.max();
}

Histogram QuantileRecorder::histogram(std::string name, std::string unit, int bins_per_decade) const {
  CICADA_ASSERT(bins_per_decade > 0);
  Histogram result{.name = std::move(name), .unit = std::move(unit), .edges_or_values = {}, .counts = {}};
  if (count() == 0) return result;
  std::size_t last = bins_.size() - 1;
  while (bins_[last] == 0) --last;  // After `clear` the memory may reach further than the values.
  if (resolution_ == 1.0 && last < exact_values) {
    for (std::size_t bin = 0; bin <= last; ++bin) {
      result.edges_or_values.push_back(middle(bin));
      result.counts.push_back(bins_[bin]);
    }
    return result;
  }
  const auto step_of = [&](double value) {
    return static_cast<int>(std::floor(std::log10(value) * bins_per_decade + 1e-9));
  };
  std::size_t first = 0;
  while (bins_[first] == 0) ++first;
  const bool has_zero = first == 0;
  const int low = step_of(has_zero ? resolution_ : middle(first));
  const int high = std::max(low, step_of(middle(last)));
  const std::size_t offset = has_zero ? 1 : 0;
  if (has_zero) result.edges_or_values.push_back(0);
  for (int step = low; step <= high + 1; ++step) {
    result.edges_or_values.push_back(std::pow(10.0, static_cast<double>(step) / bins_per_decade));
  }
  result.counts.assign(result.edges_or_values.size() - 1, 0);
  for (std::size_t bin = first; bin <= last; ++bin) {
    if (bins_[bin] == 0) continue;
    const std::size_t target = bin == 0 ? 0 : offset + static_cast<std::size_t>(step_of(middle(bin)) - low);
    result.counts[target] += bins_[bin];
  }
  return result;
}

Interval wilson_interval(std::uint64_t successes, std::uint64_t trials, double confidence) {
  CICADA_ASSERT(successes <= trials && confidence > 0 && confidence < 1);
  if (trials == 0) return {};
  const double z = boost::math::quantile(boost::math::normal_distribution<double, Policy>(), (1 + confidence) / 2);
  const double n = static_cast<double>(trials);
  const double p = static_cast<double>(successes) / n;
  const double scale = 1 + z * z / n;
  const double centre = (p + z * z / (2 * n)) / scale;
  const double half = z * std::sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / scale;
  return {successes == 0 ? 0.0 : centre - half, successes == trials ? 1.0 : centre + half};
}

Interval mean_interval(const RunningMoments& values, double confidence) {
  CICADA_ASSERT(confidence > 0 && confidence < 1);
  if (values.count() < 2) return {};
  const double n = static_cast<double>(values.count());
  const double t =
      boost::math::quantile(boost::math::students_t_distribution<double, Policy>(n - 1), (1 + confidence) / 2);
  const double half = t * values.deviation() / std::sqrt(n);
  return {values.mean() - half, values.mean() + half};
}

double chi_square_p(std::span<const double> observed, std::span<const double> expected, int fitted) {
  CICADA_ASSERT(fitted >= 0 && observed.size() == expected.size());
  const double freedom = static_cast<double>(observed.size()) - 1 - fitted;
  CICADA_ASSERT(freedom > 0);
  const auto array = [](std::span<const double> values) {
    return Eigen::Map<const Eigen::ArrayXd>(values.data(), static_cast<Eigen::Index>(values.size()));
  };
  CICADA_ASSERT((array(expected) > 0).all());
  const double statistic = ((array(observed) - array(expected)).square() / array(expected)).sum();
  const boost::math::chi_squared_distribution<double, Policy> distribution(freedom);
  return boost::math::cdf(boost::math::complement(distribution, statistic));
}

double kolmogorov_p(std::vector<double> samples, const std::function<double(double)>& cumulative) {
  CICADA_ASSERT(!samples.empty());
  std::sort(samples.begin(), samples.end());
  const double n = static_cast<double>(samples.size());
  double distance = 0;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const double expected = cumulative(samples[i]);
    distance = std::max({distance, static_cast<double>(i + 1) / n - expected, expected - static_cast<double>(i) / n});
  }
  const double x = (std::sqrt(n) + 0.12 + 0.11 / std::sqrt(n)) * distance;
  if (x < 0.2) return 1;  // The series below converges too slowly there, and its limit is 1 to many digits.
  double sum = 0;
  for (int k = 1; k <= 100; ++k) sum += (k % 2 == 1 ? 2.0 : -2.0) * std::exp(-2.0 * k * k * x * x);
  return std::clamp(sum, 0.0, 1.0);
}

}  // namespace cicada::sim
