#pragma once
/// Parameters of messages, above the ring. One object serves all nodes of a world; it must outlive them.

#include <cstddef>
#include <cstdint>

#include <cicada/broadcast.hpp>
#include <cicada/chord_config.hpp>
#include <cicada/rate_limit.hpp>
#include <cicada/send_options.hpp>
#include <cicada/time.hpp>

namespace cicada {

struct SwarmConfig {
  ChordConfig chord;
  BroadcastConfig broadcast;
  Duration ack_timeout = std::chrono::seconds(3);  ///< First wait for the target's word; doubled with every try.
  unsigned send_tries = 4;               ///< Times that a source begins anew, beyond its budget too. At least 1.
  std::size_t pending_sends_max = 4096;  ///< Sends of one node under way; one more fails at once.
  /// Copies of others that a node watches over at one time, and the bytes of their payloads. One neighbour may have a
  /// quarter of both; what is beyond is refused. As many that are over are remembered.
  std::size_t relays_max = 4096;
  std::size_t relay_bytes_max = std::size_t{64} << 20;
  /// What one neighbour can make a node do, looked at before anything is hashed or verified: messages of others and for
  /// this node that are new, copies of what is known, signatures that turn out to be forged, copies taken on from it,
  /// and those of them handed to a second neighbour and further ones, and contact cards handed to keepers or given in
  /// answer. Beyond that its copies are refused, and not repaired. Each is whole again within 10 s.
  Pace messages_of_neighbor{std::chrono::microseconds(100), 16384};
  Pace repeats_of_neighbor{std::chrono::milliseconds(2), 1024};
  Pace forgeries_of_neighbor{std::chrono::seconds(1), 8};
  Pace relays_of_neighbor{std::chrono::milliseconds(1), 4096};
  Pace repairs_of_neighbor{std::chrono::milliseconds(20), 250};
  Pace cards_of_neighbor{std::chrono::milliseconds(40), 250};
  std::size_t remembered_max = 32768;                   ///< Messages received that copies are recognised of.
  Duration message_age_max = std::chrono::minutes(10);  ///< Older messages are refused,
  /// And those whose time is further ahead. Peers whose clocks differ by more than half of it have no link with each
  /// other (`clock_difference_max`), so two of them that have compared theirs with a third one's are both heard.
  Duration clock_ahead_max = 2 * clock_difference_max;
  Duration relay_life_max = std::chrono::seconds(60);  ///< A copy is watched over no longer.
  Duration proof_kept = std::chrono::seconds(10);      ///< How long a late copy is answered from memory.
  unsigned fuel_max = 1024;      ///< No neighbour is granted, and no message has, more transmissions.
  unsigned attempts_max = 24;    ///< Neighbours that one node tries for one copy.
  unsigned extensions_max = 12;  ///< Times that a neighbour may say it is still working, and half its fuel.
  unsigned guards = 8;           ///< Links to unforeseeable places that a node keeps. 0: none. At most 16.
  unsigned wards_max = 64;       ///< Peers that a node is a guard of.
  Duration guard_renewal = std::chrono::minutes(10);  ///< How often a guard is told that it is one.
  Duration guard_rotation = std::chrono::hours(1);    ///< How often one guard is replaced by another.
  Duration card_life = std::chrono::hours(2);      ///< Until a contact card expires. Twice that is believed of others.
  std::size_t cards_max = 1024;                    ///< Contact cards of others that a node remembers.
  unsigned card_places = 4;                        ///< Places at which a card is stored. 0: none. At most 16.
  unsigned card_keepers = 4;                       ///< Peers nearest to a place that keep a card stored there.
  std::size_t cards_kept_max = 128;                ///< Cards that a node keeps because a place is near.
  Duration card_pause = std::chrono::minutes(15);  ///< Not sooner is a changed card stored.
  Duration card_renewal = std::chrono::minutes(60);        ///< An unchanged one is stored again after so long.
  std::size_t searches_max = 256;                          ///< Cards that a node looks for at one time.
  Duration standing_half_life = std::chrono::minutes(10);  ///< Of what is held for or against a neighbour.
};

}  // namespace cicada
