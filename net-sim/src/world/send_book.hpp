#pragma once
/// The book of messages that applications sent: what each cost and whom, whether and when it reached its target, and
/// whether it could have (the ceiling). It sees everything and tells the nodes nothing.
///
/// Whose cost is what: all that nodes put on links for the messages of honest sources is the cost of these, be it an
/// attack that made them do it, and be the relay hostile, as long as it does what everybody does. What hostile peers
/// put on links beyond that stands apart, and so does all that anybody spends on messages whose source is hostile.

#include <cstdint>
#include <deque>
#include <unordered_map>

#include <nlohmann/json.hpp>

#include <cicada/sim/statistics.hpp>

#include "ceiling_book.hpp"
#include "world.hpp"

namespace cicada::sim {

class SendBook {
 public:
  explicit SendBook(const Scenario& scenario) : scenario_(scenario), ceiling_(scenario) {}

  // As the world observes it. Sends by hostile peers are counted as theirs, not as results.
  void begun(World& world, PeerIndex source, const MessageId& id, const Id& target, const Payload& payload);
  void traffic(World& world, PeerIndex from, const Message& message, std::size_t bytes, bool attack);
  void received(World& world, const DataHeader& header, const Payload& payload);
  /// `peer` holds it against `blamed` that a message vanished there.
  void blamed(const World& world, PeerIndex peer, PeerIndex blamed);
  /// Gives whether the message had arrived by now.
  bool done(World& world, const SendDone& done);

  /// Adds to the section `sends`, after the keys that it has.
  void report_sends(nlohmann::ordered_json& sends) const;
  /// The section `resilience`.
  [[nodiscard]] nlohmann::ordered_json resilience(const World& world) const;

 private:
  /// One message. A record lives a while longer than its send, so that stragglers are counted too.
  struct Record {
    TimePoint started{};
    TimePoint arrived_at{};
    TimePoint ended{};
    Payload payload;  ///< What was sent; null before the world said so.
    std::uint32_t transmissions = 0;
    std::uint32_t attack_transmissions = 0;  ///< That no node would send by itself; not among the others.
    bool hostile = false;                    ///< Its source is.
    bool counted = false;                    ///< After the warm-up, and by an honest peer.
    bool done = false;
    bool delivered = false;
    bool arrived = false;
    CeilingBook::Answer ceiling;
  };
  /// What was put on links: messages of applications, and everything about them.
  struct Spent {
    std::uint64_t data = 0, words = 0, data_bytes = 0, word_bytes = 0;
  };
  struct Counts {
    std::uint64_t begun = 0, sends = 0, delivered = 0, arrived = 0, transmissions = 0, tampered = 0;
    std::uint64_t attack_transmissions = 0;      ///< Of messages of honest sources.
    Spent ordinary, attack;                      ///< For messages of honest sources.
    Spent honest_for_hostile, hostile_for_them;  ///< By whom; for messages of hostile sources.
    std::uint64_t blames = 0, false_blames = 0;  ///< By honest peers; of these, against honest peers.
    std::uint64_t hostile_sends = 0;
  };

  static std::uint64_t key_of(const MessageId& id) { return id.high ^ id.low; }
  Record& record(TimePoint now, const MessageId& id);
  Record* find(const MessageId& id);
  void transmitted(World& world, const DataHeader& header, bool attack);
  void end(Record& entry);
  void arrive(const Record& entry);
  void forget_old(TimePoint now);
  [[nodiscard]] bool warm(TimePoint now) const { return now >= TimePoint(scenario_.measure.warmup); }

  const Scenario& scenario_;
  CeilingBook ceiling_;
  Counts counts_;
  std::unordered_map<std::uint64_t, Record> records_;  ///< Only asked for single messages.
  struct Old {
    TimePoint since;
    std::uint64_t key;
  };
  std::deque<Old> old_;  ///< One for each record: when to ask again whether it is needed.
  QuantileRecorder arrival_ms_{0.001};
};

}  // namespace cicada::sim
