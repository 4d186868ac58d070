#pragma once
/// Measures a world while it lives: judges each lookup against the ground truth at the time of its answer, samples the
/// ring's health, and makes the summary, the series and the histograms of a run.

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>

#include <cicada/sim/run_result.hpp>
#include <cicada/sim/simulation.hpp>
#include <cicada/sim/statistics.hpp>

#include "broadcast_recorder.hpp"
#include "processes.hpp"
#include "send_book.hpp"

namespace cicada::sim {

class Recorder final : public Observer {
 public:
  explicit Recorder(const Scenario& scenario, std::function<void(const LookupResult&)> on_lookup = {});

  /// Starts sampling and the full checks of the ring. After the world's population exists.
  void attach(World& world);

  void on_lookup_done(World& world, PeerIndex peer, const LookupDone& done) override;
  void on_send_done(World& world, PeerIndex peer, const SendDone& done) override;
  void on_send_begun(World& world, PeerIndex peer, const MessageId& id, const Id& target,
                     const Payload& payload) override {
    book_.begun(world, peer, id, target, payload);
  }
  void on_receive(World& world, PeerIndex, const DataHeader& header, const Payload& payload) override {
    book_.received(world, header, payload);
  }
  void on_blame(World& world, PeerIndex peer, PeerIndex blamed) override { book_.blamed(world, peer, blamed); }
  void on_send_traffic(World& world, PeerIndex from, const Message& message, std::size_t bytes, bool attack) override {
    book_.traffic(world, from, message, bytes, attack);
  }
  void on_broadcast_begun(World& world, PeerIndex peer, const MessageId& id) override {
    broadcasts_.on_begun(world, peer, id);
  }
  void on_broadcast(World& world, PeerIndex peer, const BroadcastHeader& header, const Payload&) override {
    broadcasts_.on_handed_up(world, peer, header);
  }

  /// What the host's own clocks say about the run.
  struct HostCost {
    double wall_s = 0;
    double cpu_s = 0;       ///< Of the whole run.
    double loop_cpu_s = 0;  ///< Of the event loop alone, without the building of the world.
    std::uint64_t peak_rss_bytes = 0;
  };
  [[nodiscard]] RunResult result(World& world, const HostCost& cost, bool interrupted);

 private:
  class Sampler;
  class FullChecks;

  /// Lookups and sends, of the whole run (after the warm-up) or of one sample.
  struct Counts {
    std::uint64_t lookups = 0, correct = 0, wrong = 0, failed = 0, moved = 0, retried = 0, dead_owner = 0;
    std::uint64_t timeouts = 0;
    std::uint64_t sends = 0, delivered = 0;
    std::uint64_t transmissions = 0, copies = 0;  ///< By the sources themselves.
    QuantileRecorder path{1.0};
    QuantileRecorder timeouts_each{1.0};
    QuantileRecorder latency_ms{0.001};
    QuantileRecorder stretch{0.001};  ///< Latency / round trip to the owner at rest.
    QuantileRecorder send_latency_ms{0.001};
    void clear();
  };

  void sample(World& world);
  void check(World& world);
  [[nodiscard]] bool counted(TimePoint started) const { return started >= TimePoint(scenario_.measure.warmup); }

  const Scenario& scenario_;
  std::function<void(const LookupResult&)> on_lookup_;
  Counts total_;
  Counts interval_;
  Series series_;
  RingHealth health_;
  RunningMoments wrong_, dead_, dead_fingers_;  ///< Over the samples after the warm-up.
  SendBook book_;
  std::uint64_t acknowledged_but_lost_ = 0;
  BroadcastRecorder broadcasts_;
  std::optional<RingTruth> first_ring_;  ///< The members at the start, where a later answer is judged against them.
  WorldCounters last_;
  double last_member_seconds_ = 0;
  WorldCounters at_warmup_;
  double member_seconds_at_warmup_ = 0;
  std::uint64_t peers_start_ = 0;
  bool warm_ = false;
};

}  // namespace cicada::sim
