// What attackers make of the messages that they get.

#include "message_kinds.hpp"

namespace cicada::sim {
namespace {

Signature made_up(Rng& rng) {
  Signature signature;
  for (std::uint8_t& byte : signature) byte = static_cast<std::uint8_t>(rng.below(256));
  return signature;
}

void change_data(Data& data, TamperAttack::What what, Rng& rng) {
  if (what == TamperAttack::What::payload) {
    auto bytes = std::make_shared<std::vector<std::uint8_t>>(*data.payload);
    if (bytes->empty())
      bytes->push_back(0);
    else
      bytes->front() ^= 1U;
    data.payload = std::move(bytes);
    return;
  }
  auto header = std::make_shared<DataHeader>(*data.header);
  if (what == TamperAttack::What::target)
    header->target = Id{{rng.next(), rng.next(), rng.next(), rng.next()}};
  else
    header->signature.front() ^= 1U;
  data.header = std::move(header);
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
  return std::nullopt;
}

void change(Message& message, TamperAttack::What what, Rng& rng) {
  if (auto* data = std::get_if<Data>(&message)) change_data(*data, what, rng);
  if (auto* ack = std::get_if<DataAck>(&message)) ack->signature.front() ^= 1U;
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
