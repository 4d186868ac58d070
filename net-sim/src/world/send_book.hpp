#pragma once
/// The book of messages that applications sent: what each cost, whether and when it reached its target, and whether it
/// could have (the ceiling). It sees everything and tells the nodes nothing.

#include <cstdint>
#include <deque>
#include <unordered_map>

#include <nlohmann/json.hpp>

#include <cicada/sim/statistics.hpp>

#include "clean_paths.hpp"
#include "world.hpp"

namespace cicada::sim {

class SendBook {
 public:
  explicit SendBook(const Scenario& scenario);

  // As the world observes it. Sends by hostile peers are counted as theirs, not as results.
  void begun(World& world, PeerIndex source, const MessageId& id, const Id& target, const Payload& payload);
  void traffic(World& world, PeerIndex from, const Message& message, std::size_t bytes);
  void received(World& world, const DataHeader& header, const Payload& payload);
  /// `peer` holds it against `blamed` that a message vanished there.
  void blamed(const World& world, PeerIndex peer, PeerIndex blamed);
  /// Gives whether the message had arrived by now.
  bool done(World& world, const SendDone& done);

  /// Adds to the section `sends`, after the keys that it has.
  void report_sends(nlohmann::ordered_json& sends) const;
  /// The section `resilience`.
  [[nodiscard]] nlohmann::ordered_json resilience(const World& world) const;
  [[nodiscard]] const QuantileRecorder& arrival_ms() const { return arrival_ms_; }

 private:
  /// One message. A record lives a while longer than its send, so that stragglers are counted too.
  struct Record {
    TimePoint started{};
    Payload payload;  ///< What was sent; null before the world said so.
    std::uint32_t transmissions = 0;
    bool counted = false;  ///< After the warm-up, and by an honest peer.
    bool done = false;
    bool arrived = false;
    bool asked = false;      ///< The ceiling was computed.
    bool both_ways = false;  ///< A clean path existed.
  };
  struct Counts {
    std::uint64_t sends = 0, delivered = 0, arrived = 0, transmissions = 0, tampered = 0;
    std::uint64_t words = 0, data_bytes = 0, word_bytes = 0;
    std::uint64_t blames = 0, false_blames = 0;  ///< By honest peers; of these, against honest peers.
    std::uint64_t hostile_sends = 0;
    std::uint64_t hostile_own = 0;            ///< Of the following, by hostile peers.
    std::uint64_t hostile_transmissions = 0;  ///< Of data whose source is hostile, by anybody.
  };
  struct Ceiling {
    std::uint64_t asked = 0, directed = 0, both_ways = 0;
    std::uint64_t ended = 0, delivered = 0;  ///< Of those with a clean path.
    RunningMoments disjoint, disjoint_both_ways;
  };

  static std::uint64_t key_of(const MessageId& id) { return id.high ^ id.low; }
  Record& record(const MessageId& id) { return records_[key_of(id)]; }
  void ask_ceiling(World& world, Record& record, PeerIndex source, const Id& target);
  void forget_old(TimePoint now);

  const Scenario& scenario_;
  std::uint64_t ceiling_every_ = 0;
  Counts counts_;
  Ceiling ceiling_;
  std::uint64_t begun_ = 0;
  std::optional<CleanPaths> paths_;
  std::unordered_map<std::uint64_t, Record> records_;  ///< Only asked for single messages.
  struct Old {
    TimePoint since;
    std::uint64_t key;
  };
  std::deque<Old> old_;
  QuantileRecorder arrival_ms_{0.001};
};

}  // namespace cicada::sim
