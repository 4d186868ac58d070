#pragma once
/// Judges broadcasts: who should have got each one, who did, how often, when, and what the traffic was.

#include <cstdint>
#include <functional>
#include <map>
#include <utility>
#include <vector>

#include <cicada/message.hpp>
#include <cicada/sim/run_result.hpp>
#include <cicada/sim/statistics.hpp>
#include <cicada/time.hpp>

#include "world.hpp"

namespace cicada::sim {

class BroadcastRecorder {
 public:
  /// Broadcasts begun before `from` do not count.
  explicit BroadcastRecorder(TimePoint from) : from_(from) {}

  /// Only peers for which `counts` holds belong to an audience. Every peer by default; before the first broadcast.
  void count_only(std::function<bool(PeerIndex)> counts) { counts_ = std::move(counts); }

  void on_begun(World& world, PeerIndex origin, const MessageId& id);
  void on_handed_up(World& world, PeerIndex peer, const BroadcastHeader& header);
  /// Adds `broadcasts` to the summary, and the histogram of times, where there were broadcasts.
  void write(World& world, RunResult& result);

 private:
  /// What is known of one peer: copies handed up, and whether it was there from the beginning.
  struct Listener {
    std::uint8_t copies = 0;  ///< Up to 255.
    bool audience = false;
  };
  struct Begun {
    TimePoint at{};
    std::vector<Listener> listeners;  ///< By index; members that came later are appended.
    double coverage = -1;             ///< Negative until it is judged.
  };
  void judge(World& world, Begun& begun) const;

  TimePoint from_;
  std::function<bool(PeerIndex)> counts_ = [](PeerIndex) { return true; };
  std::map<MessageId, Begun> begun_;
  std::uint64_t count_ = 0, refused_ = 0, newcomers_ = 0;
  std::uint64_t addressed_ = 0;  ///< Members at the beginnings, the origins included.
  unsigned copies_max_ = 0;
  QuantileRecorder latency_ms_{0.001};
  WorldCounters before_;  ///< The traffic up to the first broadcast that counts.
};

}  // namespace cicada::sim
