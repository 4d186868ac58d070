#pragma once
/// A swarm that only sends: `SwarmNode`s in an ideal ring that stays as it is, links of one latency, and a hook through
/// which a test sees, changes or withholds every message. The ring's own timers never fire.

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <queue>
#include <span>
#include <utility>
#include <vector>

#include <cicada/modelled_crypto.hpp>
#include <cicada/signing.hpp>
#include <cicada/swarm_node.hpp>

namespace cicada::test {

using namespace std::chrono_literals;

class SwarmWorld : private Clock, private Transport, private Contacts, private cicada::Crypto, private Listener {
 public:
  struct Options {
    std::size_t peers = 64;
    std::uint64_t seed = 1;
    SwarmConfig config{};
  };
  struct Arrival {
    PeerIndex at = no_peer;
    MessageId id;
    Payload payload;
  };

  explicit SwarmWorld(const Options& options)
      : config_(options.config), environment_{TimePoint{}, *this, *this, *this, *this, *this} {
    const std::size_t n = options.peers;
    Rng ids(options.seed, Purpose::identity);
    for (std::size_t i = 0; i < n; ++i) ids_.push_back(Id{{ids.next(), ids.next(), ids.next(), ids.next()}});
    std::ranges::sort(ids_);
    due_.assign(n, time_never);
    nodes_.reserve(n);
    for (PeerIndex i = 0; i < n; ++i) {
      nodes_.emplace_back(config_, peer(i), ids_[i], Rng(options.seed, Purpose::node, i));
      PeerList after, before;
      for (std::size_t k = 1; k <= std::min<std::size_t>(config_.chord.successors, n - 1); ++k) {
        after.push_back(peer(static_cast<PeerIndex>((i + k) % n)));
        before.push_back(peer(static_cast<PeerIndex>((i + n - k) % n)));
      }
      current_ = i;
      ChordNode& ring = nodes_[i].chord();
      ring.start_in_ring(environment_, after.view(), before.view());
      for (unsigned level = 0; level < ring.finger_levels(); ++level) {
        const auto owner = std::ranges::lower_bound(ids_, ring.finger_start(level));
        ring.set_finger(level, peer(static_cast<PeerIndex>(owner == ids_.end() ? 0 : owner - ids_.begin())));
      }
    }
  }
  virtual ~SwarmWorld() = default;
  SwarmWorld(const SwarmWorld&) = delete;
  SwarmWorld& operator=(const SwarmWorld&) = delete;

  MessageId send(PeerIndex from, const Id& to, const SendOptions& options) {
    current_ = from;
    return nodes_[from].send(environment_, to, bytes(), options);
  }
  static Payload bytes(std::size_t count = 100, std::uint8_t value = 0x5a) {
    return std::make_shared<const std::vector<std::uint8_t>>(count, value);
  }
  /// Calls `act(node, environment)` as a step of that peer.
  template <class Act>
  auto step(PeerIndex peer, Act&& act) {
    current_ = peer;
    return act(nodes_[peer], environment_);
  }
  /// Puts a message on its way as if `from` had sent it, past the hook.
  void inject(PeerIndex from, PeerIndex to, const Message& message) { post(from, to, message); }

  /// Lets `span` of time pass.
  void run(Duration span) {
    const TimePoint until = now() + span;
    while (!queue_.empty() && queue_.top().at <= until) {
      const Event event = queue_.top();
      queue_.pop();
      environment_.now = event.at;
      current_ = event.to;
      ++events;
      if (event.message != nullptr) {
        nodes_[event.to].on_message(environment_, peer(event.from), *event.message);
      } else if (due_[event.to] == event.at) {
        due_[event.to] = time_never;
        nodes_[event.to].on_timer(environment_, Timer::data);
      }
    }
    environment_.now = until;
  }

  /// A data message as `signer` would make it, whatever it says about its source.
  Data made_by(PeerIndex signer, PeerIndex source, const Id& target, Payload payload, std::uint64_t nonce = 1,
               DataKind kind = DataKind::message) {
    DataHeader header;
    header.target = target;
    header.source = peer(source);
    header.sent_ns = static_cast<std::uint64_t>(now().time_since_epoch().count());
    header.nonce = nonce;
    header.kind = kind;
    current_ = signer;
    header.source_key = public_key();
    const auto statement = signed_bytes(header, id(source), payload_hash(*this, payload));
    header.id = data_id(*this, statement);
    header.signature = sign(statement);
    Data data;
    data.header = std::make_shared<const DataHeader>(header);
    data.payload = std::move(payload);
    data.routing = Routing::repair;
    return data;
  }

  [[nodiscard]] TimePoint now() const { return environment_.now; }
  [[nodiscard]] Peer peer(PeerIndex index) const { return {ids_[index].prefix(), index}; }
  [[nodiscard]] const Id& id(PeerIndex index) const { return ids_[index]; }
  [[nodiscard]] std::size_t size() const { return ids_.size(); }
  [[nodiscard]] std::size_t count(Mark mark) const { return marks_[static_cast<std::size_t>(mark)]; }

  std::vector<Arrival> arrivals;
  std::vector<SendDone> done;
  std::vector<TimePoint> ended_at;  ///< As `done`.
  std::uint64_t events = 0;
  /// Sees every message that a node sends; may change it. Gives false for one that shall vanish.
  std::function<bool(PeerIndex from, PeerIndex to, Message& message)> meddle;
  /// Has `node` ever met `other`, so that it knows its key? Everybody knows everybody by default, as where ids are
  /// hashes of keys.
  std::function<bool(PeerIndex node, PeerIndex other)> met;

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

  void post(PeerIndex from, PeerIndex to, const Message& message) {
    queue_.push({now() + 50ms, ++number_, to, from, std::make_shared<const Message>(message)});
  }
  // Clock
  void arm(Timer timer, TimePoint at) override {
    if (timer != Timer::data) return;
    due_[current_] = std::max(at, now());
    queue_.push({due_[current_], ++number_, current_, current_, nullptr});
  }
  void disarm(Timer timer) override {
    if (timer == Timer::data) due_[current_] = time_never;
  }
  // Transport
  void send(const Peer& to, const Message& message) override {
    Message sent = message;
    if (!meddle || meddle(current_, to.index, sent)) post(current_, to.index, sent);
  }
  void forget(const Peer&) override {}
  // Contacts
  [[nodiscard]] Id id_of(PeerIndex index) const override { return ids_[index]; }
  [[nodiscard]] std::uint32_t incarnation_of(PeerIndex) const override { return 0; }
  [[nodiscard]] bool is_key_of(const PublicKey& key, const Id& id) const override {
    const auto place = std::ranges::lower_bound(ids_, id);
    if (place == ids_.end() || *place != id) return false;
    const auto index = static_cast<PeerIndex>(place - ids_.begin());
    return (!met || index == current_ || met(current_, index)) && key == ModelledCrypto::key_of(index);
  }
  [[nodiscard]] bool may_be_key_of(const PublicKey& key, const Id& id) const override {
    const auto place = std::ranges::lower_bound(ids_, id);
    const bool known = place != ids_.end() && *place == id;
    const auto index = static_cast<PeerIndex>(place - ids_.begin());
    return (met && (!known || (index != current_ && !met(current_, index)))) || is_key_of(key, id);
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
  void on_send_done(const SendDone& ended) override {
    done.push_back(ended);
    ended_at.push_back(now());
  }
  void on_receive(const DataHeader& header, const Payload& payload) override {
    arrivals.push_back({current_, header.id, payload});
  }
  void on_mark(Mark mark) override { ++marks_[static_cast<std::size_t>(mark)]; }

  SwarmConfig config_;
  std::vector<Id> ids_;  ///< In the order of the ring: a peer's index is its place.
  std::vector<SwarmNode> nodes_;
  std::vector<TimePoint> due_;
  std::priority_queue<Event, std::vector<Event>, std::greater<>> queue_;
  std::uint64_t number_ = 0;
  PeerIndex current_ = 0;
  std::array<std::size_t, mark_count> marks_{};
  CryptoCounts crypto_counts_;
  Environment environment_;
};

}  // namespace cicada::test
