#include <cicada/sim/link_sampler.hpp>

#include <algorithm>
#include <cmath>
#include <utility>
#include <variant>

#include <cicada/rng.hpp>
#include <cicada/sim/link_hash.hpp>

namespace cicada::sim {

namespace {

/// Each question that a message asks has its own draw. The second copy's are those of the first plus `copy_offset`.
enum Draw : std::uint32_t { draw_loss, draw_duplicate, draw_gap, draw_latency, draw_jitter, draw_reorder };
constexpr std::uint32_t copy_offset = 8;
constexpr std::uint32_t draws_per_message = 16;

/// Part `share` of a duration.
Duration scaled(Duration duration, double share) {
  return Duration(static_cast<Duration::rep>(static_cast<double>(duration.count()) * share));
}

bool is_plain(const Links& links, bool per_message) {
  return !per_message && links.jitter_ratio == 0 && links.loss_ratio == 0 && links.duplicate_ratio == 0 &&
         links.reorder.ratio == 0 && links.cut_pairs_ratio == 0;
}

}  // namespace

/// The draws of one copy of one message: a counter-based stream whose key is the directed pair.
class LinkSampler::Draws {
 public:
  Draws(const LinkHash& paths, PeerIndex from, PeerIndex to, std::uint32_t sequence)
      : hash_(LinkHash::under(paths.of_path(from, to))), first_(std::uint64_t{sequence} * draws_per_message) {}

  [[nodiscard]] Draws of_copy() const {
    Draws copy = *this;
    copy.first_ += copy_offset;
    return copy;
  }
  [[nodiscard]] double unit(Draw draw) const { return unit_interval(hash_.word(first_ + draw)); }
  [[nodiscard]] bool chance(Draw draw, double ratio) const { return ratio > 0 && unit(draw) < ratio; }

 private:
  LinkHash hash_;
  std::uint64_t first_;
};

std::expected<LinkSampler, std::string> LinkSampler::make(const Links& links, std::uint64_t seed) {
  auto model = make_latency_model(links.model, seed);
  if (!model) return std::unexpected(std::move(model.error()));
  return LinkSampler(links, seed, std::move(*model));
}

LinkSampler::LinkSampler(const Links& links, std::uint64_t seed, std::unique_ptr<LatencyModel> model)
    : model_(std::move(model)),
      setup_rtts_(links.setup_rtts),
      paths_(seed, Purpose::loss, 0),
      cuts_(seed, Purpose::fault, 0),
      jitter_ratio_(links.jitter_ratio),
      loss_ratio_(links.loss_ratio),
      duplicate_ratio_(links.duplicate_ratio),
      cut_pairs_ratio_(links.cut_pairs_ratio),
      reorder_(links.reorder) {
  const auto* uniform = std::get_if<UniformLinks>(&links.model);
  if (uniform != nullptr && uniform->per == UniformLinks::Per::message) per_message_ = *uniform;
  exponential_ = std::holds_alternative<ExponentialLinks>(links.model);
  plain_ = is_plain(links, per_message_.has_value() || exponential_);
}

bool LinkSampler::is_cut(PeerIndex a, PeerIndex b) const {
  if (cut_pairs_ratio_ == 0) return false;
  return unit_interval(cuts_.of_pair(a, b)) < cut_pairs_ratio_;
}

Delivery LinkSampler::sample_troubled(PeerIndex from, PeerIndex to, std::uint32_t sequence) const {
  const Draws draws(paths_, from, to, sequence);
  if (is_cut(from, to) || draws.chance(draw_loss, loss_ratio_)) return {Duration::zero(), true, std::nullopt};
  const Duration base = model_->base(from, to);
  Delivery delivery{delay_of(base, draws), false, std::nullopt};
  if (draws.chance(draw_duplicate, duplicate_ratio_)) {
    // The copy leaves up to one latency later, as a retransmission would, and has a fate of its own on the way.
    const Duration arrival = scaled(base, draws.unit(draw_gap)) + delay_of(base, draws.of_copy());
    delivery.duplicate = std::max(arrival, delivery.delay + Duration{1});
  }
  return delivery;
}

Duration LinkSampler::delay_of(Duration base, const Draws& draws) const {
  Duration delay = base;
  if (per_message_) delay = per_message_->min + scaled(per_message_->max - per_message_->min, draws.unit(draw_latency));
  if (exponential_) delay = scaled(base, -std::log(1 - draws.unit(draw_latency)));
  if (jitter_ratio_ > 0) delay = scaled(delay, 1 + jitter_ratio_ * (2 * draws.unit(draw_jitter) - 1));
  if (draws.chance(draw_reorder, reorder_.ratio)) delay += reorder_.delay;
  return delay;
}

}  // namespace cicada::sim
