#pragma once
/// Who is hostile, and who is aimed at: functions of the scenario, its seed and the ring that they find.

#include <cstdint>
#include <optional>
#include <vector>

#include <cicada/id.hpp>
#include <cicada/rng.hpp>
#include <cicada/sim/scenario.hpp>

namespace cicada::sim {

class World;

/// Hosts by bits: bit e says that entry e of `adversaries:` has chosen the host.
using EntryMask = std::uint32_t;

class Selection {
 public:
  /// Ranks the hosts. The ring need not exist yet. Cost: O(N log N).
  explicit Selection(const Scenario& scenario);

  /// The hosts that are aimed at, as many as the entry with the most targets wants.
  [[nodiscard]] const std::vector<std::uint32_t>& targets() const { return targets_; }
  [[nodiscard]] bool is_target(std::uint32_t host) const { return host < aimed_at_.size() && aimed_at_[host]; }

  /// How many hosts `fraction` or `count` says.
  [[nodiscard]] std::size_t wanted(const Attackers& who) const;

  /// Chooses the hosts of all entries, no host twice but for `overlay`. Those with a place in the ring need the ring.
  /// Index: host.
  [[nodiscard]] std::vector<EntryMask> choose(const World& world);

  /// The entries of a host that was not there at the start. After `choose`.
  [[nodiscard]] EntryMask newcomer(std::uint32_t host, const Id& id) const;

 private:
  struct ArcOfIds {
    Id first, last;
    bool empty = true;
  };

  [[nodiscard]] std::vector<std::uint32_t> hosts_of(const World& world, std::size_t entry, Rng& arc_rng);
  [[nodiscard]] std::vector<std::uint32_t> random_hosts(const Attackers& who) const;
  [[nodiscard]] std::vector<std::uint32_t> arc_hosts(const World& world, const Attackers& who, Rng& rng,
                                                     ArcOfIds& arc) const;
  [[nodiscard]] std::vector<std::uint32_t> near_hosts(const World& world, const Adversary& adversary) const;
  [[nodiscard]] std::vector<std::uint32_t> popular_hosts(const World& world, const Attackers& who) const;
  /// May the entry have this host?
  [[nodiscard]] bool free(std::uint32_t host, const Attackers& who) const;

  const Scenario& scenario_;
  std::vector<std::uint32_t> ranked_;  ///< All hosts of the start but the targets, the first to become hostile first.
  std::vector<std::uint32_t> targets_;
  std::vector<bool> aimed_at_;  ///< By host.
  std::vector<bool> taken_;     ///< By host: an entry without `overlay` has it.
  double arc_share_ = 0;        ///< Of the peers, those in arcs of entries without `overlay`.
  std::vector<ArcOfIds> arcs_;  ///< By entry.
};

}  // namespace cicada::sim
