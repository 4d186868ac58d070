#pragma once
/// What a scenario names one by one, in files of its own: ids of peers, and lookups. `#` starts a comment in both.

#include <cstdint>
#include <filesystem>
#include <vector>

#include <cicada/id.hpp>
#include <cicada/time.hpp>

namespace cicada::sim {

/// One lookup of a trace.
struct ListedLookup {
  Duration at{};
  std::uint32_t host = 0;
  Id key;
};

/// One id a line, 64 hexadecimal digits; all different, at most `peers`. Throws std::runtime_error with the place.
[[nodiscard]] std::vector<Id> read_ids(const std::filesystem::path& file, std::uint64_t peers);

/// `at_s,peer,key` a line, in any order of time. Throws std::runtime_error with the place of a mistake.
[[nodiscard]] std::vector<ListedLookup> read_lookups(const std::filesystem::path& file, std::uint64_t peers);

}  // namespace cicada::sim
