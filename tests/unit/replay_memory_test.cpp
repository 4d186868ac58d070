// Nothing is taken twice, however much comes, and what is fresh is never forgotten for something else.

#include <catch2/catch.hpp>

#include <chrono>
#include <cstdint>

#include <cicada/replay_memory.hpp>

using namespace std::chrono_literals;
using cicada::Duration;
using cicada::ReplayMemory;
using cicada::TimePoint;

namespace {

constexpr ReplayMemory::Limits limits{.entries_max = 4, .age_max = 3min, .fresh = 30s};

TimePoint at(Duration since) { return TimePoint(1h + since); }
std::uint64_t signed_at(Duration since) { return static_cast<std::uint64_t>((1h + since).count()); }

TEST_CASE("a message that was here is known, at the same time another one is not", "[replay_memory]") {
  ReplayMemory memory;
  CHECK_FALSE(memory.had(signed_at(0s), 1));
  CHECK(memory.add(at(0s), signed_at(0s), 1, limits));
  CHECK(memory.had(signed_at(0s), 1));
  CHECK_FALSE(memory.had(signed_at(0s), 2));
  CHECK_FALSE(memory.had(signed_at(1ns), 1));
}

TEST_CASE("of what is too old only the newest stay, and the others are known when the clock is set back",
          "[replay_memory]") {
  constexpr ReplayMemory::Limits many{.entries_max = 16384, .age_max = 3min, .fresh = 30s};
  ReplayMemory memory;
  for (unsigned i = 0; i < ReplayMemory::aged_kept; ++i) CHECK(memory.add(at(0s), signed_at(i * 1ms), i, many));
  CHECK(memory.add(at(2min), signed_at(2min), 5000, many));
  CHECK(memory.size() == ReplayMemory::aged_kept + 1);
  CHECK(memory.add(at(10min), signed_at(10min), 5001, many));
  CHECK(memory.size() == ReplayMemory::aged_kept + 1);
  CHECK(memory.had(signed_at(0s), 0));
  CHECK(memory.had(signed_at(0s), 5002));
  CHECK(memory.had(signed_at(1ms), 1));
  CHECK_FALSE(memory.had(signed_at(1ms), 5002));
}

TEST_CASE("a clock that was far ahead and is set back leaves nobody deaf, and nothing comes in twice",
          "[replay_memory]") {
  constexpr ReplayMemory::Limits many{.entries_max = 16384, .age_max = 3min, .fresh = 30s};
  ReplayMemory memory;
  for (unsigned i = 0; i < 60; ++i) CHECK(memory.add(at(1h + i * 10s), signed_at(1h + i * 10s), i, many));
  CHECK_FALSE(memory.had(signed_at(10min), 100));
  CHECK(memory.add(at(10min), signed_at(10min), 100, many));
  for (unsigned i = 0; i < 60; ++i) CHECK(memory.had(signed_at(1h + i * 10s), i));  // An hour later, replayed.
}

TEST_CASE("a full memory forgets the oldest, and takes nothing older any more", "[replay_memory]") {
  ReplayMemory memory;
  for (unsigned i = 1; i <= 4; ++i) CHECK(memory.add(at(0s), signed_at(i * 1s), i, limits));
  CHECK_FALSE(memory.add(at(30s), signed_at(30s), 5, limits));  // The oldest is 29 s old.
  CHECK_FALSE(memory.had(signed_at(30s), 5));
  CHECK(memory.add(at(32s), signed_at(30s), 5, limits));
  CHECK(memory.size() == 4);
  CHECK(memory.had(signed_at(1s), 1));
  CHECK(memory.had(signed_at(1s), 7));
  CHECK_FALSE(memory.had(signed_at(1s + 1ns), 7));
  for (unsigned i = 2; i <= 5; ++i) CHECK(memory.had(signed_at(i == 5 ? 30s : i * 1s), i));
}

TEST_CASE("times ahead of the clock do not push out what is fresh", "[replay_memory]") {
  ReplayMemory memory;
  CHECK(memory.add(at(0s), signed_at(0s), 1, limits));
  for (unsigned i = 2; i <= 4; ++i) CHECK(memory.add(at(0s), signed_at(30s), i, limits));
  CHECK_FALSE(memory.add(at(30s), signed_at(30s), 5, limits));
  CHECK_FALSE(memory.had(signed_at(29s), 6));
  CHECK(memory.add(at(31s), signed_at(31s), 5, limits));
  CHECK_FALSE(memory.add(at(31s), signed_at(31s), 6, limits));
  CHECK(memory.had(signed_at(0s), 1));
}

}  // namespace
