#pragma once
/// Where a scenario has measured data from: the unit of times in a file, and lists of events.

#include <cstdint>
#include <filesystem>

#include <cicada/time.hpp>

namespace cicada::sim {

/// The unit of the bare numbers in a data file.
enum class TimeUnit : std::uint8_t { us, ms, s };

/// A file that lists events, one a line, with their times.
struct TraceFile {
  std::filesystem::path file;          ///< Absolute after loading; existed then. Empty: no trace.
  TimeUnit unit = TimeUnit::s;         ///< Of the times in the file. Default s.
  Duration origin = Duration::zero();  ///< The time in the file at which the run starts. Default 0 s.
  bool operator==(const TraceFile&) const = default;
};

}  // namespace cicada::sim
