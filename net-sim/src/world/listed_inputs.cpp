#include "listed_inputs.hpp"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include <cicada/sim/units.hpp>

#include "data/data_values.hpp"
#include "data/listing.hpp"

namespace cicada::sim {
namespace {

constexpr Duration time_max = std::chrono::hours{24 * 36'500};  // As in a scenario.

/// Widens the span of a trace.
void include(TraceTimes& times, Duration at) {
  times.first = times.count == 0 ? at : std::min(times.first, at);
  times.last = times.count == 0 ? at : std::max(times.last, at);
}

/// A trace of which nothing happens in the run was meant otherwise.
[[noreturn]] void fail_without_effect(const TableReader& reader, std::size_t line, const TraceFile& trace,
                                      const TraceTimes& times, std::string_view expected) {
  const Duration first = times.first + trace.origin;
  reader.fail(line, 1,
              fmt::format("times from {} to {} only", text_in(trace.unit, first),
                          text_in(trace.unit, times.last + trace.origin)),
              fmt::format("{} (the key 'unit' is {}; 'origin' is the time at which the run starts, here perhaps {})",
                          expected, name_of(trace.unit), text_in(trace.unit, first)));
}

struct Row {
  ListedSession session;
  Cell cell;  ///< Its first, for messages.
};

/// Joins sessions that touch; refuses those that overlap. Order: by peer and time.
std::vector<Row> without_touching(const Listing& listing, std::vector<Row> rows) {
  std::ranges::stable_sort(rows, {}, [](const Row& row) { return std::tuple(row.session.host, row.session.join); });
  std::vector<Row> joined;
  for (const Row& row : rows) {
    Row* const before = !joined.empty() && joined.back().session.host == row.session.host ? &joined.back() : nullptr;
    if (before != nullptr && (!before->session.leave || *before->session.leave > row.session.join)) {
      listing.fail(row.cell, fmt::format("a session that doesn't overlap with that in line {}", before->cell.line));
    }
    if (before != nullptr && *before->session.leave == row.session.join) {
      before->session.leave = row.session.leave;
    } else {
      joined.push_back(row);
    }
  }
  return joined;
}

}  // namespace

std::vector<Id> read_ids(TableReader& reader, std::uint64_t peers) {
  Listing listing(reader, {"id"});
  std::vector<Id> ids;
  std::map<Id, std::size_t> lines;
  while (listing.next()) {
    const Cell& cell = listing.cell(0);
    if (ids.size() == peers) listing.fail(cell, fmt::format("at most peers.count = {} ids", peers));
    const Id id = listing.id(0);
    const auto [other, fresh] = lines.emplace(id, cell.line);
    if (!fresh) listing.fail(cell, fmt::format("another id than in line {}", other->second));
    ids.push_back(id);
  }
  if (ids.empty()) reader.fail_at_end("no id", "one id a line");
  return ids;
}

ListedLookups read_lookups(TableReader& reader, const TraceFile& trace, const Scenario& scenario) {
  Listing listing(reader, {"at_", "peer", "key"}, trace.unit);
  ListedLookups listed;
  TraceTimes& times = listed.times;
  std::size_t first_line = 0;
  while (listing.next()) {
    const Duration at = listing.time(0, time_max, "a time") - trace.origin;
    const std::uint32_t host = listing.number_below(1, scenario.peers.count, "a peer below peers.count,");
    const Id key = listing.id(2);
    if (first_line == 0) first_line = listing.cell(0).line;
    include(times, at);
    ++times.count;
    if (at < Duration::zero()) {
      ++times.before;
    } else if (at >= scenario.duration) {
      ++times.beyond;
    } else {
      listed.lookups.push_back({at, host, key});
    }
  }
  times.has_header = listing.has_header();
  if (times.count == 0) reader.fail_at_end("no lookup", "lines \"at_s,peer,key\"");
  if (listed.lookups.empty()) {
    fail_without_effect(reader, first_line, trace, times,
                        fmt::format("a lookup within the duration of {}", format_duration(scenario.duration)));
  }
  return listed;
}

ListedSessions read_sessions(TableReader& reader, const TraceFile& trace, const Scenario& scenario) {
  Listing listing(reader, {"peer", "join_", "leave_"}, trace.unit);
  ListedSessions listed;
  TraceTimes& times = listed.times;
  std::vector<Row> rows;
  while (listing.next()) {
    ListedSession session{listing.number_below(0, scenario.peers.count, "a peer below peers.count,"),
                          listing.time(1, time_max, "a time") - trace.origin, std::nullopt};
    if (!listing.cell(2).text.empty()) {
      session.leave = listing.time(2, time_max, "a time, or nothing for a peer that stays,") - trace.origin;
      if (*session.leave <= session.join) listing.fail(listing.cell(2), "a time after that of joining");
    }
    include(times, session.join);
    ++times.count;
    include(times, session.leave.value_or(session.join));
    rows.push_back({session, listing.cell(0)});
  }
  times.has_header = listing.has_header();
  if (rows.empty()) reader.fail_at_end("no session", "lines \"peer,join_s,leave_s\"");
  const std::size_t first_line = rows.front().cell.line;

  bool effect = false;
  std::size_t from_start = 0;
  rows = without_touching(listing, std::move(rows));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    ListedSession session = rows[i].session;
    if (i == 0 || rows[i - 1].session.host != session.host) ++listed.hosts;
    const bool before = session.leave && *session.leave <= Duration::zero();
    const bool beyond = session.join >= scenario.duration;
    times.before += before ? 1U : 0U;
    times.beyond += beyond ? 1U : 0U;
    if (before || beyond) continue;
    from_start += session.join <= Duration::zero() ? 1U : 0U;
    session.join = std::max(session.join, Duration::zero());
    effect = effect || session.join > Duration::zero() || (session.leave && *session.leave < scenario.duration);
    listed.sessions.push_back(session);
  }
  listed.early = listed.hosts - from_start;
  if (!effect) {
    fail_without_effect(
        reader, first_line, trace, times,
        fmt::format("a peer that comes or goes within the duration of {}", format_duration(scenario.duration)));
  }
  std::ranges::stable_sort(listed.sessions, {}, &ListedSession::join);
  return listed;
}

}  // namespace cicada::sim
