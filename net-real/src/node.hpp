#pragma once
/// The real world of one node: what its steps run in. It turns messages, timers, links that went down, and calls of the
/// user into steps of the unchanged core, and the core's answers into completions.
///
/// Everything but what says otherwise belongs to the reactor's thread. Handlers are called there, never inside a step.

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

#include <cicada/sodium_crypto.hpp>
#include <cicada/swarm_node.hpp>
#include <cicada/swarm_peer.hpp>

#include "clock_watch.hpp"
#include "inbox.hpp"
#include "links.hpp"
#include "name_lookup.hpp"
#include "node_clock.hpp"
#include "parked_messages.hpp"

namespace cicada {

class Node final : public std::enable_shared_from_this<Node>,
                   private Transport,
                   private Contacts,
                   private Listener,
                   private LinksOwner {
 public:
  using DoneHandler = std::move_only_function<void(std::error_code)>;
  using SendHandler = std::move_only_function<void(std::error_code, SendReport)>;
  using LookupHandler = std::move_only_function<void(std::error_code, LookupReport)>;
  using RecvHandler = std::move_only_function<void(std::error_code, Received)>;

  /// Any thread. Throws std::system_error where the options are no good. To be destroyed on the reactor's thread, or
  /// together with the reactor.
  Node(asio::io_context& reactor, SwarmPeerOptions options);
  ~Node();
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  // Any thread.
  /// Outlives the node: what has arrived can be read after the end.
  [[nodiscard]] std::shared_ptr<Inbox> inbox() const { return inbox_; }
  [[nodiscard]] asio::io_context& reactor() { return reactor_; }
  [[nodiscard]] PublicKey public_key() const { return crypto_.public_key(); }
  struct Address {
    Id id;
    Endpoint listener;
    Endpoint endpoint;
  };
  /// Nullopt before `bind`.
  [[nodiscard]] std::optional<Address> address() const;

  /// `local` are the addresses to try, in this order.
  std::error_code bind(const std::vector<asio::ip::tcp::endpoint>& local, const std::optional<Endpoint>& external);
  void connect(HostPort address, Duration timeout, DoneHandler handler);
  void introduce(const HostPort& address, Duration timeout, DoneHandler handler);
  void disconnect(DoneHandler handler);
  /// After it everything fails with `closed`. `done` is called when the neighbours know, or after `leave_timeout`.
  void close(std::move_only_function<void()> done);
  void abort();
  void drop_links() { links_.drop_links(); }
  /// Throws std::system_error where they are no good.
  void set_limits(const SwarmLimits& limits);

  void send(const Target& target, Payload data, SendOptions options, SendHandler handler);
  using BroadcastHandler = std::move_only_function<void(std::error_code, MessageId)>;
  void broadcast(Payload data, std::span<const Id> visited, BroadcastHandler handler);
  void lookup(const Id& key, LookupHandler handler);
  void recv(RecvHandler handler);

  [[nodiscard]] std::vector<PeerInfo> peers() const;
  [[nodiscard]] SwarmStatistics statistics() const;
  [[nodiscard]] std::vector<PeerRefusals> refusals() const { return links_.refusals(); }
  [[nodiscard]] std::optional<Endpoint> observed() const { return links_.observed(); }
  [[nodiscard]] ClockReport clock_report() const { return links_.clock_report(); }
  [[nodiscard]] Reachability reachability() const { return links_.reachability(); }

 private:
  // Transport
  void send(const Peer& to, const Message& message) override;
  void forget(const Peer& peer) override { links_.forget(peer.index); }
  // Contacts
  [[nodiscard]] Id id_of(PeerIndex index) const override { return table_[index].contact.id; }
  [[nodiscard]] std::uint32_t incarnation_of(PeerIndex index) const override {
    return table_[index].contact.incarnation;
  }
  [[nodiscard]] bool is_key_of(const PublicKey& key, const Id& id) const override { return links_.is_key_of(key, id); }
  [[nodiscard]] bool may_be_key_of(const PublicKey& key, const Id& id) const override {
    return links_.may_be_key_of(key, id);
  }
  // Listener
  void on_joined() override;
  void on_join_failed() override {}
  void on_lookup_done(const LookupDone& done) override;
  void on_send_done(const SendDone& done) override;
  void on_receive(const DataHeader& header, const Payload& payload) override;
  void on_broadcast(const BroadcastHeader& header, const Payload& payload) override;
  void take_in(RemotePeer source, const Payload& payload, const MessageId& id, bool to_all);
  void on_mark(Mark) override {}
  void on_refused(const Peer& from, Refusal reason) override;
  // LinksOwner
  void on_message(PeerIndex from, std::span<const std::uint8_t> message) override;
  void on_peer_up(PeerIndex peer, bool first_time) override;
  void on_peer_down(PeerIndex peer) override;
  void before_contacts() override;
  void on_other_clock(const Endpoint& dialled, Duration ahead) override;
  void mark_needed(std::vector<bool>& marked) const override;

  /// A send of a peer that knows nobody: perhaps somebody is just joining it.
  struct Waiting {
    TimePoint deadline;
    Id target;
    Payload data;
    SendOptions options;
    SendHandler handler;
  };
  struct Connecting {
    std::uint64_t number = 0;
    std::vector<Endpoint> endpoints;  ///< Still to be tried, the next one last.
    PeerIndex bootstrap = no_peer;
    std::error_code error;  ///< What the last endpoint said.
    asio::steady_timer deadline;
    DoneHandler handler;
  };
  /// A `connect` of a node that is in a ring already.
  struct Introduction {
    asio::steady_timer deadline;
    DoneHandler handler;
  };
  struct Departure {
    bool for_good = false;
    std::vector<DoneHandler> handlers;
    asio::steady_timer timer;
    TimePoint deadline;
  };

  /// One step of the core.
  template <class Step>
  void step(Step&& take);
  void later(std::move_only_function<void()> completion);
  void deliver(PeerIndex from, const Message& message);
  bool park(PeerIndex from, PeerIndex source, const PublicKey& key, const Message& message);
  /// They count as buffers no longer.
  std::vector<ParkedMessages::Parked> take_parked(PeerIndex source);
  void collect_contacts();
  void watch_clocks();
  void look_at_clocks();
  [[nodiscard]] RemotePeer remote(PeerIndex index) const;

  [[nodiscard]] std::error_code usable() const;
  void start_life();
  void make_node();
  [[nodiscard]] std::vector<Peer> acquaintances() const;
  [[nodiscard]] bool is_new_life(PeerIndex peer) const;
  void try_next_endpoint();
  void dialled(std::uint64_t number, std::error_code error, PeerIndex peer);
  void end_connect(std::error_code error);
  void begin_departure(bool for_good, DoneHandler handler);
  void try_to_leave();
  void end_departure();
  void end_sends_and_lookups(std::error_code why);
  void end_operations(std::error_code why);
  void end_introduction(std::uint64_t number, std::error_code error);
  [[nodiscard]] bool alone() const;
  void release_waiting();
  void send_to_id(const Id& id, Payload data, SendOptions options, SendHandler handler);
  void resolve(const HostPort& address, Duration limit, NameLookup::Handler handler);

  asio::io_context& reactor_;
  SwarmPeerOptions options_;  ///< Of these only the limits change.
  SodiumCrypto crypto_;
  asio::ssl::context tls_;
  SwarmStatistics counts_;
  std::shared_ptr<Inbox> inbox_;
  std::uint64_t seed_;  ///< Random: of message ids and jitter.
  PeerTable table_;
  Links links_;
  NodeClock clock_;
  ClockWatch clock_watch_;
  asio::steady_timer clock_timer_;
  NameLookup names_;

  std::optional<SwarmNode> node_;
  Peer self_;
  Contact contact_;
  Endpoint local_;  ///< Where it listens, in its own network.
  bool closed_ = false;
  bool stepping_ = false;
  std::deque<std::move_only_function<void()>> completions_;
  ParkedMessages parked_;
  std::deque<RecvHandler> receivers_;
  std::deque<Waiting> waiting_;
  asio::steady_timer waiting_timer_;
  std::unordered_map<std::uint64_t, SendHandler> sends_;
  std::unordered_map<std::uint64_t, LookupHandler> lookups_;
  std::uint64_t last_tag_ = 0;
  std::optional<Connecting> connecting_;
  std::unordered_map<std::uint64_t, Introduction> introductions_;
  std::optional<Departure> departure_;

  mutable std::mutex address_mutex_;
  std::optional<Address> address_;
};

template <class Step>
void Node::step(Step&& take) {
  CICADA_ASSERT(!stepping_);
  if (!node_) return;
  stepping_ = true;
  Environment environment{NodeClock::now(), options_.host_clock->wall(), clock_, *this, *this, crypto_, *this};
  take(*node_, environment);
  stepping_ = false;
  // A completion may take further steps, and those may complete further operations.
  while (!stepping_ && !completions_.empty()) {
    auto completion = std::move(completions_.front());
    completions_.pop_front();
    completion();
  }
  if (!stepping_ && !waiting_.empty() && !alone()) release_waiting();
}

}  // namespace cicada
