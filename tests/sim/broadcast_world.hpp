#pragma once
/// A swarm that only broadcasts: links with latency and loss, and peers that misbehave. Hostile peers run the real
/// core; what they send, hear or say beside that is changed here.

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include <cicada/codec.hpp>
#include <cicada/sim/normal_quantile.hpp>

#include "still_ring.hpp"

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

class BroadcastWorld final : public cicada::test::StillRing {
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
      : StillRing(config_of(options), options.peers, options.seed, Timer::broadcast),
        roles(options.peers, Role::honest),
        options_(options),
        rng_(options.seed, Purpose::test, 77) {}

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
    begin_step(origin);
    const MessageId id = nodes_[origin].broadcast(environment_, std::move(payload), visited);
    for (PeerIndex i = 0; i < size(); ++i)
      if (roles[i] == Role::lies) tell_all(i, id.high);
    return id;
  }
  static Payload payload(std::size_t bytes = 1024, std::uint8_t value = 0x5a) {
    return std::make_shared<const std::vector<std::uint8_t>>(bytes, value);
  }

  /// Puts a message on its way as if `from` had sent it.
  void inject(PeerIndex from, PeerIndex to, const Message& message) {
    begin_step(from);
    post(peer(to), message);
  }

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

 private:
  static SwarmConfig config_of(const Options& options) {
    SwarmConfig config;
    config.broadcast = options.broadcast;
    config.chord.successors = options.successors;
    return config;
  }
  [[nodiscard]] bool hears(PeerIndex peer) const override {
    return roles[peer] != Role::drops && roles[peer] != Role::lies;
  }
  void tell_all(PeerIndex liar, std::uint64_t id) {
    begin_step(liar);
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
    deliver(now() + latency(current_, to.index), current_, to.index, std::move(message));
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
  // Listener
  void on_broadcast(const BroadcastHeader& header, const Payload&) override {
    arrivals.push_back({current_, header.id, now()});
  }

  Options options_;
  Rng rng_;
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
