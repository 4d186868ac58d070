#pragma once
/// A swarm that only broadcasts: `SwarmNode`s in an ideal ring that stays as it is, links with latency and loss, and
/// peers that misbehave. The ring's own timers never fire, so that a run of 10,000 peers takes a second or so. Hostile
/// peers run the real core; what they send, hear or say beside that is changed here.

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <functional>
#include <memory>
#include <queue>
#include <span>
#include <utility>
#include <vector>

#include <cicada/codec.hpp>
#include <cicada/modelled_crypto.hpp>
#include <cicada/sim/normal_quantile.hpp>
#include <cicada/swarm_node.hpp>

namespace cicada::sim::test {

using namespace std::chrono_literals;

enum class Role : std::uint8_t {
  honest,
  drops,         ///< Takes broadcasts and digests, and is silent.
  lies,          ///< Likewise, but tells all neighbours of each broadcast at once, and delivers none.
  overreaches,   ///< Leaves the whole ring to everybody it sends to.
  underreaches,  ///< Leaves nothing to those it sends to, and sends to all peers it knows as soon as it can.
  tampers,       ///< Changes a byte of each payload.
};

class BroadcastWorld final : private Clock,
                             private Transport,
                             private Contacts,
                             private cicada::Crypto,
                             private Listener {
 public:
  struct Options {
    std::size_t peers = 100;
    std::uint64_t seed = 1;
    double loss = 0;
    unsigned successors = 16;
    BroadcastConfig broadcast{};
  };
  /// Payloads sent by anybody; digests and demands sent by honest peers.
  struct Traffic {
    std::uint64_t payloads = 0, payload_bytes = 0, digests = 0, digest_bytes = 0;
  };
  /// What became of one broadcast at one peer.
  struct Arrival {
    PeerIndex peer = no_peer;
    MessageId id;
    TimePoint at{};
  };

  explicit BroadcastWorld(const Options& options)
      : options_(options),
        rng_(options.seed, Purpose::test, 77),
        environment_{TimePoint{}, *this, *this, *this, *this, *this} {
    config_.broadcast = options.broadcast;
    config_.chord.successors = options.successors;
    const std::size_t n = options.peers;
    Rng ids(options.seed, Purpose::identity);
    for (std::size_t i = 0; i < n; ++i) ids_.push_back(Id{{ids.next(), ids.next(), ids.next(), ids.next()}});
    std::ranges::sort(ids_);
    roles.assign(n, Role::honest);
    due_.assign(n, time_never);
    nodes_.reserve(n);
    for (PeerIndex i = 0; i < n; ++i) {
      nodes_.emplace_back(config_, peer(i), ids_[i], Rng(options.seed, Purpose::node, i));
      PeerList after, before;
      for (std::size_t k = 1; k <= std::min<std::size_t>(options.successors, n - 1); ++k) {
        after.push_back(peer(static_cast<PeerIndex>((i + k) % n)));
        before.push_back(peer(static_cast<PeerIndex>((i + n - k) % n)));
      }
      current_ = i;
      ChordNode& ring = nodes_[i].chord();
      if (n == 1)
        ring.start_alone(environment_);
      else
        ring.start_in_ring(environment_, after.view(), before.view());
      for (unsigned level = 0; level < ring.finger_levels(); ++level) {
        const auto owner = std::ranges::lower_bound(ids_, ring.finger_start(level));
        ring.set_finger(level, peer(static_cast<PeerIndex>(owner == ids_.end() ? 0 : owner - ids_.begin())));
      }
    }
  }
  BroadcastWorld(const BroadcastWorld&) = delete;
  BroadcastWorld& operator=(const BroadcastWorld&) = delete;

  /// Gives `role` to this share of the peers other than `spared`.
  void corrupt(double share, Role role, PeerIndex spared = 0) {
    auto left = static_cast<std::size_t>(std::llround(share * static_cast<double>(size())));
    while (left > 0) {
      const auto drawn = static_cast<PeerIndex>(rng_.below(size()));
      if (drawn == spared || roles[drawn] != Role::honest) continue;
      roles[drawn] = role;
      --left;
    }
  }

  MessageId broadcast(PeerIndex origin, Payload payload, std::span<const Id> visited = {}) {
    current_ = origin;
    const MessageId id = nodes_[origin].broadcast(environment_, std::move(payload), visited);
    for (PeerIndex i = 0; i < size(); ++i)
      if (roles[i] == Role::lies) tell_all(i, id.high);
    return id;
  }
  static Payload payload(std::size_t bytes = 1024, std::uint8_t value = 0x5a) {
    return std::make_shared<const std::vector<std::uint8_t>>(bytes, value);
  }

  /// Lets `span` of time pass.
  void run(Duration span) {
    const TimePoint until = now() + span;
    while (!queue_.empty() && queue_.top().at <= until) {
      const Event event = queue_.top();
      queue_.pop();
      environment_.now = event.at;
      current_ = event.to;
      if (event.message == nullptr) {
        if (due_[event.to] != event.at) continue;
        due_[event.to] = time_never;
        nodes_[event.to].on_timer(environment_, Timer::broadcast);
      } else if (roles[event.to] != Role::drops && roles[event.to] != Role::lies) {
        nodes_[event.to].on_message(environment_, peer(event.from), *event.message);
      }
    }
    environment_.now = until;
  }

  /// Puts a message on its way as if `from` had sent it.
  void inject(PeerIndex from, PeerIndex to, const Message& message) {
    current_ = from;
    post(peer(to), message);
  }

  [[nodiscard]] std::size_t size() const { return ids_.size(); }
  [[nodiscard]] TimePoint now() const { return environment_.now; }
  [[nodiscard]] Peer peer(PeerIndex index) const { return {ids_[index].prefix(), index}; }
  [[nodiscard]] const Id& id(PeerIndex index) const { return ids_[index]; }
  [[nodiscard]] const SwarmNode& node(PeerIndex index) const { return nodes_[index]; }
  [[nodiscard]] BroadcastNode::Counters counters(PeerIndex index) const {
    const BroadcastNode* node = nodes_[index].broadcast_node();
    return node != nullptr ? node->counters() : BroadcastNode::Counters{};
  }
  [[nodiscard]] Environment& environment() { return environment_; }
  [[nodiscard]] std::size_t honest() const { return static_cast<std::size_t>(std::ranges::count(roles, Role::honest)); }
  /// Times that `peer` was handed the broadcast.
  [[nodiscard]] std::size_t copies(PeerIndex peer, const MessageId& id) const {
    return static_cast<std::size_t>(
        std::ranges::count_if(arrivals, [&](const Arrival& a) { return a.peer == peer && a.id == id; }));
  }

  std::vector<Role> roles;
  std::vector<Arrival> arrivals;  ///< In the order of time.
  Traffic traffic;
  /// Sees every message on its way; may change it. Gives false for one that shall vanish.
  std::function<bool(PeerIndex from, PeerIndex to, Message& message)> meddle;

 private:
  struct Event {
    TimePoint at;
    std::uint64_t number = 0;
    PeerIndex to = 0, from = 0;
    std::shared_ptr<const Message> message;  ///< Null: a timer.
    friend bool operator>(const Event& a, const Event& b) {
      return std::pair(a.at, a.number) > std::pair(b.at, b.number);
    }
  };

  void tell_all(PeerIndex liar, std::uint64_t id) {
    current_ = liar;
    const ChordNode& ring = nodes_[liar].chord();
    for (const auto peers : {ring.successors(), ring.predecessors(), ring.fingers()})
      for (const Peer& to : peers)
        if (to.exists()) post(to, BroadcastHave{{id}});
  }
  /// Lognormal over the pairs, median 78 ms, mean 89 ms, and 10 % of jitter: the simulator's default links.
  Duration latency(PeerIndex a, PeerIndex b) {
    const std::uint64_t pair = mix64(mix64(options_.seed, std::min(a, b)), std::max(a, b));
    const double uniform = (static_cast<double>(pair >> 11) + 0.5) * 0x1.0p-53;
    const double ms = 78 * std::exp(0.5137 * normal_quantile(uniform)) * (0.9 + 0.2 * rng_.uniform());
    return Duration(static_cast<Duration::rep>(ms * 1e6));
  }
  void post(const Peer& to, Message message) {
    if (meddle && !meddle(current_, to.index, message)) return;
    if (std::holds_alternative<Broadcast>(message)) {
      ++traffic.payloads;
      traffic.payload_bytes += encoded_size(message);
    } else if (roles[current_] == Role::honest) {
      ++traffic.digests;
      traffic.digest_bytes += encoded_size(message);
    }
    if (rng_.uniform() < options_.loss) return;
    queue_.push({now() + latency(current_, to.index), ++number_, to.index, current_,
                 std::make_shared<const Message>(std::move(message))});
  }

  // Clock
  void arm(Timer timer, TimePoint at) override {
    if (timer != Timer::broadcast) return;
    due_[current_] = std::max(at, now());
    queue_.push({due_[current_], ++number_, current_, current_, nullptr});
  }
  void disarm(Timer timer) override {
    if (timer == Timer::broadcast) due_[current_] = time_never;
  }
  // Transport
  void send(const Peer& to, const Message& message) override {
    Message sent = message;
    if (auto* broadcast = std::get_if<Broadcast>(&sent)) {
      if (roles[current_] == Role::overreaches) broadcast->reach = UINT64_MAX;
      if (roles[current_] == Role::underreaches) broadcast->reach = 0;
      if (roles[current_] == Role::tampers) {
        auto bytes = *broadcast->payload;
        bytes.push_back(0);
        broadcast->payload = std::make_shared<const std::vector<std::uint8_t>>(std::move(bytes));
      }
    }
    post(to, std::move(sent));
  }
  void forget(const Peer&) override {}
  // Contacts
  [[nodiscard]] Id id_of(PeerIndex index) const override { return ids_[index]; }
  [[nodiscard]] std::uint32_t incarnation_of(PeerIndex) const override { return 0; }
  [[nodiscard]] bool is_key_of(const PublicKey& key, const Id& id) const override {
    const auto place = std::ranges::lower_bound(ids_, id);
    return place != ids_.end() && *place == id &&
           key == ModelledCrypto::key_of(static_cast<std::uint64_t>(place - ids_.begin()));
  }
  // Crypto
  [[nodiscard]] PublicKey public_key() const override { return ModelledCrypto::key_of(current_); }
  [[nodiscard]] Signature sign(std::span<const std::uint8_t> bytes) override { return crypto().sign(bytes); }
  [[nodiscard]] bool verify(std::span<const std::uint8_t> bytes, const Signature& signature,
                            const PublicKey& key) override {
    return crypto().verify(bytes, signature, key);
  }
  [[nodiscard]] Id hash(std::span<const std::uint8_t> bytes) override { return crypto().hash(bytes); }
  [[nodiscard]] ModelledCrypto crypto() { return ModelledCrypto(current_, crypto_counts_); }
  // Listener
  void on_joined() override {}
  void on_join_failed() override {}
  void on_lookup_done(const LookupDone&) override {}
  void on_send_done(const SendDone&) override {}
  void on_receive(const DataHeader&, const Payload&) override {}
  void on_broadcast(const BroadcastHeader& header, const Payload&) override {
    arrivals.push_back({current_, header.id, now()});
  }
  void on_mark(Mark) override {}

  Options options_;
  SwarmConfig config_;
  std::vector<Id> ids_;  ///< In the order of the ring: a peer's index is its place.
  std::vector<SwarmNode> nodes_;
  std::vector<TimePoint> due_;
  std::priority_queue<Event, std::vector<Event>, std::greater<>> queue_;
  std::uint64_t number_ = 0;
  PeerIndex current_ = 0;
  Rng rng_;
  CryptoCounts crypto_counts_;
  Environment environment_;
};

/// What one or more broadcasts came to.
struct Outcome {
  double coverage = 0;           ///< Honest peers that got one, over all broadcasts.
  double payloads_per_peer = 0;  ///< Transmissions / peers.
  double digest_bytes = 0;       ///< Of digests and demands, per peer and broadcast.
  double digest_ratio = 0;       ///< The same over the bytes of the transmissions of payloads.
  double median_s = 0, p9999_s = 0, last_s = 0;
  std::size_t copies_max = 0;
};

/// `broadcasts` of 1 KiB by honest peers, half a minute apart.
inline Outcome measure(BroadcastWorld& world, unsigned broadcasts, PeerIndex first = 0) {
  Outcome outcome;
  std::vector<double> times;
  std::vector<std::uint8_t> copies(world.size());
  const double peers = static_cast<double>(world.size());
  world.traffic = {};
  PeerIndex origin = first;
  for (unsigned i = 0; i < broadcasts; ++i) {
    while (world.roles[origin] != Role::honest) origin = (origin + 1) % static_cast<PeerIndex>(world.size());
    world.arrivals.clear();
    std::ranges::fill(copies, std::uint8_t{0});
    const TimePoint start = world.now();
    world.broadcast(origin, BroadcastWorld::payload());
    world.run(30s);
    for (const auto& arrival : world.arrivals) {
      outcome.copies_max = std::max<std::size_t>(outcome.copies_max, ++copies[arrival.peer]);
      if (world.roles[arrival.peer] == Role::honest && copies[arrival.peer] == 1)
        times.push_back(std::chrono::duration<double>(arrival.at - start).count());
    }
    origin = (origin + 1 + static_cast<PeerIndex>(world.size() / 7)) % static_cast<PeerIndex>(world.size());
  }
  const double wanted = broadcasts * static_cast<double>(world.honest() - 1);
  std::ranges::sort(times);
  const auto quantile = [&](double share) {
    const auto rank = static_cast<std::size_t>(std::ceil(share * wanted)) - 1;
    return rank < times.size() ? times[rank] : std::numeric_limits<double>::infinity();
  };
  outcome.coverage = static_cast<double>(times.size()) / wanted;
  outcome.payloads_per_peer = static_cast<double>(world.traffic.payloads) / broadcasts / peers;
  outcome.digest_bytes = static_cast<double>(world.traffic.digest_bytes) / broadcasts / peers;
  outcome.digest_ratio =
      static_cast<double>(world.traffic.digest_bytes) / static_cast<double>(world.traffic.payload_bytes);
  outcome.median_s = quantile(0.5);
  outcome.p9999_s = quantile(0.9999);
  outcome.last_s = times.empty() ? 0 : times.back();
  return outcome;
}

}  // namespace cicada::sim::test
