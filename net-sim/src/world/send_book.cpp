#include "send_book.hpp"

#include <algorithm>
#include <cmath>

#include "adversaries/adversaries.hpp"
#include "adversaries/message_kinds.hpp"
#include "closed_forms.hpp"

namespace cicada::sim {
namespace {

using Json = nlohmann::ordered_json;
constexpr Duration memory = std::chrono::minutes{2};  // How long stragglers of a finished send are recognised.

Json number(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

Json ratio(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? Json(nullptr) : Json(static_cast<double>(part) / static_cast<double>(whole));
}

std::uint64_t ceiling_every(const Scenario& scenario) {
  if (scenario.measure.ceiling) return *scenario.measure.ceiling;
  if (scenario.adversaries.empty()) return 0;
  return scenario.peers.count <= 10'000 ? 1 : 10;
}

/// The duplicates of the first workload of sends.
unsigned duplicates_of(const Scenario& scenario) {
  for (const Workload& workload : scenario.workloads)
    if (const auto* sends = std::get_if<Sends>(&workload)) return sends->duplicates;
  return 0;
}

}  // namespace

SendBook::SendBook(const Scenario& scenario) : scenario_(scenario), ceiling_every_(ceiling_every(scenario)) {}

void SendBook::begun(World& world, PeerIndex source, const MessageId& id, const Id& target, const Payload& payload) {
  const bool counted = world.now() >= TimePoint(scenario_.measure.warmup) && !world.slot(source).hostile;
  Record& entry = record(id);
  entry.started = world.now();
  entry.payload = payload;
  counts_.hostile_sends += world.slot(source).hostile;
  if (!counted) return;
  entry.counted = true;
  if (ceiling_every_ > 0 && begun_++ % ceiling_every_ == 0) ask_ceiling(world, entry, source, target);
  if (!entry.done) return;  // It is over already: the bookkeeping of its end is made up for.
  ++counts_.sends;
  counts_.transmissions += entry.transmissions;
}

void SendBook::ask_ceiling(World& world, Record& entry, PeerIndex source, const Id& target) {
  const auto peer = world.peer_named(target);
  if (!peer) return;
  if (!paths_) paths_.emplace(world);
  const bool directed = paths_->directed(source, *peer);
  entry.asked = true;
  entry.both_ways = directed || paths_->both_ways(source, *peer);
  ++ceiling_.asked;
  ceiling_.directed += directed;
  ceiling_.both_ways += entry.both_ways;
  if (ceiling_.disjoint.count() >= scenario_.measure.disjoint_paths) return;
  ceiling_.disjoint.add(static_cast<double>(paths_->disjoint(source, *peer, false)));
  ceiling_.disjoint_both_ways.add(static_cast<double>(paths_->disjoint(source, *peer, true)));
}

void SendBook::traffic(World& world, PeerIndex from, const Message& message, std::size_t bytes) {
  const bool data = is_data(message);
  if (data) {
    const DataHeader& header = *std::get<Data>(message).header;
    if (world.slot(header.source.index).hostile) {
      ++counts_.hostile_transmissions;
      counts_.hostile_own += world.slot(from).hostile;
      return;
    }
    Record& entry = record(header.id);
    if (entry.done && entry.counted)
      ++counts_.transmissions;
    else
      ++entry.transmissions;
  }
  if (world.now() < TimePoint(scenario_.measure.warmup)) return;
  (data ? counts_.data_bytes : counts_.word_bytes) += bytes;
  if (!data) ++counts_.words;
}

void SendBook::received(World& world, const DataHeader& header, const Payload& payload) {
  if (world.slot(header.source.index).hostile) return;
  Record& entry = record(header.id);
  if (entry.payload != nullptr && payload != entry.payload && *payload != *entry.payload) {
    ++counts_.tampered;
    return;
  }
  if (entry.arrived) return;
  entry.arrived = true;
  if (!entry.counted) return;
  ++counts_.arrived;
  arrival_ms_.add(std::chrono::duration<double, std::milli>(world.now() - entry.started).count());
}

void SendBook::blamed(const World& world, PeerIndex peer, PeerIndex blamed) {
  if (world.slot(peer).hostile || world.now() < TimePoint(scenario_.measure.warmup)) return;
  ++counts_.blames;
  counts_.false_blames += !world.slot(blamed).hostile;
}

bool SendBook::done(World& world, const SendDone& done) {
  Record& entry = record(done.id);
  entry.done = true;
  old_.push_back({world.now(), key_of(done.id)});
  const bool arrived = entry.arrived;
  const bool delivered = done.status == SendStatus::delivered;
  if (entry.counted) {
    ++counts_.sends;
    counts_.delivered += delivered;
    counts_.transmissions += entry.transmissions;
    if (entry.asked && entry.both_ways) {
      ++ceiling_.ended;
      ceiling_.delivered += delivered;
    }
  }
  forget_old(world.now());
  return arrived;
}

void SendBook::forget_old(TimePoint now) {
  while (!old_.empty() && old_.front().since < now - memory) {
    records_.erase(old_.front().key);
    old_.pop_front();
  }
}

void SendBook::report_sends(Json& sends) const {
  const Interval interval = wilson_interval(counts_.delivered, counts_.sends);
  sends["delivered_ratio"] = ratio(counts_.delivered, counts_.sends);
  sends["delivered_low"] = number(interval.low);
  sends["delivered_high"] = number(interval.high);
  sends["arrived"] = counts_.arrived;
  sends["arrival_ms"] = {{"p50", number(arrival_ms_.quantile(0.5))}, {"p99", number(arrival_ms_.quantile(0.99))}};
  sends["tampered_received"] = counts_.tampered;
  sends["data_transmissions_mean"] = ratio(counts_.transmissions, counts_.sends);
  sends["control_per_send"] = ratio(counts_.words, counts_.sends);
  sends["data_bytes_per_send"] = ratio(counts_.data_bytes, counts_.sends);
  sends["control_bytes_per_send"] = ratio(counts_.word_bytes, counts_.sends);
}

Json SendBook::resilience(const World& world) const {
  std::uint64_t hostile = 0;
  for (const PeerIndex peer : world.members()) hostile += world.slot(peer).hostile;
  const auto peers = static_cast<double>(world.members().size());
  const double hostile_ratio = peers > 0 ? static_cast<double>(hostile) / peers : 0;
  const Interval interval = wilson_interval(ceiling_.both_ways, ceiling_.asked);
  const double plain = plain_delivery(peers, hostile_ratio);
  const unsigned copies = duplicates_of(scenario_) + 1;
  Json json;
  json["hostile_peers"] = hostile;
  json["hostile_ratio"] = number(hostile_ratio);
  json["ceiling"] = {{"sampled", ceiling_.asked},
                     {"directed", ratio(ceiling_.directed, ceiling_.asked)},
                     {"both_ways", ratio(ceiling_.both_ways, ceiling_.asked)},
                     {"both_ways_low", number(interval.low)},
                     {"both_ways_high", number(interval.high)}};
  json["disjoint_paths"] = {{"sampled", ceiling_.disjoint.count()},
                            {"mean", number(ceiling_.disjoint.mean())},
                            {"both_ways_mean", number(ceiling_.disjoint_both_ways.mean())}};
  json["delivered_of_ceiling"] = ratio(ceiling_.delivered, ceiling_.ended);
  json["predicted_plain"] = number(plain);
  json["predicted_copies"] = number(independent_copies(plain, copies));
  json["predicted_cut"] = number(cut_bound(peers, hostile_ratio, scenario_.protocol.successors));
  json["blames"] = counts_.blames;
  json["false_blames"] = counts_.false_blames;
  json["false_blame_ratio"] = ratio(counts_.false_blames, counts_.blames);
  json["inserted_ids"] = world.adversaries() != nullptr ? world.adversaries()->inserted() : 0;
  json["hostile_sends"] = counts_.hostile_sends;
  json["hostile_data_transmissions"] = counts_.hostile_transmissions;
  json["amplification"] = ratio(counts_.hostile_transmissions - counts_.hostile_own, counts_.hostile_own);
  return json;
}

}  // namespace cicada::sim
