#pragma once
/// Order on the ring for compact peers: decided by the 64-bit prefixes, and by the full ids where prefixes tie.
/// Every comparison of peers and keys in the protocol goes through here.

#include <cicada/environment.hpp>
#include <cicada/id.hpp>
#include <cicada/peer.hpp>

namespace cicada {

class RingOrder {
 public:
  explicit RingOrder(const Contacts& contacts) : contacts_(contacts) {}

  /// x ∈ (a, b). Each of the three is an `Id` or a `Peer`. a == b stands for the whole ring without a.
  template <class A, class X, class B>
  [[nodiscard]] bool open(const A& a, const X& x, const B& b) const {
    const std::uint64_t from = a.prefix(), at = x.prefix(), to = b.prefix();
    if (from != at && at != to && from != to) [[likely]]
      return at - from < to - from;
    return Arc::open(full(a), full(b)).contains(full(x));
  }

  /// x ∈ (a, b]. a == b stands for the whole ring.
  template <class A, class X, class B>
  [[nodiscard]] bool left_open(const A& a, const X& x, const B& b) const {
    const std::uint64_t from = a.prefix(), at = x.prefix(), to = b.prefix();
    if (from != at && at != to && from != to) [[likely]]
      return at - from < to - from;
    return Arc::left_open(full(a), full(b)).contains(full(x));
  }

  /// Same identifier (perhaps another life of the same peer).
  template <class A, class B>
  [[nodiscard]] bool same_id(const A& a, const B& b) const {
    return a.prefix() == b.prefix() && full(a) == full(b);
  }

  [[nodiscard]] const Id& full(const Id& id) const { return id; }
  /// A padded entry has no contact: it stands for the id that its position names.
  [[nodiscard]] Id full(const Peer& peer) const {
    return peer.exists() ? contacts_.id_of(peer.index) : Id::from_prefix(peer.prefix());
  }

 private:
  const Contacts& contacts_;
};

}  // namespace cicada
