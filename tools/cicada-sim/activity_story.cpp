#include "activity_story.hpp"

#include <fmt/core.h>

#include <variant>

#include "story_words.hpp"

namespace cicada::tool {
namespace {

std::string rate(double per_s) { return sim::format_rate({per_s, false}); }

std::string distribution(const sim::Distribution& d) {
  const std::string center =
      fmt::format("{} {}", d.center == sim::Distribution::Center::mean ? "mean" : "median", time(d.value));
  switch (d.kind) {
    case sim::Distribution::Kind::fixed:
      return "always " + time(d.value);
    case sim::Distribution::Kind::exponential:
      return "exponential with " + center;
    case sim::Distribution::Kind::weibull:
      return fmt::format("Weibull with shape {} and {}", sim::format_number(d.shape), center);
    case sim::Distribution::Kind::pareto:
      return fmt::format("Pareto with alpha {} and {}", sim::format_number(d.shape), center);
  }
  return {};
}

std::string arrivals(const sim::Arrivals& arrivals) {
  switch (arrivals.kind) {
    case sim::Arrivals::Kind::poisson_per_peer:
      return sim::format_rate({arrivals.per_s, true});
    case sim::Arrivals::Kind::poisson_system:
      return rate(arrivals.per_s) + " in the whole system";
    case sim::Arrivals::Kind::periodic_per_peer:
      return fmt::format("every {} per peer", time(arrivals.every));
  }
  return {};
}

template <class Activity>
std::string span_of(const Activity& activity) {
  std::string text;
  if (activity.start > Duration::zero()) text += " from " + time(activity.start) + " on";
  if (activity.stop) text += " until " + time(*activity.stop);
  return text;
}

std::string sessions(const sim::Distribution& d) { return "stay for a time that is " + distribution(d); }
std::string sessions(const sim::SessionTrace& trace) { return "come and go as " + trace.file.string() + " says"; }
std::string sessions(const sim::PoissonChurn& rates) {
  return fmt::format("join at {} and depart at {}", rate(rates.joins_per_s), rate(rates.departures_per_s));
}

std::string story(const sim::Churn& churn) {
  std::string text = "Peers " + std::visit([](const auto& kind) { return sessions(kind); }, churn.sessions);
  switch (churn.depart) {
    case sim::Depart::crash:
      text += ", then crash";
      break;
    case sim::Depart::leave:
      text += ", then leave orderly";
      break;
    case sim::Depart::mixed:
      text += fmt::format(", then leave orderly ({}) or crash", share(churn.leave_ratio));
      break;
  }
  text += span_of(churn) + '.';
  if (std::holds_alternative<sim::Distribution>(churn.sessions)) {
    switch (churn.replace.kind) {
      case sim::Replacement::Kind::immediately:
        text += " A new peer comes at once for each.";
        break;
      case sim::Replacement::Kind::after:
        text += " A new peer comes for each after a time that is " + distribution(churn.replace.down_time) + ".";
        break;
      case sim::Replacement::Kind::never:
        text += " Nobody comes for them.";
        break;
    }
  }
  if (churn.lasting_ratio > 0) text += fmt::format(" {} of the first peers never depart.", share(churn.lasting_ratio));
  return text;
}

std::string story(const sim::Lookups& lookups) {
  if (!lookups.trace.file.empty()) return fmt::format("Lookups listed in {}.", lookups.trace.file.filename().string());
  return fmt::format("Lookups of {}, {}{}.",
                     lookups.keys == sim::Lookups::Keys::uniform ? "random keys" : "the ids of live peers",
                     arrivals(lookups.arrivals), span_of(lookups));
}

std::string story(const sim::Sends& sends) {
  static constexpr std::string_view strategies[] = {"cicada",          "entries", "repair",
                                                    "parallel_repair", "guards",  "adaptive"};
  static constexpr std::string_view receivers[] = {"random honest peers", "random live peers", "the targets"};
  static_assert(std::size(strategies) == strategy_count);
  std::string text =
      fmt::format("Messages of {} from {} peers to {}, {} with {} duplicate{}, {}{}.",
                  sim::format_bytes(sends.size_bytes), sends.from == sim::Sends::From::honest ? "honest" : "all",
                  receivers[static_cast<std::size_t>(sends.to)], strategies[static_cast<std::size_t>(sends.strategy)],
                  sends.duplicates, sends.duplicates == 1 ? "" : "s", arrivals(sends.arrivals), span_of(sends));
  if (sends.cards == sim::Sends::Cards::known) text += " The sources hold their targets\u2019 contact cards.";
  return text;
}

std::string story(const sim::Broadcasts& broadcasts) {
  return fmt::format("Broadcasts of {}, {}{}.", sim::format_bytes(broadcasts.size_bytes), arrivals(broadcasts.arrivals),
                     span_of(broadcasts));
}

std::string story(const sim::PartitionFault& fault) {
  return fmt::format("At {}, for {}: {} of the peers are cut off from the others{}.", time(fault.at),
                     time(fault.duration), share(fault.split_ratio), fault.one_way ? ", in one direction only" : "");
}

std::string story(const sim::PauseFault& fault) {
  return fmt::format("At {}, for {}: {} of the live peers stand still.", time(fault.at), time(fault.duration),
                     share(fault.ratio));
}

std::string story(const sim::CrashFault& fault) {
  const std::string who =
      fault.count ? count(*fault.count) + " peers" : share(fault.ratio.value_or(0)) + " of the live peers";
  return fmt::format("At {}: {} crash at once{}.", time(fault.at), who, fault.arc ? ", neighbours on the ring" : "");
}

std::string story(const sim::LeaveFault& fault) {
  return fmt::format("At {}: {} of the live peers leave orderly, all at once.", time(fault.at), share(fault.ratio));
}

std::string story(const sim::JoinFault& fault) {
  const std::string over = fault.over > Duration::zero() ? " over " + time(fault.over) : std::string(", all at once");
  return fmt::format("At {}: {} further peers join{}.", time(fault.at), count(fault.count), over);
}

std::string story(const sim::ClockFault& fault) {
  using Kind = sim::ClockFault::Kind;
  static constexpr std::string_view directions[] = {"ahead of or behind", "ahead of", "behind"};
  const std::string_view side = directions[static_cast<std::size_t>(fault.direction)];
  const std::string who = share(fault.ratio) + " of the live peers";
  if (fault.kind == Kind::suspend)
    return fmt::format("At {}: the machines of {} sleep for {}.", time(fault.at), who, time(fault.amount));
  const std::string span = fault.duration ? fmt::format(", for {}", time(*fault.duration)) : std::string();
  const std::string how =
      fault.kind == Kind::offset ? fmt::format("are up to {} {} the true time", time(fault.amount), side)
      : fault.kind == Kind::step ? fmt::format("jump {} {} the true time", time(fault.amount), side)
                                 : fmt::format("drift {} the true time by {}", side, share(fault.drift_ratio));
  return fmt::format("From {} on{}: the clocks of {} {}.", time(fault.at), span, who, how);
}

}  // namespace

std::string workload_story(const sim::Workload& workload) {
  return std::visit([](const auto& kind) { return story(kind); }, workload);
}

std::string fault_story(const sim::Fault& fault) {
  return std::visit([](const auto& kind) { return story(kind); }, fault);
}

}  // namespace cicada::tool
