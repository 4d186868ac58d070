// The section `protocol:`.

#include <array>
#include <utility>

#include "scalars.hpp"
#include "schema.hpp"

namespace cicada::sim {
namespace {

using Names = std::string_view;

// In the order of the enumerators.
constexpr Names jitters[] = {"none", "uniform", "exponential"};
constexpr Names finger_orders[] = {"round_robin", "random"};
constexpr Names lookup_modes[] = {"recursive", "iterative"};
constexpr Names id_policies[] = {"address", "key", "certified"};
constexpr Names wires[] = {"structs", "encoded"};
constexpr Names cryptos[] = {"modelled", "real"};
constexpr Names rule_sets[] = {"corrected", "chord2001"};
// Beside their enumerators, so that a renamed one can't keep an old name here.
constexpr std::pair<Flaw, Names> flaw_names[] = {{Flaw::adopt_unchecked, "adopt_unchecked"},
                                                 {Flaw::reconcile_unchecked, "reconcile_unchecked"},
                                                 {Flaw::promote_unchecked, "promote_unchecked"},
                                                 {Flaw::flush_predecessor, "flush_predecessor"},
                                                 {Flaw::join_single_successor, "join_single_successor"},
                                                 {Flaw::shrinking_lists, "shrinking_lists"},
                                                 {Flaw::rectify_without_ping, "rectify_without_ping"},
                                                 {Flaw::answer_while_busy, "answer_while_busy"},
                                                 {Flaw::own_id_in_list, "own_id_in_list"},
                                                 {Flaw::no_wrap_around, "no_wrap_around"},
                                                 {Flaw::stabilize_every_second_entry, "stabilize_every_second_entry"},
                                                 {Flaw::accept_old_incarnation, "accept_old_incarnation"},
                                                 {Flaw::boot_below_minimum, "boot_below_minimum"}};
static_assert(std::size(flaw_names) == flaw_count);

constexpr std::array<Names, flaw_count> flaws = [] {
  std::array<Names, flaw_count> names;
  for (const auto& [flaw, name] : flaw_names) names[static_cast<std::size_t>(flaw)] = name;
  return names;
}();

static_assert(static_cast<int>(Jitter::none) == 0 && static_cast<int>(Jitter::uniform) == 1 &&
              static_cast<int>(Jitter::exponential) == 2);
static_assert(static_cast<int>(FingerOrder::round_robin) == 0 && static_cast<int>(FingerOrder::random) == 1);
static_assert(static_cast<int>(LookupMode::recursive) == 0 && static_cast<int>(LookupMode::iterative) == 1);

void describe_periods(Visitor& v, Protocol& protocol) {
  v.scalar({.name = "stabilize", .about = "Period of stabilisation"}, time_scalar(protocol.stabilize, tick));
  v.scalar(
      {.name = "jitter", .about = "Waits of all periodic tasks: uniform in 0.5 .. 1.5 periods, fixed, exponential"},
      choice_scalar(protocol.jitter, jitters));
  v.scalar({.name = "fix_fingers", .about = "Period of repairing one finger"}, period_scalar(protocol.fix_fingers));
  v.scalar({.name = "finger_order", .about = "Which finger is repaired: one level after the other, or any"},
           choice_scalar(protocol.finger_order, finger_orders));
  v.scalar({.name = "check_predecessor", .about = "Period of asking the predecessor whether it lives"},
           period_scalar(protocol.check_predecessor));
  v.scalar({.name = "merge_probe", .about = "Period of asking one lost peer whether it is back (merges rings)"},
           period_scalar(protocol.merge_probe));
}

void describe_lookup(Visitor& v, Protocol& protocol) {
  v.scalar({.name = "lookup", .about = "Forwarded from peer to peer, or asked step by step by the source"},
           choice_scalar(protocol.lookup, lookup_modes));
  v.scalar({.name = "lookup_timeout", .about = "A lookup without answer is started again, or failed"},
           time_scalar(protocol.lookup_timeout, tick));
  v.scalar({.name = "lookup_retries", .about = "How often its source starts a lookup again"},
           integer_scalar(protocol.lookup_retries, 0, 16));
  v.scalar({.name = "hops_max", .about = "A message that crossed more links is dropped"},
           integer_scalar(protocol.hops_max, 1, 255));
  v.scalar({.name = "proximity", .about = "Further candidates measured for each finger; the nearest is kept"},
           integer_scalar(protocol.proximity, 0, 16));
  v.section({.name = "rto", .about = "Time-out of a request to one peer, from measured round trips"}, [&] {
    v.scalar({.name = "initial", .about = "Before the first measurement"}, time_scalar(protocol.rto.initial, tick));
    v.scalar({.name = "min", .about = "Never shorter"}, time_scalar(protocol.rto.min, tick));
    v.scalar({.name = "max", .about = "Never longer"}, time_scalar(protocol.rto.max, tick));
    v.scalar({.name = "tries", .about = "Transmissions without answer after which a peer counts as dead"},
             integer_scalar(protocol.rto.tries, 1, 16));
  });
}

List flaws_of(std::vector<Flaw>& list) {
  return {.size_max = flaw_count,
          .size = [&list] { return list.size(); },
          .clear = [&list] { list.clear(); },
          .element =
              [&list](std::size_t index) {
                if (index == list.size()) list.emplace_back();
                return choice_scalar(list[index], flaws);
              }};
}

}  // namespace

void describe_protocol(Visitor& v, Protocol& protocol) {
  v.scalar({.name = "successors", .about = "Length r of the successor list and of the predecessor list"},
           integer_scalar(protocol.successors, 1, 32));
  describe_periods(v, protocol);
  describe_lookup(v, protocol);
  v.scalar({.name = "eager", .about = "Tell the old predecessor about the new one; act on hints of those who leave"},
           flag_scalar(protocol.eager));
  v.scalar({.name = "guards", .about = "Links to unforeseeable peers that each one keeps, where there are sends"},
           integer_scalar(protocol.guards, 0, 16));
  v.scalar({.name = "send_tries", .about = "Times that a source begins a send anew"},
           integer_scalar(protocol.send_tries, 1, 16));
  v.scalar({.name = "ack_timeout", .about = "Wait of the first of them, then doubled"},
           time_scalar(protocol.ack_timeout, tick));
  v.scalar({.name = "finger_bound", .about = "Check answers for fingers against the density of the own list"},
           flag_scalar(protocol.finger_bound));
  v.scalar({.name = "evict_on_timeout", .about = "Probe, and drop when dead, a peer that didn't answer"},
           flag_scalar(protocol.evict_on_timeout));
  v.scalar({.name = "confirm", .about = "The owner of a key answers a lookup itself, not the key's predecessor"},
           flag_scalar(protocol.confirm));
  v.scalar(
      {.name = "owner_from_list",
       .about = "A peer names the owner of any key within its successor list, not only within its first successor"},
      flag_scalar(protocol.owner_from_list));
  v.scalar({.name = "look_ahead_only",
            .about = "A lookup of a key of one's own goes all round the ring, instead of being answered at once"},
           flag_scalar(protocol.look_ahead_only));
  v.scalar({.name = "fence", .about = "A member that the ring has skipped joins again"}, flag_scalar(protocol.fence));
  v.scalar({.name = "ids", .about = "What a peer's id is the hash of"}, choice_scalar(protocol.ids, id_policies));
  v.scalar({.name = "wire", .about = "Messages travel as structs, or all through the codec (the digest is the same)"},
           choice_scalar(protocol.wire, wires));
  v.scalar({.name = "crypto", .about = "Signatures only as sizes, or computed"},
           choice_scalar(protocol.crypto, cryptos));
  v.scalar({.name = "rules", .about = "The corrected Chord, or the broken original to test the checker"},
           choice_scalar(protocol.rules, rule_sets));
  v.list({.name = "flaws", .about = "Planted mistakes, to test the checker"}, flaws_of(protocol.flaws));
}

}  // namespace cicada::sim
