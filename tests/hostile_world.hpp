#pragma once
/// A small ring in which some peers are hostile: bytes choose what those send, and what time and users do meanwhile.
/// All messages travel as bytes. What an honest node does with them is checked after every step and at the end: no
/// assertion fails, its tables keep their bounds and their counts, it sends no storm, what was begun ends, and no step
/// of the ring hangs.
///
/// Hostile peers answer what they are asked with the right tokens and wrong contents, send messages of every kind with
/// the peers of the world in them, return and replay what they were given, and change single bytes of it.

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <queue>
#include <span>
#include <utility>
#include <variant>
#include <vector>

#include <cicada/assert.hpp>
#include <cicada/codec.hpp>
#include <cicada/modelled_crypto.hpp>
#include <cicada/signing.hpp>
#include <cicada/swarm_node.hpp>

#include "unit/any_message.hpp"
#include "unit/map_contact_book.hpp"

namespace cicada::test {

/// Decisions read from bytes; zeros once those have run out.
class Choices {
 public:
  explicit Choices(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}

  [[nodiscard]] bool over() const { return bytes_.empty(); }
  std::uint8_t byte() {
    if (bytes_.empty()) return 0;
    const std::uint8_t first = bytes_.front();
    bytes_ = bytes_.subspan(1);
    return first;
  }
  /// One byte decides: `bound` is at most 256.
  std::uint64_t below(std::uint64_t bound) { return byte() % bound; }
  /// Small and extreme values more often than others.
  std::uint64_t word() {
    const std::uint8_t kind = byte();
    if (kind < 96) return kind % 4;
    if (kind < 128) return ~std::uint64_t{0} >> (8 * (kind % 8));
    std::uint64_t value = 0;
    for (int i = 0; i < 8; ++i) value = (value << 8) | byte();
    return value;
  }

 private:
  std::span<const std::uint8_t> bytes_;
};

class HostileWorld final : private Clock,
                           private Transport,
                           private Contacts,
                           private Crypto,
                           private Listener,
                           private ContactBook {
 public:
  static constexpr PeerIndex honest = 5, hostile = 3, peers = honest + hostile;

  explicit HostileWorld(Choices choices)
      : choices_(choices),
        environment_{
            TimePoint{std::chrono::hours(1)}, TimePoint{std::chrono::hours(1)}, *this, *this, *this, *this, *this} {
    configure();
    Rng ids(1, Purpose::identity);
    for (PeerIndex i = 0; i < peers; ++i) {
      const Id id{{ids.next(), ids.next(), ids.next(), ids.next()}};
      CICADA_ASSERT(intern({.id = id, .incarnation = 1, .endpoint = {{}, 1}})->index == i);
    }
    for (PeerIndex i = 0; i < honest; ++i) {
      nodes_.emplace_back(config_, peer(i), id_of(i), Rng(1, Purpose::node, i));
      due_.emplace_back().fill(time_never);
      idle_at_.push_back(environment_.now);
    }
    start();
  }

  /// Does what the bytes say, waits until all that must end has ended, and checks that.
  void run() {
    for (int acts = 0; acts < 200 && !choices_.over(); ++acts) act();
    pass(std::chrono::seconds(150));
    for (int rest = 0; rest < 5 && load() > 0; ++rest) pass(std::chrono::seconds(13));
    CICADA_ASSERT(load() == 0);
    CICADA_ASSERT(sends_open_ == 0 && lookups_open_ == 0);
    for (PeerIndex i = 0; i < honest; ++i)
      if (nodes_[i].chord().is_member()) CICADA_ASSERT(environment_.now - idle_at_[i] < std::chrono::minutes(2));
  }

  [[nodiscard]] std::uint64_t refused(Refusal reason) const { return refused_[static_cast<std::size_t>(reason)]; }
  [[nodiscard]] std::uint64_t injected() const { return injected_; }

 private:
  using Bytes = std::vector<std::uint8_t>;
  struct Event {
    TimePoint at;
    std::uint64_t number = 0;
    PeerIndex to = 0, from = 0;
    std::shared_ptr<const Bytes> bytes;  ///< Null: a timer, or with `down` the news that `from` is gone.
    bool down = false;
    friend bool operator>(const Event& a, const Event& b) {
      return std::pair(a.at, a.number) > std::pair(b.at, b.number);
    }
  };
  /// What a hostile peer was given.
  struct Heard {
    PeerIndex by = 0, from = 0;
    std::shared_ptr<const Bytes> bytes;
  };
  static constexpr std::size_t sent_per_step_max = 1200;  // 1,024 tracked hops may time out at once.
  static constexpr std::uint64_t events_max = 400'000;

  void configure() {
    config_.chord.successors = 3;
    config_.relays_max = 12;
    config_.relay_bytes_max = 1U << 12;
    config_.remembered_max = 4;
    config_.pending_sends_max = 16;
    config_.guards = 2;
    config_.cards_max = 8;
    config_.cards_kept_max = 8;
    config_.broadcast.items_max = 32;
    config_.broadcast.origin_items_max = 8;
    config_.broadcast.missing_max = 32;
    config_.broadcast.origins_max = 16;
    config_.broadcast.seen_max = 64;
  }

  /// Some are members of an ideal ring with the hostile peers, others join through one of them, or are alone.
  void start() {
    const std::uint8_t kind = choices_.byte();
    std::vector<Peer> ring;
    for (PeerIndex i = 0; i < peers; ++i)
      if (i >= honest || kind % 4 != 3 || i < 2) ring.push_back(peer(i));
    std::ranges::sort(ring, {}, &Peer::prefix);
    for (PeerIndex i = 0; i < honest; ++i) {
      current_ = i;
      const auto place = std::ranges::find(ring, peer(i));
      const auto at = static_cast<std::size_t>(place - ring.begin());
      std::vector<Peer> after, before;
      for (std::size_t k = 1; place != ring.end() && k < ring.size(); ++k) {
        after.push_back(ring[(at + k) % ring.size()]);
        before.push_back(ring[(at + ring.size() - k) % ring.size()]);
      }
      ChordNode& chord = nodes_[i].chord();
      if (!after.empty())
        chord.start_in_ring(environment_, after, before);
      else if (kind % 8 == 7)
        chord.start_alone(environment_);
      else
        chord.join(environment_, std::span(&ring[i % ring.size()], 1));
    }
  }

  // ---- what the bytes choose

  PeerIndex any_honest() { return static_cast<PeerIndex>(choices_.below(honest)); }
  PeerIndex any_hostile() { return static_cast<PeerIndex>(honest + choices_.below(hostile)); }

  void act() {
    switch (choices_.below(12)) {
      case 0:
        return pass(std::chrono::milliseconds(choices_.byte()));
      case 1:
        return pass(std::chrono::milliseconds(200) * choices_.byte());
      case 2:
        return use(any_honest());
      case 3:
        return down(any_honest(), static_cast<PeerIndex>(choices_.below(peers)));
      case 4:
        return inject(any_hostile(), any_honest(), raw());
      case 5:
      case 6:
        return say(any_hostile(), any_honest());
      case 7:
        return flood(any_hostile(), any_honest());
      default:
        return answer();
    }
  }

  /// A user's call.
  void use(PeerIndex at) {
    current_ = at;
    const Id target = id_of(static_cast<PeerIndex>(choices_.below(book_.size())));
    const auto payload = std::make_shared<const Bytes>(choices_.byte(), std::uint8_t{1});
    switch (choices_.below(4)) {
      case 0:
        ++lookups_open_;
        return nodes_[at].chord().lookup(environment_, target, 0);
      case 1:
        static_cast<void>(nodes_[at].broadcast(environment_, payload));
        return;
      default: {
        ++sends_open_;
        const SendOptions options(static_cast<unsigned>(choices_.below(8)), static_cast<Strategy>(choices_.below(6)));
        static_cast<void>(nodes_[at].send(environment_, target, payload, options));
      }
    }
  }

  void down(PeerIndex at, PeerIndex gone) {
    if (at == gone) return;
    current_ = at;
    nodes_[at].on_peer_down(environment_, peer(gone));
    check(at);
  }

  Bytes raw() {
    Bytes bytes{wire_version};
    for (std::size_t left = choices_.byte(); left > 0 && !choices_.over(); --left) bytes.push_back(choices_.byte());
    return bytes;
  }

  /// A message of any kind with peers of the world in it, signed by the hostile peer where it is signed.
  Message made(PeerIndex by, std::size_t kind) {
    Message message = AnyMessage(choices_, static_cast<ContactBook&>(*this), Endpoints::ipv4).message(kind);
    if (auto* data = std::get_if<Data>(&message)) sign_as(by, *data);
    if (auto* broadcast = std::get_if<Broadcast>(&message)) sign_as(by, *broadcast);
    return message;
  }
  void say(PeerIndex by, PeerIndex to) {
    const auto bytes = std::make_shared<const Bytes>(encoded(made(by, choices_.below(std::variant_size_v<Message>))));
    heard_.push_back({by, to, bytes});  // It may come once more.
    inject(by, to, *bytes);
  }
  void flood(PeerIndex by, PeerIndex to) {
    Message message = made(by, choices_.below(std::variant_size_v<Message>));
    const Bytes bytes = encoded(message);
    for (std::size_t i = choices_.byte(); i > 0; --i) inject(by, to, bytes);
  }

  /// Something that a hostile peer was given: answered, returned, replayed to another one, or changed.
  void answer() {
    if (heard_.empty()) return;
    const std::size_t back = 1 + choices_.below(std::min<std::size_t>(heard_.size(), 64));
    const Heard heard = heard_[heard_.size() - back];
    const PeerIndex by = choices_.below(4) == 0 ? any_hostile() : heard.by;
    switch (choices_.below(6)) {
      case 0:
        return inject(by, heard.from, *heard.bytes);
      case 1:
        return inject(by, any_honest(), *heard.bytes);
      case 2: {
        Bytes changed = *heard.bytes;
        for (std::size_t i = 1 + choices_.below(3); i > 0; --i) {
          const std::size_t at = (choices_.byte() * std::size_t{256} + choices_.byte()) % changed.size();
          changed[at] = choices_.byte();
        }
        return inject(by, choices_.below(2) == 0 ? heard.from : any_honest(), changed);
      }
      default:
        if (const auto question = decode(*heard.bytes, book_)) reply(by, heard.from, *question);
    }
  }

  /// The token, lookup or id of the question, and anything else.
  void reply(PeerIndex by, PeerIndex to, const Message& question) {
    Message reply = made(by, choices_.below(std::variant_size_v<Message>));
    const auto adopt = [](const auto& asked, auto& answer) {
      if constexpr (requires { answer.token = asked.token; }) answer.token = asked.token;
      if constexpr (requires { answer.lookup = asked.lookup; }) answer.lookup = asked.lookup;
      if constexpr (requires { answer.id = asked.header->id; }) answer.id = asked.header->id;
      if constexpr (requires { answer.header->id, asked.header->id; }) {
        if constexpr (requires { answer.header = asked.header; }) {
          answer.header = asked.header;
          answer.payload = asked.payload;
        }
      }
      if constexpr (requires { answer.copy = asked.copy; }) answer.copy = asked.copy;
      if constexpr (requires { answer.ids = asked.ids; }) answer.ids = asked.ids;
    };
    std::visit([&](const auto& asked) { std::visit([&](auto& answer) { adopt(asked, answer); }, reply); }, question);
    inject(by, to, encoded(reply));
  }

  void sign_as(PeerIndex by, Data& data) {
    DataHeader header = *data.header;
    const std::uint8_t how = choices_.byte();
    if (how % 8 != 0) header.source = peer(by);
    if (how % 2 == 0) header.target = id_of(any_honest());
    if (how % 4 == 0) header.kind = DataKind::message;
    if (how % 16 != 1) header.sent_ns = now_ns() - (how % 16 == 2 ? choices_.word() : 0);
    if (how % 8 != 7 && header.kind != DataKind::store_card) data.card = nullptr;
    current_ = by;
    header.source_key = public_key();
    if (data.card && how % 32 < 24) {
      ContactCard card = *data.card;
      card.owner = id_of(by);
      card.owner_key = public_key();
      card.expires_ns = now_ns() + 3'600'000'000'000;
      card.signature = sign(signed_bytes(card, *this));
      data.payload = std::make_shared<const Bytes>(card.signature.begin(), card.signature.end());
      data.card = std::make_shared<const ContactCard>(card);
    }
    if (header.kind == DataKind::fetch_card && how % 32 < 28) {
      const auto owner = id_of(static_cast<PeerIndex>(choices_.below(peers))).to_bytes();
      Bytes request(owner.begin(), owner.end());
      request.resize(owner.size() + 8);
      data.payload = std::make_shared<const Bytes>(std::move(request));
    }
    const auto statement = signed_bytes(header, id_of(header.source.index), payload_hash(*this, data.payload));
    header.id = data_id(*this, statement);
    header.signature = sign(statement);
    data.header = std::make_shared<const DataHeader>(header);
  }

  void sign_as(PeerIndex by, Broadcast& broadcast) {
    BroadcastHeader header = *broadcast.header;
    const std::uint8_t how = choices_.byte();
    if (how % 8 != 0) header.origin = peer(by);
    if (how % 16 != 1) header.sent_ns = now_ns();
    current_ = by;
    header.origin_key = public_key();
    const auto statement = signed_bytes(header, id_of(header.origin.index), incarnation_of(header.origin.index),
                                        payload_hash(*this, broadcast.payload), visited_hash(*this, header.visited));
    header.id = broadcast_id(*this, statement);
    header.signature = sign(statement);
    broadcast.header = std::make_shared<const BroadcastHeader>(header);
  }

  // ---- time and links

  [[nodiscard]] std::uint64_t now_ns() const {
    return static_cast<std::uint64_t>(environment_.now.time_since_epoch().count());
  }
  Bytes encoded(const Message& message) {
    Bytes bytes;
    encode(message, book_, bytes);
    return bytes;
  }
  void inject(PeerIndex by, PeerIndex to, const Bytes& bytes) {
    ++injected_;
    hear(by, to, bytes);
  }

  void pass(Duration span) {
    const TimePoint until = environment_.now + span;
    while (!queue_.empty() && queue_.top().at <= until) {
      CICADA_ASSERT(++events_ < events_max);
      const Event event = queue_.top();
      queue_.pop();
      environment_.now = environment_.wall = event.at;
      if (event.bytes != nullptr)
        hear(event.from, event.to, *event.bytes);
      else if (event.down)
        down(event.to, event.from);
      else
        fire(event.to, static_cast<Timer>(event.from), event.at);
    }
    environment_.now = environment_.wall = until;
  }
  void fire(PeerIndex at, Timer timer, TimePoint due) {
    TimePoint& armed = due_[at][static_cast<std::size_t>(timer)];
    if (armed != due) return;
    armed = time_never;
    current_ = at;
    sent_in_step_ = 0;
    nodes_[at].on_timer(environment_, timer);
    check(at);
  }
  void hear(PeerIndex from, PeerIndex to, const Bytes& bytes) {
    const auto message = decode(bytes, book_);
    if (!message) return;
    current_ = to;
    sent_in_step_ = 0;
    nodes_[to].on_message(environment_, peer(from), *message);
    check(to);
  }
  void push(Event event) {
    event.number = ++number_;
    queue_.push(std::move(event));
  }

  // ---- what must hold

  void check(PeerIndex at) {
    const SwarmNode& node = nodes_[at];
    CICADA_ASSERT(sent_in_step_ <= sent_per_step_max);
    CICADA_ASSERT(node.is_consistent());
    CICADA_ASSERT(node.load().copies <= config_.relays_max && node.load().bytes <= config_.relay_bytes_max);
    CICADA_ASSERT(node.relays() <= 2 * config_.relays_max + 256 * config_.pending_sends_max + 1024);
    CICADA_ASSERT(node.cards_kept() <= config_.cards_kept_max);
    CICADA_ASSERT(node.chord().heap_bytes() < std::size_t{1} << 19);
    if (const BroadcastNode* broadcasts = node.broadcast_node()) {
      CICADA_ASSERT(broadcasts->items() <= config_.broadcast.items_max);
      CICADA_ASSERT(broadcasts->missing() <= config_.broadcast.missing_max);
      CICADA_ASSERT(broadcasts->origins() <= config_.broadcast.origins_max);
      CICADA_ASSERT(broadcasts->seen() <= config_.broadcast.seen_max);
    }
    if (!node.chord().is_busy()) idle_at_[at] = environment_.now;
  }
  [[nodiscard]] std::size_t load() const {
    std::size_t sum = 0;
    for (const SwarmNode& node : nodes_) sum += node.load().copies;
    return sum;
  }

  // Clock
  void arm(Timer timer, TimePoint at) override {
    TimePoint& armed = due_[current_][static_cast<std::size_t>(timer)];
    armed = std::max(at, environment_.now);
    push({.at = armed, .to = current_, .from = static_cast<PeerIndex>(timer), .bytes = nullptr});
  }
  void disarm(Timer timer) override { due_[current_][static_cast<std::size_t>(timer)] = time_never; }
  // Transport
  void send(const Peer& to, const Message& message) override {
    CICADA_ASSERT(to.exists());
    ++sent_in_step_;
    const TimePoint later = environment_.now + std::chrono::milliseconds(10);
    auto bytes = std::make_shared<const Bytes>(encoded(message));
    if (to.index < honest)
      push({.at = later, .to = to.index, .from = current_, .bytes = std::move(bytes)});
    else if (to.index < peers)
      heard_.push_back({to.index, current_, std::move(bytes)});
    else
      push({.at = later, .to = current_, .from = to.index, .bytes = nullptr, .down = true});
  }
  void forget(const Peer&) override {}
  // Contacts and ContactBook: `intern` of this class is for made messages, whose peers are mostly those of the world.
  [[nodiscard]] Peer peer(PeerIndex index) const { return {id_of(index).prefix(), index}; }
  [[nodiscard]] Id id_of(PeerIndex index) const override { return book_.contact_of(index).id; }
  [[nodiscard]] std::uint32_t incarnation_of(PeerIndex index) const override {
    return book_.contact_of(index).incarnation;
  }
  [[nodiscard]] Contact contact_of(PeerIndex index) const override { return book_.contact_of(index); }
  [[nodiscard]] std::optional<Peer> intern(const Contact& contact) override {
    if (book_.size() < peers || contact.id.words[0] % 8 == 7)
      if (const auto fresh = book_.intern(contact)) return fresh;
    return peer(static_cast<PeerIndex>(contact.id.words[0] % book_.size()));
  }
  [[nodiscard]] std::optional<PeerIndex> owner_of(const Id& id) const {
    for (PeerIndex i = 0; i < peers; ++i)
      if (id_of(i) == id) return i;
    return std::nullopt;
  }
  [[nodiscard]] bool is_key_of(const PublicKey& key, const Id& id) const override {
    const auto owner = owner_of(id);
    return owner && key == ModelledCrypto::key_of(*owner);
  }
  [[nodiscard]] bool may_be_key_of(const PublicKey& key, const Id& id) const override {
    return !owner_of(id) || is_key_of(key, id);
  }
  // Crypto
  [[nodiscard]] ModelledCrypto crypto() { return ModelledCrypto(current_, crypto_counts_); }
  [[nodiscard]] PublicKey public_key() const override { return ModelledCrypto::key_of(current_); }
  [[nodiscard]] Signature sign(std::span<const std::uint8_t> bytes) override { return crypto().sign(bytes); }
  [[nodiscard]] bool verify(std::span<const std::uint8_t> bytes, const Signature& signature,
                            const PublicKey& key) override {
    return crypto().verify(bytes, signature, key);
  }
  [[nodiscard]] Id hash(std::span<const std::uint8_t> bytes) override { return crypto().hash(bytes); }
  [[nodiscard]] Nonce nonce(std::uint64_t number) override { return crypto().nonce(number); }
  // Listener
  void on_joined() override {}
  void on_join_failed() override {}
  void on_lookup_done(const LookupDone& done) override {
    --lookups_open_;
    if (done.status == LookupStatus::found) CICADA_ASSERT(done.owner.exists());
  }
  void on_send_done(const SendDone&) override { --sends_open_; }
  void on_receive(const DataHeader& header, const Payload&) override { CICADA_ASSERT(header.source.exists()); }
  void on_mark(Mark) override {}
  void on_refused(const Peer& from, Refusal reason) override {
    ++refused_[static_cast<std::size_t>(reason)];
    CICADA_ASSERT(reason != Refusal::forged || from.index >= honest);  // No honest peer is made to forge.
  }

  Choices choices_;
  SwarmConfig config_;
  MapContactBook book_{96};
  Environment environment_;
  std::vector<SwarmNode> nodes_;
  std::vector<std::array<TimePoint, timer_count>> due_;
  std::vector<TimePoint> idle_at_;
  std::vector<Heard> heard_;
  std::priority_queue<Event, std::vector<Event>, std::greater<>> queue_;
  CryptoCounts crypto_counts_;
  RefusalCounts refused_{};
  PeerIndex current_ = 0;
  std::uint64_t number_ = 0, events_ = 0, injected_ = 0;
  std::size_t sent_in_step_ = 0;
  int sends_open_ = 0, lookups_open_ = 0;
};

}  // namespace cicada::test
