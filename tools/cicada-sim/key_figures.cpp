#include "key_figures.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <optional>
#include <string_view>
#include <vector>

#include <cicada/sim/report_text.hpp>

#include "text_table.hpp"

namespace cicada::tool {
namespace {

using nlohmann::ordered_json;
using sim::report::Unit;
using Rows = std::vector<std::vector<std::string>>;

/// Figures by their dotted keys.
class Figures {
 public:
  explicit Figures(const ordered_json& summary) : summary_(summary) {}

  [[nodiscard]] std::optional<double> number(std::string_view key) const {
    const ordered_json* at = &summary_;
    while (!key.empty()) {
      const std::size_t dot = std::min(key.find('.'), key.size());
      const auto found = at->is_object() ? at->find(std::string(key.substr(0, dot))) : at->end();
      if (!at->is_object() || found == at->end()) return std::nullopt;
      at = &*found;
      key.remove_prefix(std::min(dot + 1, key.size()));
    }
    if (at->is_boolean()) return at->get<bool>() ? 1 : 0;
    if (!at->is_number()) return std::nullopt;
    return at->get<double>();
  }

  /// The figure with its unit, an en dash where it was not measured.
  [[nodiscard]] std::string text(std::string_view key, Unit unit = Unit::number) const {
    const auto value = number(key);
    if (!value) return "\u2013";
    return unit == Unit::number ? sim::report::format_count(*value) : sim::report::format_figure(*value, unit);
  }

  [[nodiscard]] std::string share(std::string_view part, std::string_view whole) const {
    const auto numerator = number(part), denominator = number(whole);
    if (!numerator || !denominator || *denominator <= 0) return "\u2013";
    return sim::report::format_figure(*numerator / *denominator, Unit::ratio);
  }

 private:
  const ordered_json& summary_;
};

void add_peers(Rows& rows, const Figures& f) {
  if (!f.number("peers.start")) return;
  rows.push_back({"peers", fmt::format("{} at the start, {} at the end; {} joined, {} left, {} crashed",
                                       f.text("peers.start"), f.text("peers.end"), f.text("peers.joined"),
                                       f.text("peers.left"), f.text("peers.crashed"))});
}

void add_lookups(Rows& rows, const Figures& f) {
  if (f.number("lookups.count").value_or(0) <= 0) return;
  rows.push_back(
      {"lookups", fmt::format("{}: {} correct, {} wrong, {} failed", f.text("lookups.count"),
                              f.share("lookups.correct", "lookups.count"), f.share("lookups.wrong", "lookups.count"),
                              f.share("lookups.failed", "lookups.count"))});
  rows.push_back(
      {"  path", fmt::format("mean {}, median {}, 99th percentile {}", f.text("lookups.path.mean", Unit::hops),
                             f.text("lookups.path.p50"), f.text("lookups.path.p99"))});
  rows.push_back(
      {"  latency", fmt::format("median {}, 99th percentile {}", f.text("lookups.latency_ms.p50", Unit::milliseconds),
                                f.text("lookups.latency_ms.p99", Unit::milliseconds))});
}

void add_sends(Rows& rows, const Figures& f) {
  if (f.number("sends.count").value_or(0) <= 0) return;
  rows.push_back(
      {"sends", fmt::format("{}: {} delivered", f.text("sends.count"), f.share("sends.delivered", "sends.count"))});
  rows.push_back(
      {"  latency", fmt::format("median {}, 99th percentile {}", f.text("sends.latency_ms.p50", Unit::milliseconds),
                                f.text("sends.latency_ms.p99", Unit::milliseconds))});
  if (!f.number("sends.data_transmissions_mean")) return;
  rows.push_back({"  cost", fmt::format("{} transmissions and {} control messages each",
                                        sim::report::format_number(*f.number("sends.data_transmissions_mean")),
                                        sim::report::format_number(f.number("sends.control_per_send").value_or(0)))});
  if (!f.number("resilience.ceiling.both_ways")) return;
  rows.push_back({"  ceiling", fmt::format("{} had a clean path, {} of these delivered; {} by the closed form",
                                           f.text("resilience.ceiling.both_ways", Unit::ratio),
                                           f.text("resilience.delivered_of_ceiling", Unit::ratio),
                                           f.text("resilience.predicted_strategy", Unit::ratio))});
}

void add_broadcasts(Rows& rows, const Figures& f) {
  if (f.number("broadcasts.count").value_or(0) <= 0) return;
  rows.push_back({"broadcasts", fmt::format("{}: coverage {} on average, {} at least", f.text("broadcasts.count"),
                                            f.text("broadcasts.coverage.mean", Unit::ratio),
                                            f.text("broadcasts.coverage.min", Unit::ratio))});
  rows.push_back(
      {"  cost", fmt::format("{} payloads a peer, digests {} of their bytes", f.text("broadcasts.payloads_per_peer"),
                             f.text("broadcasts.digest_bytes_ratio", Unit::ratio))});
  rows.push_back(
      {"  latency", fmt::format("median {}, the last {}", f.text("broadcasts.latency_ms.p50", Unit::milliseconds),
                                f.text("broadcasts.latency_ms.last", Unit::milliseconds))});
}

void add_ring(Rows& rows, const Figures& f) {
  const auto ideal = f.number("ring.ideal");
  if (!ideal) return;
  rows.push_back({"ring", fmt::format("{} at the end, {} violations, {} of successors wrong, {} dead",
                                      *ideal > 0 ? "ideal" : "not ideal", f.text("ring.violations"),
                                      f.text("ring.wrong_successors_ratio", Unit::ratio),
                                      f.text("ring.dead_successors_ratio", Unit::ratio))});
}

void add_exploration(Rows& rows, const Figures& f) {
  if (!f.number("explore.worlds")) return;
  rows.push_back({"explored",
                  fmt::format("{} worlds: {} broken ({} lost the ring), {} not ideal in time", f.text("explore.worlds"),
                              f.text("explore.broken"), f.text("explore.ring_lost"), f.text("explore.not_ideal"))});
  rows.push_back({"  pace", fmt::format("{} worlds per CPU second; ideal after {} rounds at most",
                                        f.text("explore.worlds_per_cpu_s"), f.text("explore.rounds_max"))});
}

void add_cost(Rows& rows, const Figures& f) {
  const auto messages = f.number("traffic.messages_per_peer_s");
  if (messages) {
    rows.push_back({"traffic", fmt::format("{} and {} messages/s a peer",
                                           f.text("traffic.bytes_per_peer_s", Unit::bytes_per_second),
                                           sim::report::format_number(*messages))});
  }
  const auto speed = f.number("events_per_cpu_s");
  rows.push_back({"speed", fmt::format("{} events, {} M per CPU second; {} of memory, {} a peer", f.text("events"),
                                       speed ? sim::report::format_number(*speed / 1e6) : "\u2013",
                                       f.text("peak_rss_bytes", Unit::bytes), f.text("bytes_per_peer", Unit::bytes))});
}

}  // namespace

std::string key_figures(const ordered_json& summary) {
  const Figures figures(summary);
  Rows rows;
  add_peers(rows, figures);
  add_lookups(rows, figures);
  add_sends(rows, figures);
  add_broadcasts(rows, figures);
  if (figures.number("explore.worlds"))
    add_exploration(rows, figures);
  else
    add_ring(rows, figures);
  add_cost(rows, figures);
  rows.push_back({"digest", summary.value("digest", std::string("\u2013"))});
  if (const auto expect = summary.find("expect"); expect != summary.end() && !expect->empty()) {
    std::size_t held = 0;
    for (const ordered_json& one : *expect) held += one.value("ok", false) ? 1U : 0U;
    rows.push_back({"expect", fmt::format("{} of {} hold", held, expect->size())});
  }
  return aligned_table(rows);
}

}  // namespace cicada::tool
