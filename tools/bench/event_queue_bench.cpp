/// Measures the event queue in the hold model (take the next event, push a later one) beside a 4-ary heap that holds
/// the same events by value, in the same run, and prints millions of holds per second. Arguments: the number of holds
/// for each measurement in millions (default 5), and the number of repetitions (default 3, the fastest counts).
///
///   short   one delay distribution, uniform in [0, 2^21) ns: the classic hold model
///   message uniform in [20, 80) ms: deliveries only
///   spread  log-uniform from 1 ns to 10 s: ten orders of magnitude
///   instant always exactly 1 s: all events are of the same instant
///   mixed   each peer has timers of 10, 20, 120 and 120 s; each firing starts a chain of 8 deliveries (20..80 ms)

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include <cicada/rng.hpp>
#include <cicada/sim/event_queue.hpp>

namespace {

using cicada::PeerIndex;
using cicada::Rng;
using cicada::sim::Event;
using cicada::sim::EventQueue;
using cicada::sim::happens_before;

constexpr std::int64_t ms = 1'000'000;
constexpr std::int64_t s = 1'000 * ms;

/// The yardstick: an implicit 4-ary heap.
class Heap {
 public:
  void push(const Event& event) {
    std::size_t hole = events_.size();
    events_.push_back(event);
    for (; hole > 0 && happens_before(event, events_[(hole - 1) / 4]); hole = (hole - 1) / 4) {
      events_[hole] = events_[(hole - 1) / 4];
    }
    events_[hole] = event;
  }

  Event pop() {
    const Event result = events_.front();
    const Event last = events_.back();
    events_.pop_back();
    const std::size_t size = events_.size();
    if (size == 0) return result;
    std::size_t hole = 0;
    for (;;) {
      const std::size_t first = 4 * hole + 1;
      if (first >= size) break;
      std::size_t least = first;
      for (std::size_t child = first + 1; child < std::min(first + 4, size); ++child) {
        if (happens_before(events_[child], events_[least])) least = child;
      }
      if (!happens_before(events_[least], last)) break;
      events_[hole] = events_[least];
      hole = least;
    }
    events_[hole] = last;
    return result;
  }

  [[nodiscard]] std::size_t memory_bytes() const { return events_.capacity() * sizeof(Event); }

 private:
  std::vector<Event> events_;
};

/// Delays uniform in [low, high).
struct Uniform {
  std::int64_t low;
  std::int64_t high;
  [[nodiscard]] std::int64_t delay(Rng& rng) const {
    return low + static_cast<std::int64_t>(rng.below(static_cast<std::uint64_t>(high - low)));
  }
};

/// Delays of 10^u ns, u uniform in [0, 10).
struct Spread {
  [[nodiscard]] static std::int64_t delay(Rng& rng) {
    return static_cast<std::int64_t>(std::pow(10.0, 10.0 * rng.uniform()));
  }
};

/// Every event causes one of the same source, after a delay drawn from `delays`.
template <class Delays>
struct Hold {
  Delays delays;

  template <class Queue>
  void fill(Queue& queue, std::size_t pending, Rng& rng) {
    for (std::size_t i = 0; i < pending; ++i) queue.push(make(0, static_cast<PeerIndex>(i), 0, rng));
  }
  template <class Queue>
  void hold(Queue& queue, Rng& rng) {
    const Event event = queue.pop();
    queue.push(make(event.time_ns, event.source, event.sequence + 1, rng));
  }
  [[nodiscard]] Event make(std::int64_t now, PeerIndex source, std::uint32_t sequence, Rng& rng) const {
    return {.time_ns = now + delays.delay(rng), .target = source, .source = source, .sequence = sequence, .payload = 0};
  }
};

/// Payload 0..3: the peer's timers; 4..11: deliveries that cause that many more, less 4.
struct Mixed {
  static constexpr std::int64_t period[] = {10 * s, 20 * s, 120 * s, 120 * s};
  std::uint32_t sequence = 0;

  template <class Queue>
  void fill(Queue& queue, std::size_t pending, Rng& rng) {
    for (std::size_t i = 0; i < pending; ++i) {
      const auto timer = static_cast<std::uint32_t>(i % 4);
      push(queue, static_cast<std::int64_t>(rng.below(static_cast<std::uint64_t>(period[timer]))),
           static_cast<PeerIndex>(i / 4), timer);
    }
  }
  template <class Queue>
  void hold(Queue& queue, Rng& rng) {
    const Event event = queue.pop();
    const std::uint32_t kind = event.payload;
    if (kind < 4) push(queue, event.time_ns + period[kind], event.source, kind);
    if (kind == 4) return;
    const auto delay = 20 * ms + static_cast<std::int64_t>(rng.below(60 * ms));
    push(queue, event.time_ns + delay, event.source, kind < 4 ? 11 : kind - 1);
  }
  template <class Queue>
  void push(Queue& queue, std::int64_t time_ns, PeerIndex peer, std::uint32_t kind) {
    queue.push({.time_ns = time_ns, .target = peer, .source = peer, .sequence = sequence++, .payload = kind});
  }
};

struct Rate {
  double million_per_s = 0;
  double bytes_per_event = 0;
};

template <class Queue, class Workload>
Rate measure(Workload workload, std::size_t pending, std::size_t holds) {
  Queue queue;
  Rng rng(1, cicada::Purpose::test);
  workload.fill(queue, pending, rng);
  for (std::size_t i = 0; i < std::max(2 * pending, holds / 5); ++i) workload.hold(queue, rng);
  const auto begin = std::chrono::steady_clock::now();
  for (std::size_t i = 0; i < holds; ++i) workload.hold(queue, rng);
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - begin;
  return {static_cast<double>(holds) / elapsed.count() / 1e6,
          static_cast<double>(queue.memory_bytes()) / static_cast<double>(pending)};
}

template <class Workload>
void report(const char* name, Workload workload, std::size_t pending, std::size_t holds, int repetitions) {
  Rate wheel;
  Rate heap;
  for (int i = 0; i < repetitions; ++i) {
    const Rate w = measure<EventQueue>(workload, pending, holds);
    const Rate h = measure<Heap>(workload, pending, holds);
    if (w.million_per_s > wheel.million_per_s) wheel = w;
    if (h.million_per_s > heap.million_per_s) heap = h;
  }
  std::printf("%-8s %9zu %10.1f %10.1f %8.2f %10.1f\n", name, pending, wheel.million_per_s, heap.million_per_s,
              wheel.million_per_s / heap.million_per_s, wheel.bytes_per_event);
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  const auto holds = static_cast<std::size_t>((argc > 1 ? std::atof(argv[1]) : 5.0) * 1e6);
  const int repetitions = argc > 2 ? std::atoi(argv[2]) : 3;
  std::printf("%-8s %9s %10s %10s %8s %10s\n", "workload", "pending", "wheel M/s", "heap M/s", "ratio", "B/event");
  const Hold<Uniform> brief{{0, 1 << 21}};
  const Hold<Uniform> message{{20 * ms, 80 * ms}};
  const Hold<Uniform> instant{{s, s + 1}};
  for (const std::size_t n : {10'000UL, 100'000UL, 1'000'000UL}) report("short", brief, n, holds, repetitions);
  for (const std::size_t n : {1'000UL, 100'000UL, 1'000'000UL}) report("message", message, n, holds, repetitions);
  for (const std::size_t n : {10'000UL, 1'000'000UL}) report("spread", Hold<Spread>{}, n, holds, repetitions);
  for (const std::size_t n : {10'000UL, 1'000'000UL}) report("instant", instant, n, holds, repetitions);
  for (const std::size_t n : {4'000UL, 400'000UL, 4'000'000UL}) report("mixed", Mixed{}, n, holds, repetitions);
  return 0;
}
