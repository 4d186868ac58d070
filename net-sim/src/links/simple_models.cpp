/// The models without places: constant, uniform, log-normal; and regions, whose places are a table row.

#include <algorithm>
#include <cmath>
#include <vector>

#include <cicada/assert.hpp>
#include <cicada/sim/link_hash.hpp>
#include <cicada/sim/normal_quantile.hpp>

#include "links/models.hpp"

namespace cicada::sim {

namespace {

class ConstantModel final : public LatencyModel {
 public:
  explicit ConstantModel(const ConstantLinks& links) : latency_(links.latency) {}
  [[nodiscard]] Duration base(PeerIndex, PeerIndex) const override { return latency_; }
  [[nodiscard]] Duration typical() const override { return latency_; }
  [[nodiscard]] std::size_t memory_bytes() const override { return sizeof(*this); }

 private:
  Duration latency_;
};

class UniformModel final : public LatencyModel {
 public:
  UniformModel(const UniformLinks& links, std::uint64_t seed)
      : hash_(seed, Purpose::latency, 0),
        min_(links.min),
        width_(static_cast<double>((links.max - links.min).count())) {}
  [[nodiscard]] Duration base(PeerIndex a, PeerIndex b) const override {
    return min_ + Duration(static_cast<Duration::rep>(width_ * unit_interval(hash_.of_pair(a, b))));
  }
  [[nodiscard]] Duration typical() const override { return min_ + Duration(static_cast<Duration::rep>(width_ / 2)); }
  [[nodiscard]] std::size_t memory_bytes() const override { return sizeof(*this); }

 private:
  LinkHash hash_;
  Duration min_;
  double width_;
};

/// exp(mu + sigma z): the median is exp(mu), the mean exp(mu + sigma^2 / 2).
class LognormalModel final : public LatencyModel {
 public:
  LognormalModel(const LognormalLinks& links, std::uint64_t seed)
      : hash_(seed, Purpose::latency, 0),
        median_ns_(static_cast<double>(links.median.count())),
        sigma_(std::sqrt(2 * std::log(static_cast<double>(links.mean.count()) / median_ns_))) {}
  [[nodiscard]] Duration base(PeerIndex a, PeerIndex b) const override {
    const double z = normal_quantile(unit_interval(hash_.of_pair(a, b)));
    const double ns = median_ns_ * std::exp(sigma_ * z);
    return Duration(static_cast<Duration::rep>(std::min(ns, static_cast<double>(latency_max.count()))));
  }
  [[nodiscard]] Duration typical() const override { return Duration(static_cast<Duration::rep>(median_ns_)); }
  [[nodiscard]] std::size_t memory_bytes() const override { return sizeof(*this); }

 private:
  LinkHash hash_;
  double median_ns_;
  double sigma_;
};

class RegionModel final : public LatencyModel {
 public:
  RegionModel(const RegionLinks& links, std::uint64_t seed)
      : hash_(seed, Purpose::topology, 0), count_(links.names.size()) {
    CICADA_ASSERT(count_ > 0 && links.one_way.size() == count_);
    for (const std::vector<Duration>& row : links.one_way) {
      CICADA_ASSERT(row.size() == count_);
      one_way_.insert(one_way_.end(), row.begin(), row.end());
    }
  }
  [[nodiscard]] Duration base(PeerIndex a, PeerIndex b) const override {
    return one_way_[choose(hash_.of_peer(a), count_) * count_ + choose(hash_.of_peer(b), count_)];
  }
  [[nodiscard]] Duration typical() const override {
    Duration sum{};
    for (const Duration each : one_way_) sum += each;
    return sum / static_cast<Duration::rep>(one_way_.size());
  }
  [[nodiscard]] std::size_t memory_bytes() const override {
    return sizeof(*this) + one_way_.capacity() * sizeof(Duration);
  }

 private:
  LinkHash hash_;
  std::size_t count_;
  std::vector<Duration> one_way_;
};

}  // namespace

MadeModel make_model(const ConstantLinks& links, std::uint64_t) { return std::make_unique<ConstantModel>(links); }

MadeModel make_model(const UniformLinks& links, std::uint64_t seed) {
  // Per message, the pair itself has no latency of its own; the link sampler draws around the middle.
  if (links.per == UniformLinks::Per::message) return make_model(ConstantLinks{(links.min + links.max) / 2}, seed);
  return std::make_unique<UniformModel>(links, seed);
}

// The pair itself has only the mean; the link sampler draws around it.
MadeModel make_model(const ExponentialLinks& links, std::uint64_t seed) {
  return make_model(ConstantLinks{links.mean}, seed);
}

MadeModel make_model(const LognormalLinks& links, std::uint64_t seed) {
  CICADA_ASSERT(links.median > Duration::zero() && links.mean >= links.median);
  return std::make_unique<LognormalModel>(links, seed);
}

MadeModel make_model(const RegionLinks& links, std::uint64_t seed) {
  return std::make_unique<RegionModel>(links, seed);
}

}  // namespace cicada::sim
