#pragma once
/// The `adversaries:` list of a scenario: who is hostile, when, and what hostile peers do instead of what they should
/// (resilience.md section 2). All times count from the start of the simulation. The cut of the network is a fault, not
/// an adversary: see `faults.partition`.
///
/// Hostile peers run the same node as everybody else; what an entry says is done at the border between that node and
/// its links. Each peer belongs to one entry, but for those that `overlay: true` adds to others: such a peer does what
/// all of its entries say, in the order of the file. What one of them drops, answers or sends elsewhere, the later ones
/// never see; what one holds back, they see when it is let go. The loader refuses an entry of which an earlier one
/// would leave nothing.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

#include <cicada/sim/scenario_events.hpp>
#include <cicada/time.hpp>

namespace cicada::sim {

/// Which peers of the start are hostile.
enum class Select : std::uint8_t {
  random,          ///< Any of them.
  contiguous_arc,  ///< Neighbours on the ring: one arc that begins at a random place.
  near,            ///< The nearest neighbours of some targets, on both sides.
  high_indegree    ///< Those that most others name in their lists and fingers.
};

/// The keys that all behaviours have. No host belongs to two entries, so that 5 % of one kind and 5 % of another are
/// 10 %; more than all peers together is an error. Those with a place choose first (near, then high_indegree, then
/// arcs), and the random ones share out what is left: hosts are ranked once for a run, and each entry takes the next
/// ones in the order of the file, so that a larger fraction in a sweep of one entry only adds peers. An entry with
/// `overlay` chooses as if it were the only one: the random ones from the beginning of the same order, an arc where the
/// first arc begins. Targets are never hostile, and churn spares them; all entries draw theirs from one order too.
///
/// A new peer that takes the place of another, or joins later, is hostile with the same probability; a host that comes
/// back is what it was. With contiguous_arc, a new peer is hostile where its id lies in the arc; with near and
/// high_indegree it never is.
struct Attackers {
  std::optional<double> ratio{};         ///< `fraction:`. 0 .. 1. Unused with `near`.
  std::optional<std::uint64_t> count{};  ///< Instead of `ratio`. 0 .. peers.count.
  Select select = Select::random;        ///< Default random.
  bool overlay = false;                  ///< Also among the peers of other entries. Default false.
  std::uint32_t targets = 1;             ///< Peers that it surrounds or aims at. 1 .. 100,000. Default 1.
  std::uint32_t neighbours = 16;         ///< With `near`: hostile peers on each side of each. 1 .. 1,000. Default 16.
  Duration start = Duration::zero();     ///< They behave well before. Default 0 s.
  std::optional<Duration> stop{};        ///< They behave well from then on. Default the end.
  bool operator==(const Attackers&) const = default;
};

/// What an attack touches.
enum class Scope : std::uint8_t {
  data,     ///< Messages of applications on their way, and payloads of broadcasts.
  acks,     ///< The target's acknowledgements and the reports of the hops, on their way back.
  control,  ///< Lookups on their way, contact cards, and questions for cards. Pings and state queries are answered: who
            ///< does not answer is taken for dead.
  all       ///< All of these, and digests and pulls of broadcasts.
};

/// Whom an attacker knows.
enum class Knowledge : std::uint8_t {
  local,      ///< Itself, and the peers in its own tables.
  coalition,  ///< All hostile peers too.
  omniscient  ///< Every live peer.
};

/// Whose messages an attack is about.
enum class Victims : std::uint8_t {
  all,      ///< Everybody's.
  targets,  ///< Those to `targets` fixed peers.
  sources   ///< Those from them.
};

/// A black hole: acknowledges to the previous hop, and forwards nothing. Broadcasts it takes, and passes none on.
struct DropAttack {
  Attackers who;
  Scope scope = Scope::data;  ///< Default data.
  double prob = 1;            ///< Of each copy. 0 .. 1. Default 100 %.
  bool operator==(const DropAttack&) const = default;
};

/// The same, now and then.
struct GrayDropAttack {
  Attackers who;
  Scope scope = Scope::data;       ///< Default data.
  double prob = 0.5;               ///< Of each arriving copy, by itself. 0 .. 1. Default 50 %.
  Victims victims = Victims::all;  ///< Default all; others with scope data only.
  bool operator==(const GrayDropAttack&) const = default;
};

/// Acknowledges to the previous hop at once, and forwards late; what it is told by a broadcast, it learns late.
struct DelayAttack {
  enum class Kind : std::uint8_t { by, hold };
  enum class Hold : std::uint8_t { until_timeout };
  Attackers who;
  Scope scope = Scope::data;                         ///< Default data.
  double prob = 1;                                   ///< Of each arriving copy. 0 .. 1. Default 100 %.
  Kind kind = Kind::hold;                            ///< `by:` or `hold:`. Default hold.
  Distribution by{};                                 ///< With `by`.
  Hold hold = Hold::until_timeout;                   ///< Until `margin` before others usually give up waiting.
  Duration margin = std::chrono::milliseconds(100);  ///< With `hold`. Default 100 ms.
  bool operator==(const DelayAttack&) const = default;
};

/// Changes what it passes on.
struct TamperAttack {
  enum class What : std::uint8_t {
    payload,   ///< One byte of the payload, or one more where it is empty.
    target,    ///< The message is sent on to somebody else; of a broadcast, the list of those who shall not get it.
    signature  ///< One byte of the signature.
  };
  Attackers who;
  Scope scope = Scope::data;  ///< Of an acknowledgement the signature is changed, of a lookup the key. Default data.
  double prob = 1;            ///< Of each copy sent on. 0 .. 1. Default 100 %.
  What what = What::payload;  ///< With scope data or all. Default payload.
  bool operator==(const TamperAttack&) const = default;
};

/// Acknowledges, and sends the message where it does not belong. What follows on a copy that went through it, such as
/// the acknowledgement, does not find its way back.
struct MisrouteAttack {
  enum class To : std::uint8_t {
    colluder,  ///< A random hostile peer.
    random,    ///< A random peer: of its own tables, or of all with `knowledge: omniscient`.
    backward   ///< Where it came from; a broadcast, to its origin.
  };
  Attackers who;
  Scope scope = Scope::data;               ///< Default data.
  double prob = 1;                         ///< Of each arriving copy. 0 .. 1. Default 100 %.
  To to = To::random;                      ///< Default random.
  Knowledge knowledge = Knowledge::local;  ///< With `random`. Default local.
  bool operator==(const MisrouteAttack&) const = default;
};

/// Answers lookups of others with a hostile peer as the key's owner.
struct FalseClosestAttack {
  Attackers who;
  double prob = 1;      ///< Of each lookup that arrives. 0 .. 1. Default 100 %.
  bool collude = true;  ///< Names the hostile peer nearest behind the key; else always itself. Default true.
  bool operator==(const FalseClosestAttack&) const = default;
};

/// Ends lookups of others early: claims that its own successor is the key's owner.
struct LookupLieAttack {
  Attackers who;
  double prob = 1;  ///< Of each lookup that arrives. 0 .. 1. Default 100 %.
  bool operator==(const LookupLieAttack&) const = default;
};

/// Drops the message and says, in the target's name, that it has arrived.
struct AckForgeAttack {
  enum class Key : std::uint8_t {
    own,    ///< It signs with its own key.
    target  ///< It names the target's key and makes a signature up.
  };
  Attackers who;
  double prob = 1;        ///< Of each arriving copy. 0 .. 1. Default 100 %.
  Key key = Key::target;  ///< Default target.
  bool operator==(const AckForgeAttack&) const = default;
};

/// Passes messages on, and not the acknowledgements that come back.
struct AckDropAttack {
  Attackers who;
  double prob = 1;  ///< Of each acknowledgement. 0 .. 1. Default 100 %.
  /// It hides acknowledgements and reports from its own node too, which then goes on handing the message to others as
  /// long as it has fuel for that. Default false.
  bool spend = false;
  bool operator==(const AckDropAttack&) const = default;
};

/// Takes a copy, drops it, and tells the peer before it something else, so that others are blamed or time is lost.
struct BlameAttack {
  enum class Says : std::uint8_t {
    exhausted,     ///< All its ways failed: gives the fuel back at once.
    working,       ///< It is still trying: said again and again.
    no_such_peer,  ///< The target does not exist.
    refused        ///< The copy was not what its source signed.
  };
  Attackers who;
  double prob = 1;                           ///< Of each arriving copy. 0 .. 1. Default 100 %.
  Says says = Says::exhausted;               ///< Default exhausted.
  Duration every = std::chrono::seconds(1);  ///< With `working`: how often. Above 0. Default 1 s.
  std::uint32_t times = 6;                   ///< With `working`: how often in all. 1 .. 100. Default 6.
  bool operator==(const BlameAttack&) const = default;
};

/// Names hostile peers only when others ask for its lists, or for the owner of a key.
struct TablePoisonAttack {
  enum class Bounds : std::uint8_t {
    respect,  ///< Only where the hostile peer is near enough to the key for the check of finger answers to pass it.
    violate   ///< Always.
  };
  enum class What : std::uint8_t { fingers, lists, all };
  Attackers who;
  double bias = 1;                  ///< Of each answer. 0 .. 1. Default 100 %.
  Bounds bounds = Bounds::respect;  ///< Default respect.
  What what = What::all;            ///< Answers to lookups, to state queries, or both. Default all.
  bool collude = true;              ///< Names the nearest hostile peers; else only itself. Default true.
  bool operator==(const TablePoisonAttack&) const = default;
};

/// Each hostile host runs many peers, at random ids; all of them drop. With `start` 0 they are in the ring at t=0. With
/// `select: near` each target has 2 x `neighbours` such hosts.
struct SybilAttack {
  enum class Policy : std::uint8_t {
    free,      ///< As many ids as it likes.
    address,   ///< One id for each address that it holds.
    puzzle,    ///< One id for so many hashes.
    certified  ///< One id for each host.
  };
  Attackers who;
  Scope scope = Scope::data;                     ///< What they drop. Default data.
  std::uint32_t ids_per_host = 10;               ///< That it wants. 1 .. 10,000. Default 10.
  Policy policy = Policy::free;                  ///< What an id costs. Default free.
  std::uint32_t addresses = 1;                   ///< With `address`: that each host holds. 1 .. 10,000. Default 1.
  std::uint32_t bits = 30;                       ///< With `puzzle`: an id costs 2^bits hashes. 1 .. 60. Default 30.
  double hashes_per_s = 1e6;                     ///< With `puzzle`: of one host. 1 .. 1e15. Default 1,000,000.
  Duration preparation = std::chrono::hours(1);  ///< With `puzzle`: hashing before the attack. Default 1 h.
  bool operator==(const SybilAttack&) const = default;
};

/// Surrounds some honest peers with hostile ones, which drop.
struct EclipseTargetAttack {
  enum class Form : std::uint8_t {
    weak,    ///< Existing neighbours are hostile.
    strong,  ///< New hostile peers at ids between the target and its honest neighbours.
    squat    ///< The same, and one at each t + 2^j and t - 2^j, where fingers and entries of the target lead.
  };
  enum class Sides : std::uint8_t { both, before, after };
  Attackers who{.select = Select::near};  ///< Always `near`; `targets` and `neighbours` stand beside the others.
  Scope scope = Scope::data;              ///< What they drop. Default data.
  Form form = Form::weak;                 ///< Default weak.
  Sides sides = Sides::both;              ///< Default both.
  std::uint32_t card_squatters = 0;       ///< Inserted at each place of the target's contact card. 0 .. 64. Default 0.
  bool operator==(const EclipseTargetAttack&) const = default;
};

/// Sends captured messages again, as they were.
struct ReplayAttack {
  Attackers who;
  Scope scope = Scope::data;                 ///< Lookups are not captured. Default data.
  Duration every = std::chrono::seconds(1);  ///< Period of each attacker. Above 0. Default 1 s.
  std::uint32_t window = 64;                 ///< Messages that it keeps, the newest. 1 .. 10,000. Default 64.
  bool operator==(const ReplayAttack&) const = default;
};

/// Sends many messages of its own. Broadcasts it signs past the limits of its own node.
struct FloodAttack {
  enum class To : std::uint8_t { random, targets, everybody };
  Attackers who;
  double per_s = 1;                ///< `rate:` of each attacker. 0 .. 1e6. Default 1/s.
  std::uint64_t size_bytes = 256;  ///< Payload. 0 .. 1 MiB. Default 256 B.
  To to = To::random;              ///< Random peers, `targets` fixed ones, or broadcasts. Default random.
  bool operator==(const FloodAttack&) const = default;
};

/// Sends messages that make others work as much as possible: with the largest budget, to ids that nobody has.
struct AmplifyAttack {
  Attackers who;
  double per_s = 0.1;              ///< `rate:` of each attacker. 0 .. 1e6. Default 0.1/s.
  std::uint64_t size_bytes = 256;  ///< Payload. 0 .. 1 MiB. Default 256 B.
  std::uint32_t duplicates = 64;   ///< 0 .. 64. Default 64.
  bool operator==(const AmplifyAttack&) const = default;
};

/// Behaves well until it is trusted, or to all but a few, and drops then.
struct AdaptiveSelectiveAttack {
  Attackers who;
  Scope scope = Scope::data;                  ///< What it drops. Default data.
  Duration warmup = std::chrono::minutes(2);  ///< Good behaviour after `start`, or after it joined. Default 2 min.
  Victims victims = Victims::all;             ///< Default all; others with scope data only.
  bool operator==(const AdaptiveSelectiveAttack&) const = default;
};

/// Leaves and joins under new ids until one lies near a target; then it stays and drops.
struct JoinLeaveAttack {
  Attackers who;
  Scope scope = Scope::data;                  ///< What it drops. Default data.
  double arc_ratio = 0.01;                    ///< `arc:` share of the ring around a target. 0 .. 1. Default 1 %.
  Duration every = std::chrono::seconds(60);  ///< How often each tries another id. Above 0. Default 60 s.
  bool operator==(const JoinLeaveAttack&) const = default;
};

/// Receives broadcasts and passes them on wrongly. Digests and pulls it sends to the coalition at most, but for `wide`.
struct BroadcastSuppressAttack {
  enum class How : std::uint8_t {
    silent,    ///< To nobody.
    narrow,    ///< To all that it should, with the word that nobody behind them is left.
    wide,      ///< To all that it should, with the word that the whole ring is left.
    visited,   ///< To all that it should, with the receiver's successors in the list of those who shall not get it.
    coalition  ///< To hostile peers only.
  };
  Attackers who;
  double prob = 1;        ///< Of each message of a broadcast that it should send. 0 .. 1. Default 100 %.
  How how = How::silent;  ///< Default silent.
  bool operator==(const BroadcastSuppressAttack&) const = default;
};

/// Passes each copy on once, and neither repairs nor reports anything.
struct FreerideAttack {
  Attackers who;
  bool operator==(const FreerideAttack&) const = default;
};

/// Sends messages with something changed in them, those of the ring's upkeep included, as a broken program does. Each
/// goes through the wire format; one that no longer decodes is refused by its receiver and counted.
struct MutateAttack {
  enum class What : std::uint8_t {
    fields,  ///< One field gets another value of its type, so that nearly all of them decode.
    bytes,   ///< One to four places of the encoded message.
    any      ///< Either.
  };
  Attackers who;
  double prob = 0.1;      ///< Of each message sent. 0 .. 1. Default 10 %.
  What what = What::any;  ///< Default any.
  bool operator==(const MutateAttack&) const = default;
};

using Adversary =
    std::variant<DropAttack, GrayDropAttack, TamperAttack, DelayAttack, MisrouteAttack, FalseClosestAttack,
                 LookupLieAttack, AckForgeAttack, AckDropAttack, BlameAttack, TablePoisonAttack, SybilAttack,
                 EclipseTargetAttack, ReplayAttack, FloodAttack, AmplifyAttack, AdaptiveSelectiveAttack,
                 JoinLeaveAttack, BroadcastSuppressAttack, FreerideAttack, MutateAttack>;

/// The common part of an entry.
[[nodiscard]] inline const Attackers& attackers_of(const Adversary& adversary) {
  return std::visit([](const auto& attack) -> const Attackers& { return attack.who; }, adversary);
}

/// How many of `peers` hosts `fraction` or `count` says; with `near`, the most that there can be.
[[nodiscard]] inline std::uint64_t wanted_hosts(const Attackers& who, std::uint64_t peers) {
  if (who.select == Select::near) return std::min(peers, std::uint64_t{2} * who.neighbours * who.targets);
  if (who.count) return *who.count;
  return static_cast<std::uint64_t>(who.ratio.value_or(0) * static_cast<double>(peers) + 0.5);
}

/// The entry's key in the YAML, such as `gray_drop`.
[[nodiscard]] std::string_view name_of(const Adversary& adversary);

/// How many honest peers the entry aims at; 0: none in particular.
[[nodiscard]] std::uint64_t target_count(const Adversary& adversary);

}  // namespace cicada::sim
