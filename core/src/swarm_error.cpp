#include <cicada/swarm_error.hpp>

#include <string>

namespace cicada {
namespace {

class SwarmCategory final : public std::error_category {
 public:
  [[nodiscard]] const char* name() const noexcept override { return "cicada"; }
  [[nodiscard]] std::string message(int value) const override {
    switch (static_cast<SwarmError>(value)) {
      case SwarmError::not_bound:
        return "the peer is not bound to an address yet";
      case SwarmError::already_bound:
        return "the peer is bound to an address already";
      case SwarmError::already_connected:
        return "the peer is in a ring with others, or connecting; disconnect first";
      case SwarmError::closed:
        return "the peer is closed";
      case SwarmError::would_deadlock:
        return "a blocking call on the reactor's own thread would wait for itself";
      case SwarmError::bad_address:
        return "not an address, nor the name of a host that can be resolved";
      case SwarmError::bad_option:
        return "the peer's options contradict each other, or miss what the id policy needs";
      case SwarmError::timed_out:
        return "no answer within the time given";
      case SwarmError::no_such_peer:
        return "no peer with this id is in the swarm";
      case SwarmError::too_many_pending:
        return "too many operations of this peer are under way";
      case SwarmError::payload_too_long:
        return "the payload is longer than a message may be (1 MiB)";
      case SwarmError::inbox_full:
        return "the inbox is full";
      case SwarmError::unreachable:
        return "no link to the other peer could be opened";
      case SwarmError::wrong_protocol:
        return "the other side does not speak this version of the Cicada protocol";
      case SwarmError::wrong_swarm:
        return "the other peer belongs to a swarm of another name or id policy";
      case SwarmError::wrong_identity:
        return "the other peer's key does not belong to the id that it claims";
      case SwarmError::not_certified:
        return "the swarm's authority has not signed the peer's id";
      case SwarmError::refused:
        return "the other peer accepts no further link now";
      case SwarmError::wrong_clock:
        return "the clocks of this peer and of the other one differ by more than 30 s";
      case SwarmError::connected_to_self:
        return "the address to connect to is the peer's own";
    }
    return "unknown error " + std::to_string(value);
  }
};

}  // namespace

const std::error_category& swarm_category() noexcept {
  static const SwarmCategory category;
  return category;
}

std::error_code make_error_code(SendStatus status) noexcept {
  switch (status) {
    case SendStatus::delivered:
      return {};
    case SendStatus::no_such_peer:
      return SwarmError::no_such_peer;
    case SendStatus::timed_out:
      return SwarmError::timed_out;
    case SendStatus::too_many_pending:
      return SwarmError::too_many_pending;
    case SendStatus::payload_too_long:
      return SwarmError::payload_too_long;
  }
  return SwarmError::timed_out;
}

}  // namespace cicada
