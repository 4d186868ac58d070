#include "broadcast_recorder.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <type_traits>
#include <variant>

#include "figures_json.hpp"

namespace cicada::sim {
namespace {

/// So long after its beginning a broadcast is judged, or later, or at the end of the run.
constexpr Duration settled = std::chrono::minutes(1);

/// The place of `M` in `Message`, as the counters by kind have it.
template <class M, std::size_t i = 0>
consteval std::size_t kind_of() {
  if constexpr (std::is_same_v<std::variant_alternative_t<i, Message>, M>)
    return i;
  else
    return kind_of<M, i + 1>();
}

}  // namespace

void BroadcastRecorder::on_begun(World& world, PeerIndex origin, const MessageId& id) {
  if (world.now() < from_) return;
  if (count_++ == 0) before_ = world.counters();
  world.fold(id.low);
  if (id == MessageId{}) {
    ++refused_;
    return;
  }
  for (auto& [earlier, begun] : begun_)
    if (begun.coverage < 0 && world.now() >= begun.at + settled) judge(world, begun);
  Begun& begun = begun_[id];
  begun.at = world.now();
  begun.listeners.resize(world.lives());
  for (const PeerIndex member : world.members()) begun.listeners[member].audience = member != origin && counts_(member);
  addressed_ += world.members().size();
}

void BroadcastRecorder::on_handed_up(World& world, PeerIndex peer, const BroadcastHeader& header) {
  world.fold(header.id.low + peer);
  const auto place = begun_.find(header.id);
  if (place == begun_.end()) return;
  Begun& begun = place->second;
  if (peer >= begun.listeners.size()) begun.listeners.resize(peer + std::size_t{1});
  Listener& listener = begun.listeners[peer];
  if (listener.copies < 255) ++listener.copies;
  copies_max_ = std::max<unsigned>(copies_max_, listener.copies);
  if (listener.copies > 1) return;
  if (listener.audience)
    latency_ms_.add(std::chrono::duration<double, std::milli>(world.now() - begun.at).count());
  else if (counts_(peer))
    ++newcomers_;
}

/// Of those who were there from the beginning and are still alive, how many have got it?
void BroadcastRecorder::judge(World& world, Begun& begun) const {
  std::size_t audience = 0, reached = 0;
  for (PeerIndex peer = 0; peer < begun.listeners.size(); ++peer) {
    const Listener& listener = begun.listeners[peer];
    if (!listener.audience || !world.slot(peer).alive) continue;
    ++audience;
    reached += listener.copies > 0;
  }
  begun.coverage = audience == 0 ? 1 : static_cast<double>(reached) / static_cast<double>(audience);
}

void BroadcastRecorder::write(World& world, RunResult& result) {
  if (count_ == 0) return;
  RunningMoments coverage;
  for (auto& [id, begun] : begun_) {
    if (begun.coverage < 0) judge(world, begun);
    coverage.add(begun.coverage);
  }
  const WorldCounters& now = world.counters();
  const auto messages = [&](std::size_t kind) {
    return static_cast<double>(now.messages_by_kind[kind] - before_.messages_by_kind[kind]);
  };
  const auto bytes = [&](std::size_t kind) {
    return static_cast<double>(now.bytes_by_kind[kind] - before_.bytes_by_kind[kind]);
  };
  const double digest_bytes = bytes(kind_of<BroadcastHave>()) + bytes(kind_of<BroadcastWant>());
  const auto addressed = static_cast<double>(addressed_);
  result.summary["broadcasts"] = {{"count", count_},
                                  {"refused", refused_},
                                  {"coverage", {{"mean", number(coverage.mean())}, {"min", number(coverage.min())}}},
                                  {"copies_handed_up_max", copies_max_},
                                  {"newcomers", newcomers_},
                                  {"payloads_per_peer", number(messages(kind_of<Broadcast>()) / addressed)},
                                  {"digest_bytes_per_peer", number(digest_bytes / addressed)},
                                  {"digest_bytes_ratio", number(digest_bytes / bytes(kind_of<Broadcast>()))},
                                  {"latency_ms",
                                   {{"p50", number(latency_ms_.quantile(0.5))},
                                    {"p99", number(latency_ms_.quantile(0.99))},
                                    {"last", number(latency_ms_.moments().max())}}}};
  if (latency_ms_.count() > 0) result.histograms.push_back(latency_ms_.histogram("broadcast_latency", "ms"));
}

}  // namespace cicada::sim
