#pragma once
/// Peers that sent what no honest peer sends. For a while there is no link with them. Bounded: the one that was
/// expelled first is forgotten first.

#include <algorithm>
#include <chrono>
#include <deque>

#include <cicada/id.hpp>
#include <cicada/message.hpp>

namespace cicada {

class ExpelledPeers {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::size_t peers_max = 1024;

  void add(const PublicKey& key, const Id& id, Clock::time_point until) {
    if (contains(key, Clock::now())) return;
    peers_.push_back({key, id, until});
    if (peers_.size() > peers_max) peers_.pop_front();
  }
  [[nodiscard]] bool contains(const PublicKey& key, Clock::time_point now) {
    forget(now);
    return std::ranges::find(peers_, key, &Expelled::key) != peers_.end();
  }
  [[nodiscard]] bool contains(const Id& id, Clock::time_point now) {
    forget(now);
    return std::ranges::find(peers_, id, &Expelled::id) != peers_.end();
  }

 private:
  struct Expelled {
    PublicKey key;
    Id id;
    Clock::time_point until;
  };
  /// All of one node stay away for the same time.
  void forget(Clock::time_point now) {
    while (!peers_.empty() && peers_.front().until <= now) peers_.pop_front();
  }

  std::deque<Expelled> peers_;
};

}  // namespace cicada
