#pragma once
/// The simulated world: peers, links, time, and the loop that lets events happen in their order. It is the
/// `Environment` of every node in it. What the peers are made to do (workloads, churn, faults) are `Process`es that it
/// calls.
///
/// Order of events: (time, source, the source's own sequence number). Nothing else decides what happens first.

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include <cicada/environment.hpp>
#include <cicada/modelled_crypto.hpp>
#include <cicada/sim/event_queue.hpp>
#include <cicada/sim/link_sampler.hpp>
#include <cicada/sim/ring_checker.hpp>
#include <cicada/sim/ring_truth.hpp>
#include <cicada/sim/scenario.hpp>
#include <cicada/sodium_crypto.hpp>
#include <cicada/swarm_node.hpp>

#include "flights.hpp"
#include "link_table.hpp"
#include "peer_clocks.hpp"
#include "peer_table.hpp"

namespace cicada::sim {

class Adversaries;
class World;

/// Something that acts upon the world at times of its own choosing.
class Process {
 public:
  virtual ~Process() = default;
  /// `target` is what was passed to `World::schedule`.
  virtual void fire(World& world, PeerIndex target) = 0;
  /// A peer has become a member for the first time in this life.
  virtual void on_member(World&, PeerIndex) {}
};

/// What the world tells those who measure it.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void on_lookup_done(World&, PeerIndex, const LookupDone&) {}
  virtual void on_send_done(World&, PeerIndex, const SendDone&) {}
  /// `send` was called, and what the node did at once has been done. It may be over already.
  virtual void on_send_begun(World&, PeerIndex, const MessageId&, const Id& /*target*/, const Payload&) {}
  virtual void on_receive(World&, PeerIndex, const DataHeader&, const Payload&) {}
  /// A peer, honest or not, puts a message on a link that belongs to the sending of messages. `attack`: it is none that
  /// its node would send by itself.
  virtual void on_send_traffic(World&, PeerIndex /*from*/, const Message&, std::size_t /*bytes*/, bool /*attack*/) {}
  /// The first peer holds it against the second one that a message vanished there.
  virtual void on_blame(World&, PeerIndex, PeerIndex) {}
  /// The peer has begun a broadcast; the zero id where it was refused.
  virtual void on_broadcast_begun(World&, PeerIndex, const MessageId&) {}
  virtual void on_broadcast(World&, PeerIndex, const BroadcastHeader&, const Payload&) {}
};

/// How the death of a life came about.
enum class Departure : std::uint8_t { crash, leave };

struct WorldCounters {
  std::uint64_t events = 0;  ///< Deliveries, timers, link events and actions of processes.
  std::uint64_t messages = 0;
  std::uint64_t bytes = 0;
  std::array<std::uint64_t, std::variant_size_v<Message>> messages_by_kind{};  ///< In the order of `Message`.
  std::array<std::uint64_t, std::variant_size_v<Message>> bytes_by_kind{};
  std::uint64_t joined = 0, left = 0, crashed = 0;
  std::uint64_t join_failures = 0;
  std::array<std::uint64_t, mark_count> marks{};
};

class World final : private Clock,
                    private Transport,
                    private Contacts,
                    private cicada::Crypto,
                    private Listener,
                    private PeerStates {
 public:
  /// Throws std::runtime_error where a file of the link model, or one of ids, cannot be read.
  World(const Scenario& scenario, Observer& observer);
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  // Building

  /// `bits` significant bits for distinct small ids; 256 for ordinary ones. Before the first peer. The first hosts get
  /// the ids in `first`, which must be different ones below 2^bits; the others draw theirs.
  void use_small_ids(unsigned bits, std::vector<std::uint64_t> first = {}) {
    id_bits_ = bits;
    first_ids_ = std::move(first);
  }
  /// A converged ring of `count` new peers and `further` ones with given ids, as if it had stood for long.
  void start_ideal(std::size_t count, std::span<const Id> further = {});
  /// A new peer (or, with `host`, a new life of that host) that joins through members; nullopt where there is none.
  /// A new host may have a `chosen` id.
  std::optional<PeerIndex> spawn(std::optional<std::uint32_t> host = std::nullopt, const Id* chosen = nullptr);
  /// The same, through these peers; where there are none, it is a ring of its own.
  PeerIndex spawn_through(std::span<const Peer> bootstrap, std::optional<std::uint32_t> host, const Id* chosen);
  std::size_t add_process(std::unique_ptr<Process> process);

  // Running

  /// Lets everything happen up to and including `until`; stops early where `keep_going` gives false.
  void run_until(TimePoint until, const std::function<bool()>& keep_going = {});
  /// Lets the next event happen; where there is none up to and including `until`, lets the time pass until then.
  void run_one(TimePoint until);
  void schedule(std::size_t process, TimePoint at, PeerIndex target = no_peer);

  // Acting on peers: for processes

  /// All of them at one instant. Those that do not live any more are passed over.
  void kill(std::span<const PeerIndex> peers);
  void kill(PeerIndex peer) { kill(std::span(&peer, 1)); }
  /// Gives false where the peer refuses for now.
  bool leave(PeerIndex peer);
  void lookup(PeerIndex peer, const Id& key, std::uint64_t tag);
  void send(PeerIndex peer, const Id& target, const Payload& payload, const SendOptions& options);
  /// `to` is given the contact card of `owner` by other means than the swarm.
  void hand_card(PeerIndex owner, PeerIndex to);
  /// Puts a message on the link from `from`, whatever its adversaries would do to it.
  void transmit(PeerIndex from, const Peer& to, const Message& message);

  /// A message as bytes, and bytes as a message where they are one whose peers there are.
  [[nodiscard]] std::vector<std::uint8_t> encoded(const Message& message) const;
  [[nodiscard]] std::optional<Message> decoded(std::span<const std::uint8_t> bytes) const;
  /// The node of `peer` gets a message, whatever its adversaries would do to it.
  void hand_over(PeerIndex peer, const Peer& from, const Message& message);
  /// From now on they are asked about the peers whose slot says `hostile`. They must outlive the world's use of them.
  void set_adversaries(Adversaries& adversaries) { adversaries_ = &adversaries; }
  void broadcast(PeerIndex peer, Payload payload, std::span<const Id> visited = {});
  /// Lets something be done in the peer's place, with its key and its links, which its node does not hear of.
  void act_as(PeerIndex peer, const std::function<void(Environment&)>& act);
  void pause(PeerIndex peer, TimePoint until) { paused_.insert_or_assign(peer, until); }
  /// The peer's machine sleeps until then: what is sent to it meanwhile is lost, and its timers stand still.
  void suspend(PeerIndex peer, TimePoint until);
  [[nodiscard]] bool asleep(PeerIndex peer) const { return !asleep_.empty() && asleep_.contains(peer); }
  /// The clock of the peer's host is wrong from now on, as in `PeerClocks::set`.
  void set_clock(PeerIndex peer, Duration offset, double drift_ratio);
  /// By how much it is ahead now.
  [[nodiscard]] Duration clock_offset(PeerIndex peer) const { return clocks_.offset(peers_[peer].host, now()); }
  using Barrier = std::function<bool(PeerIndex from, PeerIndex to)>;
  /// Messages for which `barrier` gives true vanish, until `remove_barrier`.
  void add_barrier(std::size_t key, Barrier barrier) { barriers_.emplace_back(key, std::move(barrier)); }
  void remove_barrier(std::size_t key) {
    std::erase_if(barriers_, [&](const auto& entry) { return entry.first == key; });
  }
  /// From now on `for_each_answer_under_way` knows them. For small worlds.
  void watch_answers() { watch_answers_ = true; }
  /// From now on `take_stepped` knows who took steps.
  void watch_steps() { watch_steps_ = true; }

  // Looking

  [[nodiscard]] TimePoint now() const { return environment_.now; }
  [[nodiscard]] const Scenario& scenario() const { return scenario_; }
  [[nodiscard]] std::uint64_t seed() const { return scenario_.seed; }
  [[nodiscard]] const SwarmConfig& config() const { return config_; }
  [[nodiscard]] Adversaries* adversaries() const { return adversaries_; }
  [[nodiscard]] std::span<const PeerIndex> members() const { return members_; }
  [[nodiscard]] PeerIndex random_member(Rng& rng) const { return members_[rng.below(members_.size())]; }
  [[nodiscard]] std::size_t living() const { return living_; }
  [[nodiscard]] std::size_t lives() const { return peers_.size(); }
  /// The latest life of a host; nullopt where it has had none.
  [[nodiscard]] std::optional<PeerIndex> host_life(std::uint32_t host) const {
    if (host >= last_life_.size() || last_life_[host] == no_peer) return std::nullopt;
    return last_life_[host];
  }
  /// The latest life of the host whose id this is; nullopt where there is none. Only in worlds with sends.
  [[nodiscard]] std::optional<PeerIndex> peer_named(const Id& id) const;
  /// The id that a host draws, whether it has lived yet or not. Not with small ids.
  [[nodiscard]] Id id_of_host(std::uint32_t host) const;
  /// Where the contact card of the peer with this id is kept.
  [[nodiscard]] std::vector<Id> card_places_of(const Id& owner) const;
  [[nodiscard]] PublicKey public_key_of(PeerIndex peer) const { return key_of(peers_[peer].host); }
  [[nodiscard]] const RingTruth& truth() const { return truth_; }
  /// The peers whose node has taken a step, or has gone, since the last call: each once. Only their tables can be
  /// others than they were.
  [[nodiscard]] std::vector<PeerIndex> take_stepped();
  [[nodiscard]] const Id& id(PeerIndex peer) const { return peers_.id(peer); }
  [[nodiscard]] const PeerSlot& slot(PeerIndex peer) const { return peers_[peer]; }
  [[nodiscard]] PeerSlot& slot(PeerIndex peer) { return peers_[peer]; }
  [[nodiscard]] const WorldCounters& counters() const { return counters_; }
  [[nodiscard]] std::uint64_t digest() const { return digest_; }
  /// Folds a word into the digest: results that no event shows.
  void fold(std::uint64_t word) { digest_ = (((digest_ << 7) | (digest_ >> 57)) ^ word) * 0x9fb21c651e98df25ULL; }
  [[nodiscard]] RingChecker* checker() { return checker_ ? &*checker_ : nullptr; }
  [[nodiscard]] const LinkSampler& links() const { return links_; }
  /// Calls `visit(from, to, state)` for each answer to a state query that is on its way, in the order of sending.
  template <class Visitor>
  void for_each_answer_under_way(Visitor&& visit) const {
    for (const AnswerUnderWay& answer : answers_) visit(answer.from, answer.to, answer.state);
  }
  /// Was `owner` the owner of `key` at some instant from `since` up to now? That is what makes the answer of a lookup
  /// right: the ring may change while it travels (Herlihy and Wing's linearisability, TOPLAS 1990). Cost: O(log N) as a
  /// rule; the departures since then where the answer is not right any more.
  [[nodiscard]] bool owned_since(PeerIndex owner, const Id& key, TimePoint since) const;
  /// Peer seconds lived by members so far.
  [[nodiscard]] double member_seconds() const;
  [[nodiscard]] std::size_t memory_bytes() const;

 private:
  enum class Kind : std::uint32_t { message, timer, peer_down, process };
  static constexpr unsigned kind_shift = 29;
  static constexpr std::uint32_t payload_mask = (1U << kind_shift) - 1;
  static std::uint32_t pack(Kind kind, std::uint32_t value) {
    return (static_cast<std::uint32_t>(kind) << kind_shift) | value;
  }

  struct AnswerUnderWay {
    PeerIndex from, to;
    Flights::Handle handle;
    State state;
  };

  // Clock
  void arm(Timer timer, TimePoint at) override;
  void disarm(Timer timer) override;
  // Transport
  void send(const Peer& to, const Message& message) override;
  void forget(const Peer& peer) override;
  // Contacts
  [[nodiscard]] Id id_of(PeerIndex index) const override { return peers_.id(index); }
  [[nodiscard]] std::uint32_t incarnation_of(PeerIndex index) const override { return peers_[index].incarnation; }
  [[nodiscard]] bool is_key_of(const PublicKey& key, const Id& id) const override;
  // Crypto
  [[nodiscard]] PublicKey public_key() const override;
  [[nodiscard]] Signature sign(std::span<const std::uint8_t> bytes) override;
  [[nodiscard]] bool verify(std::span<const std::uint8_t> bytes, const Signature& signature,
                            const PublicKey& key) override;
  [[nodiscard]] Id hash(std::span<const std::uint8_t> bytes) override;
  [[nodiscard]] Nonce nonce(std::uint64_t number) override;
  // Listener
  void on_joined() override {}
  void on_join_failed() override { ++counters_.join_failures; }
  void on_lookup_done(const LookupDone& done) override { observer_.on_lookup_done(*this, current_, done); }
  void on_send_done(const SendDone& done) override { observer_.on_send_done(*this, current_, done); }
  void on_receive(const DataHeader& header, const Payload& payload) override {
    observer_.on_receive(*this, current_, header, payload);
  }
  void on_blame(const Peer& peer) override { observer_.on_blame(*this, current_, peer.index); }
  void on_broadcast(const BroadcastHeader& header, const Payload& payload) override {
    observer_.on_broadcast(*this, current_, header, payload);
  }
  void on_mark(Mark mark) override { ++counters_.marks[static_cast<std::size_t>(mark)]; }
  // PeerStates
  [[nodiscard]] PeerState state_of(PeerIndex peer) const override;
  [[nodiscard]] bool alive(PeerIndex peer) const override { return peers_[peer].alive; }

  void execute(const Event& event);
  void deliver(const Event& event);
  void fire_timer(const Event& event);
  void prefetch_ahead() const;
  bool deferred(const Event& event);
  /// One step of a peer's node, and what the world has to see to after it.
  template <class Step>
  void step(PeerIndex peer, Step&& step) {
    begin_step(peer);
    step(peers_[peer].node);
    if (watch_steps_) [[unlikely]]
      note_step(peer);
    after_step(peer);
  }
  void begin_step(PeerIndex peer) {
    current_ = peer;
    environment_.wall = clocks_.wall(peers_[peer].host, environment_.now);
  }
  void wake(PeerIndex peer);
  void note_step(PeerIndex peer);
  void after_step(PeerIndex peer);
  void put_on_link(const Peer& to, const Message& message);
  void push(TimePoint at, PeerIndex target, PeerIndex source, std::uint32_t payload);
  void dispatch(PeerIndex from, PeerIndex to, const Message& message, Duration delay);
  void notify_down(PeerIndex holder, PeerIndex dead, Duration after);
  PeerIndex make_peer(std::optional<std::uint32_t> host, const Id* chosen = nullptr);
  void start_node(PeerIndex peer);
  Id draw_id(std::uint32_t host);
  void vouch_for_links(std::span<const Peer> ring);
  void vouch_for_card(const std::shared_ptr<const ContactCard>& card);
  void enter(PeerIndex peer);
  void withdraw(PeerIndex peer);
  void remove(PeerIndex peer, Departure how);
  void check_after_deaths(std::span<const PeerIndex> dead);
  void count_members();
  Message through_codec(const Message& message);
  [[nodiscard]] PublicKey key_of(std::uint32_t host) const;
  [[nodiscard]] SodiumCrypto& real_crypto(std::uint32_t host) const;
  template <class Use>
  auto with_crypto(Use&& use);

  const Scenario& scenario_;
  Observer& observer_;
  SwarmConfig config_;
  LinkSampler links_;
  EventQueue queue_;
  Flights flights_;
  PeerTable peers_;
  RingTruth truth_;
  std::optional<RingChecker> checker_;
  bool check_every_event_ = false;
  LinkTable link_table_;
  bool track_links_ = false;
  std::vector<PeerIndex> members_;
  std::vector<std::unique_ptr<Process>> processes_;
  Adversaries* adversaries_ = nullptr;               ///< One of the processes.
  bool hostile_step_ = false;                        ///< The node of a hostile peer sends.
  std::unordered_map<PeerIndex, TimePoint> paused_;  ///< Only asked for single peers.
  std::unordered_map<PeerIndex, TimePoint> asleep_;  ///< Likewise.
  PeerClocks clocks_;
  std::vector<std::pair<std::size_t, Barrier>> barriers_;
  std::unordered_map<std::uint64_t, std::uint32_t> small_ids_;
  bool watch_answers_ = false;
  std::vector<AnswerUnderWay> answers_;
  bool watch_steps_ = false;
  std::vector<PeerIndex> stepped_;
  std::vector<bool> has_stepped_;  ///< By peer: whether it is in that list.
  bool sends_ = false;             ///< Whether the scenario has anything that is signed.
  std::unordered_map<std::uint64_t, std::uint32_t> hosts_by_prefix_;  ///< With sends: whose key belongs to an id.
  CryptoCounts crypto_counts_;
  mutable std::unordered_map<std::uint32_t, std::unique_ptr<SodiumCrypto>> real_crypto_;  ///< By host, as needed.
  std::vector<std::uint8_t> wire_buffer_;
  std::vector<PeerIndex> last_life_;  ///< By host.
  struct PastMember {
    std::int64_t from_ns = 0;
    std::int64_t to_ns = 0;
    PeerIndex peer = no_peer;
  };
  std::deque<PastMember> past_members_;  ///< In the order of their ends; as far back as a lookup can last.
  Rng arrivals_;
  Rng identity_;
  unsigned id_bits_ = 256;
  std::vector<std::uint64_t> first_ids_;
  std::vector<Id> listed_ids_;  ///< Of the first hosts, as the scenario names them.
  std::size_t living_ = 0;
  std::uint32_t process_sequence_ = 0;
  PeerIndex current_ = no_peer;
  std::uint64_t digest_ = 0x243f6a8885a308d3ULL;
  WorldCounters counters_;
  double member_seconds_ = 0;
  TimePoint members_since_{};
  Environment environment_;
};

}  // namespace cicada::sim
