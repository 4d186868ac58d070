/// Property: whatever is pushed in whatever order, EventQueue pops exactly the sequence that an ordered std::set gives,
/// peek() never shows anything else, and its memory stays in proportion.

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <set>
#include <utility>
#include <vector>

#include <rapidcheck.h>
#include <catch2/catch.hpp>

#include <cicada/rng.hpp>
#include <cicada/sim/event_queue.hpp>

namespace {

using cicada::Purpose;
using cicada::Rng;
using cicada::sim::Event;
using cicada::sim::EventQueue;
using cicada::sim::happens_before;

struct Order {
  bool operator()(const Event& a, const Event& b) const { return happens_before(a, b); }
};

constexpr std::int64_t day_ns = 86'400'000'000'000;

/// How far after the last popped event the next one is pushed.
enum class Delays { none, few, uniform, message, powers, month, burst, clumps, count };

std::int64_t delay_ns(Delays delays, Rng& rng, std::uint64_t step) {
  const auto below = [&](std::int64_t bound) {
    return static_cast<std::int64_t>(rng.below(static_cast<std::uint64_t>(bound)));
  };
  switch (delays) {
    case Delays::none:
      return 0;
    case Delays::few:
      return below(3);
    case Delays::uniform:
      return below(1 << 21);
    case Delays::message:
      return 20'000'000 + below(60'000'000);
    case Delays::powers:
      return static_cast<std::int64_t>(std::pow(10.0, 10.0 * rng.uniform()));
    case Delays::month:
      return below(30 * day_ns);
    case Delays::burst:
      return step % 4096 < 2048 ? 1'000'000 : below(day_ns);
    case Delays::clumps:
      return below(4) * 10'000'000'000 + below(4) * 1'000'000 + below(4);
    case Delays::count:
      break;
  }
  return 0;
}

/// An EventQueue and its model, driven together.
class Pair {
 public:
  void push(std::int64_t time_ns, std::uint32_t source) {
    const Event event{.time_ns = time_ns,
                      .target = source ^ 1U,
                      .source = source,
                      .sequence = sequence_,
                      .payload = sequence_ * 2654435761U};
    ++sequence_;
    queue.push(event);
    model.insert(event);
  }

  /// Pops from both; false when they disagree in anything visible.
  bool pop_agrees() {
    if (queue.empty() || queue.size() != model.size()) return false;
    if (look_ && (queue.next_time() != model.begin()->time_ns || queue.top() != *model.begin())) return false;
    auto expected = model.begin();
    for (std::size_t ahead = 0; ahead < 10 && expected != model.end(); ++ahead, ++expected) {
      const Event* shown = queue.peek(ahead);
      if (shown != nullptr) ++shown_;
      if (shown != nullptr && *shown != *expected) return false;
    }
    const Event event = queue.pop();
    now_ns = event.time_ns;
    const bool agrees = event == *model.begin();
    model.erase(model.begin());
    look_ = (event.sequence & 3U) == 0;
    return agrees && queue.empty() == model.empty();
  }

  bool drain_agrees() {
    while (!model.empty()) {
      if (!pop_agrees()) return false;
    }
    return queue.empty() && queue.size() == 0;
  }

  [[nodiscard]] std::uint64_t shown() const { return shown_; }

  EventQueue queue;
  std::set<Event, Order> model;
  std::int64_t now_ns = 0;

 private:
  std::uint32_t sequence_ = 0;
  std::uint64_t shown_ = 0;
  bool look_ = false;
};

/// Fills to `pending` events, holds `steps` times with a size that wanders, and drains.
bool agrees(std::uint64_t seed, Delays delays, std::size_t pending, std::uint64_t steps) {
  Pair pair;
  Rng rng(seed, Purpose::test);
  const auto push = [&](std::uint64_t step) {
    pair.push(pair.now_ns + delay_ns(delays, rng, step), static_cast<std::uint32_t>(rng.below(100)));
  };
  for (std::size_t i = 0; i < pending; ++i) push(i);
  for (std::uint64_t step = 0; step < steps; ++step) {
    if (!pair.model.empty() && !pair.pop_agrees()) return false;
    for (std::uint64_t pushes = rng.below(3); pushes > 0; --pushes) push(step);
  }
  return pair.drain_agrees();
}

Event at(std::int64_t time_ns, std::uint32_t source) {
  return {.time_ns = time_ns, .target = 0, .source = source, .sequence = 0, .payload = 0};
}

/// True when pushing the events one after the other, with a pop after the first, ends in an abort.
bool push_after_pop_aborts(std::int64_t first_ns, std::int64_t second_ns) {
  const pid_t child = fork();
  if (child == 0) {
    std::signal(SIGABRT, SIG_DFL);
    if (std::freopen("/dev/null", "w", stderr) == nullptr) _exit(2);
    EventQueue queue;
    queue.push(at(first_ns, 0));
    (void)queue.pop();
    queue.push(at(second_ns, 1));
    _exit(0);
  }
  int status = 0;
  if (waitpid(child, &status, 0) != child) return false;
  return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

}  // namespace

TEST_CASE("events are ordered by time, then source, then sequence") {
  EventQueue queue;
  queue.push({.time_ns = 5, .target = 0, .source = 2, .sequence = 0, .payload = 1});
  queue.push({.time_ns = 5, .target = 0, .source = 1, .sequence = 9, .payload = 2});
  queue.push({.time_ns = 5, .target = 0, .source = 1, .sequence = 8, .payload = 3});
  queue.push({.time_ns = 4, .target = 0, .source = 7, .sequence = 0, .payload = 4});
  queue.push({.time_ns = 0, .target = 0, .source = 9, .sequence = 1, .payload = 5});
  std::vector<std::uint32_t> payloads;
  while (!queue.empty()) payloads.push_back(queue.pop().payload);
  REQUIRE(payloads == std::vector<std::uint32_t>{5, 4, 3, 2, 1});
}

TEST_CASE("every distribution of delays, small and large, agrees with the model") {
  for (int kind = 0; kind < static_cast<int>(Delays::count); ++kind) {
    for (std::uint64_t seed = 1; seed <= 6; ++seed) {
      CAPTURE(kind, seed);
      REQUIRE(agrees(seed, static_cast<Delays>(kind), 0, 300));
      REQUIRE(agrees(seed, static_cast<Delays>(kind), 40 * seed, 1'000));
      REQUIRE(agrees(seed, static_cast<Delays>(kind), 4'000, 3'000));
    }
    CAPTURE(kind);
    REQUIRE(agrees(77, static_cast<Delays>(kind), 30'000, 60'000));
  }
}

TEST_CASE("arbitrary interleavings of pushes and pops agree with the model") {
  REQUIRE(rc::check("queue against std::set", [](const std::vector<std::pair<std::uint32_t, std::uint8_t>>& script) {
    Pair pair;
    for (const auto& [delay, how] : script) {
      // The low bits say how far the delay reaches (up to 2^55 ns), the high bit whether to pop afterwards.
      pair.push(pair.now_ns + static_cast<std::int64_t>(std::uint64_t{delay} << (how % 24)), how);
      if (how >= 128) RC_ASSERT(pair.pop_agrees());
    }
    RC_ASSERT(pair.drain_agrees());
  }));
}

TEST_CASE("the order of the pushes does not matter") {
  std::vector<Event> events;
  Rng rng(5, Purpose::test);
  for (std::uint32_t i = 0; i < 5'000; ++i) events.push_back(at(static_cast<std::int64_t>(rng.below(50)) * 400'000, i));
  std::vector<Event> sorted = events;
  std::ranges::sort(sorted, happens_before);
  for (int round = 0; round < 5; ++round) {
    EventQueue queue;
    for (const Event& event : events) queue.push(event);
    std::vector<Event> popped;
    while (!queue.empty()) popped.push_back(queue.pop());
    REQUIRE(popped == sorted);
    for (std::size_t i = events.size() - 1; i > 0; --i) std::swap(events[i], events[rng.below(i + 1)]);
  }
}

TEST_CASE("a burst of a million events of one instant is popped in order") {
  constexpr std::uint32_t count = 1'000'000;
  EventQueue queue;
  queue.push(at(1, 0));
  for (std::uint32_t i = 0; i < count; ++i) queue.push(at(7'000'000'000, (i * 2654435761U) % count));
  REQUIRE(queue.pop().time_ns == 1);
  // Handlers that push at the current time must not be slow either: each lands in the midst of the sorted events.
  std::uint32_t previous = 0;
  bool ordered = true;
  for (std::uint32_t i = 0; i < count; ++i) {
    const Event event = queue.pop();
    ordered = ordered && event.source >= previous;
    previous = event.source;
    if (i % 4 == 0) {
      queue.push({.time_ns = event.time_ns, .target = 0, .source = count + i, .sequence = 1, .payload = 0});
    }
  }
  REQUIRE(ordered);
  REQUIRE(queue.size() == count / 4);
}

TEST_CASE("a look far ahead allows earlier pushes afterwards") {
  Pair pair;
  pair.push(30 * day_ns, 1);
  pair.push(31 * day_ns, 1);
  REQUIRE(pair.queue.next_time() == 30 * day_ns);
  for (std::uint32_t i = 0; i < 1'000; ++i) pair.push(29 * day_ns - i, i);
  for (std::uint32_t i = 0; i < 1'000; ++i) pair.push(i, i);
  REQUIRE(pair.drain_agrees());
}

TEST_CASE("the latest time of all is valid") {
  Pair pair;
  pair.push(std::numeric_limits<std::int64_t>::max(), 1);
  pair.push(std::numeric_limits<std::int64_t>::max(), 2);
  pair.push(std::numeric_limits<std::int64_t>::max() - 1, 3);
  REQUIRE(pair.drain_agrees());
}

TEST_CASE("peek shows most of the events to come, and the width adapts to the rate") {
  Pair pair;
  Rng rng(3, Purpose::test);
  const auto push = [&](std::uint64_t i) {
    pair.push(pair.now_ns + delay_ns(Delays::message, rng, i), static_cast<std::uint32_t>(rng.below(100)));
  };
  for (std::uint64_t i = 0; i < 20'000; ++i) push(i);
  const auto hold = [&](std::uint64_t steps) {
    bool all = true;
    for (std::uint64_t i = 0; i < steps && all; ++i) {
      all = pair.pop_agrees();
      push(i);
    }
    return all;
  };
  REQUIRE(hold(60'000));
  const std::uint64_t shown_before = pair.shown();
  REQUIRE(hold(20'000));
  // Ten places were asked for at each step; only the last ones of each bucket of about 200 are unknown.
  REQUIRE(pair.shown() - shown_before > 20'000 * 10 * 9 / 10);
  // 20000 events in 50 ms on average: 48 to 384 events take 120 to 960 microseconds.
  REQUIRE(pair.queue.bucket_width_ns() >= 65'536);
  REQUIRE(pair.queue.bucket_width_ns() <= 1'048'576);
}

TEST_CASE("memory is proportional to the events and does not grow in a steady state") {
  REQUIRE(EventQueue{}.memory_bytes() < 20'000);
  for (const Delays delays : {Delays::message, Delays::uniform, Delays::month}) {
    EventQueue queue;
    Rng rng(9, Purpose::test);
    std::uint32_t sequence = 0;
    const auto push = [&](std::int64_t now_ns) {
      Event event = at(now_ns + delay_ns(delays, rng, 0), 1);
      event.sequence = sequence++;
      queue.push(event);
    };
    for (int i = 0; i < 1'000; ++i) push(0);
    CAPTURE(static_cast<int>(delays));
    REQUIRE(queue.memory_bytes() < 1'000 * sizeof(Event) + 200'000);
    constexpr std::size_t count = 1'000'000;
    while (queue.size() < count) push(0);
    const auto hold = [&](std::size_t steps) {
      for (std::size_t i = 0; i < steps; ++i) push(queue.pop().time_ns);
    };
    hold(3 * count);
    const std::size_t settled = queue.memory_bytes();
    REQUIRE(settled < count * sizeof(Event) * 13 / 10);
    hold(count);
    REQUIRE(queue.memory_bytes() <= settled + settled / 100);
  }
}

TEST_CASE("a push before the last popped time, or before time 0, is a bug") {
  REQUIRE(push_after_pop_aborts(100, 99));
  REQUIRE_FALSE(push_after_pop_aborts(100, 100));
  REQUIRE(push_after_pop_aborts(0, -1));
}
