#include <cicada/sim/event_queue.hpp>

#include <algorithm>
#include <bit>

#include "event_sort.hpp"

namespace cicada::sim {
namespace {

// The shape before anything is known about the rate: buckets of about a millisecond.
constexpr std::uint32_t initial_shift = 20;
constexpr std::uint32_t shift_max = 44;  // Almost five hours.

// Mean events per bucket: what a rebuild aims at is [2^7, 2^8), what is tolerated is [48, 384]. Sorting would like
// smaller buckets; but what lies in the next bucket cannot be fetched ahead, so those waits are spread over more
// events.
constexpr int target_bit_width = 8;
constexpr std::size_t mean_min = 48;
constexpr std::size_t mean_max = 384;
constexpr std::size_t mean_clip = 1024;

// A bucket with more events than this is not sorted if a narrower width can part it at a fair price.
constexpr std::size_t crowd_min = 4096;
constexpr std::size_t crowd_share = 16;

// An event that precedes at most this many of the sorted ones from the back is inserted there, others go to the heap.
constexpr std::size_t insertion_max = 64;

constexpr bool happens_after(const Event& a, const Event& b) { return happens_before(b, a); }

void prefetch_chunk(const EventChunk& chunk) {
  const auto* bytes = reinterpret_cast<const char*>(&chunk);
  for (std::size_t line = 0; line < sizeof(EventChunk); line += 64) __builtin_prefetch(bytes + line);
}

// The width at which a bucket that holds `mean` events now would hold about 32 to 63.
std::uint32_t shift_for(std::uint32_t shift, std::size_t mean) {
  const int step = static_cast<int>(std::bit_width(std::max<std::size_t>(mean, 1))) - target_bit_width;
  return static_cast<std::uint32_t>(std::clamp(static_cast<int>(shift) - step, 0, static_cast<int>(shift_max)));
}

// About one bucket for each bucketful of events: then level 0 spans what most events need, and empty buckets cost
// little.
std::uint32_t bits_for(std::size_t events, std::uint32_t low, std::uint32_t high) {
  return std::clamp(static_cast<std::uint32_t>(std::bit_width(events >> 5)), low, high);
}

}  // namespace

EventQueue::EventQueue() { shape(initial_shift, bits_min); }

std::size_t EventQueue::memory_bytes() const {
  return sizeof(*this) + pool_.memory_bytes() + buckets_.capacity() * sizeof(Bucket) +
         occupancy_.capacity() * sizeof(Occupancy) +
         (sorted_.capacity() + late_.capacity() + scratch_.capacity()) * sizeof(Event);
}

// ---- The part before the cursor ----

void EventQueue::push_sorted(const Event& event) {
  ++pushed_sorted_;
  const std::size_t count = sorted_.size();
  const std::size_t stop = count - std::min(count, insertion_max);
  std::size_t place = count;
  while (place > stop && happens_before(sorted_[place - 1], event)) --place;
  if (place == stop && stop > 0) {
    late_.push_back(event);
    std::ranges::push_heap(late_, happens_after);
  } else {
    sorted_.insert(sorted_.begin() + static_cast<std::ptrdiff_t>(place), event);
  }
}

const Event& EventQueue::top_slow() {
  if (sorted_.empty() && late_.empty()) load();
  if (late_.empty()) return sorted_.back();
  if (sorted_.empty() || happens_before(late_.front(), sorted_.back())) return late_.front();
  return sorted_.back();
}

Event EventQueue::pop_slow() {
  const Event event = top_slow();
  if (!sorted_.empty() && sorted_.back() == event) {
    sorted_.pop_back();
  } else {
    std::ranges::pop_heap(late_, happens_after);
    late_.pop_back();
  }
  --size_;
  last_popped_ns_ = event.time_ns;
  return event;
}

// ---- From the wheel to the sorted part ----

void EventQueue::load() {
  CICADA_ASSERT(size_ > 0);
  window_events_ += std::min(pushed_sorted_, mean_clip);
  pushed_sorted_ = 0;
  adapt();
  for (;;) {
    // A bucket above level 0 whose span begins at or before `tick` may hold an event of `tick`.
    const std::uint64_t tick = first_occupied(0);
    if (tick >= next_cascade_) {
      cascade();
      continue;
    }
    const std::size_t count_max = survey(tick);
    if (!is_crowd(tick, count_max)) return load_bucket(tick, count_max);
    rebuild(shift_for(shift_, count_max), bits_for(size_, bits_min, bits_max));
  }
}

// An upper bound of the events in a bucket of level 0. It starts all the memory accesses that load_bucket() would wait
// for.
std::size_t EventQueue::survey(std::uint64_t tick) {
  std::size_t chunks = 0;
  for (ChunkIndex i = buckets_[tick & mask_].head; i != no_chunk; i = pool_[i].next, ++chunks) prefetch_chunk(pool_[i]);
  return chunks * EventChunk::capacity;
}

// Whether the bucket holds so large a part of all events that dealing them again costs less than sorting it, as after a
// million pushes before the first pop. Events of one instant cannot be parted.
bool EventQueue::is_crowd(std::uint64_t tick, std::size_t count_max) {
  if (shift_ == 0 || count_max <= crowd_min || count_max <= size_ / crowd_share) return false;
  const Bucket& bucket = buckets_[tick & mask_];
  pool_[bucket.head].used = bucket.used;
  const std::int64_t first_ns = pool_[bucket.head].events[0].time_ns;
  for (ChunkIndex i = bucket.head; i != no_chunk; i = pool_[i].next) {
    const EventChunk& chunk = pool_[i];
    for (std::uint32_t e = 0; e < chunk.used; ++e) {
      if (chunk.events[e].time_ns != first_ns) return true;
    }
  }
  return false;
}

void EventQueue::load_bucket(std::uint64_t tick, std::size_t count_max) {
  // The distribution sort needs a second vector; a large bucket shall not need twice the memory.
  const bool small = count_max <= distribution_max;
  std::vector<Event>& events = small ? scratch_ : sorted_;
  events.clear();
  events.reserve(count_max);
  ChunkIndex chain = detach(0, tick & mask_);
  while (chain != no_chunk) {
    const EventChunk& chunk = pool_[chain];
    events.insert(events.end(), chunk.events.begin(), chunk.events.begin() + chunk.used);
    const ChunkIndex next = chunk.next;
    pool_.release(chain);
    chain = next;
  }
  if (small) {
    distribute_descending(scratch_, sorted_, tick << shift_, shift_);
  } else {
    std::ranges::sort(sorted_, happens_after);
  }
  cursor_ = tick + 1;
  count_bucket();
}

// ---- The wheel ----

void EventQueue::push_far(const Event& event, std::uint64_t tick) {
  std::uint32_t level = 1;
  std::uint32_t level_shift = bits_;
  while ((tick >> level_shift) - (cursor_ >> level_shift) >= slots_) {
    ++level;
    level_shift += bits_;
  }
  append(level, (tick >> level_shift) & mask_, event);
  next_cascade_ = std::min(next_cascade_, (tick >> level_shift) << level_shift);
}

// Deals the bucket that begins at next_cascade_, the earliest one of all, to the levels below.
void EventQueue::cascade() {
  CICADA_ASSERT(next_cascade_ >= cursor_);
  cursor_ = next_cascade_;
  std::uint32_t level = levels_ - 1;
  while (level > 0 && first_occupied(level) != next_cascade_) --level;
  CICADA_ASSERT(level > 0);
  deal(detach(level, (next_cascade_ >> (level * bits_)) & mask_));
  next_cascade_ = first_cascade();
}

void EventQueue::deal(ChunkIndex chain) {
  while (chain != no_chunk) {
    const EventChunk& chunk = pool_[chain];
    const ChunkIndex next = chunk.next;
    if (next != no_chunk) prefetch_chunk(pool_[next]);
    for (std::uint32_t i = 0; i < chunk.used; ++i) {
      push_wheel(chunk.events[i], static_cast<std::uint64_t>(chunk.events[i].time_ns) >> shift_);
    }
    pool_.release(chain);
    chain = next;
  }
}

// Empties a bucket and returns its chunks, with `used` set in each of them.
ChunkIndex EventQueue::detach(std::uint32_t level, std::uint64_t slot) {
  Bucket& bucket = buckets_[(std::size_t{level} << bits_) + slot];
  const ChunkIndex chain = bucket.head;
  pool_[chain].used = bucket.used;
  bucket = Bucket{};
  Occupancy& occupancy = occupancy_[level];
  occupancy.words[slot >> 6] &= ~(std::uint64_t{1} << (slot & 63));
  if (occupancy.words[slot >> 6] == 0) occupancy.summary &= ~(std::uint64_t{1} << (slot >> 6));
  return chain;
}

// The first tick of the level's earliest occupied bucket: the first marked one, going round from the cursor's.
std::uint64_t EventQueue::first_occupied(std::uint32_t level) const {
  const Occupancy& occupancy = occupancy_[level];
  if (occupancy.summary == 0) return no_tick;
  const std::uint64_t from = cursor_ >> (level * bits_);
  const std::uint64_t slot = from & mask_;
  const std::uint64_t word = slot >> 6;
  const auto lowest = [](std::uint64_t bits) { return static_cast<std::uint64_t>(std::countr_zero(bits)); };
  const std::uint64_t here = occupancy.words[word] >> (slot & 63);
  std::uint64_t found = 0;
  if (here != 0) {
    found = slot + lowest(here);
  } else {
    // Words after this one, else from the beginning, up to this one again (whose marks are then all before the slot).
    const std::uint64_t after = word == 63 ? 0 : occupancy.summary >> (word + 1) << (word + 1);
    const std::uint64_t next = lowest(after != 0 ? after : occupancy.summary);
    found = (next << 6) + lowest(occupancy.words[next]);
  }
  return (from + ((found - slot) & mask_)) << (level * bits_);
}

std::uint64_t EventQueue::first_cascade() const {
  std::uint64_t first = no_tick;
  for (std::uint32_t level = 1; level < levels_; ++level) first = std::min(first, first_occupied(level));
  return first;
}

// ---- Adapting the shape ----

// Many events of one instant say nothing about the width, since no width would part them; one huge bucket must not
// outvote thousands of ordinary ones.
void EventQueue::count_bucket() {
  const std::size_t count = sorted_.size();
  window_work_ += count;
  if (count > mean_max && sorted_.front().time_ns == sorted_.back().time_ns) return;
  ++window_buckets_;
  window_events_ += std::min(count, mean_clip);
}

// Dealing all events again is paid for by the work since the last time: half as many events taken from the wheel as are
// pending, or a fourfold change of their number.
void EventQueue::adapt() {
  const std::uint32_t bits_low = bits_for(size_ / 4, bits_min, bits_max);
  const std::uint32_t bits_high = bits_for(size_ * 4, bits_min, bits_max);
  std::uint32_t shift = shift_;
  if (window_work_ >= size_ / 2 + 1024) {
    if (window_buckets_ > 0) {
      const std::size_t mean = window_events_ / window_buckets_;
      if (mean < mean_min || mean > mean_max) {
        shift = shift_for(shift_, mean);
      }
    }
    window_buckets_ = window_events_ = window_work_ = 0;
  }
  if (shift != shift_ || bits_ < bits_low || bits_ > bits_high) rebuild(shift, bits_for(size_, bits_min, bits_max));
}

void EventQueue::rebuild(std::uint32_t shift, std::uint32_t bits) {
  ChunkIndex all = no_chunk;
  for (std::uint32_t level = 0; level < levels_; ++level) {
    for (std::uint64_t tick = first_occupied(level); tick != no_tick; tick = first_occupied(level)) {
      const ChunkIndex chain = detach(level, (tick >> (level * bits_)) & mask_);
      ChunkIndex last = chain;
      while (pool_[last].next != no_chunk) last = pool_[last].next;
      pool_[last].next = all;
      all = chain;
    }
  }
  const std::uint64_t begin_ns = cursor_ << shift_;
  shape(shift, bits);
  // Rounding down is harmless: nothing is sorted now, so the first bucket may as well begin earlier.
  cursor_ = begin_ns >> shift_;
  deal(all);
}

void EventQueue::shape(std::uint32_t shift, std::uint32_t bits) {
  shift_ = shift;
  bits_ = bits;
  slots_ = std::uint64_t{1} << bits;
  mask_ = slots_ - 1;
  levels_ = (63 - shift + bits - 1) / bits;
  next_cascade_ = no_tick;
  buckets_.assign(std::size_t{levels_} << bits, Bucket{});
  occupancy_.assign(levels_, Occupancy{});
}

}  // namespace cicada::sim
