#pragma once
/// Which signed messages have been here, so that none is taken twice.
///
/// A table of ids has to forget, and what it has forgotten can be replayed. So messages carry a signed time: what is
/// older than a maximal age is refused without a look at any table, and the table need only reach back that far. Where
/// more messages come than it can hold, it forgets those with the oldest signed times and refuses from then on all that
/// was signed before them: with much traffic the maximal age shrinks, and nothing is ever taken twice. It does not
/// shrink below `fresh`, or a flood would refuse honest messages on their first way: then newcomers are refused
/// instead.
///
/// The clock may be set back, and what had grown too old would be young again. So ids are forgotten for their age only
/// where there are more than `aged_kept`: until then nothing is refused but what really was here, and a node whose
/// clock was an hour ahead hears its peers when that is mended.
///
/// Times are what their writers signed; the caller has judged them with `age_of`. Not thread-safe; a movable value.

#include <cstddef>
#include <cstdint>
#include <set>
#include <utility>

#include <cicada/time.hpp>

namespace cicada {

class ReplayMemory {
 public:
  static constexpr std::size_t aged_kept = 1024;

  struct Limits {
    std::size_t entries_max = 16384;  ///< Some 64 bytes each, as they come.
    Duration age_max{};               ///< Older messages are refused by their time alone, with the present clock.
    Duration fresh{};                 ///< Younger ones are never forgotten. At most `age_max`.
  };

  /// Was it here, or may it have been and is forgotten? Cost: O(log entries).
  [[nodiscard]] bool had(std::uint64_t sent_ns, std::uint64_t id) const {
    return sent_ns < forgotten_before_ns_ || entries_.contains({sent_ns, id});
  }
  /// Remembers one that was not here. Gives false, and remembers nothing, where the table is full of fresh ones.
  /// Cost: O(log entries) for each one remembered.
  bool add(TimePoint wall, std::uint64_t sent_ns, std::uint64_t id, const Limits& limits);
  [[nodiscard]] std::size_t size() const { return entries_.size(); }

 private:
  void forget_oldest();

  std::set<std::pair<std::uint64_t, std::uint64_t>> entries_;  ///< Signed time and id; the oldest first.
  std::uint64_t forgotten_before_ns_ = 0;
};

}  // namespace cicada
