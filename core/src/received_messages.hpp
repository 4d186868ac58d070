#pragma once
/// What a target remembers of the messages it has received, so that each is handed up once, whatever the copies.
///
/// The memory is bounded, so something must be forgotten; and what was forgotten must not come in again. Each source
/// pays for itself: when the memory is full, the source that fills most of it loses its oldest message, and from then
/// on nothing of *that source* is taken that was sent no later than that. So nobody can make a node deaf to others by
/// flooding it with messages of one key. Against a flood of as many keys as there is room for, the message that came
/// first is forgotten, and what was sent no later than it arrived is taken from nobody: others still get through,
/// unless they are late. (Broadcasts, whose origins have a pace, are remembered together: `replay_memory.hpp`.)

#include <cstddef>
#include <cstdint>
#include <map>
#include <unordered_set>
#include <utility>

#include <cicada/message.hpp>
#include <cicada/time.hpp>

namespace cicada {

class ReceivedMessages {
 public:
  enum class Verdict : std::uint8_t {
    first,
    again,      ///< A copy, or a replay, of what is remembered.
    forgotten,  ///< It may have been here and been forgotten.
  };

  /// A message of `source` (the first 64 bits of its id) has arrived; remembers it if it is the first. `max`: messages
  /// remembered, at least 1; always the same. Cost: O(log max) time, some 250 bytes a message.
  Verdict receive(const MessageId& id, std::uint64_t source, std::uint64_t sent_ns, TimePoint wall, std::size_t max);

  [[nodiscard]] bool knows(const MessageId& id) const { return known_.contains(id); }
  [[nodiscard]] std::size_t size() const { return known_.size(); }

 private:
  struct IdHash {
    std::size_t operator()(const MessageId& id) const { return static_cast<std::size_t>(id.low ^ id.high); }
  };
  struct Entry {
    MessageId id;
    std::uint64_t sent_ns = 0;
    std::uint64_t arrived_ns = 0;
  };
  struct Source {
    std::size_t count = 0;
    std::uint64_t oldest = 0;    ///< Arrival number of its oldest message.
    std::uint64_t floor_ns = 0;  ///< What it sent before is not taken.
  };
  /// Orders sources: the last one loses a message next. By messages, and among equals by age.
  using Turn = std::pair<std::size_t, std::uint64_t>;
  static Turn turn_of(const Source& source) { return {source.count, ~source.oldest}; }

  void forget_one();

  std::unordered_set<MessageId, IdHash> known_;                        ///< Only asked for single ids, never iterated.
  std::map<std::pair<std::uint64_t, std::uint64_t>, Entry> messages_;  ///< By source and arrival number.
  std::map<std::uint64_t, Source> sources_;
  std::map<Turn, std::uint64_t> turns_;
  std::uint64_t arrivals_ = 0;
  std::uint64_t floor_ns_ = 0;
};

}  // namespace cicada
