#pragma once
/// Storage of the event queue's buckets: chunks of ten events, linked by index, from one growing pool with a free list.
/// A bucket costs eight bytes while it is empty and wastes less than one chunk otherwise, which a vector per bucket
/// cannot do.

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

#include <cicada/assert.hpp>
#include <cicada/sim/event.hpp>

namespace cicada::sim {

using ChunkIndex = std::uint32_t;
inline constexpr ChunkIndex no_chunk = std::numeric_limits<ChunkIndex>::max();

/// Four cache lines. `used` does not count while the chunk is the head of a bucket: the bucket itself does.
struct alignas(64) EventChunk {
  static constexpr std::uint32_t capacity = 10;
  std::array<Event, capacity> events;
  ChunkIndex next;
  std::uint32_t used;
};
static_assert(sizeof(EventChunk) == 256);

class EventPool {
 public:
  EventChunk& operator[](ChunkIndex index) { return slabs_[index >> slab_bits][index & slab_mask]; }

  /// A chunk with unspecified contents. Allocates only when more chunks are in use than ever before.
  ChunkIndex acquire() {
    if (free_ == no_chunk) [[unlikely]]
      grow();
    const ChunkIndex index = free_;
    free_ = (*this)[index].next;
    return index;
  }

  void release(ChunkIndex index) {
    (*this)[index].next = free_;
    free_ = index;
  }

  [[nodiscard]] std::size_t memory_bytes() const {
    return slabs_.size() * slab_chunks * sizeof(EventChunk) + slabs_.capacity() * sizeof(slabs_[0]);
  }

 private:
  static constexpr std::uint32_t slab_bits = 8;  // 64 KiB a slab.
  static constexpr std::uint32_t slab_chunks = 1U << slab_bits;
  static constexpr std::uint32_t slab_mask = slab_chunks - 1;

  void grow() {
    const std::size_t first = slabs_.size() * slab_chunks;
    CICADA_ASSERT(first + slab_chunks < no_chunk);
    slabs_.push_back(std::make_unique_for_overwrite<EventChunk[]>(slab_chunks));
    for (std::size_t i = slab_chunks; i-- > 0;) release(static_cast<ChunkIndex>(first + i));
  }

  std::vector<std::unique_ptr<EventChunk[]>> slabs_;
  ChunkIndex free_ = no_chunk;
};

}  // namespace cicada::sim
