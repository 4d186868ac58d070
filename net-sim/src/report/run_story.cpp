#include <fmt/format.h>

#include <optional>

#include "html_page.hpp"
#include "run_parts.hpp"

namespace cicada::sim::report {
using nlohmann::ordered_json;
namespace {

std::string counted(double count, std::string_view one, std::string_view many) {
  return fmt::format("{}\u00a0{}", format_count(count), count == 1 ? one : many);
}

std::string share(double part, double whole) { return format_figure(part / whole, Unit::ratio); }

std::string peers_sentence(const ordered_json& summary) {
  const auto start = number_at(summary, "peers.start");
  const auto end = number_at(summary, "peers.end");
  if (!start || !end) return {};
  const auto simulated = number_at(summary, "simulated_s");
  std::string text =
      simulated ? fmt::format("In {} of simulated time ", format_figure(*simulated, Unit::seconds)) : "In the run ";
  const auto joined = number_at(summary, "peers.joined").value_or(0);
  const auto left = number_at(summary, "peers.left").value_or(0);
  const auto crashed = number_at(summary, "peers.crashed").value_or(0);
  if (joined + left + crashed == 0)
    return text + fmt::format("{} stayed; none came or went.", counted(*end, "peer", "peers"));
  text += fmt::format("a ring of {} became one of {}: {} joined", counted(*start, "peer", "peers"), format_count(*end),
                      format_count(joined));
  if (left > 0) text += fmt::format(", {} left", format_count(left));
  return text + fmt::format(", {} crashed.", crashed > 0 ? format_count(crashed) : "none");
}

std::string lookups_sentence(const ordered_json& summary) {
  const auto count = number_at(summary, "lookups.count");
  if (!count || *count <= 0) return {};
  const auto correct = number_at(summary, "lookups.correct").value_or(0);
  const auto wrong = number_at(summary, "lookups.wrong").value_or(0);
  const auto failed = number_at(summary, "lookups.failed").value_or(0);
  std::string text;
  if (wrong + failed == 0) {
    text = fmt::format("All of {} reached the right owner", counted(*count, "lookup", "lookups"));
  } else {
    text = fmt::format("Of {}, {} reached the right owner, {} a wrong peer, and {} gave up",
                       counted(*count, "lookup", "lookups"), share(correct, *count),
                       wrong > 0 ? format_count(wrong) : "none", failed > 0 ? format_count(failed) : "none");
  }
  const auto path = number_at(summary, "lookups.path.mean");
  const auto median = number_at(summary, "lookups.latency_ms.p50");
  if (path) text += fmt::format("; they took {} on average", format_figure(*path, Unit::hops));
  if (median)
    text +=
        fmt::format("{} half were answered within {}", path ? " and" : ";", format_figure(*median, Unit::milliseconds));
  return text + ".";
}

std::string sends_sentence(const ordered_json& summary) {
  const auto count = number_at(summary, "sends.count");
  if (!count || *count <= 0) return {};
  const auto delivered = number_at(summary, "sends.delivered").value_or(0);
  std::string text = fmt::format("Of {} sent, {} were acknowledged by their target",
                                 counted(*count, "message", "messages"), share(delivered, *count));
  if (const auto cost = number_at(summary, "sends.data_transmissions_mean"))
    text += fmt::format(", at {} transmissions each over all hops and copies", format_number(*cost));
  text += ".";
  if (const auto unfinished = number_at(summary, "sends.unfinished"); unfinished && *unfinished > 0)
    text += fmt::format(" {} not over when the run ended, and count nowhere.",
                        counted(*unfinished, "further one was", "further ones were"));
  return text;
}

std::string attack_sentence(const ordered_json& summary) {
  const auto hostile = number_at(summary, "resilience.hostile_peers");
  const auto ratio = number_at(summary, "resilience.hostile_ratio");
  if (!hostile || !ratio) return {};
  std::string text = fmt::format("At the end {} of the peers were hostile", format_figure(*ratio, Unit::ratio));
  if (const auto ceiling = number_at(summary, "resilience.ceiling.both_ways")) {
    text += fmt::format("; when a message was sent, a path through live honest peers existed for {} of them",
                        format_figure(*ceiling, Unit::ratio));
  }
  const auto reached = number_at(summary, "resilience.delivered_of_ceiling");
  if (reached) text += fmt::format(", and {} of these were acknowledged", format_figure(*reached, Unit::ratio));
  text += ".";
  const auto extra = number_at(summary, "resilience.attack_data_per_send");
  if (extra && *extra > 0)
    text += fmt::format(" Hostile peers added {} transmissions to each that nobody\u2019s node would make.",
                        format_number(*extra));
  const auto theirs = number_at(summary, "resilience.hostile_sends");
  const auto relayed = number_at(summary, "resilience.amplification");
  if (theirs && *theirs > 0 && relayed)
    text += fmt::format(" They sent {} of their own, and honest peers made {} transmissions for each of theirs.",
                        counted(*theirs, "message", "messages"), format_number(*relayed));
  return text;
}

std::string broadcasts_sentence(const ordered_json& summary) {
  const auto count = number_at(summary, "broadcasts.count");
  const auto coverage = number_at(summary, "broadcasts.coverage.mean");
  if (!count || !coverage) return {};
  std::string text = fmt::format("Of {}, each reached {} of its audience on average",
                                 counted(*count, "broadcast", "broadcasts"), format_figure(*coverage, Unit::ratio));
  if (const auto last = number_at(summary, "broadcasts.latency_ms.last"))
    text += fmt::format(", the last peer after {}", format_figure(*last, Unit::milliseconds));
  if (const auto payloads = number_at(summary, "broadcasts.payloads_per_peer"))
    text += fmt::format(", for {} payloads per peer", format_number(*payloads));
  if (const auto digests = number_at(summary, "broadcasts.digest_bytes_per_peer"))
    text += fmt::format(" and {} of digests", format_figure(*digests, Unit::bytes));
  return text + ".";
}

std::string ring_sentence(const ordered_json& summary) {
  const auto violations = number_at(summary, "ring.violations");
  const auto wrong = number_at(summary, "ring.wrong_successors_ratio");
  const ordered_json& ideal = value_at(summary, "ring.ideal");
  std::string text;
  if (ideal == ordered_json(true)) {
    text = "At the end every successor pointer was right";
  } else if (wrong) {
    text = fmt::format("In the mean {} of the successor pointers were wrong", format_figure(*wrong, Unit::ratio));
  }
  if (violations) {
    text += text.empty() ? "The ring\u2019s invariant " : "; the ring\u2019s invariant ";
    text += *violations == 0 ? "held all along" : fmt::format("was violated {}", counted(*violations, "time", "times"));
  }
  return text.empty() ? text : text + ".";
}

/// What an attack left possible, and what each message cost.
std::string attack_tiles(const ordered_json& summary) {
  if (!number_at(summary, "resilience.hostile_peers")) return {};
  const auto below = [&](std::string_view words, std::string_view path, Unit unit) {
    const auto value = number_at(summary, path);
    return value ? fmt::format("{} {}", words, format_figure(*value, unit)) : std::string();
  };
  std::string tiles;
  if (const auto ceiling = number_at(summary, "resilience.ceiling.both_ways"))
    tiles += tile("Ceiling: a clean path existed", format_figure(*ceiling, Unit::ratio),
                  below("of these delivered:", "resilience.delivered_of_ceiling", Unit::ratio));
  if (const auto hostile = number_at(summary, "resilience.hostile_ratio"))
    tiles += tile("Hostile peers", format_figure(*hostile, Unit::ratio),
                  below("plain Chord would deliver", "resilience.predicted_plain", Unit::ratio));
  if (const auto paths = number_at(summary, "resilience.disjoint_paths.both_ways_mean"))
    tiles += tile("Disjoint clean paths", format_number(*paths),
                  below("by the tables alone", "resilience.disjoint_paths.mean", Unit::number));
  if (const auto cost = number_at(summary, "sends.data_transmissions_mean"))
    tiles += tile("Transmissions per message", format_number(*cost),
                  below("and control messages:", "sends.control_per_send", Unit::number));
  if (const auto time = number_at(summary, "sends.arrival_ms.p50"))
    tiles += tile("Median arrival", format_figure(*time, Unit::milliseconds),
                  below("99 % within", "sends.arrival_ms.p99", Unit::milliseconds));
  return tiles;
}

}  // namespace

std::string run_story(const RunResult& result) {
  std::string html;
  for (const std::string& sentence :
       {peers_sentence(result.summary), lookups_sentence(result.summary), sends_sentence(result.summary),
        attack_sentence(result.summary), broadcasts_sentence(result.summary), ring_sentence(result.summary)}) {
    if (!sentence.empty()) html += (html.empty() ? "" : " ") + escape_html(sentence);
  }
  if (html.empty()) return {};
  return fmt::format("<div class=\"card story\"><p>{}</p></div>\n", html);
}

std::string run_tiles(const ordered_json& summary) {
  std::string tiles;
  const auto get = [&](std::string_view path) { return number_at(summary, path); };
  const auto below = [&](std::string_view words, std::string_view path, Unit unit) {
    const auto value = get(path);
    return value ? fmt::format("{} {}", words, format_figure(*value, unit)) : std::string();
  };
  if (const auto end = get("peers.end")) {
    tiles += tile("Peers at the end", format_count(*end), below("from", "peers.start", Unit::number));
  }
  const double lookups = get("lookups.count").value_or(0);
  if (const auto correct = get("lookups.correct"); correct && lookups > 0) {
    tiles += tile("Lookups correct", share(*correct, lookups), fmt::format("of {}", format_count(lookups)));
  }
  if (const auto path = get("lookups.path.mean")) {
    tiles += tile("Mean path", format_figure(*path, Unit::hops), below("99 % within", "lookups.path.p99", Unit::hops));
  }
  if (const auto median = get("lookups.latency_ms.p50")) {
    tiles += tile("Median lookup", format_figure(*median, Unit::milliseconds),
                  below("99 % within", "lookups.latency_ms.p99", Unit::milliseconds));
  }
  const double sends = get("sends.count").value_or(0);
  if (const auto delivered = get("sends.delivered"); delivered && sends > 0) {
    std::string under = fmt::format("of {}", format_count(sends));
    const auto low = get("sends.delivered_low"), high = get("sends.delivered_high");
    if (low && high)
      under +=
          fmt::format("; 95 % interval {} to {}", format_figure(*low, Unit::ratio), format_figure(*high, Unit::ratio));
    tiles += tile("Messages delivered", share(*delivered, sends), under);
  }
  tiles += attack_tiles(summary);
  if (const auto coverage = get("broadcasts.coverage.mean")) {
    tiles += tile("Broadcast coverage", format_figure(*coverage, Unit::ratio),
                  below("at least", "broadcasts.coverage.min", Unit::ratio));
  }
  const auto violations = get("ring.violations");
  if (const auto wrong = get("ring.wrong_successors_ratio")) {
    tiles += tile("Wrong successors, mean", format_figure(*wrong, Unit::ratio),
                  violations ? counted(*violations, "violation", "violations") : std::string());
  }
  if (const auto bytes = get("traffic.bytes_per_peer_s")) {
    tiles += tile("Traffic per peer", format_figure(*bytes, Unit::bytes_per_second),
                  below("messages:", "traffic.messages_per_peer_s", Unit::per_second));
  }
  if (const auto speed = get("events_per_cpu_s")) {
    const std::string text = *speed >= 1e6 ? format_number(*speed / 1e6) + "\u00a0M/s" : format_count(*speed) + "/s";
    tiles += tile("Events per CPU second", text, below("of", "events", Unit::number));
  }
  return tiles.empty() ? tiles : "<dl class=\"tiles\">\n" + tiles + "</dl>\n";
}

}  // namespace cicada::sim::report
