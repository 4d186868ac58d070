#include "adversary_figures.hpp"

#include <span>

#include "adversaries.hpp"
#include "figures_json.hpp"

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
  json["hostile_fingers_ratio"] = number(ratio(fingers.hostile, fingers.all));
  json["hostile_successors_ratio"] = number(ratio(successors.hostile, successors.all));
  json["undecodable"] = world.adversaries()->undecodable();
  json["acts"] = world.adversaries()->acts();
  return json;
}

}  // namespace cicada::sim
