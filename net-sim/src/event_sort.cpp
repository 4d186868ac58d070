#include "event_sort.hpp"

#include <algorithm>
#include <array>

#include <cicada/assert.hpp>

namespace cicada::sim {
namespace {

// Fewer events than this are sorted sooner without the first pass.
constexpr std::size_t distribution_min = 8;
constexpr std::uint32_t bin_bits = 6;
// With more events than this in one bin, as when many happen at the same instant, comparing is cheaper.
constexpr std::uint16_t bin_max = 24;

// Linear when every event is near its place.
void insertion_sort(std::vector<Event>& events) {
  for (std::size_t i = 1; i < events.size(); ++i) {
    const Event event = events[i];
    std::size_t j = i;
    for (; j > 0 && happens_before(events[j - 1], event); --j) events[j] = events[j - 1];
    events[j] = event;
  }
}

}  // namespace

void distribute_descending(std::vector<Event>& from, std::vector<Event>& sorted, std::uint64_t begin_ns,
                           std::uint32_t shift) {
  CICADA_ASSERT(from.size() <= distribution_max);
  if (from.size() < distribution_min) {
    sorted.swap(from);
    insertion_sort(sorted);
    return;
  }
  // One pass by the leading bits of the time within the bucket: then only neighbours are out of order.
  const std::uint32_t bin_shift = shift > bin_bits ? shift - bin_bits : 0;
  const std::uint64_t last_ns = begin_ns + (std::uint64_t{1} << shift) - 1;
  const auto bin = [&](const Event& e) { return (last_ns - static_cast<std::uint64_t>(e.time_ns)) >> bin_shift; };
  std::array<std::uint16_t, (1U << bin_bits) + 1> place{};
  for (const Event& event : from) ++place[bin(event) + 1];
  if (std::ranges::max(place) > bin_max) {
    sorted.swap(from);
    std::ranges::sort(sorted, [](const Event& a, const Event& b) { return happens_before(b, a); });
    return;
  }
  for (std::size_t i = 1; i < place.size(); ++i) place[i] = static_cast<std::uint16_t>(place[i] + place[i - 1]);
  sorted.resize(from.size());
  for (const Event& event : from) sorted[place[bin(event)]++] = event;
  insertion_sort(sorted);
}

}  // namespace cicada::sim
