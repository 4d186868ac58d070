#pragma once
/// The contact table of one node: which life of which peer a `PeerIndex` stands for, and the link to it. Bounded; what
/// nobody refers to any more is collected, between two steps, when the table has grown.

#include <cstdint>
#include <functional>
#include <optional>
#include <unordered_map>
#include <vector>

#include <cicada/codec.hpp>
#include <cicada/membership.hpp>
#include <cicada/peer.hpp>

namespace cicada {

class Link;

class PeerTable final : public ContactBook {
 public:
  struct Slot {
    Contact contact;
    std::optional<PublicKey> key;  ///< Proved on a link with this life.
    Link* link = nullptr;          ///< The one that messages go out on: standing, or still being dialled.
    bool used = false;
    bool met = false;  ///< The `new_peer` hook knows it.
  };

  /// `salt` is random, so that strangers cannot choose contacts that collide.
  PeerTable(IdPolicy policy, std::size_t limit, std::uint64_t salt);

  [[nodiscard]] Contact contact_of(PeerIndex index) const override { return slots_[index].contact; }
  /// Nullopt also for contacts that contradict the id policy: an address whose hash is not the id.
  [[nodiscard]] std::optional<Peer> intern(const Contact& contact) override;

  [[nodiscard]] Slot& operator[](PeerIndex index) { return slots_[index]; }
  [[nodiscard]] const Slot& operator[](PeerIndex index) const { return slots_[index]; }
  [[nodiscard]] Peer peer(PeerIndex index) const { return {slots_[index].contact.id.prefix(), index}; }
  [[nodiscard]] std::size_t size() const { return index_.size(); }
  [[nodiscard]] std::size_t slot_count() const { return slots_.size(); }
  /// Is it time to collect? So early that a whole message's contacts still fit in.
  [[nodiscard]] bool wants_collection() const { return size() + contacts_per_message >= collect_at_; }
  /// Frees every slot without a link that is not marked. `marked` has `slot_count()` entries. Cost: O(slots).
  void collect(const std::vector<bool>& marked);
  /// Calls `visit(PeerIndex)` for every entry, in the order of the indices.
  template <class Visitor>
  void for_each(Visitor&& visit) const {
    for (PeerIndex index = 0; index < slots_.size(); ++index)
      if (slots_[index].used) visit(index);
  }

 private:
  struct Hash {
    std::uint64_t salt;
    std::size_t operator()(const Contact& contact) const;
  };
  static constexpr std::size_t contacts_per_message = successors_max + 4;
  static constexpr std::size_t collect_at_least = 512;

  IdPolicy policy_;
  std::size_t limit_;
  std::size_t collect_at_ = collect_at_least;
  std::vector<Slot> slots_;
  std::vector<PeerIndex> free_;
  std::unordered_map<Contact, PeerIndex, Hash> index_;
};

}  // namespace cicada
