#pragma once
/// All links of one node: listening, dialling, who is let in, which of two links to the same peer is used, and when one
/// is not needed any more. It keeps the limits that hold against strangers.
///
/// Who is let in:
///   - the same protocol version, swarm name and id policy; with policy `certified`, a valid membership;
///   - an id that belongs to the key. With policy `address` that takes a *dial-back* for incoming links: the claimed
///     address is dialled, and the same key has to answer there. What has been proved is remembered (key_bindings.hpp).
///     A peer without a reachable address has the hash of its key as its id, whatever the policy `address` says.
///
/// Which of two: when both sides dial at the same time, both links come to stand. Both sides then use the one that was
/// dialled by the smaller key, and whoever dialled the other one closes it.

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <list>
#include <memory>
#include <unordered_map>

#include <cicada/message.hpp>

#include "key_bindings.hpp"
#include "link.hpp"
#include "peer_table.hpp"

namespace cicada {

/// The node above. All calls come from the reactor, outside any step.
class LinksOwner {
 public:
  virtual void on_message(PeerIndex from, std::span<const std::uint8_t> message) = 0;
  virtual void on_peer_up(PeerIndex peer, bool first_time) = 0;
  virtual void on_peer_down(PeerIndex peer) = 0;
  /// Marks every peer that the node refers to.
  virtual void mark_needed(std::vector<bool>& marked) const = 0;

 protected:
  ~LinksOwner() = default;
};

class Links final : private LinkOwner {
 public:
  using DialHandler = std::move_only_function<void(std::error_code, PeerIndex)>;

  Links(LinksOwner& owner, const LinkContext& context, const SwarmPeerOptions& options, const PublicKey& key,
        PeerTable& table);
  ~Links();
  Links(const Links&) = delete;
  Links& operator=(const Links&) = delete;

  /// Who this node is to others, from now on.
  void introduce_as(const Contact& self);
  void listen(asio::ip::tcp::acceptor acceptor);

  /// Queues the message on the link to the peer, which is opened if need be. Inside a step.
  void send(const Peer& to, const Message& message);
  /// The ring has no use for the link: it is closed after a short silence.
  void forget(PeerIndex peer);
  /// Opens a link to a known peer if there is none. Ends in `on_peer_up` or `on_peer_down`, not within this call.
  void open(PeerIndex peer);
  /// Opens a link to whoever listens at the address. `handler` is called once, not within this call.
  void dial(const Endpoint& endpoint, DialHandler handler);

  /// Says goodbye on all links. `done` is called once, when they are gone.
  void close_all(std::move_only_function<void()> done);
  /// Ends all links at once, without `on_peer_down`. Dials under way end with `closed`.
  void abort_links();
  /// Cuts all links. Those they were with count as down, soon.
  void drop_links();
  /// Listens no more.
  void stop();

  [[nodiscard]] bool is_key_of(const PublicKey& key, const Id& id) const;
  [[nodiscard]] bool may_be_key_of(const PublicKey& key, const Id& id) const;
  /// What a link with this life has proved counts again, in case it was forgotten.
  void remember_key(PeerIndex peer);
  [[nodiscard]] std::optional<Endpoint> observed() const { return observed_; }
  /// Marks every peer that there is a link with, or will be.
  void mark_linked(std::vector<bool>& marked) const;
  /// Sets the present numbers of links in the statistics.
  void count(SwarmStatistics& statistics) const;

 private:
  struct Entry {
    std::shared_ptr<Link> link;
    PeerIndex expected = no_peer;  ///< Dialled: whom.
    PeerIndex peer = no_peer;      ///< Standing: with whom.
    DialHandler handler;
    Endpoint dialled;  ///< Where to.
    std::optional<Hello> hello;
    std::weak_ptr<Link> vouches_for;  ///< A probe: for which incoming link.
    bool forgotten = false;
  };
  using Entries = std::unordered_map<Link*, Entry>;

  // LinkOwner
  void on_key(Link& link) override;
  void on_hello(Link& link, const std::expected<Hello, SwarmError>& hello) override;
  void on_message(Link& link, std::span<const std::uint8_t> message) override;
  void on_ended(Link& link, std::error_code why) override;

  void accept();
  void admit(asio::ip::tcp::socket socket);
  Link& start_dial(const Endpoint& endpoint, Link::Role role);
  [[nodiscard]] std::optional<Goodbye> judge(const Entry& entry, const Hello& hello) const;
  [[nodiscard]] bool proved(const Entry& entry) const;
  void probe(Link& waiting);
  void stand(Link& link);
  bool make_room();
  void choose(Link& link, PeerIndex peer);
  void refuse(Link& link, Goodbye reason);
  void fail_soon(DialHandler handler, std::error_code why);
  void down_soon(PeerIndex peer);
  void sweep();
  void schedule_sweep();
  [[nodiscard]] std::vector<std::uint8_t> hello_to(const Endpoint& remote) const;

  LinksOwner& owner_;
  LinkContext context_;
  const SwarmPeerOptions& options_;
  PublicKey key_;
  PeerTable& table_;
  KeyBindings bindings_;
  Contact self_;
  std::optional<asio::ip::tcp::acceptor> acceptor_;
  asio::steady_timer accept_timer_;
  asio::steady_timer sweep_timer_;
  Entries entries_;
  std::list<Link*> handshakes_;  ///< Incoming, not standing yet, oldest first.
  std::list<Link*> dials_;       ///< Outgoing, not standing yet, oldest first.
  unsigned standing_ = 0;
  std::optional<Endpoint> observed_;
  std::move_only_function<void()> closed_;
  std::shared_ptr<char> alive_ = std::make_shared<char>();  ///< For what is posted.
};

}  // namespace cicada
