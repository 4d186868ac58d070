#pragma once
/// Round-trip estimates of one node's neighbours, after RFC 6298, in a small direct-mapped cache: 8 bytes an entry.
/// A neighbour that lost its entry to another is measured afresh.

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <optional>

#include <cicada/chord_config.hpp>
#include <cicada/peer.hpp>

namespace cicada {

class RttTable {
 public:
  /// Takes in one measured round trip.
  void sample(PeerIndex peer, Duration rtt) {
    Entry& entry = at(peer);
    const std::uint32_t measured = to_units(rtt);
    if (entry.peer != peer) {
      entry = {peer, clamp(measured), clamp(measured / 2)};
      return;
    }
    const std::uint32_t smoothed = entry.smoothed;
    const std::uint32_t error = measured > smoothed ? measured - smoothed : smoothed - measured;
    entry.variation = clamp((3U * entry.variation + error + 2U) / 4U);
    entry.smoothed = clamp((7U * smoothed + measured + 4U) / 8U);
  }

  /// Asks the processor to fetch what is known of `peer`.
  void prefetch(PeerIndex peer) const { __builtin_prefetch(&entries_[slot_of(peer)]); }

  void prefetch_all() const {
    for (std::size_t slot = 0; slot < slots; slot += 64 / sizeof(Entry)) __builtin_prefetch(&entries_[slot]);
  }

  /// The smoothed round trip; nullopt where there is no measurement.
  [[nodiscard]] std::optional<Duration> smoothed(PeerIndex peer) const {
    const Entry* entry = find(peer);
    if (entry == nullptr) return std::nullopt;
    return Duration(std::int64_t{entry->smoothed} << unit_shift);
  }

  /// Mean of the smoothed round trips and of their variations; nullopt without any measurement.
  struct Typical {
    Duration rtt{};
    Duration variation{};  ///< Mean distance of a neighbour's round trip from `rtt`.
  };
  [[nodiscard]] std::optional<Typical> typical() const {
    std::int64_t sum = 0, known = 0, spread = 0;
    for (const Entry& entry : entries_)
      if (entry.peer != no_peer) sum += entry.smoothed, ++known;
    if (known == 0) return std::nullopt;
    const std::int64_t mean = sum / known;
    for (const Entry& entry : entries_)
      if (entry.peer != no_peer) spread += std::abs(entry.smoothed - mean);
    return Typical{Duration(mean << unit_shift), Duration((spread / known) << unit_shift)};
  }

  /// The retransmission time-out for the first try.
  [[nodiscard]] Duration timeout(PeerIndex peer, const RtoConfig& config) const {
    const Entry* entry = find(peer);
    if (entry == nullptr) return config.initial;
    const std::int64_t units = std::int64_t{entry->smoothed} + 4 * std::int64_t{entry->variation};
    return std::clamp(Duration(units << unit_shift), config.min, config.max);
  }

 private:
  static constexpr int unit_shift = 16;  ///< One unit is 2^16 ns = 65.5 µs; the largest estimate is 4.29 s.
  static constexpr unsigned slot_bits = 4;
  static constexpr std::size_t slots = std::size_t{1} << slot_bits;
  struct Entry {
    PeerIndex peer = no_peer;
    std::uint16_t smoothed = 0;
    std::uint16_t variation = 0;
  };

  static std::uint32_t to_units(Duration rtt) {
    return static_cast<std::uint32_t>(std::clamp<std::int64_t>(rtt.count() >> unit_shift, 0, 0xffff));
  }
  static std::uint16_t clamp(std::uint32_t units) { return static_cast<std::uint16_t>(std::min(units, 0xffffU)); }
  static std::size_t slot_of(PeerIndex peer) { return (peer * 2654435769U) >> (32 - slot_bits); }
  Entry& at(PeerIndex peer) { return entries_[slot_of(peer)]; }
  [[nodiscard]] const Entry* find(PeerIndex peer) const {
    const Entry& entry = entries_[slot_of(peer)];
    return entry.peer == peer ? &entry : nullptr;
  }

  std::array<Entry, slots> entries_;
};

}  // namespace cicada
