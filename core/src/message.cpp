#include <cicada/message.hpp>

namespace cicada {

const char* message_name(const Message& message) {
  static constexpr std::array names = {
      "ping",     "pong",        "get_state",     "state",       "busy",      "notify",         "hint",
      "leave",    "find",        "hop_ack",       "found",       "next_hop",  "next_hops",      "data",
      "data_ack", "data_report", "guard_request", "guard_reply", "broadcast", "broadcast_have", "broadcast_want"};
  static_assert(names.size() == std::variant_size_v<Message>);
  return names[message.index()];
}

}  // namespace cicada
