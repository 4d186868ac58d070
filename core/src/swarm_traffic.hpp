#pragma once
/// What a node keeps once messages pass through it.

#include <array>
#include <compare>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <queue>
#include <tuple>
#include <vector>

#include <cicada/swarm_node.hpp>

#include "neighbor_limits.hpp"
#include "neighborhood.hpp"
#include "received_messages.hpp"
#include "swarm_relays.hpp"

namespace cicada {

/// When something wants to be looked at. An entry may be out of date: then its owner has a later one, or is gone.
struct SwarmNode::Due {
  enum class What : std::uint8_t { relay, pending, search };

  TimePoint at{};
  RouteKey key;
  What what = What::relay;
  friend bool operator>(const Due& a, const Due& b) {
    return std::tie(a.at, a.key, a.what) > std::tie(b.at, b.key, b.what);
  }
};

/// A message of this node that waits for its acknowledgement.
struct SwarmNode::Pending {
  std::shared_ptr<const DataHeader> header;
  Payload payload;
  SendOptions options;
  TimePoint started{};
  TimePoint deadline{};  ///< Of the present try.
  TimePoint queued = time_never;
  TimePoint launched{};  ///< When the newest copies were sent.
  unsigned budget = 0;   ///< Transmissions left.
  unsigned way = 1;      ///< Links of one undisturbed way, estimated.
  unsigned tries = 0;
  unsigned stage = 0;    ///< Of `adaptive`: so many escalations.
  unsigned guards = 0;   ///< Waypoints used so far: guards in the target's card,
  unsigned entries = 0;  ///< and places around the target.
  unsigned copies = 0;
  unsigned open_copies = 0;
  unsigned extensions = 0;   ///< Of `adaptive`: so often was a try extended, as its copies had come back early.
  TimePoint extended_try{};  ///< Deadline of the try that is being extended; zero: of none.
  std::uint16_t transmissions = 0;
  bool refused = false;      ///< Somebody said that there is no such peer.
  bool last_wait = false;    ///< Nothing more will be sent.
  bool awaits_card = false;  ///< Further copies are kept back until the target's card is known.
};

/// A contact card that this node looks for.
struct SwarmNode::Search {
  std::uint64_t newer_than = 0;
  unsigned asked = 0;  ///< Places, in the order of their numbers.
  unsigned open = 0;   ///< Errands that have not come back.
  TimePoint deadline{};
};

/// What the payload of a `fetch_card` says: | owner 32 | newer_than 8 |.
struct SwarmNode::CardRequest {
  Id owner;
  std::uint64_t newer_than = 0;
};

/// One route that the source decides on.
struct SwarmNode::Route {
  Routing routing = Routing::repair;
  bool has_via = false;
  Id via;
  unsigned fuel = 0;
};

struct SwarmNode::Traffic {
  explicit Traffic(const SwarmConfig& config) : neighborhood(config.standing_half_life), relays(config) {}

  struct Guard {
    Peer peer;
    TimePoint since{};
    TimePoint renewed{};
    TimePoint answered{};
    Nonce token;
    bool accepted = false;
  };
  struct Ward {
    Peer peer;
    TimePoint heard{};
  };

  /// A card that is kept for others to ask for.
  struct Kept {
    std::shared_ptr<const ContactCard> card;
    std::uint64_t place = 0;  ///< Prefix.
  };

  Neighborhood neighborhood;
  NeighborLimits limits;
  Relays relays;
  std::map<MessageId, Pending> pending;
  std::priority_queue<Due, std::vector<Due>, std::greater<>> due;
  TimePoint deadline = time_never;  ///< What `Timer::data` is armed for.
  // At the target
  ReceivedMessages received;
  std::uint64_t copies_seen = 0;
  // Guards and cards
  std::vector<Guard> guards;
  std::vector<Ward> wards;
  TimePoint guards_due{};
  std::uint64_t card_sequence = 0;
  std::shared_ptr<const ContactCard> card;  ///< Null after a change.
  std::uint64_t published_sequence = 0;     ///< Of the card that was stored last; 0: none yet.
  TimePoint published_at{};
  std::map<Id, std::shared_ptr<const ContactCard>> cards;
  std::deque<Id> cards_order;
  std::map<Id, Search> searches;  ///< By owner.
  std::vector<Kept> kept;
};

}  // namespace cicada
