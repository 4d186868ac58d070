// A node follows its host's clocks: after a sleep, a standstill or a change of the time of day it is a full member
// again within ten seconds, by itself; and where its time of day is too far from that of the others, it is told so.

#include <atomic>
#include <catch2/catch.hpp>
#include <future>
#include <mutex>

#include "clock_book.hpp"
#include "clock_watch.hpp"
#include "real/loopback.hpp"

using namespace cicada;
using namespace cicada::test;

namespace {

/// The system's clocks, but for what the test changes.
class ChangedClock final : public HostClock {
 public:
  [[nodiscard]] TimePoint wall() const override { return system()->wall() + Duration(ahead); }
  [[nodiscard]] Duration slept() const override { return system()->slept() + Duration(more_sleep); }
  void set(Duration time) { ahead = time.count(); }
  /// The machine has slept for so long, and its time of day is right.
  void sleep(Duration time) { more_sleep += time.count(); }

 private:
  std::atomic<Duration::rep> ahead = 0, more_sleep = 0;
};

struct Told {
  std::mutex mutex;
  std::vector<ClockEvent> events;
  void add(const ClockEvent& event) {
    const std::lock_guard lock(mutex);
    events.push_back(event);
  }
  std::optional<Duration> last(ClockEvent::Kind kind) {
    const std::lock_guard lock(mutex);
    for (auto event = events.rbegin(); event != events.rend(); ++event)
      if (event->kind == kind) return event->by;
    return std::nullopt;
  }
};

bool about(Duration a, Duration b) { return a - b < 2s && b - a < 2s; }

/// Every peer hears a message of every other one.
void check_full_members(const std::vector<std::unique_ptr<SwarmPeer>>& peers) {
  for (const auto& from : peers)
    for (const auto& to : peers) {
      if (from == to) continue;
      std::error_code error;
      from->send(*to, "hello", {}, error);
      CHECK(error == std::error_code());
      const auto received = to->recv_for(5s);
      REQUIRE(received);
      CHECK(text(*received) == "hello");
      CHECK(received->source.id == from->id());
    }
  for (const auto& peer : peers) CHECK_FALSE(peer->try_recv());
}

}  // namespace

TEST_CASE("a peer whose clock is too far off is told so at once, and by how much; when it is mended, it is let in") {
  for (const Duration ahead : {Duration(120s), Duration(-120s), Duration(-56 * 365 * 24h)}) {
    const auto clock = std::make_shared<ChangedClock>();
    Told told;
    auto options = quick();
    options.host_clock = clock;
    options.hooks.clock = [&](const ClockEvent& event) { told.add(event); };
    const auto first = bound(quick());
    clock->set(ahead);
    const auto peer = bound(options);
    std::error_code error;
    const auto begin = std::chrono::steady_clock::now();
    peer->connect("127.0.0.1", first->listener().port, 10s, error);
    CHECK(error == SwarmError::wrong_clock);
    CHECK(std::chrono::steady_clock::now() - begin < 5s);
    CHECK(about(peer->clock().ahead, ahead));
    CHECK(peer->clock().compared == 1);
    CHECK(peer->clock().wrong());
    REQUIRE(told.last(ClockEvent::Kind::refused));
    CHECK(about(*told.last(ClockEvent::Kind::refused), ahead));
    CHECK(first->statistics().clocks_refused >= 1);
    CHECK_FALSE(first->clock().wrong());
    clock->set({});
    peer->connect("127.0.0.1", first->listener().port, 10s, error);
    CHECK(error == std::error_code());
    CHECK_FALSE(peer->clock().wrong());
  }
}

TEST_CASE("peers whose clocks differ by less than is allowed are full members") {
  unsigned number = 0;
  const auto peers = ring(4, [&] {
    const auto clock = std::make_shared<ChangedClock>();
    clock->set((number++ % 2 == 0 ? 1 : -1) * 10s);
    auto options = quick();
    options.host_clock = clock;
    return options;
  });
  REQUIRE(settled(peers));
  check_full_members(peers);
  peers[1]->broadcast("to all");
  for (const std::size_t at : {0U, 2U, 3U}) CHECK(peers[at]->recv_for(10s));
  CHECK(about(peers[0]->clock().ahead, 20s));
}

TEST_CASE("a member whose clock jumps is told so, and is a full member again when the clock is right") {
  for (const Duration jump : {Duration(1h), Duration(-1h)}) {
    const auto clock = std::make_shared<ChangedClock>();
    Told told;
    unsigned number = 0;
    const auto peers = ring(4, [&] {
      auto options = quick();
      if (++number < 4) return options;
      options.host_clock = clock;
      options.hooks.clock = [&](const ClockEvent& event) { told.add(event); };
      return options;
    });
    REQUIRE(settled(peers));
    check_full_members(peers);
    clock->set(jump);
    SwarmPeer& wrong = *peers[3];
    CHECK(eventually([&] { return wrong.statistics().links == 0 && wrong.clock().wrong(); }, 10s));
    CHECK(about(wrong.clock().ahead, jump));
    REQUIRE(told.last(ClockEvent::Kind::stepped));
    CHECK(about(*told.last(ClockEvent::Kind::stepped), jump));
    CHECK(told.last(ClockEvent::Kind::refused));
    CHECK_FALSE(peers[0]->clock().wrong());
    // The others are a ring of their own meanwhile.
    peers[0]->send(*peers[1], "meanwhile");
    CHECK(text(peers[1]->recv()) == "meanwhile");
    clock->set({});
    const auto begin = std::chrono::steady_clock::now();
    REQUIRE(settled(peers));
    CHECK(std::chrono::steady_clock::now() - begin < 10s);
    check_full_members(peers);
    CHECK_FALSE(wrong.clock().wrong());
  }
}

TEST_CASE("a swarm whose clocks are all mended at once hears messages and broadcasts as before") {
  const auto clock = std::make_shared<ChangedClock>();
  clock->set(2h);
  const auto peers = ring(3, [&] {
    auto options = quick();
    options.host_clock = clock;
    return options;
  });
  REQUIRE(settled(peers));
  peers[0]->broadcast("before");
  CHECK(peers[1]->recv_for(10s));
  CHECK(peers[2]->recv_for(10s));
  clock->set({});
  check_full_members(peers);
  peers[0]->broadcast("after");
  for (const std::size_t at : {1U, 2U}) {
    const auto received = peers[at]->recv_for(10s);
    REQUIRE(received);
    CHECK(text(*received) == "after");
  }
}

TEST_CASE("a machine that slept until the others gave it up is a full member again by itself") {
  const auto clock = std::make_shared<ChangedClock>();
  Told told;
  std::promise<void> wakes;
  std::atomic<bool> asleep = false;
  auto options = quick();  // With a reactor of its own, as it is to stand still.
  options.host_clock = clock;
  options.hooks.clock = [&](const ClockEvent& event) { told.add(event); };
  options.hooks.recv = [&, ends = wakes.get_future().share()](const RemotePeer&, std::span<const std::uint8_t> data) {
    if (data.size() != 5 || data[0] != 's') return;
    asleep = true;
    ends.wait();
  };
  const auto shared = std::make_shared<Runtime>();
  unsigned number = 0;
  const auto peers = ring(4, [&] { return ++number < 4 ? quick(shared) : options; });
  REQUIRE(settled(peers));
  check_full_members(peers);
  std::promise<std::error_code> sent;
  peers[0]->async_send(*peers[3], {'s', 'l', 'e', 'e', 'p'}, {},
                       [&](std::error_code error, const SendReport&) { sent.set_value(error); });
  REQUIRE(eventually([&] { return asleep.load(); }));
  CHECK(eventually([&] {
    return std::ranges::none_of(peers[0]->peers(), [&](const PeerInfo& info) {
      return info.contact.id == peers[3]->id() && (info.successor || info.predecessor);
    });
  }));
  clock->sleep(45s);
  wakes.set_value();
  const auto begin = std::chrono::steady_clock::now();
  REQUIRE(eventually([&] { return told.last(ClockEvent::Kind::slept).has_value(); }));
  CHECK(about(*told.last(ClockEvent::Kind::slept), 45s));
  REQUIRE(settled(peers));
  CHECK(std::chrono::steady_clock::now() - begin < 10s);
  CHECK(sent.get_future().get() == std::error_code());  // It had arrived, once.
  CHECK(text(peers[3]->recv()) == "sleep");
  check_full_members(peers);
}

TEST_CASE("ClockWatch: what happened to the clocks between two looks", "[clock_watch]") {
  using Kind = ClockEvent::Kind;
  ClockWatch watch;
  ClockWatch::Readings now{100s, 7s, TimePoint(1'700'000'000s)};
  const auto pass = [&](Duration steady, Duration sleep = {}, Duration step = {}) {
    now.steady += steady;
    now.slept += sleep;
    now.wall += steady + sleep + step;
    return watch.look(now);
  };
  CHECK(watch.look(now).empty());
  CHECK(pass(1s).empty());
  CHECK(pass(1s, 400ms).empty());
  CHECK(pass(2900ms).empty());
  const auto slept = pass(1s, 45s);
  REQUIRE(slept.size() == 1);
  CHECK(slept[0].kind == Kind::slept);
  CHECK(slept[0].by == 45s);
  const auto stalled = pass(20s);
  REQUIRE(stalled.size() == 1);
  CHECK(stalled[0].kind == Kind::stood_still);
  CHECK(stalled[0].by == 19s);
  for (const Duration step : {Duration(1h), Duration(-1h)}) {
    const auto stepped = pass(1s, {}, step);
    REQUIRE(stepped.size() == 1);
    CHECK(stepped[0].kind == Kind::stepped);
    CHECK(stepped[0].by == step);
    CHECK(pass(1s).empty());
  }
  // A slow correction is noticed each time that it has added up to a second.
  unsigned noticed = 0;
  for (unsigned i = 0; i < 5000; ++i) noticed += static_cast<unsigned>(pass(1s, {}, 500us).size());
  CHECK(noticed == 2);
}

TEST_CASE("ClockBook: the median of each key's last word, for ten minutes", "[clock_book]") {
  CHECK(ahead_of(0, TimePoint(5s)) == 5s);
  CHECK(ahead_of(7'000'000'000, TimePoint(5s)) == -2s);
  CHECK(too_far(ahead_of(~std::uint64_t{0}, TimePoint(5s))));
  CHECK(too_far(ahead_of(~std::uint64_t{0}, TimePoint::min())));
  CHECK(too_far(ahead_of(0, TimePoint::max())));
  CHECK_FALSE(too_far(clock_difference_max));
  CHECK(too_far(-clock_difference_max - 1ns));
  ClockBook book;
  const ClockBook::Time start{};
  CHECK_FALSE(book.report(start).wrong());
  const auto key = [](std::uint8_t number) { return PublicKey{number}; };
  book.note(key(1), 120s, start);
  CHECK(book.report(start).wrong());
  book.note(key(2), 0s, start);
  book.note(key(3), 1s, start);
  CHECK_FALSE(book.report(start).wrong());
  CHECK(book.report(start).ahead == 1s);
  CHECK(book.report(start).too_far == 1);
  book.note(key(1), 2s, start + 1min);
  CHECK(book.report(start + 1min).compared == 3);
  CHECK(book.report(start + 1min).too_far == 0);
  CHECK(book.report(start + 10min + 1s).compared == 1);
  for (unsigned i = 0; i < 1000; ++i) book.note(PublicKey{std::uint8_t(i), std::uint8_t(i / 256)}, 1h, start + 1min);
  CHECK(book.report(start + 1min).compared == ClockBook::entries_max);
}
