// Which signed times are acceptable, at the edges and for times that no honest clock says.

#include <catch2/catch.hpp>

#include <chrono>
#include <cstdint>
#include <limits>

#include <cicada/time.hpp>

#include "message_age.hpp"

using namespace std::chrono_literals;
using cicada::Age;
using cicada::age_of;
using cicada::Duration;
using cicada::TimePoint;

namespace {

constexpr Duration age_max = 10min;
constexpr Duration ahead_max = 30s;
constexpr TimePoint now{Duration(1h)};

Age age(Duration sent, TimePoint at = now) {
  return age_of(static_cast<std::uint64_t>(sent.count()), at, age_max, ahead_max);
}

}  // namespace

TEST_CASE("a signed time is good within its limits, and not one nanosecond beyond", "[message_age]") {
  CHECK(age(1h) == Age::good);
  CHECK(age(1h - age_max) == Age::good);
  CHECK(age(1h - age_max - 1ns) == Age::stale);
  CHECK(age(1h + ahead_max) == Age::good);
  CHECK(age(1h + ahead_max + 1ns) == Age::ahead);
  CHECK(age(0ns) == Age::stale);
  CHECK(age(0ns, TimePoint(age_max)) == Age::good);
}

TEST_CASE("any number can be judged as a time", "[message_age]") {
  constexpr auto largest = std::numeric_limits<std::uint64_t>::max();
  constexpr std::uint64_t half = std::uint64_t{1} << 63;
  for (const TimePoint at : {now, TimePoint{}, TimePoint::min(), TimePoint::max()}) {
    for (const std::uint64_t sent : {largest, largest - 1, half, half + 1, half + 3'600'000'000'000})
      CHECK(age_of(sent, at, age_max, ahead_max) == Age::ahead);
  }
  CHECK(age_of(half - 1, now, age_max, ahead_max) == Age::ahead);
  CHECK(age_of(half - 1, TimePoint::max(), age_max, ahead_max) == Age::good);
  CHECK(age_of(0, TimePoint::max(), age_max, ahead_max) == Age::stale);
  CHECK(age_of(0, TimePoint::min(), age_max, ahead_max) == Age::ahead);
  CHECK(age_of(0, TimePoint{Duration(-30s)}, age_max, ahead_max) == Age::good);
  CHECK(age_of(0, TimePoint{Duration(-30s - 1ns)}, age_max, ahead_max) == Age::ahead);
  CHECK(age_of(0, TimePoint::max(), Duration::max(), Duration::max()) == Age::good);
}

TEST_CASE("a negative limit counts as zero", "[message_age]") {
  constexpr auto at = static_cast<std::uint64_t>(Duration(1h).count());
  CHECK(age_of(at, now, -1s, -1s) == Age::good);
  CHECK(age_of(at - 1, now, -1s, -1s) == Age::stale);
  CHECK(age_of(at + 1, now, -1s, -1s) == Age::ahead);
}
