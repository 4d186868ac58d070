#pragma once
/// The names of the marks in a summary.

#include <array>
#include <string_view>

#include <nlohmann/json.hpp>

#include <cicada/environment.hpp>

namespace cicada::sim {

inline constexpr std::array<std::string_view, mark_count> mark_names = {"successor_dropped",
                                                                        "list_padded",
                                                                        "notifiers_coalesced",
                                                                        "busy_answered",
                                                                        "busy_gave_up",
                                                                        "candidate_dead",
                                                                        "candidate_adopted",
                                                                        "predecessor_replaced_dead",
                                                                        "join_retried",
                                                                        "join_walked",
                                                                        "rejoined",
                                                                        "returned_alone",
                                                                        "stranded",
                                                                        "hop_rerouted",
                                                                        "finger_rejected",
                                                                        "older_life_dropped",
                                                                        "merge_candidate",
                                                                        "leave_refused",
                                                                        "data_repaired",
                                                                        "data_refused",
                                                                        "ack_refused",
                                                                        "neighbor_limited",
                                                                        "card_fetched"};

[[nodiscard]] inline nlohmann::ordered_json marks_json(const std::array<std::uint64_t, mark_count>& counts) {
  nlohmann::ordered_json marks;
  for (std::size_t i = 0; i < mark_count; ++i) marks[std::string(mark_names[i])] = counts[i];
  return marks;
}

}  // namespace cicada::sim
