#include "adversary_story.hpp"

#include <fmt/core.h>

#include <variant>

#include "story_words.hpp"

namespace cicada::tool {
namespace {

std::string bytes(std::uint64_t size) { return sim::format_bytes(size); }

std::string counted(std::uint64_t number, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", count(number), number == 1 ? one : many);
}
std::string peers(std::uint64_t number) { return counted(number, "peer", "peers"); }

std::string who(const sim::Attackers& who) {
  if (who.select == sim::Select::near)
    return fmt::format("The nearest {} on either side of {}", peers(who.neighbours),
                       counted(who.targets, "honest target", "honest targets"));
  const std::string many = who.count ? peers(*who.count) : share(who.ratio.value_or(0)) + " of the peers";
  switch (who.select) {
    case sim::Select::random:
    case sim::Select::near:
      return many + ", chosen at random,";
    case sim::Select::contiguous_arc:
      return many + ", neighbours on one arc of the ring,";
    case sim::Select::high_indegree:
      return many + ", those that most others name,";
  }
  return many;
}

std::string when(const sim::Attackers& who) {
  return fmt::format("from {} until {}", who.start > Duration::zero() ? time(who.start) : "the start",
                     who.stop ? time(*who.stop) : "the end");
}

std::string_view scope(sim::Scope scope) {
  switch (scope) {
    case sim::Scope::data:
      return "messages and payloads of broadcasts";
    case sim::Scope::acks:
      return "acknowledgements and reports";
    case sim::Scope::control:
      return "lookups and contact cards on their way";
    case sim::Scope::all:
      return "messages, acknowledgements, lookups and broadcasts";
  }
  return {};
}

/// The honest peers that the entry aims at.
template <class Attack>
std::string targets(const Attack& attack) {
  return counted(sim::target_count(sim::Adversary(attack)), "fixed target", "fixed targets");
}

/// Whose messages are meant, where it is not everybody's.
template <class Attack>
std::string whose(const Attack& attack) {
  static constexpr std::string_view directions[] = {"", "to", "from"};
  const std::string_view direction = directions[static_cast<std::size_t>(attack.victims)];
  return direction.empty() ? std::string() : fmt::format(" {} {}", direction, targets(attack));
}

/// Of each one, where it is not all of them.
std::string now_and_then(double prob) { return prob < 1 ? fmt::format(" with probability {}", share(prob)) : ""; }

// What they do.

std::string deed(const sim::DropAttack& a) { return fmt::format("drop {}", scope(a.scope)); }
std::string deed(const sim::GrayDropAttack& a) {
  return fmt::format("drop {}{}", scope(a.scope), now_and_then(a.prob));
}
std::string deed(const sim::DelayAttack& a) {
  const std::string length = a.kind == sim::DelayAttack::Kind::by
                                 ? fmt::format("for {} or so", time(a.by.value))
                                 : fmt::format("until {} before the usual time-out", time(a.margin));
  return fmt::format("hold {} back {}{}", scope(a.scope), length, now_and_then(a.prob));
}
std::string deed(const sim::TamperAttack& a) {
  static constexpr std::string_view parts[] = {"payload", "target", "signature"};
  return fmt::format("change the {} of {}{}", parts[static_cast<std::size_t>(a.what)], scope(a.scope),
                     now_and_then(a.prob));
}
std::string deed(const sim::MisrouteAttack& a) {
  static constexpr std::string_view places[] = {"a hostile peer", "some random peer", "where they came from"};
  return fmt::format("send {} to {}{}", scope(a.scope), places[static_cast<std::size_t>(a.to)], now_and_then(a.prob));
}
std::string deed(const sim::FalseClosestAttack& a) {
  return fmt::format("answer the lookups of others with {}{}",
                     a.collude ? "the hostile peer nearest behind the key" : "themselves", now_and_then(a.prob));
}
std::string deed(const sim::LookupLieAttack& a) {
  return "end the lookups of others early, with their own successor as the answer" + now_and_then(a.prob);
}
std::string deed(const sim::AckForgeAttack& a) {
  return fmt::format("drop messages and acknowledge them with {}{}",
                     a.key == sim::AckForgeAttack::Key::own ? "their own key" : "a made-up signature of the target",
                     now_and_then(a.prob));
}
std::string deed(const sim::AckDropAttack& a) {
  return std::string("pass messages on, and drop the acknowledgements that come back") + now_and_then(a.prob) +
         (a.spend ? ", and spend all the fuel that they were lent" : "");
}
std::string deed(const sim::BlameAttack& a) {
  static constexpr std::string_view words[] = {"all ways have failed", "they are still trying",
                                               "the target does not exist", "the copy was not what its source signed"};
  return fmt::format("drop messages and report that {}{}", words[static_cast<std::size_t>(a.says)],
                     now_and_then(a.prob));
}
std::string deed(const sim::TablePoisonAttack& a) {
  static constexpr std::string_view answers[] = {"lookups", "questions for their lists",
                                                 "lookups and questions for their lists"};
  return fmt::format(
      "name hostile peers only when they answer {}, {}{}", answers[static_cast<std::size_t>(a.what)],
      a.bounds == sim::TablePoisonAttack::Bounds::respect ? "near enough to be believed" : "however far from the key",
      now_and_then(a.bias));
}
std::string deed(const sim::SybilAttack& a) {
  static constexpr std::string_view prices[] = {"which are free", "one for each address", "one for each puzzle solved",
                                                "of which each host gets one"};
  return fmt::format("want {} each, {}, and drop {}", counted(a.ids_per_host, "id", "ids"),
                     prices[static_cast<std::size_t>(a.policy)], scope(a.scope));
}
std::string deed(const sim::EclipseTargetAttack& a) {
  static constexpr std::string_view forms[] = {
      "where they are", "at ids of their choice beside it",
      "at ids of their choice beside it and where its fingers and entries lead"};
  static constexpr std::string_view sides[] = {"", ", before it only", ", behind it only"};
  std::string text = fmt::format("surround each target {}{}, and drop {}", forms[static_cast<std::size_t>(a.form)],
                                 sides[static_cast<std::size_t>(a.sides)], scope(a.scope));
  if (a.card_squatters > 0) text += fmt::format("; {} more squat at each place of its contact card", a.card_squatters);
  return text;
}
std::string deed(const sim::ReplayAttack& a) {
  return fmt::format("send one of the last {} {} that they saw again every {}", a.window, scope(a.scope),
                     time(a.every));
}
std::string deed(const sim::FloodAttack& a) {
  const std::string whom = a.to == sim::FloodAttack::To::random ? "random peers" : targets(a);
  return fmt::format("send messages of {} of their own to {}, {} each", bytes(a.size_bytes), whom,
                     sim::format_rate({a.per_s, false}));
}
std::string deed(const sim::AmplifyAttack& a) {
  return fmt::format("send messages of {} to ids that nobody has, with {}, {} each", bytes(a.size_bytes),
                     counted(a.duplicates, "duplicate", "duplicates"), sim::format_rate({a.per_s, false}));
}
std::string deed(const sim::AdaptiveSelectiveAttack& a) {
  return fmt::format("behave well for {}, then drop {}{}", time(a.warmup), scope(a.scope), whose(a));
}
std::string deed(const sim::JoinLeaveAttack& a) {
  return fmt::format("take a new id every {} until it lies in the {} of the ring around {}, then drop {}",
                     time(a.every), share(a.arc_ratio), targets(a), scope(a.scope));
}
std::string deed(const sim::BroadcastSuppressAttack& a) {
  return "receive broadcasts and pass none on" + now_and_then(a.prob);
}
std::string deed(const sim::FreerideAttack&) { return "pass each copy on once, and neither repair nor report"; }

std::string deed(const sim::MutateAttack& a) {
  static constexpr std::string_view parts[] = {"a field", "some bytes", "a field or some bytes"};
  return fmt::format("change {} of each message that they send{}", parts[static_cast<std::size_t>(a.what)],
                     now_and_then(a.prob));
}

}  // namespace

std::string adversary_story(const sim::Adversary& adversary) {
  const sim::Attackers& attackers = sim::attackers_of(adversary);
  return fmt::format("{} {}, {}.", who(attackers),
                     std::visit([](const auto& attack) { return deed(attack); }, adversary), when(attackers));
}

}  // namespace cicada::tool
