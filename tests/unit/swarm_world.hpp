#pragma once
/// A swarm that only sends: links of one latency, a hook through which a test sees, changes or withholds every message,
/// and peers that have met or not.

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include <cicada/signing.hpp>

#include "still_ring.hpp"

namespace cicada::test {

using namespace std::chrono_literals;

class SwarmWorld : public StillRing {
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

  explicit SwarmWorld(const Options& options) : StillRing(options.config, options.peers, options.seed, Timer::data) {}
  virtual ~SwarmWorld() = default;

  MessageId send(PeerIndex from, const Id& to, const SendOptions& options) {
    begin_step(from);
    return nodes_[from].send(environment_, to, bytes(), options);
  }
  static Payload bytes(std::size_t count = 100, std::uint8_t value = 0x5a) {
    return std::make_shared<const std::vector<std::uint8_t>>(count, value);
  }
  /// Calls `act(node, environment)` as a step of that peer.
  template <class Act>
  auto step(PeerIndex peer, Act&& act) {
    begin_step(peer);
    return act(nodes_[peer], environment_);
  }
  /// Puts a message on its way as if `from` had sent it, past the hook.
  void inject(PeerIndex from, PeerIndex to, const Message& message) { post(from, to, message); }

  /// A data message as `signer` would make it, whatever it says about its source, `ago` before now by its own word.
  Data made_by(PeerIndex signer, PeerIndex source, const Id& target, Payload payload, std::uint64_t nonce = 1,
               DataKind kind = DataKind::message, Duration ago = {}) {
    DataHeader header;
    header.target = target;
    header.source = peer(source);
    header.sent_ns = static_cast<std::uint64_t>((now() - ago).time_since_epoch().count());
    header.nonce = nonce;
    header.kind = kind;
    begin_step(signer);
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

  [[nodiscard]] std::size_t count(Mark mark) const { return marks_[static_cast<std::size_t>(mark)]; }
  /// What `node` refused for this reason.
  [[nodiscard]] std::size_t refusals(PeerIndex node, Refusal reason) const {
    const auto place = refusals_.find(node);
    return place == refusals_.end() ? 0 : place->second[static_cast<std::size_t>(reason)];
  }

  std::vector<Arrival> arrivals;
  std::vector<SendDone> done;
  std::vector<TimePoint> ended_at;  ///< As `done`.
  /// Has `node` ever met `other`, so that it knows its key? Everybody knows everybody by default, as where ids are
  /// hashes of keys.
  std::function<bool(PeerIndex node, PeerIndex other)> met;

 private:
  void post(PeerIndex from, PeerIndex to, const Message& message) { deliver(now() + 50ms, from, to, message); }
  // Transport
  void send(const Peer& to, const Message& message) override {
    Message sent = message;
    if (!meddle || meddle(current_, to.index, sent)) post(current_, to.index, sent);
  }
  // Contacts
  [[nodiscard]] bool has_met(PeerIndex index) const { return !met || index == current_ || met(current_, index); }
  [[nodiscard]] bool is_key_of(const PublicKey& key, const Id& id) const override {
    return StillRing::is_key_of(key, id) && has_met(index_of(id));
  }
  [[nodiscard]] bool may_be_key_of(const PublicKey& key, const Id& id) const override {
    const PeerIndex index = index_of(id);
    return (met && (index == no_peer || !has_met(index))) || is_key_of(key, id);
  }
  // Listener
  void on_send_done(const SendDone& ended) override {
    done.push_back(ended);
    ended_at.push_back(now());
  }
  void on_receive(const DataHeader& header, const Payload& payload) override {
    arrivals.push_back({current_, header.id, payload});
  }
  void on_mark(Mark mark) override { ++marks_[static_cast<std::size_t>(mark)]; }
  void on_refused(const Peer&, Refusal reason) override { ++refusals_[current_][static_cast<std::size_t>(reason)]; }

  std::array<std::size_t, mark_count> marks_{};
  std::map<PeerIndex, RefusalCounts> refusals_;
};

}  // namespace cicada::test
