#pragma once
/// The true ring: the sorted set of live members, kept outside the nodes. The checker compares pointers with it,
/// lookups are judged by it, workloads draw members from it. It knows nothing of messages or of what any node believes.

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <memory>
#include <span>
#include <vector>

#include <cicada/id.hpp>
#include <cicada/peer.hpp>
#include <cicada/rng.hpp>

namespace cicada::sim {

/// Live members in ring order, for millions of them under churn.
///
/// Members are ordered by full id, and two lives of one id by index. The set keeps 12 bytes of each member (its `Peer`)
/// and asks `IdOf` for the other 192 bits of the id only where two prefixes are equal, which random ids never are in
/// practice. Arguments of type `Peer` need not be members, unless said otherwise: a dead peer still has a place on the
/// ring. They must have an index that `IdOf` knows.
///
/// Layout: sorted blocks of at most 64 members below one sorted directory, as in a B+ tree of height two. That stays
/// balanced when attackers crowd their ids into one arc, where buckets by the id's top bits would not.
/// Cost: searches are O(log n); insert and erase are O(log n) plus an O(n / 32) directory update once in about 32
/// changes. Memory: about 17 bytes per member. Not thread-safe, not even the const members (they rebuild the rank index
/// lazily).
class RingTruth {
 public:
  /// Gives the full id of a peer, member or not. Must be pure, and outlive the set's use of it.
  using IdOf = std::function<Id(PeerIndex)>;

  explicit RingTruth(IdOf id_of);

  /// Replaces the members. The input may be in any order (sorted input skips the sort) but must not name an index
  /// twice. Cost: O(n) when sorted, else O(n log n).
  void assign(std::vector<Peer> members);

  /// Adds a member; false, and no change, when this index is in already.
  bool insert(const Id& id, PeerIndex index);

  /// Removes a member; false, and no change, when it is not in.
  bool erase(const Id& id, PeerIndex index);

  void clear();

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] bool contains(Peer peer) const;

  /// The owner of a key: the first member at or after it, wrapping (Stoica et al., SIGCOMM 2001, §4.1).
  /// Nobody when the ring is empty, here and in the four functions below.
  [[nodiscard]] Peer successor_of(const Id& key) const;

  /// The last member strictly before the key, wrapping. With one member it is that member.
  [[nodiscard]] Peer predecessor_of(const Id& key) const;

  /// The first member after the peer, wrapping. A single member is its own next.
  [[nodiscard]] Peer next(Peer peer) const;

  /// The last member before the peer, wrapping. A single member is its own previous.
  [[nodiscard]] Peer previous(Peer peer) const;

  /// Fills `out` with the members after the peer, nearest first, without the peer itself and without repetition.
  /// Returns how many there are: min(out.size(), other members).
  std::size_t successors(Peer peer, std::span<Peer> out) const;

  /// The same, counter-clockwise.
  std::size_t predecessors(Peer peer, std::span<Peer> out) const;

  /// The number of members strictly inside the arc (a, b). As in `Arc`, a == b means all but a itself.
  [[nodiscard]] std::size_t count_between(Peer a, Peer b) const;

  /// The number of members with a smaller id than the peer's, counted from id zero.
  [[nodiscard]] std::size_t rank_of(Peer peer) const;

  /// The member with that rank. Precondition: rank < size().
  [[nodiscard]] Peer at_rank(std::size_t rank) const;

  /// A member drawn uniformly, with one draw. It depends on the set of members and on the draw, not on the order in
  /// which they came. Precondition: not empty.
  [[nodiscard]] Peer at_random(Rng& rng) const;

  /// Heap and object, in bytes.
  [[nodiscard]] std::size_t memory_bytes() const;

  /// Members from the smallest id to the greatest. Any change of the set invalidates the iterators.
  class Iterator;
  [[nodiscard]] Iterator begin() const;
  [[nodiscard]] Iterator end() const;

 private:
  static constexpr std::size_t block_capacity = 64;
  using Block = std::array<Peer, block_capacity>;

  /// A directory entry. Blocks are never empty.
  struct Slot {
    std::uint64_t first_prefix = 0;
    std::uint32_t size = 0;
    std::uint32_t block = 0;  ///< Index into `blocks_`.
  };

  /// A place on the ring. Without an id it is that of the peer `index`, looked up only when it is needed.
  struct Key {
    std::uint64_t prefix = 0;
    PeerIndex index = 0;
    const Id* id = nullptr;
  };

  struct Position {
    std::size_t slot = 0;
    std::size_t offset = 0;
  };

  static Key key_of(Peer peer);
  [[nodiscard]] bool precedes(Peer member, const Key& key) const;
  [[nodiscard]] bool before(Peer a, Peer b) const { return precedes(a, key_of(b)); }
  [[nodiscard]] Position insertion_point(const Key& key) const;
  [[nodiscard]] Position lower_bound(const Key& key) const;
  [[nodiscard]] bool is_at(Position position, PeerIndex index) const;
  [[nodiscard]] Position forward(Position position) const;
  [[nodiscard]] Position backward(Position position) const;
  [[nodiscard]] std::size_t rank_at(Position position) const;
  [[nodiscard]] Peer at(Position position) const { return block(position.slot)[position.offset]; }
  [[nodiscard]] const Block& block(std::size_t slot) const { return *blocks_[directory_[slot].block]; }
  [[nodiscard]] Block& block(std::size_t slot) { return *blocks_[directory_[slot].block]; }

  std::uint32_t take_block();
  void split(std::size_t slot);
  void remove_slot(std::size_t slot);
  void merge_if_small(std::size_t slot);
  void shift_ranks(std::size_t slot, bool up);
  void refresh_ranks() const;

  IdOf id_of_;
  std::size_t size_ = 0;
  std::vector<Slot> directory_;
  std::vector<std::unique_ptr<Block>> blocks_;
  std::vector<std::uint32_t> free_blocks_;
  /// Fenwick tree over the block sizes (1-based); stale after the directory changed its shape.
  mutable std::vector<std::uint32_t> ranks_;
  mutable bool ranks_stale_ = true;
};

class RingTruth::Iterator {
 public:
  using iterator_category = std::forward_iterator_tag;
  using value_type = Peer;
  using difference_type = std::ptrdiff_t;
  using pointer = const Peer*;
  using reference = Peer;

  Iterator() = default;
  Peer operator*() const { return ring_->at(position_); }
  Iterator& operator++() {
    if (++position_.offset == ring_->directory_[position_.slot].size) position_ = {position_.slot + 1, 0};
    return *this;
  }
  Iterator operator++(int) {
    const Iterator before = *this;
    ++*this;
    return before;
  }
  friend bool operator==(const Iterator& a, const Iterator& b) {
    return a.position_.slot == b.position_.slot && a.position_.offset == b.position_.offset;
  }

 private:
  friend class RingTruth;
  Iterator(const RingTruth& ring, Position position) : ring_(&ring), position_(position) {}
  const RingTruth* ring_ = nullptr;
  Position position_;
};

inline RingTruth::Iterator RingTruth::begin() const { return {*this, {0, 0}}; }
inline RingTruth::Iterator RingTruth::end() const { return {*this, {directory_.size(), 0}}; }

}  // namespace cicada::sim
