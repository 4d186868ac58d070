#pragma once
/// Why an operation of a `SwarmPeer` failed, as `std::error_code`. What the operating system or OpenSSL says keeps its
/// own category; this one is for what the swarm says.

#include <system_error>

#include <cicada/environment.hpp>

namespace cicada {

enum class SwarmError {
  not_bound = 1,      ///< `bind` has to come first.
  already_bound,      ///< `bind` was called before.
  already_connected,  ///< The peer is in a ring with others; `disconnect` first.
  closed,             ///< The peer was closed, before or during the operation.
  would_deadlock,     ///< A blocking call on the reactor's own thread, from a hook or a handler.
  bad_address,        ///< Not an address or a host name that resolves.
  bad_option,         ///< The options contradict each other or miss something that the id policy needs.
  timed_out,          ///< Nothing happened within the time given.
  no_such_peer,       ///< The ring says that there is nobody with this id.
  too_many_pending,   ///< More sends or lookups are under way than the options allow.
  payload_too_long,   ///< More than `payload_bytes_max` bytes.
  inbox_full,         ///< A message to oneself, and nobody has read the earlier ones.
  unreachable,        ///< No link could be opened: refused, reset, or no answer.
  wrong_protocol,     ///< The other side is no Cicada peer, or one of another protocol version.
  wrong_swarm,        ///< The other side belongs to a swarm of another name or with another id policy.
  wrong_identity,     ///< The other side's key does not belong to the id that it claims.
  not_certified,      ///< The swarm's authority has not signed the other side's id.
  refused,            ///< The other side is a peer that wants no further link now, for instance at its limits.
  wrong_clock,        ///< The times of day of this peer and of the other one differ by too much.
  connected_to_self,  ///< The address to connect to is the peer's own.
};

/// The category "cicada". Thread-safe.
[[nodiscard]] const std::error_category& swarm_category() noexcept;
[[nodiscard]] inline std::error_code make_error_code(SwarmError error) noexcept {
  return {static_cast<int>(error), swarm_category()};
}

/// How a send ended, as an error; none where it was delivered.
[[nodiscard]] std::error_code make_error_code(SendStatus status) noexcept;

}  // namespace cicada

template <>
struct std::is_error_code_enum<cicada::SwarmError> : std::true_type {};
