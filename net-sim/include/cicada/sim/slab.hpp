#pragma once
/// Storage for many objects of one type that come and go, named by 32-bit indices: the simulator's messages in flight.
/// It does not detect the use of an erased index, and does not enumerate its objects.

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

#include <cicada/assert.hpp>

namespace cicada::sim {

/// Objects live in chunks of 2^`chunk_bits` slots and never move, so references stay valid until erase(). An erased
/// slot is the next one to be used again, while it is still in the cache. Indices depend only on the sequence of calls.
/// Memory is given back by the destructor alone, which also destroys the objects that are left. Not thread-safe.
template <class T, std::uint32_t chunk_bits = 8>
class Slab {
 public:
  using Index = std::uint32_t;

  Slab() = default;
  Slab(const Slab&) = delete;
  Slab& operator=(const Slab&) = delete;
  ~Slab() { destroy_all(); }

  /// Constructs a T from `arguments` and returns its index. O(1); allocates only when more objects live than ever
  /// before. When the constructor throws, the slab is unchanged. The constructor must not use this slab.
  template <class... Arguments>
  Index emplace(Arguments&&... arguments) {
    if (free_ == none) [[unlikely]]
      grow();
    const Index index = free_;
    Slot& slot = slot_at(index);
    const Index next = slot.next_free;
    try {
      std::construct_at(&slot.object, std::forward<Arguments>(arguments)...);
    } catch (...) {
      slot.next_free = next;
      throw;
    }
    free_ = next;
    ++size_;
    return index;
  }

  /// The object with this index, which must have come from emplace() and not been erased since.
  T& operator[](Index index) { return slot_at(index).object; }
  const T& operator[](Index index) const { return slot_at(index).object; }

  /// Destroys the object; its index may be given out again. Same precondition as operator[].
  void erase(Index index) {
    CICADA_ASSERT(size_ > 0);
    Slot& slot = slot_at(index);
    std::destroy_at(&slot.object);
    slot.next_free = free_;
    free_ = index;
    --size_;
  }

  /// Asks the processor to fetch the object (at most its first two cache lines). For valid indices.
  void prefetch(Index index) const {
    const Slot& slot = slot_at(index);
    const auto* bytes = reinterpret_cast<const char*>(&slot);
    constexpr std::size_t line_bytes = 64;
    constexpr std::size_t bytes_max = sizeof(Slot) < 2 * line_bytes ? sizeof(Slot) : 2 * line_bytes;
    for (std::size_t i = 0; i < bytes_max; i += line_bytes) __builtin_prefetch(bytes + i);
  }

  /// Number of living objects.
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }

  /// All memory the slab holds, in bytes: the peak number of objects, rounded up to a chunk.
  [[nodiscard]] std::size_t memory_bytes() const {
    return sizeof(*this) + chunks_.size() * chunk_slots * sizeof(Slot) + chunks_.capacity() * sizeof(chunks_[0]);
  }

 private:
  static constexpr Index none = std::numeric_limits<Index>::max();
  static constexpr Index chunk_slots = Index{1} << chunk_bits;
  static constexpr Index chunk_mask = chunk_slots - 1;

  /// Either an object or a link of the free list. It begins and ends no object by itself.
  union Slot {
    Slot() : next_free(none) {}
    Slot(const Slot&) = delete;
    Slot& operator=(const Slot&) = delete;
    ~Slot() {}
    Index next_free;
    T object;
  };

  Slot& slot_at(Index index) { return chunks_[index >> chunk_bits][index & chunk_mask]; }
  const Slot& slot_at(Index index) const { return chunks_[index >> chunk_bits][index & chunk_mask]; }

  void grow() {
    const std::size_t first = chunks_.size() * chunk_slots;
    CICADA_ASSERT(first + chunk_slots < none);
    chunks_.push_back(std::make_unique<Slot[]>(chunk_slots));
    // The lowest index comes first.
    for (Index i = chunk_slots; i-- > 0;) {
      chunks_.back()[i].next_free = free_;
      free_ = static_cast<Index>(first) + i;
    }
  }

  void destroy_all() {
    if constexpr (!std::is_trivially_destructible_v<T>) {
      if (size_ == 0) return;
      std::vector<bool> is_free(chunks_.size() * chunk_slots, false);
      for (Index index = free_; index != none; index = slot_at(index).next_free) is_free[index] = true;
      for (Index index = 0; index < is_free.size(); ++index) {
        if (!is_free[index]) std::destroy_at(&slot_at(index).object);
      }
    }
  }

  std::vector<std::unique_ptr<Slot[]>> chunks_;
  Index free_ = none;
  std::size_t size_ = 0;
};

}  // namespace cicada::sim
