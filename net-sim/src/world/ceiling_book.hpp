#pragma once
/// What could have been: for each measured message, was there a clean path when it was sent, for some of them how many,
/// and what do the closed forms say? Beside it, what became of those that had a path.

#include <cstdint>
#include <optional>

#include <nlohmann/json.hpp>

#include <cicada/sim/statistics.hpp>

#include "clean_paths.hpp"
#include "data_takers.hpp"

namespace cicada::sim {

class CeilingBook {
 public:
  explicit CeilingBook(const Scenario& scenario);

  /// What is known of one message.
  struct Answer {
    bool asked = false;
    bool both_ways = false;  ///< A clean path existed.
  };
  /// A measured message is sent at this instant.
  [[nodiscard]] Answer ask(World& world, PeerIndex source, const Id& target);
  /// Its send is over.
  void ended(const Answer& answer, bool delivered);

  /// Adds to the section `resilience`.
  void write(nlohmann::ordered_json& resilience) const;

 private:
  /// Means over the measured messages.
  struct Predictions {
    RunningMoments plain, copies, strategy, transmissions, cut, cut_both_ways, eclipse, taking;
  };
  struct Prediction {
    double plain, copies, strategy, transmissions, cut, cut_both_ways, eclipse;
  };

  void predict(const World& world);
  [[nodiscard]] Prediction prediction(double peers, double share) const;
  [[nodiscard]] bool due_for_disjoint_paths(TimePoint now) const;

  const Scenario& scenario_;
  std::uint64_t every_ = 0, disjoint_wanted_ = 0;
  TimePoint first_send_{}, last_send_{};  ///< Of all workloads, the warm-up aside.
  std::uint64_t begun_ = 0, asked_ = 0, directed_ = 0, both_ways_ = 0;
  std::uint64_t ended_ = 0, delivered_ = 0;  ///< Of those with a clean path.
  RunningMoments disjoint_, disjoint_both_ways_;
  std::optional<CleanPaths> paths_;
  std::optional<Sends> sends_;  ///< How all of them are sent; nothing where workloads differ in that.
  DataTakers takers_;
  Predictions predicted_;
  struct Computed {
    std::size_t peers = 0;
    double share = -1;
    Prediction value{};
  };
  Computed computed_;  ///< The last one; shares change seldom.
};

}  // namespace cicada::sim
