#include "adversary_figures.hpp"

#include <span>

#include "adversaries.hpp"

namespace cicada::sim {
namespace {

/// How many of the peers that tables name are hostile.
struct Share {
  std::uint64_t hostile = 0, all = 0;

  void add(const World& world, std::span<const Peer> peers) {
    for (const Peer& peer : peers) {
      if (!peer.exists()) continue;
      ++all;
      hostile += world.slot(peer.index).hostile;
    }
  }
  [[nodiscard]] nlohmann::ordered_json ratio() const {
    if (all == 0) return nullptr;
    return static_cast<double>(hostile) / static_cast<double>(all);
  }
};

}  // namespace

nlohmann::ordered_json adversary_figures(const World& world) {
  Share fingers, successors;
  for (const PeerIndex peer : world.members()) {
    if (world.slot(peer).hostile) continue;
    fingers.add(world, world.slot(peer).node.chord().fingers());
    successors.add(world, world.slot(peer).node.chord().successors());
  }
  nlohmann::ordered_json json;
  json["hostile_fingers_ratio"] = fingers.ratio();
  json["hostile_successors_ratio"] = successors.ratio();
  json["undecodable"] = world.adversaries()->undecodable();
  json["acts"] = world.adversaries()->acts();
  return json;
}

}  // namespace cicada::sim
