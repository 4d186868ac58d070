#include "ceiling_book.hpp"

#include <algorithm>
#include <cmath>

#include "closed_forms.hpp"
#include "figures_json.hpp"

namespace cicada::sim {
namespace {

using Json = nlohmann::ordered_json;

/// `key`, `key_low` and `key_high`: a share with its interval.
void write_share(Json& json, const std::string& key, std::uint64_t part, std::uint64_t whole) {
  const Interval interval = wilson_interval(part, whole);
  json[key] = number(ratio(part, whole));
  json[key + "_low"] = number(interval.low);
  json[key + "_high"] = number(interval.high);
}

void write_mean(Json& json, const std::string& key, const RunningMoments& moments) {
  const Interval interval = mean_interval(moments);
  json[key] = number(moments.mean());
  json[key + "_low"] = number(interval.low);
  json[key + "_high"] = number(interval.high);
}

bool alike(const Sends& a, const Sends& b) { return a.strategy == b.strategy && a.duplicates == b.duplicates; }

}  // namespace

CeilingBook::CeilingBook(const Scenario& scenario)
    : scenario_(scenario),
      every_(ceiling_every(scenario)),
      disjoint_wanted_(disjoint_samples(scenario)),
      takers_(scenario) {
  bool differ = false;
  Duration first = scenario.duration, last{};
  for (const Workload& workload : scenario.workloads) {
    const auto* sends = std::get_if<Sends>(&workload);
    if (sends == nullptr) continue;
    differ = differ || (sends_ && !alike(*sends_, *sends));
    sends_ = *sends;
    first = std::min(first, std::max(sends->start, scenario.measure.warmup));
    last = std::max(last, std::min(sends->stop.value_or(scenario.duration), scenario.duration));
  }
  if (differ) sends_.reset();
  first_send_ = TimePoint(first);
  last_send_ = TimePoint(last);
}

/// So many samples, evenly spread over the time in which messages are sent; ten in a row, as the index of all links is
/// brought up to date for the first of them.
bool CeilingBook::due_for_disjoint_paths(TimePoint now) const {
  constexpr std::uint64_t in_a_row = 10;
  if (disjoint_.count() >= disjoint_wanted_) return false;
  const std::uint64_t earlier = disjoint_.count() / in_a_row * in_a_row;
  const double part = static_cast<double>(earlier) / static_cast<double>(disjoint_wanted_);
  const auto span = static_cast<double>((last_send_ - first_send_).count());
  return now >= first_send_ + Duration(static_cast<Duration::rep>(part * span));
}

CeilingBook::Answer CeilingBook::ask(World& world, PeerIndex source, const Id& target) {
  if (takers_.any()) predict(world);
  Answer answer;
  if (every_ == 0 || begun_++ % every_ != 0) return answer;
  const auto peer = world.peer_named(target);
  if (!peer) return answer;
  if (!paths_) paths_.emplace(world);
  const bool directed = paths_->directed(source, *peer);
  answer = {.asked = true, .both_ways = directed || paths_->both_ways(source, *peer)};
  ++asked_;
  directed_ += directed;
  both_ways_ += answer.both_ways;
  if (due_for_disjoint_paths(world.now())) {
    disjoint_.add(static_cast<double>(paths_->disjoint(source, *peer, false)));
    disjoint_both_ways_.add(static_cast<double>(paths_->disjoint(source, *peer, true)));
  }
  return answer;
}

void CeilingBook::ended(const Answer& answer, bool delivered) {
  if (!answer.asked || !answer.both_ways) return;
  ++ended_;
  delivered_ += delivered;
}

CeilingBook::Prediction CeilingBook::prediction(double peers, double share) const {
  constexpr double nothing = std::numeric_limits<double>::quiet_NaN();
  Prediction forms{nothing, nothing, nothing, nothing, nothing, nothing, nothing};
  const double successors = scenario_.protocol.successors;
  if (const auto zone = takers_.eclipsed_zone()) forms.eclipse = weak_eclipse_bound(peers, *zone, share);
  if (takers_.placed()) return forms;
  forms.plain = plain_delivery(peers, share);
  forms.cut = cut_bound(share, naming_degree(peers, successors));
  forms.cut_both_ways = cut_bound(share, both_ways_degree(peers, successors));
  if (!sends_) return forms;
  const HopLaw hops = both_ways_hops(peers, successors);
  forms.copies = independent_copies(forms.plain, sends_->duplicates + 1);
  forms.strategy = strategy_delivery(sends_->strategy, sends_->duplicates, peers, successors, share);
  const bool one_at_a_time = sends_->strategy == Strategy::repair || sends_->strategy == Strategy::adaptive;
  if (one_at_a_time && share < 1) forms.transmissions = repair_transmissions(hops.mean(), share);
  return forms;
}

void CeilingBook::predict(const World& world) {
  const double share = takers_.share(world);
  if (computed_.share != share || computed_.peers != world.members().size()) {
    computed_ = {world.members().size(), share, prediction(static_cast<double>(world.members().size()), share)};
  }
  const Prediction& forms = computed_.value;
  predicted_.plain.add(forms.plain);
  predicted_.copies.add(forms.copies);
  predicted_.strategy.add(forms.strategy);
  predicted_.transmissions.add(forms.transmissions);
  predicted_.cut.add(forms.cut);
  predicted_.cut_both_ways.add(forms.cut_both_ways);
  predicted_.eclipse.add(forms.eclipse);
  predicted_.taking.add(share);
}

void CeilingBook::write(Json& resilience) const {
  resilience["taking_ratio"] = number(predicted_.taking.mean());
  Json& ceiling = resilience["ceiling"] = {{"sampled", asked_}};
  write_share(ceiling, "directed", directed_, asked_);
  write_share(ceiling, "both_ways", both_ways_, asked_);
  Json& disjoint = resilience["disjoint_paths"] = {{"sampled", disjoint_.count()}};
  write_mean(disjoint, "mean", disjoint_);
  write_mean(disjoint, "both_ways_mean", disjoint_both_ways_);
  write_share(resilience, "delivered_of_ceiling", delivered_, ended_);
  resilience["predicted_plain"] = number(predicted_.plain.mean());
  resilience["predicted_copies"] = number(predicted_.copies.mean());
  resilience["predicted_strategy"] = number(predicted_.strategy.mean());
  resilience["predicted_transmissions"] = number(predicted_.transmissions.mean());
  resilience["predicted_cut"] = number(predicted_.cut.mean());
  resilience["predicted_cut_both_ways"] = number(predicted_.cut_both_ways.mean());
  resilience["predicted_eclipse"] = number(predicted_.eclipse.mean());
}

}  // namespace cicada::sim
