#include <unistd.h>

#include <ranges>

#include <cicada/endpoint_text.hpp>

#include "clock_text.hpp"
#include "config_keys.hpp"
#include "key_file.hpp"
#include "node_service.hpp"

namespace cicada::node {
namespace {

using nlohmann::json;

json describe(const PortMappingStatus& mapping) {
  return {{"state", cicada::to_string(mapping.state)},
          {"method", cicada::to_string(mapping.method)},
          {"port", mapping.port},
          {"eport", mapping.eport},
          {"local_address", mapping.local_address},
          {"external_address", mapping.external_address},
          {"lease_s", mapping.lease.count()},
          {"already_mapped", mapping.already_mapped},
          {"times_remade", mapping.times_remade},
          {"why", mapping.reason}};
}

json describe(const ClockReport& clock) {
  return {{"compared", clock.compared},
          {"too_far", clock.too_far},
          {"ahead_s", std::chrono::duration<double>(clock.ahead).count()},
          {"wrong", clock.wrong()},
          {"why", clock_text(clock)}};
}

/// `counts` by the names of `Reason`.
template <class Reason>
json by_reason(const auto& counts) {
  json result = json::object();
  for (std::size_t i = 0; i < counts.size(); ++i) result[std::string(to_string(static_cast<Reason>(i)))] = counts[i];
  return result;
}

json describe(const SwarmStatistics& s) {
  return {{"messages_in", s.messages_in},
          {"messages_out", s.messages_out},
          {"bytes_in", s.bytes_in},
          {"bytes_out", s.bytes_out},
          {"links_opened", s.links_opened},
          {"links_lost", s.links_lost},
          {"handshakes_failed", s.handshakes_failed},
          {"dials_failed", s.dials_failed},
          {"strangers_refused", s.strangers_refused},
          {"clocks_refused", s.clocks_refused},
          {"malformed", s.malformed},
          {"dropped_full", s.dropped_full},
          {"throttled", s.throttled},
          {"circuits_relayed", s.circuits_relayed},
          {"relayed_bytes", s.relayed_bytes},
          {"direct_asked", s.direct_asked},
          {"punches_failed", s.punches_failed},
          {"punches_left_out", s.punches_left_out},
          {"sends_delivered", s.sends_delivered},
          {"sends_failed", s.sends_failed},
          {"received", s.received},
          {"protocol_refused", by_reason<Refusal>(s.protocol_refused)},
          {"link_refused", by_reason<LinkRefusal>(s.link_refused)}};
}

/// The nearest flagged peer, clockwise or the other way.
json neighbour(const std::vector<PeerInfo>& peers, const Id& self, bool PeerInfo::* flag, bool clockwise) {
  const PeerInfo* nearest = nullptr;
  const auto distance = [&](const PeerInfo& info) {
    return clockwise ? info.contact.id - self : self - info.contact.id;
  };
  for (const PeerInfo& info : peers) {
    if (info.*flag && (nearest == nullptr || distance(info) < distance(*nearest))) nearest = &info;
  }
  return nearest == nullptr ? json() : json(nearest->contact.id.to_hex());
}

constexpr std::size_t attackers_shown = 8;

}  // namespace

json describe(const PeerRefusals& refusals) {
  json reasons = json::object();
  for (const auto& counts : {by_reason<Refusal>(refusals.protocol), by_reason<LinkRefusal>(refusals.link)})
    for (const auto& [reason, count] : counts.items())
      if (count != 0) reasons[reason] = count;
  return {{"peer", refusals.contact.id.to_hex()},
          {"address", refusals.address.port != 0 ? json(cicada::to_string(refusals.address)) : json()},
          {"refused", refusals.total()},
          {"reasons", std::move(reasons)}};
}

json NodeService::status() const {
  constexpr const char* states[] = {"alone", "joining", "joined"};
  const auto uptime = std::chrono::duration<double>(std::chrono::steady_clock::now() - started_).count();
  json result = {{"state", peer_ ? states[static_cast<std::size_t>(joiner_.state())] : "starting"},
                 {"swarm", config_.swarm},
                 {"ids", find_config_key("ids")->get(config_)},
                 {"public_key", to_hex(public_key_of(identity_.key))},
                 {"pid", getpid()},
                 {"uptime_s", uptime},
                 {"reach", {{"rung", to_string(plan_.rung)}, {"why", plan_.why}}},
                 {"join", {{"rounds_failed", joiner_.rounds_failed()}, {"last_error", joiner_.last_failure()}}},
                 {"known_peers", state_.peers.size()},
                 {"incarnation", state_.incarnation},
                 {"refused_messages", receiver_.refused()}};
  if (mapping_status_) result["reach"]["mapping"] = describe(*mapping_status_);
  if (!peer_) return result;
  const SwarmStatistics statistics = peer_->statistics();
  const auto peers = peer_->peers();
  const Id id = peer_->id();
  result["id"] = id.to_hex();
  result["listener"] = cicada::to_string(peer_->listener());
  result["endpoint"] = cicada::to_string(peer_->endpoint());
  const auto observed = peer_->observed_endpoint();
  result["reach"]["observed"] = observed ? json(cicada::to_string(*observed)) : json();
  const Reachability reach = peer_->reachability();
  const Standing stands = standing(plan_, reach, statistics);
  result["reach"]["rung"] = to_string(stands.rung);
  result["reach"]["why"] = stands.why;
  result["reach"]["relays"] = json::array();
  for (const Endpoint& relay : reach.relays) result["reach"]["relays"].push_back(cicada::to_string(relay));
  result["reach"]["links"] = {{"direct", statistics.links - statistics.links_relayed - statistics.links_punched},
                              {"punched", statistics.links_punched},
                              {"relayed", statistics.links_relayed}};
  result["reach"]["clients"] = statistics.relay_clients;
  result["reach"]["circuits"] = statistics.circuits;
  result["clock"] = describe(peer_->clock());
  result["neighbours"] = statistics.neighbours;
  result["links"] = statistics.links;
  result["links_incoming"] = statistics.links_incoming;
  result["inbox"] = statistics.inbox_messages;
  result["successor"] = neighbour(peers, id, &PeerInfo::successor, true);
  result["predecessor"] = neighbour(peers, id, &PeerInfo::predecessor, false);
  result["refused_peers"] = json::array();
  for (const PeerRefusals& refusals : peer_->refusals() | std::views::take(attackers_shown))
    result["refused_peers"].push_back(describe(refusals));
  result["counters"] = describe(statistics);
  return result;
}

}  // namespace cicada::node
