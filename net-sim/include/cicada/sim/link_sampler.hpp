#pragma once
/// What befalls each message between two peers: latency, jitter, loss, duplication, reordering, pairs that can never
/// talk. It computes; it keeps no queue and delivers nothing. Link set-up and resets are the engine's, with the times
/// given here.

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>

#include <cicada/peer.hpp>
#include <cicada/sim/latency_model.hpp>
#include <cicada/sim/link_hash.hpp>
#include <cicada/sim/scenario_links.hpp>
#include <cicada/time.hpp>

namespace cicada::sim {

/// The fate of one message.
struct Delivery {
  Duration delay{};                   ///< From sending to arrival. Meaningless when lost.
  bool lost = false;                  ///< Never arrives, nor does a duplicate.
  std::optional<Duration> duplicate;  ///< Arrival of a second copy, after the same sending; always later than `delay`.
};

/// Every answer is a pure function of (links, seed, arguments), so the order in which messages are sampled doesn't
/// matter, and switching one kind of trouble on leaves the draws of the others as they were.
class LinkSampler {
 public:
  /// Fails as make_latency_model does.
  [[nodiscard]] static std::expected<LinkSampler, std::string> make(const Links& links, std::uint64_t seed);

  /// What happens to message number `sequence` from `from` to `to`. The number must differ between messages of one
  /// directed pair, or their fates are equal. Precondition: from != to. Cost: that of LatencyModel::base() and one
  /// branch when nothing but latency is configured, else some 25 ns more.
  [[nodiscard]] Delivery sample(PeerIndex from, PeerIndex to, std::uint32_t sequence) const {
    if (plain_) [[likely]]
      return {model_->base(from, to), false, std::nullopt};
    return sample_troubled(from, to, sequence);
  }

  /// One-way latency at rest, without jitter.
  [[nodiscard]] Duration base(PeerIndex from, PeerIndex to) const { return model_->base(from, to); }

  /// Round trip at rest: there and back.
  [[nodiscard]] Duration base_rtt(PeerIndex a, PeerIndex b) const { return model_->base(a, b) + model_->base(b, a); }

  /// How long the first message of a link waits while the link is being opened.
  [[nodiscard]] Duration setup_delay(PeerIndex from, PeerIndex to) const {
    return setup_rtts_ == 0 ? Duration::zero() : base_rtt(from, to) * setup_rtts_;
  }

  /// Whether the two can never talk to each other, in either direction.
  [[nodiscard]] bool is_cut(PeerIndex a, PeerIndex b) const;

  [[nodiscard]] Duration typical() const { return model_->typical(); }
  [[nodiscard]] std::size_t memory_bytes() const { return sizeof(*this) + model_->memory_bytes(); }

 private:
  class Draws;

  LinkSampler(const Links& links, std::uint64_t seed, std::unique_ptr<LatencyModel> model);
  [[nodiscard]] Delivery sample_troubled(PeerIndex from, PeerIndex to, std::uint32_t sequence) const;
  [[nodiscard]] Duration delay_of(Duration base, const Draws& draws) const;

  std::unique_ptr<LatencyModel> model_;
  bool plain_;
  std::uint32_t setup_rtts_;
  LinkHash paths_;
  LinkHash cuts_;
  double jitter_ratio_;
  double loss_ratio_;
  double duplicate_ratio_;
  double cut_pairs_ratio_;
  Reorder reorder_;
  std::optional<UniformLinks> per_message_;  ///< Set when each message draws its latency anew.
  bool exponential_ = false;                 ///< Likewise, with the model's latency as the mean.
};

}  // namespace cicada::sim
