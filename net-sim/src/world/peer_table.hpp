#pragma once
/// The peers of a simulated world by index: one slot for each life, at an address that never changes. A slot outlives
/// its node, so that late messages to the dead find out.

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <vector>

#include <cicada/assert.hpp>
#include <cicada/swarm_node.hpp>

namespace cicada::sim {

/// What the world keeps about one life of a peer, and its node. Laid out by cache lines: what every step touches first.
struct alignas(64) PeerSlot {
  static constexpr std::int64_t unarmed = -1;
  struct TimerState {
    std::int64_t due_ns = unarmed;     ///< When it shall fire.
    std::int64_t queued_ns = unarmed;  ///< The event in the queue that stands for it, at `due_ns` or before.
  };

  std::uint32_t sequence = 0;         ///< Numbers the events that this peer causes.
  std::uint32_t checked_version = 0;  ///< Of the node's state, when the checker saw it last.
  std::uint32_t host = 0;             ///< Lives of one host share their id.
  bool alive = false;                 ///< The process runs; `node` exists.
  bool member = false;                ///< In the world's list of members.
  bool lasting = false;               ///< Never departs by churn.
  bool hostile = false;               ///< One of the adversaries.
  std::array<TimerState, timer_count> timers;
  union {
    SwarmNode node;  ///< Begins with a cache line.
  };
  std::int64_t member_since_ns = 0;  ///< Of the present membership.
  std::uint32_t incarnation = 0;
  std::uint32_t member_position = 0;  ///< In the world's list of members, while `member`.

  PeerSlot() {}  // NOLINT: the node begins later.
  PeerSlot(const PeerSlot&) = delete;
  PeerSlot& operator=(const PeerSlot&) = delete;
  ~PeerSlot() {
    if (alive) node.~SwarmNode();
  }
};

class PeerTable {
 public:
  PeerTable() = default;
  PeerTable(const PeerTable&) = delete;
  PeerTable& operator=(const PeerTable&) = delete;
  ~PeerTable() {
    for (PeerIndex index = 0; index < ids_.size(); ++index) std::destroy_at(&(*this)[index]);
    for (PeerSlot* chunk : chunks_) std::allocator<PeerSlot>().deallocate(chunk, chunk_slots);
  }

  /// Makes one more slot; its index is the old size.
  PeerSlot& add(const Id& id) {
    if (ids_.size() % chunk_slots == 0) chunks_.push_back(std::allocator<PeerSlot>().allocate(chunk_slots));
    ids_.push_back(id);
    prefixes_.push_back(id.prefix());
    PeerSlot& slot = (*this)[static_cast<PeerIndex>(ids_.size() - 1)];
    return *std::construct_at(&slot);
  }
  void reserve(std::size_t peers) {
    ids_.reserve(peers);
    prefixes_.reserve(peers);
  }
  [[nodiscard]] std::size_t size() const { return ids_.size(); }
  [[nodiscard]] PeerSlot& operator[](PeerIndex index) { return chunks_[index / chunk_slots][index % chunk_slots]; }
  [[nodiscard]] const PeerSlot& operator[](PeerIndex index) const {
    return chunks_[index / chunk_slots][index % chunk_slots];
  }
  [[nodiscard]] const Id& id(PeerIndex index) const { return ids_[index]; }
  /// Asks the processor to fetch what nearly every step touches of a slot: its first line, and the node's first three.
  void prefetch(PeerIndex index) const {
    const PeerSlot& slot = (*this)[index];
    __builtin_prefetch(&slot);
    const char* node = reinterpret_cast<const char*>(&slot.node);
    for (std::size_t line = 0; line < 3; ++line) __builtin_prefetch(node + 64 * line);
  }
  void prefetch_peer(PeerIndex index) const { __builtin_prefetch(&prefixes_[index]); }
  [[nodiscard]] Peer peer(PeerIndex index) const { return {prefixes_[index], index}; }

 private:
  /// Large enough for huge pages. Only what is used becomes resident.
  static constexpr std::size_t chunk_slots = 1U << 16;
  std::vector<PeerSlot*> chunks_;
  std::vector<Id> ids_;
  std::vector<std::uint64_t> prefixes_;  ///< Of the ids: every message needs its sender's.
};

}  // namespace cicada::sim
