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

void describe_targets(Visitor& v, Attackers& who, std::string_view about) {
  v.scalar({.name = "targets", .about = about}, integer_scalar(who.targets, 1, 100'000));
}

void describe_neighbours(Visitor& v, Attackers& who) {
  v.scalar({.name = "neighbours", .about = "Hostile peers on each side of each"},
           integer_scalar(who.neighbours, 1, 1'000));
}

void describe_overlay(Visitor& v, Attackers& who) {
  v.scalar({.name = "overlay", .about = "Also among the peers of other entries; otherwise each peer belongs to one"},
           flag_scalar(who.overlay));
}

/// `aimed`: what the targets are for besides `near`; then they are there with any selection.
void describe_who(Visitor& v, Attackers& who, std::string_view aimed = {}) {
  static constexpr Names selections[] = {"random", "contiguous_arc", "near", "high_indegree"};
  describe_share(v, who);
  v.tagged({.name = "select", .about = "Which peers; in a sweep, a larger fraction of random ones only adds some"},
           selections, static_cast<std::size_t>(who.select), [&](std::size_t kind) {
             who.select = static_cast<Select>(kind);
             if (who.select != Select::near) return;
             if (aimed.empty()) describe_targets(v, who, "How many honest peers are surrounded");
             describe_neighbours(v, who);
           });
  if (!aimed.empty()) describe_targets(v, who, aimed);
  describe_overlay(v, who);
  describe_span(v, who);
}

void describe_scope(Visitor& v, Scope& scope) {
  static constexpr Names scopes[] = {"data", "acks", "control", "all"};
  v.scalar(
      {.name = "scope",
       .about = "Messages and payloads of broadcasts; words on their fate; lookups and contact cards; or all, with "
                "digests and pulls of broadcasts"},
      choice_scalar(scope, scopes));
}

void describe_prob(Visitor& v, double& prob) {
  v.scalar({.name = "prob", .about = "Of each message, by itself"}, ratio_scalar(prob));
}

constexpr std::string_view aimed_by_victims = "How many honest peers are the victims, or (select: near) surrounded";

void describe_victims(Visitor& v, Victims& victims) {
  static constexpr Names options[] = {"all", "targets", "sources"};
  v.scalar({.name = "victims", .about = "Whose messages: everybody's, or those to or from a few fixed peers"},
           choice_scalar(victims, options));
}

void describe_item(Visitor& v, DropAttack& attack) {
  describe_who(v, attack.who);
  describe_scope(v, attack.scope);
  describe_prob(v, attack.prob);
}

void describe_item(Visitor& v, GrayDropAttack& attack) {
  describe_who(v, attack.who, aimed_by_victims);
  describe_scope(v, attack.scope);
  describe_prob(v, attack.prob);
  describe_victims(v, attack.victims);
}

void describe_item(Visitor& v, DelayAttack& attack) {
  static constexpr Names by[] = {"by"}, hold[] = {"hold", "margin"}, holds[] = {"until_timeout"};
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
      v.scalar(
          {.name = "hold", .about = "Instead of by: until just before others give up waiting, as a rule (the default)"},
          choice_scalar(attack.hold, holds));
      v.scalar({.name = "margin", .about = "With hold: how long before"}, time_scalar(attack.margin));
    }
  });
}

void describe_item(Visitor& v, TamperAttack& attack) {
  static constexpr Names parts[] = {"payload", "target", "signature"};
  describe_who(v, attack.who);
  describe_scope(v, attack.scope);
  describe_prob(v, attack.prob);
  v.scalar({.name = "what", .about = "What they change of data; of acknowledgements the signature, of lookups the key"},
           choice_scalar(attack.what, parts));
}

void describe_item(Visitor& v, MisrouteAttack& attack) {
  static constexpr Names places[] = {"colluder", "random", "backward"};
  static constexpr Names knowledge[] = {"local", "coalition", "omniscient"};
  describe_who(v, attack.who);
  describe_scope(v, attack.scope);
  describe_prob(v, attack.prob);
  v.tagged({.name = "to", .about = "Where they send it: a hostile peer, any peer, or whence it came"}, places,
           static_cast<std::size_t>(attack.to), [&](std::size_t kind) {
             attack.to = static_cast<MisrouteAttack::To>(kind);
             if (attack.to == MisrouteAttack::To::random)
               v.scalar({.name = "knowledge", .about = "One of their own tables, a hostile one, or any"},
                        choice_scalar(attack.knowledge, knowledge));
           });
}

void describe_item(Visitor& v, FalseClosestAttack& attack) {
  describe_who(v, attack.who);
  describe_prob(v, attack.prob);
  v.scalar({.name = "collude", .about = "They name the nearest hostile peer, not only themselves"},
           flag_scalar(attack.collude));
}

void describe_item(Visitor& v, LookupLieAttack& attack) {
  describe_who(v, attack.who);
  describe_prob(v, attack.prob);
}

void describe_item(Visitor& v, AckForgeAttack& attack) {
  static constexpr Names keys[] = {"own", "target"};
  describe_who(v, attack.who);
  describe_prob(v, attack.prob);
  v.scalar({.name = "key", .about = "Signed with their own key, or a made-up signature under the target's"},
           choice_scalar(attack.key, keys));
}

void describe_item(Visitor& v, AckDropAttack& attack) {
  describe_who(v, attack.who);
  describe_prob(v, attack.prob);
  v.scalar({.name = "spend",
            .about = "Their own nodes do not see acknowledgements either, and go on spending the fuel they were lent"},
           flag_scalar(attack.spend));
}

void describe_item(Visitor& v, BlameAttack& attack) {
  static constexpr Names words[] = {"exhausted", "working", "no_such_peer", "refused"};
  describe_who(v, attack.who);
  describe_prob(v, attack.prob);
  v.tagged({.name = "says", .about = "What they tell the peer before them"}, words,
           static_cast<std::size_t>(attack.says), [&](std::size_t kind) {
             attack.says = static_cast<BlameAttack::Says>(kind);
             if (attack.says != BlameAttack::Says::working) return;
             v.scalar({.name = "every", .about = "How often"}, time_scalar(attack.every, tick));
             v.scalar({.name = "times", .about = "How often in all"}, integer_scalar(attack.times, 1, 100));
           });
}

void describe_item(Visitor& v, TablePoisonAttack& attack) {
  static constexpr Names bounds[] = {"respect", "violate"}, parts[] = {"fingers", "lists", "all"};
  describe_who(v, attack.who);
  v.scalar({.name = "bias", .about = "Of each answer, by itself"}, ratio_scalar(attack.bias));
  v.scalar({.name = "bounds", .about = "Only names that pass the check of finger answers, or any"},
           choice_scalar(attack.bounds, bounds));
  v.scalar({.name = "what", .about = "Answers to lookups, to questions for lists, or both"},
           choice_scalar(attack.what, parts));
  v.scalar({.name = "collude", .about = "They name the nearest hostile peers, not only themselves"},
           flag_scalar(attack.collude));
}

void describe_item(Visitor& v, SybilAttack& attack) {
  static constexpr Names policies[] = {"free", "address", "puzzle", "certified"};
  describe_who(v, attack.who);
  describe_scope(v, attack.scope);
  v.scalar({.name = "ids_per_host", .about = "Peers that each hostile host wants to run, itself included"},
           integer_scalar(attack.ids_per_host, 1, 10'000));
  v.tagged({.name = "policy", .about = "What an id costs"}, policies, static_cast<std::size_t>(attack.policy),
           [&](std::size_t kind) {
             attack.policy = static_cast<SybilAttack::Policy>(kind);
             if (attack.policy == SybilAttack::Policy::address)
               v.scalar({.name = "addresses", .about = "That each host holds"},
                        integer_scalar(attack.addresses, 1, 10'000));
             if (attack.policy != SybilAttack::Policy::puzzle) return;
             v.scalar({.name = "bits", .about = "An id costs 2^bits hashes"}, integer_scalar(attack.bits, 1, 60));
             v.scalar({.name = "hashes_per_s", .about = "Of one host"}, number_scalar(attack.hashes_per_s, 1, 1e15));
             v.scalar({.name = "preparation", .about = "Hashing before the attack"}, time_scalar(attack.preparation));
           });
}

void describe_item(Visitor& v, EclipseTargetAttack& attack) {
  static constexpr Names forms[] = {"weak", "strong", "squat"}, sides[] = {"both", "before", "after"};
  attack.who.select = Select::near;
  describe_targets(v, attack.who, "How many honest peers are surrounded");
  describe_neighbours(v, attack.who);
  describe_overlay(v, attack.who);
  describe_span(v, attack.who);
  describe_scope(v, attack.scope);
  v.scalar({.name = "form",
            .about = "Existing neighbours are hostile; or new ones between them and the target; or also at t +- 2^j"},
           choice_scalar(attack.form, forms));
  v.scalar({.name = "sides", .about = "Both sides of the target, or one"}, choice_scalar(attack.sides, sides));
  v.scalar({.name = "card_squatters", .about = "Ids inserted at each place where the target's contact card is kept"},
           integer_scalar(attack.card_squatters, 0, 64));
}

void describe_item(Visitor& v, ReplayAttack& attack) {
  describe_who(v, attack.who);
  describe_scope(v, attack.scope);
  v.scalar({.name = "every", .about = "How often each of them sends one again"}, time_scalar(attack.every, tick));
  v.scalar({.name = "window", .about = "Captured messages that each keeps"}, integer_scalar(attack.window, 1, 10'000));
}

void describe_item(Visitor& v, FloodAttack& attack) {
  static constexpr Names receivers[] = {"random", "targets", "everybody"};
  describe_who(v, attack.who, "How many honest peers the messages go to, or (select: near) are surrounded");
  v.scalar({.name = "rate", .about = "Messages of each of them"}, rate_scalar(attack.per_s));
  v.scalar({.name = "size", .about = "Payload"}, bytes_scalar(attack.size_bytes, std::uint64_t{1} << 20));
  v.scalar({.name = "to", .about = "Random peers, a few fixed ones, or broadcasts, past their own nodes' limit"},
           choice_scalar(attack.to, receivers));
}

void describe_item(Visitor& v, AmplifyAttack& attack) {
  describe_who(v, attack.who);
  v.scalar({.name = "rate", .about = "Messages of each of them, to ids that nobody has"}, rate_scalar(attack.per_s));
  v.scalar({.name = "size", .about = "Payload"}, bytes_scalar(attack.size_bytes, std::uint64_t{1} << 20));
  v.scalar({.name = "duplicates", .about = "The budget that they ask others to spend"},
           integer_scalar(attack.duplicates, 0, 64));
}

void describe_item(Visitor& v, AdaptiveSelectiveAttack& attack) {
  describe_who(v, attack.who, aimed_by_victims);
  describe_scope(v, attack.scope);
  v.scalar({.name = "warmup", .about = "Good behaviour before, from start or from the join on"},
           time_scalar(attack.warmup));
  describe_victims(v, attack.victims);
}

void describe_item(Visitor& v, JoinLeaveAttack& attack) {
  describe_who(v, attack.who, "How many honest peers they want to sit beside, or (select: near) already do");
  describe_scope(v, attack.scope);
  v.scalar({.name = "arc", .about = "Share of the ring around a target in which they stay"},
           ratio_scalar(attack.arc_ratio));
  v.scalar({.name = "every", .about = "How often each of the others tries a new id"}, time_scalar(attack.every, tick));
}

void describe_item(Visitor& v, BroadcastSuppressAttack& attack) {
  static constexpr Names ways[] = {"silent", "narrow", "wide", "visited", "coalition"};
  describe_who(v, attack.who);
  describe_prob(v, attack.prob);
  v.scalar({.name = "how",
            .about = "To nobody; with the word that nobody is left, or the whole ring; with a false list of those who "
                     "shall not get it; or to hostile peers only"},
           choice_scalar(attack.how, ways));
}

void describe_item(Visitor& v, FreerideAttack& attack) { describe_who(v, attack.who); }

void describe_item(Visitor& v, MutateAttack& attack) {
  static constexpr Names parts[] = {"fields", "bytes", "any"};
  describe_who(v, attack.who);
  v.scalar({.name = "prob", .about = "Of each message that they send, pings and questions for lists included"},
           ratio_scalar(attack.prob));
  v.scalar({.name = "what",
            .about = "One field, by another value of its type; a few bytes of the encoded message; or either. What no "
                     "longer decodes is refused, and counted in `resilience.undecodable`"},
           choice_scalar(attack.what, parts));
}

constexpr Key kinds[] = {
    {.name = "drop", .about = "They forward nothing, and acknowledge it all the same"},
    {.name = "gray_drop", .about = "They forward some and not others"},
    {.name = "tamper", .about = "They change what they forward"},
    {.name = "delay", .about = "They forward late"},
    {.name = "misroute", .about = "They forward to the wrong peer"},
    {.name = "false_closest", .about = "They answer lookups with a hostile peer"},
    {.name = "lookup_lie", .about = "They end lookups early, with their own successor"},
    {.name = "ack_forge", .about = "They drop messages and acknowledge them in the target's name"},
    {.name = "ack_drop", .about = "They forward messages and not the acknowledgements"},
    {.name = "blame", .about = "They drop messages and report something else"},
    {.name = "table_poison", .about = "They name hostile peers when asked for others"},
    {.name = "sybil", .about = "They run many peers each, which drop"},
    {.name = "eclipse_target", .about = "They surround honest peers, and drop"},
    {.name = "replay", .about = "They send captured messages again"},
    {.name = "flood", .about = "They send many messages"},
    {.name = "amplify", .about = "They send messages that make others work"},
    {.name = "adaptive_selective", .about = "They behave well at first, or to most, and drop then"},
    {.name = "join_leave", .about = "They join again and again until they land near a target, and drop then"},
    {.name = "broadcast_suppress", .about = "They pass broadcasts on wrongly, or not at all"},
    {.name = "freeride", .about = "They forward once, and neither repair nor report"},
    {.name = "mutate", .about = "They send messages with something changed in them, whatever these are"},
};
static_assert(std::size(kinds) == std::variant_size_v<Adversary>);

}  // namespace

std::uint64_t target_count(const Adversary& adversary) {
  const Attackers& who = attackers_of(adversary);
  if (who.select == Select::near) return who.targets;
  const auto* flood = std::get_if<FloodAttack>(&adversary);
  const auto* selective = std::get_if<AdaptiveSelectiveAttack>(&adversary);
  const auto* gray = std::get_if<GrayDropAttack>(&adversary);
  const bool aims = (flood != nullptr && flood->to == FloodAttack::To::targets) ||
                    (selective != nullptr && selective->victims != Victims::all) ||
                    (gray != nullptr && gray->victims != Victims::all) ||
                    std::holds_alternative<JoinLeaveAttack>(adversary);
  return aims ? who.targets : 0;
}

std::string_view name_of(const Adversary& adversary) { return kinds[adversary.index()].name; }

void describe_adversaries(Visitor& v, std::vector<Adversary>& adversaries) {
  v.items({.name = "adversaries", .about = "Hostile peers: a list of"}, kinds,
          item_list(adversaries, 32, [&v](auto& item) { describe_item(v, item); }));
}

}  // namespace cicada::sim
