// Numbers with units: what is read is exact, what is written reads back as the same value, and what has no unit, or the
// wrong one, is refused with a text that says what was expected.

#include <cicada/sim/units.hpp>

#include <rapidcheck.h>
#include <catch2/catch.hpp>

namespace {

using namespace cicada;
using namespace cicada::sim;
using namespace std::chrono_literals;

TEST_CASE("times are read exactly, in each unit") {
  CHECK(parse_duration("30s") == 30s);
  CHECK(parse_duration("30 s") == 30s);
  CHECK(parse_duration(" 1.5h ") == 90min);
  CHECK(parse_duration("0.1 s") == 100ms);
  CHECK(parse_duration("2min") == 2min);
  CHECK(parse_duration("250us") == 250us);
  CHECK(parse_duration("7ns") == 7ns);
  CHECK(parse_duration("1d") == 24h);
  CHECK(parse_duration("0") == 0s);
  CHECK(parse_duration("1e3ms") == 1s);
}

TEST_CASE("a time without its unit is refused, and the likely ones are offered") {
  CHECK(parse_duration("30").error() ==
        "a time with its unit (ns, us, ms, s, min, h, d) such as '30s'; did you mean '30s' or '30ms'?");
  CHECK(parse_duration("-3s").error() == "a time from 0 s to 36500 d");
  CHECK(parse_duration("40000d").error() == "a time from 0 s to 36500 d");
  for (const char* text :
       {"", "s", "3 m", "3 sec", "nan s", "inf s", "0x10s", "3s4", "three s", "--3s", "+3s", "1e999s"}) {
    INFO(text);
    CHECK(parse_duration(text).error() == "a time with its unit (ns, us, ms, s, min, h, d) such as '30s'");
  }
}

TEST_CASE("shares are percentages or plain numbers up to 1") {
  CHECK(parse_ratio("10%") == 0.1);
  CHECK(parse_ratio("0.1 %") == 0.001);
  CHECK(parse_ratio("0.25") == 0.25);
  CHECK(parse_ratio("1") == 1.0);
  CHECK(parse_ratio("100%") == 1.0);
  CHECK(parse_ratio("5").error() == "a share such as '10%', or a plain number from 0 to 1; did you mean '5%'?");
  CHECK(parse_ratio("120%").error() == "a share from 0% to 100%, or a plain number from 0 to 1");
  CHECK(parse_ratio("-0.5").error() == "a share from 0% to 100%, or a plain number from 0 to 1");
  CHECK(parse_ratio("half").error() == "a share such as '10%', or a plain number from 0 to 1");
  CHECK_FALSE(parse_ratio("nan").has_value());
}

TEST_CASE("rates are of the system or of each peer") {
  CHECK(parse_rate("20/s") == Rate{20, false});
  CHECK(parse_rate("3/min") == Rate{0.05, false});
  CHECK(parse_rate("36 / h") == Rate{0.01, false});
  CHECK(parse_rate("0.01/s per peer") == Rate{0.01, true});
  for (const char* text :
       {"20", "20 s", "/s", "20/", "20/d", "20/s per", "20/s peer", "20/s perpeer", "20/s per peers"}) {
    INFO(text);
    CHECK(parse_rate(text).error() == "a rate such as '20/s', '3/min' or '0.01/s per peer'");
  }
  CHECK(parse_rate("-1/s").error() == "a rate from 0/s to 1e9/s");
}

TEST_CASE("sizes and whole numbers") {
  CHECK(parse_bytes("256 B") == 256U);
  CHECK(parse_bytes("1.5KiB") == 1536U);
  CHECK(parse_bytes("1 MiB") == 1048576U);
  CHECK(parse_bytes("0") == 0U);
  CHECK(parse_bytes("256").error() == "a size with its unit (B, KiB, MiB, GiB) such as '256 B'");
  CHECK(parse_bytes("1 KB").error() == "a size with its unit (B, KiB, MiB, GiB) such as '256 B'");
  CHECK(parse_bytes("0.3 B").error() == "a whole number of bytes");
  CHECK(parse_integer("18446744073709551615") == 18446744073709551615U);
  CHECK(parse_integer("1e6") == 1'000'000U);
  for (const char* text : {"", "-1", "1.5", "1e-1", "18446744073709551616", "1e30", "ten", "1 0"}) {
    INFO(text);
    CHECK(parse_integer(text).error() == "a whole number");
  }
}

TEST_CASE("what is written reads back as the same value") {
  REQUIRE(rc::check("time", [] {
    const Duration time{*rc::gen::inRange<std::int64_t>(0, std::int64_t{36500} * 86400 * 1'000'000'000)};
    RC_ASSERT(parse_duration(format_duration(time)).value() == time);
  }));
  REQUIRE(rc::check("share", [] {
    const double ratio = *rc::gen::inRange(0, 1'000'000'001) / 1e9;
    RC_ASSERT(parse_ratio(format_ratio(ratio)).value() == ratio);
  }));
  REQUIRE(rc::check("rate", [](bool per_peer) {
    const Rate rate{*rc::gen::inRange(0, 1'000'000'000) / 7.0, per_peer};
    RC_ASSERT(parse_rate(format_rate(rate)).value() == rate);
  }));
  REQUIRE(rc::check("size", [] {
    const std::uint64_t bytes = *rc::gen::inRange<std::uint64_t>(0, 1'000'000'000'000'000);
    RC_ASSERT(parse_bytes(format_bytes(bytes)).value() == bytes);
  }));
}

TEST_CASE("values are written in the largest unit that fits") {
  CHECK(format_duration(90s) == "90s");
  CHECK(format_duration(120s) == "2min");
  CHECK(format_duration(1500ms) == "1500ms");
  CHECK(format_duration(0s) == "0s");
  CHECK(format_ratio(0.001) == "0.1%");
  CHECK(format_rate({0.01, true}) == "0.01/s per peer");
  CHECK(format_bytes(2048) == "2 KiB");
}

}  // namespace
