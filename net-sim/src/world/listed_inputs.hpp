#pragma once
/// What a scenario names one by one, in files of its own: ids of peers, lookups, and sessions.

#include <cstdint>
#include <optional>
#include <vector>

#include <cicada/id.hpp>
#include <cicada/sim/scenario.hpp>
#include <cicada/time.hpp>

#include "data/table_reader.hpp"

namespace cicada::sim {

/// The times of a trace, seen from the start of the run; they may be before it.
struct TraceTimes {
  std::size_t count = 0;  ///< Events or sessions in the file.
  Duration first{};
  Duration last{};
  std::size_t before = 0;  ///< Over before the run starts.
  std::size_t beyond = 0;  ///< Not begun when it ends.
  bool has_header = false;
};

/// One lookup of a trace.
struct ListedLookup {
  Duration at{};
  std::uint32_t host = 0;
  Id key;
};

struct ListedLookups {
  std::vector<ListedLookup> lookups;  ///< Those within the run, in the order of the file.
  TraceTimes times;
};

/// A peer is there from `join` to `leave`, or to the end.
struct ListedSession {
  std::uint32_t host = 0;
  Duration join{};
  std::optional<Duration> leave;
};

struct ListedSessions {
  std::vector<ListedSession> sessions;  ///< Those within the run, by the time of `join`.
  TraceTimes times;
  std::size_t hosts = 0;  ///< Peers that the file names.
  std::size_t early = 0;  ///< Of them, those of which no session covers the start.
};

// Each of these throws DataError with the place of a mistake. A trace that changes nothing in the run is one.

/// One id a line, 64 hexadecimal digits; all different, at least one, at most peers.count.
[[nodiscard]] std::vector<Id> read_ids(TableReader& reader, std::uint64_t peers);

/// `at_s,peer,key` a line, in any order of time.
[[nodiscard]] ListedLookups read_lookups(TableReader& reader, const TraceFile& trace, const Scenario& scenario);

/// `peer,join_s,leave_s` a line, in any order of time. Sessions of a peer don't overlap; one that begins when another
/// ends goes on with it. What began before the run starts begins with it.
[[nodiscard]] ListedSessions read_sessions(TableReader& reader, const TraceFile& trace, const Scenario& scenario);

}  // namespace cicada::sim
