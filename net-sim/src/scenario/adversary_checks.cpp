#include "adversary_checks.hpp"

#include <algorithm>

#include <fmt/format.h>

#include <cicada/sim/units.hpp>

#include "adversary_reach.hpp"

namespace cicada::sim {
namespace {

class AdversaryChecks {
 public:
  AdversaryChecks(const Scenario& scenario, const Complaint& complain)
      : scenario_(scenario), entries_(scenario.adversaries), complain_(complain) {}

  void run() {
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      place(i);
      size(i);
      company(i);
      work(i);
      std::visit([&](const auto& attack) { idle_keys(attack, path(i)); }, entries_[i]);
    }
    sum();
  }

 private:
  void require(bool good, const std::string& path, const std::string& found, const std::string& expected) {
    if (!good) complain_(path, found, expected);
  }
  [[nodiscard]] std::string path(std::size_t entry) const {
    return fmt::format("adversaries.{}.{}", entry, name_of(entries_[entry]));
  }
  [[nodiscard]] const Attackers& who(std::size_t entry) const { return attackers_of(entries_[entry]); }
  [[nodiscard]] std::uint64_t wanted(std::size_t entry) const {
    return wanted_hosts(who(entry), scenario_.peers.count);
  }

  void place(std::size_t entry) {
    const bool ring = scenario_.peers.join.kind == Join::Kind::ideal;
    const bool brings_peers = std::holds_alternative<SybilAttack>(entries_[entry]);
    require(!brings_peers || who(entry).start > Duration::zero() || ring, path(entry) + ".start", "'0s'",
            "a later time, or peers.join.start: ideal, where there is a ring to be part of");
    require(who(entry).select == Select::random || ring, path(entry) + ".select", "a place in the ring",
            "random, or peers.join.start: ideal, where there is a ring to choose from");
  }

  void size(std::size_t entry) {
    const std::uint64_t peers = scenario_.peers.count;
    const Attackers& share = who(entry);
    if (share.select == Select::near)
      require(!share.ratio && !share.count, path(entry), "fraction or count with select: near",
              "only targets and neighbours");
    else
      require(share.ratio || share.count, path(entry), "neither fraction nor count", "one of them");
    require(share.count.value_or(0) <= peers, path(entry) + ".count", fmt::format("'{}'", share.count.value_or(0)),
            fmt::format("at most peers.count = {}", peers));
    require(share.ratio.value_or(0) <= 0 || wanted(entry) > 0, path(entry) + ".fraction",
            fmt::format("'{}', less than half a peer", format_ratio(share.ratio.value_or(0))),
            fmt::format("0%, or more of peers.count = {}", peers));
    const std::uint64_t targets = target_count(entries_[entry]);
    require(targets < peers, path(entry) + ".targets", fmt::format("'{}'", targets),
            fmt::format("less than peers.count = {}", peers));
  }

  /// Is there anything in this scenario that it acts on?
  void work(std::size_t entry) {
    const Reach reach = reach_of(entries_[entry]);
    require((reach & traffic()) != 0, path(entry), "an entry that never acts",
            (reach & (reach_copies | reach_words | reach_errands)) != 0
                ? std::string((reach & reach_broadcasts) != 0 ? "workloads with sends or broadcasts"
                                                              : "workloads with sends")
                : std::string("workloads with broadcasts"));
    const auto* trusted = std::get_if<AdaptiveSelectiveAttack>(&entries_[entry]);
    if (trusted == nullptr) return;
    require(trusted->who.start + trusted->warmup < scenario_.duration, path(entry) + ".warmup",
            fmt::format("'{}'", format_duration(trusted->warmup)),
            fmt::format("an end of the good behaviour within the duration of {}", format_duration(scenario_.duration)));
  }

  /// What peers send in this scenario, apart from the upkeep of the ring.
  [[nodiscard]] Reach traffic() const {
    Reach reach = reach_lookups | reach_lists | reach_own_actions;
    for (const Workload& workload : scenario_.workloads) {
      if (std::holds_alternative<Sends>(workload)) reach |= reach_copies | reach_words | reach_errands;
      if (std::holds_alternative<Broadcasts>(workload)) reach |= reach_broadcasts | reach_digests;
    }
    for (const Adversary& other : entries_) {
      const auto* flood = std::get_if<FloodAttack>(&other);
      if (flood != nullptr && flood->to == FloodAttack::To::everybody)
        reach |= reach_broadcasts | reach_digests;
      else if (flood != nullptr || std::holds_alternative<AmplifyAttack>(other))
        reach |= reach_copies | reach_words;
    }
    return reach;
  }

  // Keys that change nothing beside others must have their defaults.

  template <class Attack>
  void idle_keys(const Attack&, const std::string&) {}
  void idle_keys(const TamperAttack& attack, const std::string& path) {
    const bool data = attack.scope == Scope::data || attack.scope == Scope::all;
    require(data || attack.what == TamperAttack{}.what, path + ".what", "a part of data", "scope data or all");
  }
  void idle_keys(const TablePoisonAttack& attack, const std::string& path) {
    require(attack.what != TablePoisonAttack::What::lists || attack.bounds == TablePoisonAttack{}.bounds,
            path + ".bounds", "bounds of finger answers", "what: fingers or all");
  }
  void idle_keys(const FloodAttack& attack, const std::string& path) {
    aimless(attack.who, attack.to == FloodAttack::To::targets, path, "to: targets");
  }
  void idle_keys(const GrayDropAttack& attack, const std::string& path) { victims(attack, path); }
  void idle_keys(const AdaptiveSelectiveAttack& attack, const std::string& path) { victims(attack, path); }
  template <class Attack>
  void victims(const Attack& attack, const std::string& path) {
    require(attack.victims == Victims::all || attack.scope == Scope::data, path + ".scope", "another scope",
            "data, where there are victims: only messages name them");
    aimless(attack.who, attack.victims != Victims::all, path, "victims: targets or sources");
  }
  void aimless(const Attackers& who, bool aims, const std::string& path, const std::string& expected) {
    require(aims || who.select == Select::near || who.targets == Attackers{}.targets, path + ".targets",
            "targets that nothing is aimed at", expected);
  }

  /// All entries together. The rounding of each may add half a peer.
  void sum() {
    double peers = 0, targets = 0;
    std::size_t last = 0;
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      targets = std::max(targets, static_cast<double>(target_count(entries_[i])));
      if (who(i).overlay || who(i).select == Select::near) continue;
      const double all = static_cast<double>(scenario_.peers.count);
      const double share =
          std::min(all, who(i).count ? static_cast<double>(*who(i).count) : who(i).ratio.value_or(0) * all);
      if (share > 0) last = i;
      peers += share;
    }
    const double free = static_cast<double>(scenario_.peers.count) - targets;
    if (peers > free + 0.5 && !entries_.empty())
      complain_(path(last), fmt::format("{:.0f} hostile peers in all entries so far", peers),
                fmt::format("at most {:.0f}: peers.count{} (or overlay: true, for the same peers again)", free,
                            targets > 0 ? " without the targets" : ""));
  }

  /// Does an earlier entry leave anything to this one?
  void company(std::size_t entry) {
    for (std::size_t other = 0; other < entry; ++other) {
      const bool nothing_left = (reach_of(entries_[entry]) & ~taken_by(entries_[other])) == 0;
      if (!nothing_left || !lies_within(entry, other)) continue;
      return complain_(
          path(entry), "an entry that never acts",
          fmt::format("it before {}, which takes all that it would act on from the same peers", path(other)));
    }
  }

  /// Are all peers of the one also peers of the other, for all of the time?
  [[nodiscard]] bool lies_within(std::size_t entry, std::size_t other) const {
    const Attackers &a = who(entry), &b = who(other);
    if (!begins_the_order(entry) || !begins_the_order(other) || !(a.overlay || b.overlay)) return false;
    const bool covered = b.start <= a.start && (!b.stop || (a.stop && *a.stop <= *b.stop));
    return covered && wanted(entry) > 0 && wanted(entry) <= wanted(other);
  }

  /// Are the entry's peers the first ones in the order of random choices?
  [[nodiscard]] bool begins_the_order(std::size_t entry) const {
    if (who(entry).select != Select::random) return false;
    if (who(entry).overlay) return true;
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      const bool before = i < entry || who(i).select != Select::random;
      if (before && !who(i).overlay && (who(i).select == Select::near || wanted(i) > 0)) return false;
    }
    return true;
  }

  const Scenario& scenario_;
  const std::vector<Adversary>& entries_;
  const Complaint& complain_;
};

}  // namespace

void check_adversaries(const Scenario& scenario, const Complaint& complain) {
  AdversaryChecks(scenario, complain).run();
}

}  // namespace cicada::sim
