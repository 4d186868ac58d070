#include <cicada/sim/ring_truth.hpp>

#include <algorithm>
#include <bit>
#include <utility>

#include <cicada/assert.hpp>

namespace cicada::sim {

namespace {

/// Blocks made by `assign` leave room for growth; a block below `merge_below` joins a neighbour if both fit in
/// `bulk_fill`.
constexpr std::size_t bulk_fill = 48;
constexpr std::size_t merge_below = 16;

}  // namespace

RingTruth::RingTruth(IdOf id_of) : id_of_(std::move(id_of)) {}

void RingTruth::assign(std::vector<Peer> members) {
  clear();
  const auto in_order = [this](Peer a, Peer b) { return before(a, b); };
  if (!std::ranges::is_sorted(members, in_order)) std::ranges::sort(members, in_order);
  directory_.reserve((members.size() + bulk_fill - 1) / bulk_fill);
  for (std::size_t i = 0; i < members.size(); ++i) {
    CICADA_ASSERT(i == 0 || before(members[i - 1], members[i]));
    if (i % bulk_fill == 0) directory_.push_back({members[i].prefix(), 0, take_block()});
    Slot& slot = directory_.back();
    (*blocks_[slot.block])[slot.size++] = members[i];
  }
  size_ = members.size();
}

void RingTruth::clear() {
  directory_.clear();
  blocks_.clear();
  free_blocks_.clear();
  size_ = 0;
  ranks_stale_ = true;
}

bool RingTruth::insert(const Id& id, PeerIndex index) {
  const Key key{id.prefix(), index, &id};
  if (directory_.empty()) {
    directory_.push_back({id.prefix(), 0, take_block()});
    ranks_stale_ = true;
  }
  Position position = insertion_point(key);
  if (is_at(position, index)) return false;
  if (directory_[position.slot].size == block_capacity) {
    split(position.slot);
    position = insertion_point(key);
  }
  Slot& slot = directory_[position.slot];
  Block& members = block(position.slot);
  std::copy_backward(members.data() + position.offset, members.data() + slot.size, members.data() + slot.size + 1);
  members[position.offset] = Peer(id.prefix(), index);
  slot.first_prefix = members[0].prefix();
  ++slot.size;
  ++size_;
  shift_ranks(position.slot, true);
  return true;
}

bool RingTruth::erase(const Id& id, PeerIndex index) {
  const Position position = lower_bound({id.prefix(), index, &id});
  if (!is_at(position, index)) return false;
  Slot& slot = directory_[position.slot];
  Block& members = block(position.slot);
  std::copy(members.data() + position.offset + 1, members.data() + slot.size, members.data() + position.offset);
  --slot.size;
  --size_;
  shift_ranks(position.slot, false);
  if (slot.size == 0) {
    remove_slot(position.slot);
  } else {
    slot.first_prefix = members[0].prefix();
    merge_if_small(position.slot);
  }
  return true;
}

bool RingTruth::contains(Peer peer) const {
  return peer.exists() && !empty() && is_at(lower_bound(key_of(peer)), peer.index);
}

Peer RingTruth::successor_of(const Id& key) const {
  if (empty()) return {};
  const Position position = lower_bound({key.prefix(), 0, &key});
  return at(position.slot == directory_.size() ? Position{} : position);
}

Peer RingTruth::predecessor_of(const Id& key) const {
  if (empty()) return {};
  return at(backward(lower_bound({key.prefix(), 0, &key})));
}

Peer RingTruth::next(Peer peer) const {
  Peer found;
  if (successors(peer, {&found, 1}) == 0 && contains(peer)) found = peer;
  return found;
}

Peer RingTruth::previous(Peer peer) const {
  if (empty()) return {};
  return at(backward(lower_bound(key_of(peer))));
}

std::size_t RingTruth::successors(Peer peer, std::span<Peer> out) const {
  if (empty()) return 0;
  Position position = lower_bound(key_of(peer));
  const bool member = is_at(position, peer.index);
  const std::size_t count = std::min(out.size(), size_ - (member ? 1 : 0));
  if (position.slot == directory_.size()) position = {};
  if (member) position = forward(position);
  for (std::size_t i = 0; i < count; ++i, position = forward(position)) out[i] = at(position);
  return count;
}

std::size_t RingTruth::predecessors(Peer peer, std::span<Peer> out) const {
  if (empty()) return 0;
  Position position = lower_bound(key_of(peer));
  const std::size_t count = std::min(out.size(), size_ - (is_at(position, peer.index) ? 1 : 0));
  for (Peer& each : out.first(count)) {
    position = backward(position);
    each = at(position);
  }
  return count;
}

std::size_t RingTruth::count_between(Peer a, Peer b) const {
  if (empty()) return 0;
  const Position start = lower_bound(key_of(a));
  const std::size_t after_a = rank_at(start) + (is_at(start, a.index) ? 1 : 0);
  const std::size_t before_b = rank_of(b);
  // The arc wraps exactly when b does not lie after a; the same peer twice is the whole ring.
  const bool wraps = a == b || !before(a, b);
  return wraps ? size_ - after_a + before_b : before_b - after_a;
}

std::size_t RingTruth::rank_of(Peer peer) const { return rank_at(lower_bound(key_of(peer))); }

Peer RingTruth::at_rank(std::size_t rank) const {
  CICADA_ASSERT(rank < size_);
  refresh_ranks();
  // Descends the Fenwick tree: `slot` ends as the number of whole blocks before the rank.
  std::size_t slot = 0;
  for (std::size_t step = std::bit_floor(directory_.size()); step > 0; step /= 2) {
    if (slot + step <= directory_.size() && ranks_[slot + step] <= rank) {
      slot += step;
      rank -= ranks_[slot];
    }
  }
  return at({slot, rank});
}

Peer RingTruth::at_random(Rng& rng) const {
  CICADA_ASSERT(!empty());
  return at_rank(static_cast<std::size_t>(rng.below(size_)));
}

std::size_t RingTruth::memory_bytes() const {
  constexpr std::size_t allocation_overhead = 16;
  return sizeof(*this) + directory_.capacity() * sizeof(Slot) + ranks_.capacity() * sizeof(std::uint32_t) +
         free_blocks_.capacity() * sizeof(std::uint32_t) + blocks_.capacity() * sizeof(blocks_[0]) +
         blocks_.size() * (sizeof(Block) + allocation_overhead);
}

RingTruth::Key RingTruth::key_of(Peer peer) { return {peer.prefix(), peer.index, nullptr}; }

bool RingTruth::precedes(Peer member, const Key& key) const {
  const std::uint64_t prefix = member.prefix();
  if (prefix != key.prefix) return prefix < key.prefix;
  if (key.id == nullptr && member.index == key.index) return false;
  const Id member_id = id_of_(member.index);
  const Id key_id = key.id != nullptr ? *key.id : id_of_(key.index);
  if (member_id != key_id) return member_id < key_id;
  return member.index < key.index;
}

/// Where the key belongs, as an offset in [0, size] of an existing block. Precondition: there is a block.
RingTruth::Position RingTruth::insertion_point(const Key& key) const {
  const auto starts_before = [this, &key](const Slot& slot) {
    if (slot.first_prefix != key.prefix) return slot.first_prefix < key.prefix;
    return precedes((*blocks_[slot.block])[0], key);
  };
  if (size_ == 0) return {};
  const auto after = std::ranges::partition_point(directory_, starts_before);
  if (after == directory_.begin()) return {};
  const auto slot = static_cast<std::size_t>(after - directory_.begin()) - 1;
  const std::span<const Peer> members(block(slot).data(), directory_[slot].size);
  const auto place = std::ranges::partition_point(members, [this, &key](Peer peer) { return precedes(peer, key); });
  const Position position{slot, static_cast<std::size_t>(place - members.begin())};
  // The member itself, if it is the first of the following block, has to be seen there.
  if (position.offset == members.size() && is_at({slot + 1, 0}, key.index)) return {slot + 1, 0};
  return position;
}

/// The first member that does not precede the key; {directory size, 0} when there is none.
RingTruth::Position RingTruth::lower_bound(const Key& key) const {
  if (empty()) return {directory_.size(), 0};
  const Position position = insertion_point(key);
  return position.offset == directory_[position.slot].size ? Position{position.slot + 1, 0} : position;
}

bool RingTruth::is_at(Position position, PeerIndex index) const {
  return position.slot < directory_.size() && position.offset < directory_[position.slot].size &&
         at(position).index == index;
}

RingTruth::Position RingTruth::forward(Position position) const {
  if (++position.offset < directory_[position.slot].size) return position;
  return {position.slot + 1 == directory_.size() ? 0 : position.slot + 1, 0};
}

RingTruth::Position RingTruth::backward(Position position) const {
  if (position.offset > 0) return {position.slot, position.offset - 1};
  const std::size_t slot = (position.slot == 0 ? directory_.size() : position.slot) - 1;
  return {slot, directory_[slot].size - 1};
}

std::size_t RingTruth::rank_at(Position position) const {
  refresh_ranks();
  std::size_t rank = position.offset;
  for (std::size_t i = position.slot; i > 0; i &= i - 1) rank += ranks_[i];
  return rank;
}

std::uint32_t RingTruth::take_block() {
  if (!free_blocks_.empty()) {
    const std::uint32_t block = free_blocks_.back();
    free_blocks_.pop_back();
    return block;
  }
  blocks_.push_back(std::make_unique<Block>());
  return static_cast<std::uint32_t>(blocks_.size() - 1);
}

void RingTruth::split(std::size_t slot) {
  constexpr std::size_t half = block_capacity / 2;
  const std::uint32_t fresh = take_block();
  const Block& full = block(slot);
  std::copy(full.begin() + half, full.end(), blocks_[fresh]->begin());
  directory_[slot].size = half;
  directory_.insert(directory_.begin() + static_cast<std::ptrdiff_t>(slot) + 1,
                    Slot{full[half].prefix(), static_cast<std::uint32_t>(block_capacity - half), fresh});
  ranks_stale_ = true;
}

void RingTruth::remove_slot(std::size_t slot) {
  free_blocks_.push_back(directory_[slot].block);
  directory_.erase(directory_.begin() + static_cast<std::ptrdiff_t>(slot));
  ranks_stale_ = true;
}

void RingTruth::merge_if_small(std::size_t slot) {
  if (directory_[slot].size >= merge_below || directory_.size() < 2) return;
  const std::size_t left = slot + 1 < directory_.size() ? slot : slot - 1;
  if (directory_[left].size + directory_[left + 1].size > bulk_fill) return;
  const std::size_t moved = directory_[left + 1].size;
  std::copy_n(block(left + 1).begin(), moved, block(left).data() + directory_[left].size);
  directory_[left].size += static_cast<std::uint32_t>(moved);
  remove_slot(left + 1);
}

void RingTruth::shift_ranks(std::size_t slot, bool up) {
  if (ranks_stale_) return;
  for (std::size_t i = slot + 1; i < ranks_.size(); i += i & (~i + 1)) up ? ++ranks_[i] : --ranks_[i];
}

void RingTruth::refresh_ranks() const {
  if (!ranks_stale_) return;
  ranks_.assign(directory_.size() + 1, 0);
  for (std::size_t i = 1; i < ranks_.size(); ++i) {
    ranks_[i] += directory_[i - 1].size;
    const std::size_t parent = i + (i & (~i + 1));
    if (parent < ranks_.size()) ranks_[parent] += ranks_[i];
  }
  ranks_stale_ = false;
}

}  // namespace cicada::sim
