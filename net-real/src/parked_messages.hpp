#pragma once
/// Messages that wait until a link has proved the key of their source. Bounded in number and bytes, for all together,
/// for each neighbour that brought them, and for each source: a neighbour that invents sources, or a source that never
/// answers, takes no room from others.

#include <cstddef>
#include <vector>

#include <cicada/message.hpp>
#include <cicada/swarm_options.hpp>

namespace cicada {

class ParkedMessages {
 public:
  struct Parked {
    PeerIndex from;
    PeerIndex source;
    Message message;
    std::size_t bytes = 0;
  };

  explicit ParkedMessages(const SwarmLimits& limits) : limits_(limits) {}

  /// Gives false, and keeps nothing, beyond a bound. Cost: O(`SwarmLimits::parked_max`).
  bool add(PeerIndex from, PeerIndex source, const Message& message);
  /// Those of the source, in the order in which they came.
  [[nodiscard]] std::vector<Parked> take(PeerIndex source);
  void clear();
  /// What they take of the memory for buffers.
  [[nodiscard]] std::size_t bytes() const { return bytes_; }
  [[nodiscard]] std::size_t size() const { return parked_.size(); }
  /// Calls `visit(PeerIndex)` for every peer that they refer to.
  template <class Visitor>
  void for_each_peer(Visitor&& visit) const {
    for (const Parked& one : parked_) {
      visit(one.from);
      visit(one.source);
      const Data* const data = std::get_if<Data>(&one.message);
      if (data == nullptr || data->card == nullptr) continue;
      for (const Peer& guard : data->card->guards) visit(guard.index);
    }
  }

 private:
  const SwarmLimits& limits_;
  std::vector<Parked> parked_;
  std::size_t bytes_ = 0;
};

}  // namespace cicada
