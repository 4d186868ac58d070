#pragma once
/// The pending events of a simulation: a hierarchical timing wheel (Varghese, Lauck, SOSP 1987) whose bucket width
/// adapts to the event rate as in a calendar queue (Brown, CACM 31(10), 1988). It does not know what an event means.
///
/// Time is cut into ticks of 2^shift ns. Level 0 has one bucket for each of the next 2^bits ticks, level k one for each
/// of the next 2^bits spans of 2^(k*bits) ticks. Buckets are unsorted lists of chunks. When the current bucket is used
/// up, the next one is copied into `sorted_` and sorted; a bucket of a higher level is dealt out to the levels below
/// when time reaches it. About 32 events share a bucket, so sorting stays in the first-level cache; both the width and
/// the number of buckets are chosen anew, and all events dealt again, when that stops being so.

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include <cicada/assert.hpp>
#include <cicada/sim/event.hpp>
#include <cicada/sim/event_pool.hpp>

namespace cicada::sim {

/// Not thread-safe. All results depend only on the sequence of calls, never on addresses or on the clock.
class EventQueue {
 public:
  EventQueue();

  /// Adds an event. Its time must not be before that of the last popped event; its (time, source, sequence) must be
  /// unique among the pending events. Amortised O(1); allocates only when more events are pending than ever before.
  void push(const Event& event) {
    CICADA_ASSERT(event.time_ns >= last_popped_ns_);
    ++size_;
    const std::uint64_t tick = static_cast<std::uint64_t>(event.time_ns) >> shift_;
    if (tick < cursor_) {
      push_sorted(event);
    } else {
      push_wheel(event, tick);
    }
  }

  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] std::size_t size() const { return size_; }

  /// The next event, which stays. The queue must not be empty. The reference is valid until the next push or pop.
  const Event& top() {
    if (sorted_.empty() || !late_.empty()) return top_slow();
    return sorted_.back();
  }

  /// The time of the next event in ns. The queue must not be empty. A look far ahead is correct but makes later pushes
  /// before that time dearer (logarithmic in their number).
  std::int64_t next_time() { return top().time_ns; }

  /// Removes the next event and returns it. The queue must not be empty. Amortised O(1), O(log n) for n events in one
  /// bucket.
  Event pop() {
    if (sorted_.empty() || !late_.empty()) [[unlikely]]
      return pop_slow();
    const Event event = sorted_.back();
    sorted_.pop_back();
    --size_;
    last_popped_ns_ = event.time_ns;
    return event;
  }

  /// The event `ahead` places after the next one, when its place is known already, else nullptr. For prefetching: the
  /// answer may be nullptr for any reason but is never wrong. Valid until the next push or pop.
  [[nodiscard]] const Event* peek(std::size_t ahead) const {
    if (ahead >= sorted_.size() || !late_.empty()) return nullptr;
    return &sorted_[sorted_.size() - 1 - ahead];
  }

  /// All memory the queue holds, in bytes: about 26 per event at the peak number of pending events, besides partly
  /// filled chunks (at most 256 bytes for each used bucket) and 24 bytes for each event of the fullest bucket ever
  /// sorted.
  [[nodiscard]] std::size_t memory_bytes() const;

  /// Width of a bucket of level 0 in ns, a power of two; for tests and statistics.
  [[nodiscard]] std::int64_t bucket_width_ns() const { return std::int64_t{1} << shift_; }

 private:
  // An empty bucket pretends to have a full head chunk, so that a push needs one test for "empty" and "full".
  struct Bucket {
    ChunkIndex head = no_chunk;
    std::uint32_t used = EventChunk::capacity;  // Events in the head chunk.
  };
  // Which buckets of a level are not empty: one bit for each, and one bit for each word that is not zero.
  struct Occupancy {
    std::uint64_t summary = 0;
    std::array<std::uint64_t, 64> words{};
  };
  static constexpr std::uint32_t bits_min = 6;
  static constexpr std::uint32_t bits_max = 12;  // Two bitmap levels of 64 bits.
  static constexpr std::uint64_t no_tick = std::numeric_limits<std::uint64_t>::max();

  void push_wheel(const Event& event, std::uint64_t tick) {
    if (tick - cursor_ < slots_) {
      append(0, tick & mask_, event);
    } else {
      push_far(event, tick);
    }
  }

  void append(std::uint32_t level, std::uint64_t slot, const Event& event) {
    Bucket& bucket = buckets_[(std::size_t{level} << bits_) + slot];
    if (bucket.used == EventChunk::capacity) add_chunk(bucket, level, slot);
    pool_[bucket.head].events[bucket.used++] = event;
  }

  void add_chunk(Bucket& bucket, std::uint32_t level, std::uint64_t slot) {
    if (bucket.head == no_chunk) mark(level, slot);
    const ChunkIndex chunk = pool_.acquire();
    pool_[chunk].next = bucket.head;
    pool_[chunk].used = EventChunk::capacity;  // True as soon as it is not the head any more.
    bucket.head = chunk;
    bucket.used = 0;
  }

  void mark(std::uint32_t level, std::uint64_t slot) {
    occupancy_[level].words[slot >> 6] |= std::uint64_t{1} << (slot & 63);
    occupancy_[level].summary |= std::uint64_t{1} << (slot >> 6);
  }

  void push_far(const Event& event, std::uint64_t tick);
  void push_sorted(const Event& event);
  const Event& top_slow();
  Event pop_slow();

  void load();
  std::size_t survey(std::uint64_t tick);
  bool is_crowd(std::uint64_t tick, std::size_t count_max);
  void load_bucket(std::uint64_t tick, std::size_t count_max);
  void cascade();
  void deal(ChunkIndex chain);
  ChunkIndex detach(std::uint32_t level, std::uint64_t slot);
  [[nodiscard]] std::uint64_t first_occupied(std::uint32_t level) const;
  [[nodiscard]] std::uint64_t first_cascade() const;

  void count_bucket();
  void adapt();
  void rebuild(std::uint32_t shift, std::uint32_t bits);
  void shape(std::uint32_t shift, std::uint32_t bits);

  // The events of all ticks before `cursor_`: `sorted_` in descending order, so that the next one is at its back, and
  // in `late_`, a heap, those that were pushed too far from the back to be inserted cheaply.
  std::vector<Event> sorted_;
  std::vector<Event> late_;

  std::size_t size_ = 0;
  std::int64_t last_popped_ns_ = 0;

  // The wheel: every event in it has a tick in [cursor_, cursor_ + 2^(bits_*levels_)).
  std::uint64_t cursor_ = 0;
  std::uint64_t next_cascade_ = no_tick;  // The first tick of the earliest occupied bucket above level 0.
  std::uint32_t shift_ = 0;
  std::uint32_t bits_ = 0;
  std::uint32_t levels_ = 0;
  std::uint64_t slots_ = 0;  // 2^bits_
  std::uint64_t mask_ = 0;   // 2^bits_ - 1
  std::vector<Bucket> buckets_;
  std::vector<Occupancy> occupancy_;
  EventPool pool_;
  std::vector<Event> scratch_;

  // Since the last check of the bucket width; see adapt().
  std::size_t window_buckets_ = 0;
  std::size_t window_events_ = 0;
  std::size_t window_work_ = 0;
  std::size_t pushed_sorted_ = 0;  // Since the last load().
};

}  // namespace cicada::sim
