// What attackers make of the messages that they get.

#include "message_kinds.hpp"

namespace cicada::sim {
namespace {

Signature made_up(Rng& rng) {
  Signature signature;
  for (std::uint8_t& byte : signature) byte = static_cast<std::uint8_t>(rng.below(256));
  return signature;
}

Payload other_payload(const Payload& payload) {
  auto bytes =
      payload ? std::make_shared<std::vector<std::uint8_t>>(*payload) : std::make_shared<std::vector<std::uint8_t>>();
  if (bytes->empty())
    bytes->push_back(0);
  else
    bytes->front() ^= 1U;
  return bytes;
}

Id random_id(Rng& rng) { return Id{{rng.next(), rng.next(), rng.next(), rng.next()}}; }

void change_data(Data& data, TamperAttack::What what, Rng& rng) {
  if (what == TamperAttack::What::payload) {
    data.payload = other_payload(data.payload);
    return;
  }
  auto header = std::make_shared<DataHeader>(*data.header);
  if (what == TamperAttack::What::target)
    header->target = random_id(rng);
  else
    header->signature.front() ^= 1U;
  data.header = std::move(header);
}

void change_broadcast(Broadcast& broadcast, TamperAttack::What what, Rng& rng) {
  if (what == TamperAttack::What::payload) {
    broadcast.payload = other_payload(broadcast.payload);
    return;
  }
  auto header = std::make_shared<BroadcastHeader>(*broadcast.header);
  if (what == TamperAttack::What::signature)
    header->signature.front() ^= 1U;
  else if (header->visited.size() < broadcast_visited_max)
    header->visited.push_back(random_id(rng));
  else
    header->visited.pop_back();
  broadcast.header = std::move(header);
}

}  // namespace

std::optional<Message> one_hop_on(const Message& message) {
  if (const auto* data = std::get_if<Data>(&message)) {
    Data on = *data;
    if (on.hops < 255) ++on.hops;
    return on;
  }
  if (const auto* find = std::get_if<Find>(&message)) {
    Find on = *find;
    if (on.hops < 255) ++on.hops;
    on.last = false;
    return on;
  }
  if (is_acknowledgement(message)) return message;
  return std::nullopt;
}

bool change(Message& message, TamperAttack::What what, Rng& rng) {
  const auto change_first = [](std::vector<std::uint64_t>& ids) {
    if (ids.empty()) return false;
    ids.front() ^= 1U;
    return true;
  };
  if (auto* have = std::get_if<BroadcastHave>(&message)) return change_first(have->ids);
  if (auto* want = std::get_if<BroadcastWant>(&message)) return change_first(want->ids);
  if (auto* data = std::get_if<Data>(&message))
    change_data(*data, what, rng);
  else if (auto* broadcast = std::get_if<Broadcast>(&message))
    change_broadcast(*broadcast, what, rng);
  else if (auto* ack = std::get_if<DataAck>(&message))
    ack->signature.front() ^= 1U;
  else if (auto* find = std::get_if<Find>(&message))
    find->key = random_id(rng);
  else
    return false;
  return true;
}

std::optional<Message> forged_acknowledgement(const Message& message, const PublicKey& key, Rng& rng) {
  const auto* data = std::get_if<Data>(&message);
  if (data == nullptr) return std::nullopt;
  DataAck ack;
  ack.id = data->header->id;
  ack.copy = data->copy;
  ack.hops = data->hops;
  ack.attempt = data->attempt;
  ack.target_key = key;
  ack.signature = made_up(rng);
  return ack;
}

std::optional<Message> false_report(const Message& message, BlameAttack::Says says) {
  const auto* data = std::get_if<Data>(&message);
  if (data == nullptr) return std::nullopt;
  DataReport report{.id = data->header->id, .copy = data->copy, .report = Report::exhausted, .fuel = data->fuel};
  switch (says) {
    case BlameAttack::Says::exhausted:
      break;
    case BlameAttack::Says::working:
      report.report = Report::working;
      report.fuel = 0;
      break;
    case BlameAttack::Says::no_such_peer:
      report.report = Report::no_such_peer;
      break;
    case BlameAttack::Says::refused:
      report.report = Report::refused;
      break;
  }
  return report;
}

std::optional<Answer> lookup_answer(const Message& message, const Peer& from, const Peer& self, const Peer& owner) {
  if (const auto* find = std::get_if<Find>(&message)) {
    Found found;
    found.lookup = find->lookup;
    found.hops = find->hops;
    found.timeouts = find->timeouts;
    found.predecessor = self;
    found.owners.push_back(owner);
    return Answer{find->origin, found};
  }
  if (const auto* hop = std::get_if<NextHop>(&message)) {
    NextHops hops;
    hops.token = hop->token;
    hops.final = true;
    hops.peers.push_back(owner);
    return Answer{from, hops};
  }
  return std::nullopt;
}

}  // namespace cicada::sim
