#pragma once
/// One member of the ring: the corrected Chord of Zave (chord.md §3) as a state machine that is stepped.
///
/// Theory of operation. A node has three kinds of pointers. The successor list and the predecessor *are* the ring: they
/// change only by the operations of chord.md §3.4, and only to peers that have just answered. The predecessor list and
/// the fingers make it fast and are never used to answer who owns a key.
///
///   join       look up the own id; ask the predecessor found for its list; ask the successor in it for its list; only
///              then take both. Nobody else changes state in a join.
///   stabilise  A: ask the successor for its list and its predecessor x. B: where x lies between, ask x for its list,
///   and
///              adopt it when it has answered. A dead successor is dropped and the next one asked at once.
///   rectify    on a notification from c: adopt c as predecessor if it is closer, or if the old one does not answer a
///   ping. leave      is a failure plus hints, which only trigger the operations above.
///
/// While a step of this kind is under way the node's own state is undefined: state queries are answered `Busy`, kept,
/// and answered when the step is over. Pings are answered at once.
///
/// Differences from the published protocols (chord.md §3 names them):
///  - Lists are padded, never shortened; an entry without a peer behind it (`!exists()`) keeps the length.
///  - A ring that is smaller than its lists is allowed: a list stops where it would come back to its owner. The proof
///    starts at r + 1 members; below that the node does its best.
///  - `GetState` names the version the asker holds, so an unchanged neighbour answers without its list; every eighth
///    question asks for all of it, so that a false list does not stay.
///  - A stabilisation that finds one candidate behind another follows them at once, not one in each round; and a
///  newcomer
///    tells its predecessor, as a hint. So a gap that many join at a time is in order after as many round trips.
///  - A key's predecessor does not answer for the owner (unless `confirm` is off): it hands the lookup to the owner,
///    who answers itself, or passes it back to its own predecessor where a newcomer has taken the key. The source of an
///    iterative lookup asks the owner itself (`lookup_search.hpp`).
///  - A node whose successors are all dead takes the nearest finger that answers, or else the farthest of its
///    predecessors, and walks back from there. Where none answers it joins again through anybody whom it remembers; and
///    where that is in vain it is a ring of one, that looks for the others more and more seldom, for ever.
///  - A peer that did not answer is remembered and asked now and then, so that two rings can find together again.
///
/// Not thread-safe. All steps take the `Environment` of that step; none is stored. A node is a movable value.

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <cicada/chain.hpp>
#include <cicada/chord_config.hpp>
#include <cicada/environment.hpp>
#include <cicada/lookup_search.hpp>
#include <cicada/message.hpp>
#include <cicada/ring_order.hpp>
#include <cicada/rng.hpp>
#include <cicada/rtt_table.hpp>

namespace cicada {

class ChordNode {
 public:
  /// `self` must be in the contact table with id `id`. `config` must outlive the node.
  ChordNode(const ChordConfig& config, Peer self, const Id& id, Rng rng);
  ChordNode(ChordNode&&) noexcept = default;
  ChordNode& operator=(ChordNode&&) noexcept = default;
  ~ChordNode() = default;

  // Calls by the user. Each is one step.

  /// Starts a ring of one member: this node.
  void start_alone(Environment& env);
  /// Starts as a member of an ideal ring. `successors` and `predecessors` are in ring order, nearest first, without
  /// this node; at most r of each are taken. The caller vouches that they are right.
  void start_in_ring(Environment& env, std::span<const Peer> successors, std::span<const Peer> predecessors);
  /// Joins the ring that `bootstrap` (at least one peer) belongs to. Ends in `on_joined`; until then every failed
  /// attempt calls `on_join_failed` and is repeated with back-off, for ever.
  void join(Environment& env, std::span<const Peer> bootstrap);
  /// Says goodbye. Gives false, and does nothing, while the neighbourhood is being repaired; try again later.
  /// After true the caller must drop the node.
  [[nodiscard]] bool leave(Environment& env);
  /// `peer` is a member, perhaps of another ring, as somebody outside knows: asks it, and grows together with its ring
  /// where it is not the own one. Does nothing unless this node is a member, or with `ChordConfig::probe` off.
  void introduce(Environment& env, const Peer& peer);
  /// Peers of an earlier life of this node, or of another ring: looks now and then whether they are back, as for peers
  /// that it has lost itself. No effect with `ChordConfig::probe` off.
  void remember(Environment& env, std::span<const Peer> peers);
  /// Looks up the owner of `key`; ends in exactly one `on_lookup_done` with `tag`, perhaps within this call.
  void lookup(Environment& env, const Id& key, std::uint64_t tag);

  // Inputs from the world. Each is one step.

  /// Handles ring messages; gives false for alternatives that belong to a higher layer.
  bool on_message(Environment& env, const Peer& from, const Message& message);
  void on_timer(Environment& env, Timer timer);
  /// The transport knows that this life of the peer is over (connection reset, or a newer incarnation at its address).
  void on_peer_down(Environment& env, const Peer& peer);
  /// The node did not run for a while: its process stood still, or its machine slept. Called before any other input of
  /// then, whether `now` has grown meanwhile or not.
  void on_wake(Environment& env);

  // For the layer above, inside a step.

  /// Is `key` mine as far as I know: key ∈ (predecessor, me]?
  [[nodiscard]] bool owns(const Environment& env, const Id& key) const;
  /// Peers that a message shall not go to.
  class Excluded {
   public:
    /// Gives false, and changes nothing, on a full set.
    bool add(const Peer& peer) {
      if (count_ == peers_.size()) return false;
      peers_[count_++] = peer.index;
      return true;
    }
    operator std::span<const PeerIndex>() const { return {peers_.data(), count_}; }  // NOLINT: a view of itself.

   private:
    std::array<PeerIndex, successors_max> peers_;
    std::size_t count_ = 0;
  };
  /// Where a message for `key` goes next. `last` says that it is the key's owner, as far as this node knows.
  struct NextStep {
    Peer peer;
    bool last = false;
  };
  /// The best next peer for `key` that is not in `excluded`; nullopt where nobody is left. Cost: O(log N) at worst,
  /// O(1) as a rule.
  [[nodiscard]] std::optional<NextStep> next_step(const Environment& env, const Id& key,
                                                  std::span<const PeerIndex> excluded) const;
  [[nodiscard]] Duration timeout_for(const Peer& peer) const { return rtt_.timeout(peer.index, config_->rto); }
  /// The same, with the round trips of other neighbours in place of an unknown one. It may be far slower than they are,
  /// which fingers are chosen not to be: half of the time-out before any measurement is the least.
  [[nodiscard]] Duration likely_timeout_for(const Peer& peer) const {
    const auto typical = rtt_.smoothed(peer.index) ? std::nullopt : rtt_.typical();
    return typical
               ? std::clamp(2 * typical->rtt + 4 * typical->variation, config_->rto.initial / 2, config_->rto.initial)
               : timeout_for(peer);
  }
  [[nodiscard]] std::optional<RttTable::Typical> typical_rtt() const { return rtt_.typical(); }
  void report_rtt(const Peer& peer, Duration rtt) { rtt_.sample(peer.index, rtt); }
  /// `peer` did not answer in time: probes it, and drops it if it is dead.
  void report_timeout(Environment& env, const Peer& peer);

  /// 128 bits that nobody else can foresee, never the same twice.
  [[nodiscard]] Nonce fresh_nonce(Environment& env) { return env.crypto.nonce(nonces_++); }

  /// A lookup for the layer above: its owner is kept for `take_found_for_layer`, and the listener hears nothing of it.
  void lookup_for_layer(Environment& env, const Id& key);
  /// The owner that such a lookup has found since the last call.
  [[nodiscard]] std::optional<Peer> take_found_for_layer() {
    if (!rare_ || !rare_->found_for_layer.exists()) [[likely]]
      return std::nullopt;
    return std::exchange(rare_->found_for_layer, Peer{});
  }

  // Ideal start-up, fingers: filled in by the world that vouches for them.

  [[nodiscard]] unsigned finger_levels() const;
  [[nodiscard]] Id finger_start(unsigned level) const { return id_ + Id::power_of_two(255 - level); }
  void set_finger(unsigned level, const Peer& peer);

  // State, for checkers, reports and tests.

  [[nodiscard]] const Id& id() const { return id_; }
  [[nodiscard]] const Peer& self() const { return self_; }
  [[nodiscard]] bool is_member() const { return member_; }
  [[nodiscard]] bool is_busy() const { return step_ != Step::idle || rectifying_; }
  /// Nearest first; r entries for a member, padded ones included.
  [[nodiscard]] std::span<const Peer> successors() const { return {lists_.get(), member_ ? successor_count_ : 0U}; }
  /// Nearest first; existing peers only. The first one is the predecessor, which may be dead.
  [[nodiscard]] std::span<const Peer> predecessors() const {
    return {lists_.get() + config_->successors, predecessor_count_};
  }
  [[nodiscard]] Peer predecessor() const { return predecessor_count_ > 0 ? lists_[config_->successors] : Peer{}; }
  /// While it joins: the successors still to be tried, in ring order. Then it takes the first of them that answers.
  [[nodiscard]] std::span<const Peer> join_candidates() const {
    return rare_ && step_ == Step::joining ? rare_->join_candidates.view() : std::span<const Peer>{};
  }
  /// By level: level l points at the successor of id + 2^(255-l); entries may be nobody.
  [[nodiscard]] std::span<const Peer> fingers() const { return fingers_; }
  [[nodiscard]] std::uint32_t version() const { return version_; }
  /// Calls `visit(PeerIndex)` for every peer that the node still refers to, so that a contact table can drop the rest.
  template <class Visitor>
  void for_each_peer(Visitor&& visit) const;
  /// Heap memory of this node, without the object itself.
  [[nodiscard]] std::size_t heap_bytes() const;
  /// Asks the processor to fetch what a step will touch behind this node's pointers. One for each kind of step: the
  /// processor has few places for memory that is on its way, so it is asked for little else.
  void prefetch_for_ring() const { prefetch_lines(lists_.get(), (config_->successors + 1) * sizeof(Peer)); }
  void prefetch_for_acknowledgement(PeerIndex from) const {
    __builtin_prefetch(hops_.address());
    rtt_.prefetch(from);
  }
  void prefetch_for_routing(std::uint64_t key_prefix) const {
    const Peer* list = lists_.get();
    __builtin_prefetch(list);
    __builtin_prefetch(list + config_->successors);
    rtt_.prefetch_all();
    const std::uint64_t distance = key_prefix - id_.prefix();
    const std::size_t level = distance == 0 ? 0U : static_cast<std::size_t>(std::countl_zero(distance));
    if (level < fingers_.size()) __builtin_prefetch(fingers_.data() + level);
  }

 private:
  enum class Step : std::uint8_t { idle, stabilizing, joining };
  enum class Ask : std::uint8_t {
    successor,         ///< Stabilise, part A.
    candidate,         ///< Stabilise, part B.
    predecessor,       ///< Periodic check of the predecessor.
    join_predecessor,  ///< Join, the list of the predecessor found.
    join_successor,    ///< Join, the list of the successor in it.
    rectify,           ///< Does the old predecessor live?
    neighbor,          ///< Does the predecessor that a leaver named live?
    suspect,           ///< Does the peer that did not acknowledge live?
    finger,            ///< How far is this finger candidate?
    lost,              ///< Is a lost peer back?
    way_back,          ///< Is there anybody to join again through?
    next_hop,          ///< One step of an iterative lookup.
  };
  struct Request {
    TimePoint sent{};
    TimePoint deadline{};
    Nonce token;
    Peer to;
    std::uint32_t aux = 0;  ///< Known version, finger level or lookup, as `ask` has it.
    Ask ask{};
    std::uint8_t tries = 1;
    bool busy = false;
  };
  /// Whom a message was given to in vain. Only the last few are known by name: by the time that more have failed, the
  /// first of them are out of the tables, or answer again.
  class Tried {
   public:
    void add(const Peer& peer) { last_[count_++ % last_.size()] = peer.index; }
    [[nodiscard]] std::size_t count() const { return count_; }
    [[nodiscard]] std::span<const PeerIndex> last() const {
      return std::span(last_).first(std::min<std::size_t>(count_, last_.size()));
    }

   private:
    std::array<PeerIndex, 3> last_{};
    std::uint32_t count_ = 0;
  };
  struct Hop {
    Find find;
    Peer to;
    Tried tried;
    TimePoint sent{};
    TimePoint deadline{};
  };
  enum class Why : std::uint8_t { user, finger, join, merge, layer };
  struct Lookup {
    Id key;
    std::uint64_t tag = 0;
    Nonce token;  ///< Recursive: what its answer repeats.
    TimePoint started{};
    TimePoint deadline{};
    std::uint32_t number = 0;
    Why why{};
    std::uint8_t level = 0;
    std::uint8_t tries = 1;
    std::uint8_t hops = 0;
    std::uint8_t timeouts = 0;
    std::unique_ptr<LookupSearch> search;  ///< Iterative only.
  };
  struct Question {
    Peer from;
    Nonce token;
    std::uint32_t known_version = 0;
    Side side{};
  };
  /// Which state of which neighbour the own list was last derived from.
  struct Reconciled {
    PeerIndex peer = no_peer;
    std::uint32_t version = 0;
    std::uint8_t questions = 0;  ///< That have named this version.

    /// The version that a question to `asked` names; 0 where its whole state is wanted. Now and then that is so anyway:
    /// a list that was false when it came would else be taken for confirmed for ever.
    [[nodiscard]] std::uint32_t known_by(const Peer& asked) {
      if (peer != asked.index || questions == questions_max) return 0;
      ++questions;
      return version;
    }
    static constexpr std::uint8_t questions_max = 7;
  };
  struct LostPeer {
    Peer peer;
    std::uint8_t failures = 0;
  };

  // Ring (chord_ring.cpp)
  void become_member(Environment& env);
  void begin_join(Environment& env);
  void join_found(Environment& env, const Peer& predecessor);
  void join_took_predecessor(Environment& env, const Peer& predecessor, const State& state);
  void ask_join_successor(Environment& env);
  void join_took_successor(Environment& env, const Peer& successor, const State& state);
  void join_failed(Environment& env);
  void stabilize(Environment& env);
  void stabilize_with(Environment& env, const Peer& candidate);
  void consider(Environment& env, const Peer& candidate);
  [[nodiscard]] bool improves(const Environment& env, const Peer& candidate) const;
  void took_successor_state(Environment& env, const Peer& successor, const State& state);
  void took_candidate_state(Environment& env, const Peer& candidate, const State& state);
  void took_predecessor_state(Environment& env, const Peer& predecessor, const State& state);
  void finish_step(Environment& env);
  void on_notify(Environment& env, const Peer& from);
  void on_leave(Environment& env, const Peer& from, const Leave& leave);
  void set_predecessor(Environment& env, const Peer& peer);
  void on_hint(Environment& env, const Peer& named);
  void finish_rectify(Environment& env);
  void on_get_state(Environment& env, const Peer& from, const GetState& question);
  void answer_state(Environment& env, const Question& question);
  void answer_waiting(Environment& env);
  void drop_older_life(Environment& env, const Peer& from);

  // Lists (chord_lists.cpp)
  std::span<Peer> successor_slots() { return {lists_.get(), config_->successors}; }
  bool adopt_successors(Environment& env, const Peer& head, std::span<const Peer> rest);
  bool adopt_predecessors(Environment& env, const Peer& head, std::span<const Peer> rest);
  bool drop_from_successors(Environment& env, const Peer& peer);
  void drop_from_predecessors(const Peer& peer);
  void pad_successors(Environment& env, unsigned used);
  /// All successors are dead, and a way back is being sought: this node cannot tell who owns what.
  [[nodiscard]] bool stranded() const { return stranded_; }
  [[nodiscard]] bool alone() const { return successor_count_ == 0 || !lists_[0].exists(); }
  [[nodiscard]] const Peer& head() const { return lists_[0]; }
  [[nodiscard]] bool between(const Environment& env, const Peer& a, const Peer& x, const Peer& b) const;

  // Failures (chord_requests.cpp)
  bool ask(Environment& env, const Peer& to, Ask what, std::uint32_t aux = 0);
  void transmit(Environment& env, const Request& request);
  template <class Fits>
  std::optional<Request> take_request(Environment& env, const Nonce& token, const Peer& from, Fits&& fits);
  void cancel_requests(Ask what);
  [[nodiscard]] bool asking(Ask what) const;
  void answered(Environment& env, const Request& request);
  void on_busy(Environment& env, const Peer& from, const Busy& busy);
  void break_circle(Environment& env, const Peer& other);
  void on_state(Environment& env, const Peer& from, const State& state);
  void on_pong(Environment& env, const Peer& from, const Pong& pong);
  void on_request_timer(Environment& env);
  void request_failed(Environment& env, const Request& request);
  void gave_up_on_busy(Environment& env, const Request& request);
  void declare_down(Environment& env, const Peer& peer);
  void ask_new_head(Environment& env);
  void arm_request_timer(Environment& env, TimePoint deadline);
  void arm_periodic(Environment& env, Timer timer, Duration period, bool first);

  // Loss and return (chord_return.cpp)
  void lost_all_successors(Environment& env);
  [[nodiscard]] Peer way_ahead() const;
  void lost_predecessor(Environment& env);
  void seek_predecessor(Environment& env);
  void rejoin(Environment& env);
  void way_back_answered(Environment& env, const Peer& peer);
  void way_back_failed(Environment& env);
  void no_way_back(Environment& env);
  void remember_lost(const Peer& peer);
  void arm_probe(Environment& env);
  void probe_lost(Environment& env);

  // Lookups (chord_lookup.cpp)
  Lookup& open_lookup(Environment& env, const Id& key, Why why);
  void launch(Environment& env, Lookup& lookup);
  void launch_through(Environment& env, Lookup& lookup, const Peer& first);
  void route(Environment& env, Find find, const Tried& tried);
  void forward(Environment& env, const Find& find, const Peer& to, const Tried& tried);
  void answer_find(Environment& env, const Find& find);
  void on_find(Environment& env, const Peer& from, const Find& find);
  void on_hop_ack(Environment& env, const Peer& from, const HopAck& ack);
  void hop_timed_out(Environment& env, Hop hop);
  void rest_if_idle(Environment& env);
  void on_found(Environment& env, const Peer& from, const Found& found);
  void lookup_ended(Environment& env, std::uint32_t number, LookupStatus status, const Peer& from,
                    std::span<const Peer> owners);
  void lookup_timed_out(Environment& env, Lookup& lookup);
  [[nodiscard]] std::optional<std::size_t> owner_in_list(const Environment& env, const Id& key) const;
  [[nodiscard]] std::optional<std::size_t> owner_among(const Environment& env, const Id& key, std::size_t known) const;
  [[nodiscard]] PeerList owners_list(const Environment& env, const Id& key, unsigned candidates) const;
  [[nodiscard]] Lookup* find_lookup(std::uint32_t number);
  [[nodiscard]] Lookup* find_lookup(const Nonce& token);

  // Iterative lookups (chord_iterative.cpp)
  void launch_iterative(Environment& env, Lookup& lookup);
  void resume(Environment& env, Lookup& lookup);
  void iterate(Environment& env, Lookup& lookup);
  void on_next_hop(Environment& env, const Peer& from, const NextHop& question);
  void took_next_hops(Environment& env, const Request& request, const NextHops& answer);
  [[nodiscard]] Duration next_hop_timeout(const Peer& peer, std::uint32_t number);
  [[nodiscard]] bool next_hop_late(Environment& env, const Request& request);
  [[nodiscard]] static std::uint8_t names_wanted(const LookupSearch& search);
  void next_hop_failed(Environment& env, const Request& request);
  void resume_lookups(Environment& env);
  [[nodiscard]] PeerList closest_preceding(const Environment& env, const Id& key, std::size_t count) const;
  [[nodiscard]] NextHops peers_around(const Environment& env, const Id& key, std::size_t names) const;

  // Fingers (chord_fingers.cpp)
  void resize_fingers(std::size_t levels);
  void fix_next_finger(Environment& env);
  void took_finger(Environment& env, unsigned level, std::span<const Peer> owners);
  void took_finger_distance(Environment& env, unsigned level, const Peer& candidate);
  [[nodiscard]] bool plausible(const Environment& env, const Id& start, const Peer& owner) const;
  [[nodiscard]] bool in_level(unsigned level, const Peer& peer) const;

  static void prefetch_lines(const void* start, std::size_t bytes) {
    for (std::size_t at = 0; at < bytes; at += 64) __builtin_prefetch(static_cast<const char*>(start) + at);
  }

  // Ordered by how often a step touches them: forwarding a lookup needs the first three cache lines.
  const ChordConfig* config_;
  Peer self_;
  std::uint32_t version_ = 1;
  Id id_;
  std::unique_ptr<Peer[]> lists_;  ///< r successors, r predecessors, then room for fingers.
  std::span<Peer> fingers_;        ///< Behind the lists, so that routing touches one place.
  Chain<Hop> hops_;
  RttTable rtt_;
  TimePoint request_deadline_ = time_never;  ///< What `Timer::request` is armed for.
  std::uint64_t nonces_;                     ///< The number of the next one; begins somewhere else in each life.
  std::uint32_t last_lookup_ = 0;
  std::uint8_t finger_capacity_ = 0;
  std::uint8_t successor_count_ = 0;
  std::uint8_t predecessor_count_ = 0;
  std::uint8_t next_level_ = 0;
  std::uint8_t skipped_ = 0;
  std::uint8_t chase_ = 0;  ///< Candidates followed since the last periodic stabilisation.
  Step step_ = Step::idle;
  bool member_ = false;
  bool stranded_ = false;
  bool head_unasked_ =
      false;  ///< The first successor died in the middle of a step; the next one is to be asked after it.
  bool rectifying_ = false;
  bool predecessor_dead_ = false;
  bool filling_ = false;        ///< First round of finger lookups after a join, one right after the other.
  bool awaiting_head_ = false;  ///< Only with `Flaw::promote_unchecked`.
  Chain<Request> requests_;
  Chain<Lookup> lookups_;
  Reconciled successors_from_;
  Reconciled predecessors_from_;
  Rng rng_;
  Peer notifier_;   ///< The closest one that waits for the ping of a rectification.
  Peer candidate_;  ///< The closest one named as lying before the successor while a step was under way.

  /// Rarely needed; allocated on demand.
  struct Rare {
    std::vector<Peer> bootstrap;
    PeerList join_candidates;  ///< Successors still to be tried, in ring order.
    Peer join_predecessor;
    Peer earlier_life;  ///< Only with `Flaw::accept_old_incarnation`: what it takes for its first successor.
    std::uint32_t join_attempts = 0;
    std::uint8_t join_walk = 0;
    std::vector<Question> waiting;
    std::vector<Peer> known;  ///< While this node looks for a way back: everybody whom it remembers.
    std::vector<LostPeer> lost;
    std::uint8_t next_lost = 0;
    Duration lone_pause{};    ///< Of a ring of one, until it next looks for those whom it lost; zero: not looking yet.
    TimePoint hasty_until{};  ///< After an absence, until then rounds follow each other quickly.
    Peer found_for_layer;
  };
  Rare& rare() {
    if (!rare_) rare_ = std::make_unique<Rare>();
    return *rare_;
  }
  std::unique_ptr<Rare> rare_;
};

template <class Visitor>
void ChordNode::for_each_peer(Visitor&& visit) const {
  const auto one = [&](const Peer& peer) {
    if (peer.exists()) visit(peer.index);
  };
  const auto all = [&](std::span<const Peer> peers) {
    for (const Peer& peer : peers) one(peer);
  };
  one(self_);
  one(notifier_);
  one(candidate_);
  all(successors());
  all(predecessors());
  all(fingers_);
  requests_.for_each([&](const Request& request) { one(request.to); });
  hops_.for_each([&](const Hop& hop) {
    one(hop.to);
    one(hop.find.origin);
    for (const PeerIndex peer : hop.tried.last()) visit(peer);
  });
  lookups_.for_each([&](const Lookup& lookup) {
    if (lookup.search) lookup.search->for_each_peer(one);
  });
  if (!rare_) return;
  all(rare_->bootstrap);
  all(rare_->known);
  all(rare_->join_candidates.view());
  one(rare_->join_predecessor);
  one(rare_->found_for_layer);
  for (const Question& question : rare_->waiting) one(question.from);
  for (const LostPeer& lost : rare_->lost) one(lost.peer);
}

}  // namespace cicada
