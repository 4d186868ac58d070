// A gateway's restart (RFC 6886, section 3.6) and our own sleep show in its epoch, and nothing else passes for one.

#include <catch2/catch.hpp>
#include <chrono>

#include "port_mapping/nat_pmp_gateway.hpp"

using namespace std::chrono_literals;
using cicada::EpochWatch;

namespace {
const cicada::SteadyTime start{1h};
}

TEST_CASE("EpochWatch: a clock that runs as ours, or slow by an eighth, has not restarted", "[port_mapping]") {
  for (const int divisor : {1000, 8}) {
    EpochWatch watch;
    for (int seconds = 0; seconds < 100'000; seconds += 37) {
      const auto epoch = static_cast<std::uint32_t>(500 + seconds - seconds / divisor);
      REQUIRE_FALSE(watch.is_loss(epoch, start + std::chrono::seconds(seconds)));
    }
  }
}

TEST_CASE("EpochWatch: an epoch that went back, or lags behind", "[port_mapping]") {
  EpochWatch watch;
  CHECK_FALSE(watch.is_loss(1000, start));
  CHECK(watch.is_loss(0, start + 1s));
  CHECK_FALSE(watch.is_loss(30, start + 31s));
  // Restarted meanwhile: 100 s have passed, and its clock shows 50 s only.
  CHECK(watch.is_loss(80, start + 131s));
}

TEST_CASE("EpochWatch: an epoch far ahead of ours means that this host slept", "[port_mapping]") {
  EpochWatch watch;
  CHECK_FALSE(watch.is_loss(1000, start));
  CHECK_FALSE(watch.is_loss(1030, start + 30s));
  // Our clock stood still for an hour.
  CHECK(watch.is_loss(4660, start + 60s));
  CHECK_FALSE(watch.is_loss(4690, start + 90s));
}

TEST_CASE("EpochWatch: rounding of a second or two is no restart", "[port_mapping]") {
  EpochWatch watch;
  CHECK_FALSE(watch.is_loss(10, start));
  CHECK_FALSE(watch.is_loss(10, start + 1900ms));
  CHECK_FALSE(watch.is_loss(10, start + 3900ms));
}
