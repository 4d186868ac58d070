#include "send_book.hpp"

#include <algorithm>
#include <cmath>

#include "adversaries/adversaries.hpp"
#include "adversaries/message_kinds.hpp"
#include "figures_json.hpp"

namespace cicada::sim {
namespace {

using Json = nlohmann::ordered_json;
constexpr Duration memory = std::chrono::minutes{2};  // How long stragglers of a finished send are recognised.

}  // namespace

SendBook::Record& SendBook::record(TimePoint now, const MessageId& id) {
  const auto [place, fresh] = records_.try_emplace(key_of(id));
  if (fresh) old_.push_back({now, key_of(id)});
  return place->second;
}

SendBook::Record* SendBook::find(const MessageId& id) {
  const auto place = records_.find(key_of(id));
  return place == records_.end() ? nullptr : &place->second;
}

void SendBook::begun(World& world, PeerIndex source, const MessageId& id, const Id& target, const Payload& payload) {
  const bool hostile = world.slot(source).hostile;
  Record& entry = record(world.now(), id);
  entry.started = world.now();
  entry.payload = payload;
  entry.hostile = hostile;
  if (!warm(world.now())) return;
  counts_.hostile_sends += hostile;
  if (hostile) return;
  entry.counted = true;
  ++counts_.begun;
  entry.ceiling = ceiling_.ask(world, source, target);
  if (entry.done) end(entry);  // It was over before the world could say that it had begun.
}

void SendBook::traffic(World& world, PeerIndex from, const Message& message, std::size_t bytes, bool attack) {
  bool for_hostile = false;
  if (const auto* data = std::get_if<Data>(&message)) {
    for_hostile = world.slot(data->header->source.index).hostile;
    // Words about it, which name no source, follow it.
    if (for_hostile) record(world.now(), data->header->id).hostile = true;
  } else if (const auto id = message_id(message)) {
    const Record* about = find(*id);
    for_hostile = about != nullptr && about->hostile;
  }
  const bool data = is_data(message);
  if (data && !for_hostile) transmitted(world, *std::get<Data>(message).header, attack);
  if (!warm(world.now())) return;
  const bool by_hostile = world.slot(from).hostile;
  Spent& spent = for_hostile ? (by_hostile ? counts_.hostile_for_them : counts_.honest_for_hostile)
                 : attack    ? counts_.attack
                             : counts_.ordinary;
  ++(data ? spent.data : spent.words);
  (data ? spent.data_bytes : spent.word_bytes) += bytes;
}

/// One link more for a message of an honest source.
void SendBook::transmitted(World& world, const DataHeader& header, bool attack) {
  const TimePoint sent{Duration(static_cast<Duration::rep>(header.sent_ns))};
  Record* entry = find(header.id);
  const bool forgotten = entry == nullptr && sent < world.now() - memory;  // Somebody plays it again.
  if (forgotten || (entry != nullptr && entry->done && entry->counted)) {
    if (!forgotten || warm(sent)) ++(attack ? counts_.attack_transmissions : counts_.transmissions);
    return;
  }
  if (entry == nullptr) entry = &record(world.now(), header.id);
  ++(attack ? entry->attack_transmissions : entry->transmissions);
}

void SendBook::received(World& world, const DataHeader& header, const Payload& payload) {
  if (world.slot(header.source.index).hostile) return;
  Record& entry = record(world.now(), header.id);
  if (entry.payload != nullptr && payload != entry.payload && *payload != *entry.payload) {
    ++counts_.tampered;
    return;
  }
  if (entry.arrived) return;
  entry.arrived = true;
  entry.arrived_at = world.now();
  if (entry.done && entry.counted) arrive(entry);
}

void SendBook::arrive(const Record& entry) {
  ++counts_.arrived;
  arrival_ms_.add(std::chrono::duration<double, std::milli>(entry.arrived_at - entry.started).count());
}

void SendBook::blamed(const World& world, PeerIndex peer, PeerIndex blamed) {
  if (world.slot(peer).hostile || !warm(world.now())) return;
  ++counts_.blames;
  counts_.false_blames += !world.slot(blamed).hostile;
}

bool SendBook::done(World& world, const SendDone& done) {
  Record& entry = record(world.now(), done.id);
  entry.done = true;
  entry.ended = world.now();
  entry.delivered = done.status == SendStatus::delivered;
  const bool arrived = entry.arrived;
  if (entry.counted) end(entry);
  forget_old(world.now());
  return arrived;
}

/// A measured send is over: it joins the results. What has not ended by then is in none of them.
void SendBook::end(Record& entry) {
  ++counts_.sends;
  counts_.delivered += entry.delivered;
  counts_.transmissions += entry.transmissions;
  counts_.attack_transmissions += entry.attack_transmissions;
  if (entry.arrived) arrive(entry);
  ceiling_.ended(entry.ceiling, entry.delivered);
}

void SendBook::forget_old(TimePoint now) {
  while (!old_.empty() && old_.front().since < now - memory) {
    const std::uint64_t key = old_.front().key;
    old_.pop_front();
    const auto place = records_.find(key);
    const Record& entry = place->second;
    const bool under_way = entry.counted && !entry.done;
    if (under_way || (entry.done && entry.ended >= now - memory))
      old_.push_back({now, key});
    else
      records_.erase(place);
  }
}

void SendBook::report_sends(Json& sends) const {
  const Interval interval = wilson_interval(counts_.delivered, counts_.sends);
  sends["unfinished"] = counts_.begun - counts_.sends;
  sends["delivered_ratio"] = number(ratio(counts_.delivered, counts_.sends));
  sends["delivered_low"] = number(interval.low);
  sends["delivered_high"] = number(interval.high);
  sends["arrived"] = counts_.arrived;
  sends["arrival_ms"] = {{"p50", number(arrival_ms_.quantile(0.5))}, {"p99", number(arrival_ms_.quantile(0.99))}};
  sends["tampered_received"] = counts_.tampered;
  sends["data_transmissions_mean"] = number(ratio(counts_.transmissions, counts_.sends));
  sends["control_per_send"] = number(ratio(counts_.ordinary.words, counts_.sends));
  sends["data_bytes_per_send"] = number(ratio(counts_.ordinary.data_bytes, counts_.sends));
  sends["control_bytes_per_send"] = number(ratio(counts_.ordinary.word_bytes, counts_.sends));
}

Json SendBook::resilience(const World& world) const {
  std::uint64_t hostile = 0;
  for (const PeerIndex peer : world.members()) hostile += world.slot(peer).hostile;
  const Spent &honest = counts_.honest_for_hostile, &own = counts_.hostile_for_them;
  Json json;
  json["hostile_peers"] = hostile;
  json["hostile_ratio"] = number(ratio(hostile, world.members().size()));
  ceiling_.write(json);
  json["attack_data_per_send"] = number(ratio(counts_.attack_transmissions, counts_.sends));
  json["attack_control_per_send"] = number(ratio(counts_.attack.words, counts_.sends));
  json["blames"] = counts_.blames;
  json["false_blames"] = counts_.false_blames;
  json["false_blame_ratio"] = number(ratio(counts_.false_blames, counts_.blames));
  json["inserted_ids"] = world.adversaries() != nullptr ? world.adversaries()->inserted() : 0;
  json["hostile_sends"] = counts_.hostile_sends;
  json["hostile_data_transmissions"] = own.data + honest.data;
  json["hostile_control_messages"] = own.words + honest.words;
  json["honest_bytes_for_hostile"] = honest.data_bytes + honest.word_bytes;
  json["amplification"] = number(ratio(honest.data, own.data));
  return json;
}

}  // namespace cicada::sim
