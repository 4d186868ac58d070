#pragma once
/// What a link refuses of what remote peers do, before or beside the protocol: `Refusal` (refusal.hpp) names what the
/// protocol refuses. Every refusal is counted by its reason, and for the peers behind the most of them.

#include <array>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <string_view>

#include <cicada/peer.hpp>
#include <cicada/refusal.hpp>

namespace cicada {

enum class LinkRefusal : std::uint8_t {
  frame_too_long,    ///< Longer than its kind may be. The link ends.
  frame_unexpected,  ///< Of a kind, or with contents, that no honest peer sends then. The link ends.
  undecodable,       ///< A message that cannot be decoded.
  contacts_full,     ///< A message that names new peers, while the table of contacts is full.
  over_pace,         ///< More messages or bytes than the link may carry. It was left unread for a while.
  buffers_full,      ///< A long frame while all buffers together are at their limit. The link ends.
  forging,           ///< The peer sent what it could have seen to be forged. The link ends, and the peer is expelled.
  expelled,          ///< A link with a peer that is expelled.
  parked_full,       ///< A message whose source's key is unknown, beyond the share of the source or of the neighbour.
  dial_refused,      ///< A dial that the peer caused, beyond its share.
};
inline constexpr std::size_t link_refusal_count = 10;

/// The name of a reason in reports, as in the enumeration.
[[nodiscard]] constexpr std::string_view to_string(LinkRefusal reason) {
  constexpr std::array<std::string_view, link_refusal_count> names = {
      "frame_too_long", "frame_unexpected", "undecodable", "contacts_full", "over_pace",
      "buffers_full",   "forging",          "expelled",    "parked_full",   "dial_refused"};
  return names[static_cast<std::size_t>(reason)];
}

using LinkRefusalCounts = std::array<std::uint64_t, link_refusal_count>;

/// What was refused of one neighbour.
struct PeerRefusals {
  Contact contact;
  Endpoint address;  ///< The other end of its newest link. Port 0 for a circuit.
  RefusalCounts protocol{};
  LinkRefusalCounts link{};

  [[nodiscard]] std::uint64_t total() const {
    return std::accumulate(link.begin(), link.end(),
                           std::accumulate(protocol.begin(), protocol.end(), std::uint64_t{}));
  }
};

}  // namespace cicada
