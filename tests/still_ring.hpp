#pragma once
/// `SwarmNode`s in an ideal ring that stays as it is: of all timers only the one under test fires, so that a run of
/// 10,000 peers takes a second or so. What a message meets on its way, and what is noted, is for the derived worlds.

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <queue>
#include <span>
#include <utility>
#include <vector>

#include <cicada/modelled_crypto.hpp>
#include <cicada/swarm_node.hpp>

namespace cicada::test {

class StillRing : protected Clock,
                  protected Transport,
                  protected Contacts,
                  protected cicada::Crypto,
                  protected Listener {
 public:
  StillRing(const StillRing&) = delete;
  StillRing& operator=(const StillRing&) = delete;

  /// Lets `span` of time pass.
  void run(Duration span) {
    const TimePoint until = now() + span;
    while (!queue_.empty() && queue_.top().at <= until) {
      const Event event = queue_.top();
      queue_.pop();
      environment_.now = event.at;
      begin_step(event.to);
      ++events;
      if (event.message != nullptr) {
        if (hears(event.to)) nodes_[event.to].on_message(environment_, peer(event.from), *event.message);
      } else if (due_[event.to] == event.at) {
        due_[event.to] = time_never;
        nodes_[event.to].on_timer(environment_, timer_);
      }
    }
    environment_.now = until;
  }

  [[nodiscard]] TimePoint now() const { return environment_.now; }
  [[nodiscard]] Peer peer(PeerIndex index) const { return {ids_[index].prefix(), index}; }
  [[nodiscard]] const Id& id(PeerIndex index) const { return ids_[index]; }
  [[nodiscard]] std::size_t size() const { return ids_.size(); }

  /// By how much the clocks of some peers are ahead of the others'.
  std::map<PeerIndex, Duration> clock_offsets;
  std::uint64_t events = 0;  ///< Messages and timers, those that came to nothing included.
  /// Sees every message on its way; may change it. Gives false for one that shall vanish.
  std::function<bool(PeerIndex from, PeerIndex to, Message& message)> meddle;

 protected:
  StillRing(const SwarmConfig& config, std::size_t peers, std::uint64_t seed, Timer timer)
      : config_(config), timer_(timer), environment_{{}, {}, *this, *this, *this, *this, *this} {
    Rng ids(seed, Purpose::identity);
    for (std::size_t i = 0; i < peers; ++i) ids_.push_back(Id{{ids.next(), ids.next(), ids.next(), ids.next()}});
    std::ranges::sort(ids_);
    due_.assign(peers, time_never);
    nodes_.reserve(peers);
    for (PeerIndex i = 0; i < peers; ++i) {
      nodes_.emplace_back(config_, peer(i), ids_[i], Rng(seed, Purpose::node, i));
      PeerList after, before;
      for (std::size_t k = 1; k <= std::min<std::size_t>(config_.chord.successors, peers - 1); ++k) {
        after.push_back(peer(static_cast<PeerIndex>((i + k) % peers)));
        before.push_back(peer(static_cast<PeerIndex>((i + peers - k) % peers)));
      }
      begin_step(i);
      ChordNode& ring = nodes_[i].chord();
      if (peers == 1)
        ring.start_alone(environment_);
      else
        ring.start_in_ring(environment_, after.view(), before.view());
      for (unsigned level = 0; level < ring.finger_levels(); ++level) {
        const auto owner = std::ranges::lower_bound(ids_, ring.finger_start(level));
        ring.set_finger(level, peer(static_cast<PeerIndex>(owner == ids_.end() ? 0 : owner - ids_.begin())));
      }
    }
  }
  ~StillRing() = default;

  /// What follows is done by this peer, by its clock.
  void begin_step(PeerIndex peer) {
    current_ = peer;
    const auto offset = clock_offsets.find(peer);
    environment_.wall = now() + (offset == clock_offsets.end() ? Duration{} : offset->second);
  }
  /// Does the peer take what arrives?
  [[nodiscard]] virtual bool hears(PeerIndex) const { return true; }
  void deliver(TimePoint at, PeerIndex from, PeerIndex to, Message message) {
    queue_.push({at, ++number_, to, from, std::make_shared<const Message>(std::move(message))});
  }
  /// The peer with this id, or `no_peer`.
  [[nodiscard]] PeerIndex index_of(const Id& id) const {
    const auto place = std::ranges::lower_bound(ids_, id);
    return place == ids_.end() || *place != id ? no_peer : static_cast<PeerIndex>(place - ids_.begin());
  }

  // Clock
  void arm(Timer timer, TimePoint at) override {
    if (timer != timer_) return;
    due_[current_] = std::max(at, now());
    queue_.push({due_[current_], ++number_, current_, current_, nullptr});
  }
  void disarm(Timer timer) override {
    if (timer == timer_) due_[current_] = time_never;
  }
  // Transport
  void forget(const Peer&) override {}
  // Contacts
  [[nodiscard]] Id id_of(PeerIndex index) const override { return ids_[index]; }
  [[nodiscard]] std::uint32_t incarnation_of(PeerIndex) const override { return 0; }
  [[nodiscard]] bool is_key_of(const PublicKey& key, const Id& id) const override {
    const PeerIndex index = index_of(id);
    return index != no_peer && key == ModelledCrypto::key_of(index);
  }
  // Crypto
  [[nodiscard]] PublicKey public_key() const override { return ModelledCrypto::key_of(current_); }
  [[nodiscard]] Signature sign(std::span<const std::uint8_t> bytes) override { return crypto().sign(bytes); }
  [[nodiscard]] bool verify(std::span<const std::uint8_t> bytes, const Signature& signature,
                            const PublicKey& key) override {
    return crypto().verify(bytes, signature, key);
  }
  [[nodiscard]] Id hash(std::span<const std::uint8_t> bytes) override { return crypto().hash(bytes); }
  [[nodiscard]] Nonce nonce(std::uint64_t number) override { return crypto().nonce(number); }
  [[nodiscard]] ModelledCrypto crypto() { return ModelledCrypto(current_, crypto_counts_); }
  // Listener
  void on_joined() override {}
  void on_join_failed() override {}
  void on_lookup_done(const LookupDone&) override {}
  void on_send_done(const SendDone&) override {}
  void on_receive(const DataHeader&, const Payload&) override {}
  void on_mark(Mark) override {}

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

  SwarmConfig config_;
  Timer timer_;
  std::vector<Id> ids_;  ///< In the order of the ring: a peer's index is its place.
  std::vector<TimePoint> due_;
  std::priority_queue<Event, std::vector<Event>, std::greater<>> queue_;
  std::uint64_t number_ = 0;
  CryptoCounts crypto_counts_;

 protected:
  std::vector<SwarmNode> nodes_;
  PeerIndex current_ = 0;  ///< Whose step it is.
  Environment environment_;
};

}  // namespace cicada::test
