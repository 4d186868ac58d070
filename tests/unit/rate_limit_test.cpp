// A rate limit lets through a burst, then one per interval, and never more than that in any span of time.

#include <catch2/catch.hpp>
#include <chrono>
#include <deque>

#include <cicada/rate_limit.hpp>
#include <cicada/rng.hpp>

namespace {

using namespace cicada;
using namespace std::chrono_literals;

TEST_CASE("a burst passes, then one per interval", "[rate_limit]") {
  RateLimit limit;
  const Pace pace{100ms, 3};
  TimePoint now{5s};
  for (int i = 0; i < 3; ++i) CHECK(limit.take(now, pace));
  CHECK_FALSE(limit.take(now, pace));
  CHECK_FALSE(limit.take(now + 99ms, pace));
  CHECK(limit.take(now + 100ms, pace));
  CHECK_FALSE(limit.take(now + 100ms, pace));
  CHECK(limit.take(now + 1h, pace, 3));
  CHECK_FALSE(limit.allows(now + 1h, pace));
  CHECK_FALSE(limit.take(now + 2h, pace, 4));  // More than a burst at once never passes, and takes nothing.
  CHECK(limit.take(now + 2h, pace, 3));
}

TEST_CASE("no span of time sees more than its share and one burst", "[rate_limit]") {
  for (std::uint32_t seed = 0; seed < 50; ++seed) {
    Rng rng(seed, Purpose::test);
    const Pace pace{Duration(1 + static_cast<Duration::rep>(rng.below(1'000'000))),
                    1 + static_cast<unsigned>(rng.below(20))};
    RateLimit limit;
    TimePoint now{};
    std::deque<TimePoint> passed;
    for (int i = 0; i < 2000; ++i) {
      now += rng.between(Duration::zero(), pace.interval * 2);
      if (limit.take(now, pace)) passed.push_back(now);
    }
    bool within = true;
    for (std::size_t first = 0; first < passed.size(); first += 7)
      for (std::size_t last = first; last < passed.size(); last += 3) {
        const auto share = (passed[last] - passed[first]) / pace.interval;
        within = within && last - first + 1 <= static_cast<std::size_t>(share) + pace.burst;
      }
    REQUIRE(passed.size() > pace.burst);
    REQUIRE(within);
  }
}

}  // namespace
