#include "joiner.hpp"

#include <algorithm>

#include <cicada/swarm_error.hpp>

#include "clock_text.hpp"
#include "on_context.hpp"

namespace cicada::node {
namespace {

constexpr Duration watch_every = std::chrono::seconds(2);
constexpr unsigned watches_between_introductions_max = 32;

}  // namespace

Joiner::Joiner(boost::asio::io_context& context, const NodeConfig& config, const NodeLog& log, RoundDone round_done)
    : context_(context),
      config_(config),
      log_(log),
      round_done_(std::move(round_done)),
      timer_(context),
      pause_(config.retry_min) {}

void Joiner::start(std::shared_ptr<SwarmPeer> peer, std::vector<HostPort> candidates) {
  stop();
  peer_ = std::move(peer);
  candidates_ = std::move(candidates);
  renewed_.reset();
  pause_ = config_.retry_min;
  introductions_pause_ = watches_to_introduction_ = 1;
  introduced_ = 0;
  if (candidates_.empty()) {
    // The first of its swarm, perhaps: others will come to it.
    state_ = State::alone;
    after(watch_every, &Joiner::watch);
    return;
  }
  state_ = State::joining;
  try_next();
}

void Joiner::stop() {
  ++generation_;
  timer_.cancel();
  next_ = 0;
  resting_ = false;
  peer_.reset();
}

void Joiner::set_candidates(std::vector<HostPort> candidates) {
  renewed_ = std::move(candidates);
  if (!peer_ || (state_ == State::joining && !resting_)) return;
  take_renewed();
  if (state_ == State::alone && !candidates_.empty()) state_ = State::joining;  // As soon as `watch` looks.
  hurry();
}

void Joiner::take_renewed() {
  if (!renewed_) return;
  candidates_ = *std::exchange(renewed_, std::nullopt);
  next_ = 0;
}

void Joiner::hurry() {
  pause_ = config_.retry_min;
  if (!peer_ || !resting_) return;
  timer_.cancel();
  try_next();
}

void Joiner::try_next() {
  resting_ = false;
  if (next_ == candidates_.size()) return end_of_round();
  const HostPort& candidate = candidates_[next_];
  log_.debug("joining", {{"through", to_string(candidate)}});
  peer_->async_connect(candidate, config_.connect_timeout,
                       on_context(context_, [this, generation = generation_](std::error_code error) {
                         if (generation == generation_) on_connected(error);
                       }));
}

void Joiner::on_connected(std::error_code error) {
  // Somebody may have joined through us in the meantime, or one whom we had lost is back: we are where we want to be.
  if (error == SwarmError::already_connected || (error && peer_->statistics().neighbours > 0)) error.clear();
  if (!error) {
    log_.info("joined", {{"through", to_string(candidates_[next_])}});
    state_ = State::joined;
    pause_ = config_.retry_min;
    rounds_failed_ = 0;
    last_error_.clear();
    last_failure_.clear();
    round_done_({});
    after(watch_every, &Joiner::watch);
    return;
  }
  // A list that all nodes share names each of them, too.
  if (error != SwarmError::connected_to_self) {
    last_error_ = error;
    last_failure_ = failure_text(error, peer_->clock());
    log_.info("could not join", {{"through", to_string(candidates_[next_])}, {"why", last_failure_}});
  }
  ++next_;
  try_next();
}

void Joiner::end_of_round() {
  ++rounds_failed_;
  next_ = 0;
  take_renewed();
  round_done_(last_error_ ? last_error_ : make_error_code(SwarmError::connected_to_self));
  if (!peer_) return;
  resting_ = true;
  after(pause_, &Joiner::try_next);
  pause_ = std::min(pause_ * 2, config_.retry_max);
}

/// Is there still anybody? A node that lost all its neighbours, as after a night's sleep, joins again by itself.
void Joiner::watch() {
  take_renewed();
  const bool is_alone = peer_->statistics().neighbours == 0;
  if (!is_alone) {
    state_ = State::joined;
  } else if (state_ == State::joined) {
    log_.warning("alone", {{"why", "all neighbours are gone"}});
    state_ = candidates_.empty() ? State::alone : State::joining;
  }
  if (state_ == State::joining) {
    next_ = 0;
    return try_next();
  }
  after(watch_every, &Joiner::watch);
  if (state_ == State::joined) introduce();
}

/// Those who began at the same time may have found each other in several rings. Whoever knows of a peer in another ring
/// brings the two together; a peer of the same ring is only asked once more whether it lives.
void Joiner::introduce() {
  if (candidates_.empty() || --watches_to_introduction_ > 0) return;
  introductions_pause_ = std::min(introductions_pause_ * 2, watches_between_introductions_max);
  watches_to_introduction_ = introductions_pause_;
  const HostPort& candidate = candidates_[introduced_++ % candidates_.size()];
  peer_->async_connect(candidate, config_.connect_timeout, [](std::error_code) {});
}

void Joiner::after(Duration time, void (Joiner::*next)()) {
  timer_.expires_after(time);
  timer_.async_wait([this, next, generation = generation_](const boost::system::error_code& error) {
    if (!error && generation == generation_) (this->*next)();
  });
}

}  // namespace cicada::node
