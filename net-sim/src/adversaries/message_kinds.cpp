#include "message_kinds.hpp"

#include <algorithm>
#include <bit>

namespace cicada::sim {
namespace {

/// What an honest peer waits for each link that is left, in a network with round trips of 100 ms or so: it begins with
/// 300 ms, and learns.
constexpr Duration patience_per_link = std::chrono::milliseconds(250);

template <class... Kinds>
bool is_any_of(const Message& message) {
  return (std::holds_alternative<Kinds>(message) || ...);
}

}  // namespace

bool is_data(const Message& message) {
  const auto* data = std::get_if<Data>(&message);
  return data != nullptr && data->header->kind == DataKind::message;
}

bool is_errand(const Message& message) { return is_any_of<Data>(message) && !is_data(message); }

bool is_acknowledgement(const Message& message) {
  return is_any_of<DataAck, DataReport>(message) && !is_data_receipt(message);
}

bool is_data_receipt(const Message& message) {
  const auto* report = std::get_if<DataReport>(&message);
  return report != nullptr && report->report == Report::received;
}

bool is_lookup(const Message& message) { return is_any_of<Find, NextHop>(message); }

bool is_ring_answer(const Message& message) { return is_any_of<State, Found, NextHops>(message); }

bool is_broadcast(const Message& message) { return is_any_of<Broadcast, BroadcastHave, BroadcastWant>(message); }

bool is_broadcast_payload(const Message& message) { return is_any_of<Broadcast>(message); }

bool in_scope(const Message& message, Scope scope) {
  const bool all = scope == Scope::all;
  return ((all || scope == Scope::data) && (is_data(message) || is_broadcast_payload(message))) ||
         (all && is_broadcast(message)) || ((all || scope == Scope::acks) && is_acknowledgement(message)) ||
         ((all || scope == Scope::control) && (is_lookup(message) || is_errand(message)));
}

std::optional<MessageId> message_id(const Message& message) {
  if (const auto* data = std::get_if<Data>(&message)) return data->header->id;
  if (const auto* ack = std::get_if<DataAck>(&message)) return ack->id;
  if (const auto* report = std::get_if<DataReport>(&message)) return report->id;
  return std::nullopt;
}

bool ends_at(const Message& message, PeerIndex self, const Id& id) {
  if (const auto* data = std::get_if<Data>(&message)) return data->header->target == id;
  if (const auto* find = std::get_if<Find>(&message)) return find->origin.index == self;
  return false;
}

std::optional<Message> receipt_for(const Message& message) {
  if (const auto* data = std::get_if<Data>(&message))
    return DataReport{.id = data->header->id, .copy = data->copy, .report = Report::received, .fuel = 0};
  if (const auto* find = std::get_if<Find>(&message)) return HopAck{find->token};
  return std::nullopt;
}

bool same_receipt(const Message& a, const Message& b) {
  if (const auto *x = std::get_if<HopAck>(&a), *y = std::get_if<HopAck>(&b); x != nullptr && y != nullptr)
    return x->token == y->token;
  const auto *x = std::get_if<DataReport>(&a), *y = std::get_if<DataReport>(&b);
  return x != nullptr && y != nullptr && x->id == y->id && x->copy == y->copy && x->report == y->report;
}

std::optional<Id> destination(const Message& message) {
  if (const auto* data = std::get_if<Data>(&message)) return data->header->target;
  if (const auto* find = std::get_if<Find>(&message)) return find->key;
  if (const auto* hop = std::get_if<NextHop>(&message)) return hop->key;
  return std::nullopt;
}

std::optional<PeerIndex> source(const Message& message) {
  if (const auto* data = std::get_if<Data>(&message)) return data->header->source.index;
  if (const auto* broadcast = std::get_if<Broadcast>(&message)) return broadcast->header->origin.index;
  return std::nullopt;
}

bool is_own(PeerIndex self, const Message& message) {
  const auto* find = std::get_if<Find>(&message);
  return source(message) == self || (find != nullptr && find->origin.index == self);
}

std::optional<std::uint64_t> copy_key(const Message& message) {
  const auto* data = std::get_if<Data>(&message);
  if (data == nullptr) return std::nullopt;
  return mix64(data->header->id.high ^ data->header->id.low, data->copy);
}

bool is_repair_word(const Message& message) {
  const auto* report = std::get_if<DataReport>(&message);
  return report != nullptr && report->report != Report::received;
}

Duration usual_timeout(const Message& message, const ChordNode& node, const SwarmConfig& config) {
  if (is_lookup(message)) return config.chord.lookup_timeout;
  if (is_broadcast(message)) return config.broadcast.pull_timeout;
  const auto* data = std::get_if<Data>(&message);
  if (data == nullptr || data->routing != Routing::repair) return config.ack_timeout;
  std::uint64_t reach = 1;
  for (const Peer& peer : node.successors())
    if (peer.exists()) reach = std::max(reach, peer.prefix() - node.self().prefix());
  const std::uint64_t clockwise = data->header->target.prefix() - node.self().prefix();
  const std::uint64_t distance = std::min(clockwise, 0 - clockwise);
  const auto links = 1 + (static_cast<int>(std::bit_width(distance / reach)) + 1) / 2;
  return patience_per_link * (links + 1);
}

}  // namespace cicada::sim
