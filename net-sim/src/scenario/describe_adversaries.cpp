// The list `adversaries:`.

#include "describe_parts.hpp"
#include "scalars.hpp"
#include "schema.hpp"

namespace cicada::sim {
namespace {

using Names = std::string_view;

void describe_share(Visitor& v, Attackers& who) {
  static constexpr Names fraction[] = {"fraction"}, count[] = {"count"};
  static constexpr Way kinds[] = {{fraction}, {count}};
  v.ways(kinds, who.count ? 1 : 0, false, [&](std::size_t kind) {
    if (kind == 0)
      v.scalar({.name = "fraction", .about = "Of the peers; not with near"}, ratio_scalar(who.ratio));
    else
      v.scalar({.name = "count", .about = "Instead of fraction: how many"}, integer_scalar(who.count, 0, 50'000'000));
  });
}

void describe_targets(Visitor& v, Attackers& who) {
  v.scalar({.name = "targets", .about = "How many honest peers are surrounded"},
           integer_scalar(who.targets, 1, 100'000));
  v.scalar({.name = "neighbours", .about = "Hostile peers on each side of each"},
           integer_scalar(who.neighbours, 1, 1'000));
}

void describe_who(Visitor& v, Attackers& who) {
  static constexpr Names selections[] = {"random", "contiguous_arc", "near", "high_indegree"};
  describe_share(v, who);
  v.tagged(
      {.name = "select", .about = "Which peers; the random ones of a smaller fraction are among those of a larger"},
      selections, static_cast<std::size_t>(who.select), [&](std::size_t kind) {
        who.select = static_cast<Select>(kind);
        if (who.select == Select::near) describe_targets(v, who);
      });
  describe_span(v, who);
}

void describe_scope(Visitor& v, Scope& scope) {
  static constexpr Names scopes[] = {"data", "acks", "control", "all"};
  v.scalar({.name = "scope", .about = "Messages of applications, words on their fate, lookups on their way, or all"},
           choice_scalar(scope, scopes));
}

void describe_prob(Visitor& v, double& prob) {
  v.scalar({.name = "prob", .about = "Of each arriving copy, by itself"}, ratio_scalar(prob));
}

void describe_item(Visitor& v, DropAttack& attack) {
  describe_who(v, attack.who);
  describe_scope(v, attack.scope);
}

void describe_item(Visitor& v, GrayDropAttack& attack) {
  describe_who(v, attack.who);
  describe_scope(v, attack.scope);
  describe_prob(v, attack.prob);
}

void describe_item(Visitor& v, DelayAttack& attack) {
  static constexpr Names by[] = {"by"}, hold[] = {"hold"}, holds[] = {"until_timeout"};
  static constexpr Way kinds[] = {{by}, {hold}};
  describe_who(v, attack.who);
  describe_scope(v, attack.scope);
  describe_prob(v, attack.prob);
  v.ways(kinds, static_cast<std::size_t>(attack.kind), false, [&](std::size_t kind) {
    attack.kind = static_cast<DelayAttack::Kind>(kind);
    if (attack.kind == DelayAttack::Kind::by) {
      v.section({.name = "by", .about = "The delay of each; exactly one of its keys"},
                [&] { describe_any_distribution(v, attack.by); });
    } else {
      v.scalar({.name = "hold", .about = "Instead of by: until just before the source's usual time-out (the default)"},
               choice_scalar(attack.hold, holds));
    }
  });
  v.scalar({.name = "margin", .about = "With hold: how long before"}, time_scalar(attack.margin));
}

constexpr Key kinds[] = {
    {.name = "drop", .about = "They forward nothing, and acknowledge it all the same"},
    {.name = "gray_drop", .about = "They forward some and not others"},
    {.name = "delay", .about = "They forward late"},
};
static_assert(std::size(kinds) == std::variant_size_v<Adversary>);

}  // namespace

std::string_view name_of(const Adversary& adversary) { return kinds[adversary.index()].name; }

void describe_adversaries(Visitor& v, std::vector<Adversary>& adversaries) {
  v.items({.name = "adversaries", .about = "Hostile peers: a list of"}, kinds,
          item_list(adversaries, 32, [&v](auto& item) { describe_item(v, item); }));
}

}  // namespace cicada::sim
