#pragma once
/// The messages in flight. Nearly all of them are small, and each waits for memory twice, so they are kept in a form of
/// their own that fits one cache line; a long list or a payload takes the message as it is.

#include <cstdint>
#include <variant>

#include <cicada/message.hpp>
#include <cicada/sim/slab.hpp>

namespace cicada::sim {

class Flights {
 public:
  /// Names a message; below `handle_end`.
  using Handle = std::uint32_t;
  static constexpr Handle handle_end = 1U << 29;

  Handle add(const Message& message) {
    return std::visit([&](const auto& alternative) { return add_alternative(alternative, message); }, message);
  }
  [[nodiscard]] Message take(Handle handle) {
    if ((handle & large) == 0) {
      const Message message = std::visit([](const auto& compact) { return expand(compact); }, small_[handle].message);
      small_.erase(handle);
      return message;
    }
    const Message message = large_[handle & ~large];
    large_.erase(handle & ~large);
    return message;
  }
  void drop(Handle handle) {
    if ((handle & large) == 0)
      small_.erase(handle);
    else
      large_.erase(handle & ~large);
  }

  void prefetch(Handle handle) const {
    (handle & large) == 0 ? small_.prefetch(handle) : large_.prefetch(handle & ~large);
  }
  /// The message, where it is of this small kind.
  template <class M>
  [[nodiscard]] const M* peek(Handle handle) const {
    return (handle & large) == 0 ? std::get_if<M>(&small_[handle].message) : nullptr;
  }
  /// The same for the other kinds.
  template <class M>
  [[nodiscard]] const M* peek_large(Handle handle) const {
    return (handle & large) != 0 ? std::get_if<M>(&large_[handle & ~large]) : nullptr;
  }
  [[nodiscard]] std::size_t memory_bytes() const { return small_.memory_bytes() + large_.memory_bytes(); }

 private:
  /// A `State` without its list.
  struct Unchanged {
    Nonce token;
    std::uint32_t version;
    Side side;
  };
  /// A `Found` with one owner.
  struct FoundOne {
    Nonce lookup;
    std::uint8_t hops;
    std::uint8_t timeouts;
    MaybePeer predecessor;
    Peer owner;
  };
  struct alignas(64) Line {
    std::variant<Ping, Pong, GetState, Busy, Notify, Hint, Leave, HopAck, NextHop, Unchanged, FoundOne, DataReport,
                 GuardRequest, GuardReply>
        message;
  };
  static_assert(sizeof(Line) == 64);
  static constexpr Handle large = handle_end >> 1;

  Handle keep(auto&& compact) { return small_.emplace(Line{std::forward<decltype(compact)>(compact)}); }
  Handle keep_large(const Message& message) { return large_.emplace(message) | large; }

  template <class M>
  Handle add_alternative(const M& alternative, const Message& message) {
    if constexpr (requires { Line{alternative}; })
      return keep(alternative);
    else
      return keep_large(message);
  }
  Handle add_alternative(const State& state, const Message& message) {
    if (state.unchanged && state.list.empty() && !state.opposite.exists())
      return keep(Unchanged{state.token, state.version, state.side});
    return keep_large(message);
  }
  Handle add_alternative(const Found& found, const Message& message) {
    if (found.owners.size() != 1) return keep_large(message);
    return keep(FoundOne{found.lookup, found.hops, found.timeouts, found.predecessor, found.owners[0]});
  }

  template <class M>
  static Message expand(const M& compact) {
    return compact;
  }
  static Message expand(const Unchanged& compact) {
    State state;
    state.token = compact.token;
    state.version = compact.version;
    state.side = compact.side;
    state.unchanged = true;
    return state;
  }
  static Message expand(const FoundOne& compact) {
    return Found{compact.lookup, compact.hops, compact.timeouts, compact.predecessor, {compact.owner}};
  }

  Slab<Line> small_;
  Slab<Message> large_;
};

}  // namespace cicada::sim
