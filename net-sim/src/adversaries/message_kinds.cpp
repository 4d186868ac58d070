#include "message_kinds.hpp"

namespace cicada::sim {
namespace {

/// Tokens of data hops have this bit (swarm_node.cpp).
constexpr std::uint32_t data_token = 0x80000000U;

template <class... Kinds>
bool is_any_of(const Message& message) {
  return (std::holds_alternative<Kinds>(message) || ...);
}

}  // namespace

bool is_data(const Message& message) { return is_any_of<Data>(message); }

bool is_acknowledgement(const Message& message) { return is_any_of<DataAck>(message); }

bool is_data_receipt(const Message& message) {
  const auto* receipt = std::get_if<HopAck>(&message);
  return receipt != nullptr && (receipt->token & data_token) != 0;
}

bool is_lookup(const Message& message) { return is_any_of<Find, NextHop>(message); }

bool is_ring_answer(const Message& message) { return is_any_of<State, Found, NextHops>(message); }

bool is_broadcast(const Message&) { return false; }

bool in_scope(const Message& message, Scope scope) {
  const bool all = scope == Scope::all;
  return ((all || scope == Scope::data) && is_data(message)) ||
         ((all || scope == Scope::acks) && is_acknowledgement(message)) ||
         ((all || scope == Scope::control) && is_lookup(message));
}

std::optional<MessageId> message_id(const Message& message) {
  if (const auto* data = std::get_if<Data>(&message)) return data->header->id;
  if (const auto* ack = std::get_if<DataAck>(&message)) return ack->id;
  return std::nullopt;
}

bool ends_at(const Message& message, PeerIndex self, const Id& id) {
  if (const auto* data = std::get_if<Data>(&message)) return data->header->target == id;
  if (const auto* find = std::get_if<Find>(&message)) return find->origin.index == self;
  return false;
}

std::optional<Message> receipt_for(const Message& message) {
  if (const auto* data = std::get_if<Data>(&message)) return HopAck{data->token};
  if (const auto* find = std::get_if<Find>(&message)) return HopAck{find->token};
  return std::nullopt;
}

Duration usual_timeout(const Message& message, const SwarmConfig& config) {
  return is_lookup(message) ? config.chord.lookup_timeout : config.ack_timeout;
}

}  // namespace cicada::sim
