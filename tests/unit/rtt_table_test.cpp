// Round-trip estimates follow RFC 6298 to the resolution of the table, stay inside the configured bounds, and belong to
// one peer only.

#include <rapidcheck.h>
#include <catch2/catch.hpp>

#include <cmath>
#include <cstdlib>
#include <vector>

#include <cicada/rtt_table.hpp>

namespace {

using namespace cicada;
using namespace std::chrono_literals;

/// Half a millisecond: eight units of the table, for what its rounding adds up to.
constexpr Duration tolerance = 524'288ns;

bool close(Duration a, Duration b) { return std::chrono::abs(a - b) <= tolerance; }

/// RFC 6298, section 2, in floating point.
struct Reference {
  double smoothed = 0;
  double variation = 0;
  bool measured = false;

  void sample(Duration rtt) {
    const auto r = static_cast<double>(rtt.count());
    if (!measured) {
      smoothed = r;
      variation = r / 2;
      measured = true;
      return;
    }
    variation = 0.75 * variation + 0.25 * std::abs(smoothed - r);
    smoothed = 0.875 * smoothed + 0.125 * r;
  }
  [[nodiscard]] Duration timeout() const { return Duration(std::llround(smoothed + 4 * variation)); }
};

TEST_CASE("without a measurement the initial time-out holds", "[rtt_table]") {
  const RttTable table;
  REQUIRE(table.timeout(3, RtoConfig{}) == 1s);
  REQUIRE_FALSE(table.smoothed(3));
}

TEST_CASE("the first measurement gives three times itself", "[rtt_table]") {
  RttTable table;
  table.sample(3, 100ms);
  REQUIRE(close(*table.smoothed(3), 100ms));
  REQUIRE(close(table.timeout(3, RtoConfig{}), 300ms));
}

TEST_CASE("estimates follow RFC 6298", "[rtt_table]") {
  REQUIRE(rc::check("against floating point", [] {
    const auto samples = *rc::gen::nonEmpty(rc::gen::container<std::vector<int>>(rc::gen::inRange(1, 2'000'000)));
    RttTable table;
    Reference reference;
    const RtoConfig wide{.initial = 1s, .min = 0s, .max = 1h, .tries = 1};
    for (const int microseconds : samples) {
      table.sample(7, std::chrono::microseconds(microseconds));
      reference.sample(std::chrono::microseconds(microseconds));
      RC_ASSERT(close(*table.smoothed(7), Duration(std::llround(reference.smoothed))));
      // The variation counts four times, and so does its rounding.
      RC_ASSERT(std::chrono::abs(table.timeout(7, wide) - reference.timeout()) <= 5 * tolerance);
    }
  }));
}

TEST_CASE("time-outs stay inside the configured bounds", "[rtt_table]") {
  RttTable table;
  const RtoConfig config{};
  table.sample(1, 0s);
  REQUIRE(table.timeout(1, config) == config.min);
  table.sample(2, 1h);
  REQUIRE(table.timeout(2, config) == config.max);
  table.sample(3, -1s);
  REQUIRE(table.smoothed(3) == 0s);
}

TEST_CASE("peers that share a slot displace each other and never mix", "[rtt_table]") {
  RttTable table;
  table.sample(0, 100ms);
  PeerIndex rival = 0;
  while (table.smoothed(0)) table.sample(++rival, 1s);
  REQUIRE(rival < 1000);
  REQUIRE(table.timeout(0, RtoConfig{}) == RtoConfig{}.initial);
  REQUIRE(close(*table.smoothed(rival), 1s));

  table.sample(0, 20ms);
  REQUIRE(close(*table.smoothed(0), 20ms));
  REQUIRE_FALSE(table.smoothed(rival));
}

}  // namespace
