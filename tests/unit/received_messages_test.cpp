// The memory of a target: each message once, whatever is forgotten, and nobody's flood makes it deaf to others.

#include <catch2/catch.hpp>

#include <set>
#include <vector>

#include <cicada/rng.hpp>

#include "received_messages.hpp"

namespace {

using namespace cicada;
using Verdict = ReceivedMessages::Verdict;

MessageId id_of(std::uint64_t source, std::uint64_t number) { return {source, number * 0x9e3779b97f4a7c15ULL + 1}; }
TimePoint at(std::uint64_t ns) { return TimePoint(Duration(static_cast<Duration::rep>(ns))); }

TEST_CASE("nothing is received twice, however small the memory and in whatever order copies arrive", "[swarm]") {
  for (const std::size_t max : {std::size_t{1}, std::size_t{7}, std::size_t{64}}) {
    ReceivedMessages memory;
    Rng rng(max, Purpose::test);
    std::set<std::pair<std::uint64_t, std::uint64_t>> seen;
    struct Sent {
      std::uint64_t source, number, sent_ns;
    };
    std::vector<Sent> sent;
    std::size_t first = 0;
    for (std::uint64_t now = 1'000; now < 21'000; ++now) {
      const bool replay = !sent.empty() && rng.below(2) == 0;
      if (!replay) sent.push_back({rng.below(20), now, now - rng.below(300)});  // Late by up to 300.
      const Sent& one = replay ? sent[rng.below(sent.size())] : sent.back();
      const Verdict verdict = memory.receive(id_of(one.source, one.number), one.source, one.sent_ns, at(now), max);
      REQUIRE(memory.size() <= max);
      if (verdict != Verdict::first) continue;
      ++first;
      REQUIRE(seen.emplace(one.source, one.number).second);
    }
    CHECK(first > sent.size() / (max == 1 ? 200 : 20));  // Most are not refused for nothing.
  }
}

TEST_CASE("whoever fills the memory forgets for itself alone", "[swarm]") {
  constexpr std::size_t max = 100;
  ReceivedMessages memory;
  CHECK(memory.receive(id_of(1, 1), 1, 500, at(1'000), max) == Verdict::first);
  for (std::uint64_t i = 0; i < 10 * max; ++i)  // From the future, so that what is forgotten reaches far ahead.
    REQUIRE(memory.receive(id_of(2, i), 2, 1'000'000 + i, at(1'000), max) == Verdict::first);
  CHECK(memory.receive(id_of(1, 1), 1, 500, at(1'001), max) == Verdict::again);
  CHECK(memory.receive(id_of(1, 2), 1, 400, at(1'001), max) ==
        Verdict::first);  // Late, but nothing of 1 was forgotten.
  CHECK(memory.receive(id_of(3, 1), 3, 300, at(1'001), max) == Verdict::first);
  CHECK(memory.receive(id_of(2, 0), 2, 1'000'000, at(1'001), max) == Verdict::forgotten);
  CHECK(memory.receive(id_of(2, 10 * max), 2, 2'000'000, at(1'001), max) == Verdict::first);
}

TEST_CASE("against as many sources as there is room for, what is new still gets in", "[swarm]") {
  constexpr std::size_t max = 100;
  ReceivedMessages memory;
  for (std::uint64_t i = 0; i < 50 * max; ++i)
    REQUIRE(memory.receive(id_of(1'000 + i, 1), 1'000 + i, 30'000'000'000 + i, at(10'000 + i), max) == Verdict::first);
  const std::uint64_t now = 10'000 + 50 * max;
  CHECK(memory.receive(id_of(1, 1), 1, now, at(now), max) == Verdict::first);
  CHECK(memory.receive(id_of(1, 2), 1, 9'000, at(now), max) == Verdict::forgotten);
  CHECK(memory.size() == max);
}

}  // namespace
