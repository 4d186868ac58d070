#pragma once
/// All links of one node: listening, dialling, who is let in, which of two links to the same peer is used, and when one
/// is not needed any more. It keeps the limits that hold against strangers.
///
/// Who is let in:
///   - the same protocol version, swarm name and id policy; with policy `certified`, a valid membership;
///   - about the same time of day (links_clock.cpp);
///   - an id that belongs to the key. With policy `address` that takes a *dial-back* for incoming links: the claimed
///     address is dialled, and the same key has to answer there. What has been proved is remembered (key_bindings.hpp).
///     A peer without a reachable address has the hash of its key as its id, whatever the policy `address` says.
///
/// Which of two: when both sides dial at the same time, both links come to stand. Both sides then use the one that was
/// dialled by the smaller key, and whoever dialled the other one closes it. A connection of the two counts for more
/// than a circuit through a relay.
///
/// Peers that cannot be dialled, because they are behind a NAT, are reached over circuits. What belongs to that, and to
/// finding a direct link in place of a circuit, is in detours.cpp, punching.cpp and ways.cpp.

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <list>
#include <memory>
#include <unordered_map>

#include <cicada/message.hpp>

#include "circuits.hpp"
#include "clock_book.hpp"
#include "dial_shares.hpp"
#include "expelled_peers.hpp"
#include "key_bindings.hpp"
#include "link.hpp"
#include "peer_table.hpp"
#include "punch.hpp"
#include "refusal_book.hpp"
#include "way_book.hpp"

namespace cicada {

/// The node above. All calls come from the reactor, outside any step.
class LinksOwner {
 public:
  virtual void on_message(PeerIndex from, std::span<const std::uint8_t> message) = 0;
  virtual void on_peer_up(PeerIndex peer, bool first_time) = 0;
  virtual void on_peer_down(PeerIndex peer) = 0;
  /// Contacts are about to be added to the table.
  virtual void before_contacts() = 0;
  /// A peer that was dialled has another time of day; this node's is ahead by so much.
  virtual void on_other_clock(const Endpoint& dialled, Duration ahead) = 0;
  /// Marks every peer that the node refers to.
  virtual void mark_needed(std::vector<bool>& marked) const = 0;

 protected:
  ~LinksOwner() = default;
};

class Links final : private LinkOwner, private CircuitsOwner {
 public:
  using DialHandler = std::move_only_function<void(std::error_code, PeerIndex)>;

  /// While it lives, what is dialled is dialled for the sake of a neighbour. Else it is for the node's own.
  class ActingFor {
   public:
    ActingFor(Links& links, PeerIndex neighbor);
    ActingFor(Links& links, const DialCause& cause) : links_(links), before_(std::exchange(links.cause_, cause)) {}
    ~ActingFor() { links_.cause_ = before_; }
    ActingFor(const ActingFor&) = delete;
    ActingFor& operator=(const ActingFor&) = delete;

   private:
    Links& links_;
    DialCause before_;
  };

  Links(LinksOwner& owner, const LinkContext& context, const SwarmPeerOptions& options, const PublicKey& key,
        PeerTable& table, std::uint64_t salt);
  ~Links();
  Links(const Links&) = delete;
  Links& operator=(const Links&) = delete;

  /// Who this node is to others, from now on; `local` is where it listens, in its own network.
  void introduce_as(const Contact& self, const Endpoint& local);
  void listen(asio::ip::tcp::acceptor acceptor);

  /// Queues the message on the link to the peer, which is opened if need be. Inside a step.
  void send(const Peer& to, const Message& message);
  /// The ring has no use for the link: it is closed after a short silence.
  void forget(PeerIndex peer);
  /// Opens a link to a known peer if there is none. Ends in `on_peer_up` or `on_peer_down`, not within this call. Gives
  /// false, and nothing follows, where the neighbour that it is for may have no more dials.
  bool open(PeerIndex peer);
  /// Opens a link to whoever listens at the address. `handler` is called once, not within this call.
  void dial(const Endpoint& endpoint, DialHandler handler);

  /// Says goodbye on all links. `done` is called once, when they are gone.
  void close_all(std::move_only_function<void()> done);
  /// Ends all links at once, without `on_peer_down`. Dials under way end with `closed`.
  void abort_links();
  /// Cuts all links. Those they were with count as down, soon.
  void drop_links();
  /// The machine slept for so long that all links are dead, whether the system knows it or not. They end at once and
  /// without `on_peer_down`: others lost this node, it lost nobody. New ones are opened as they are needed.
  void end_after_sleep();
  /// Asks all peers with links for their time of day again; the own one may have `stepped` meanwhile.
  void compare_clocks(bool stepped);
  /// Listens no more.
  void stop();

  [[nodiscard]] bool is_key_of(const PublicKey& key, const Id& id) const;
  [[nodiscard]] bool may_be_key_of(const PublicKey& key, const Id& id) const;
  /// What a link with this life has proved counts again, in case it was forgotten.
  void remember_key(PeerIndex peer);
  /// Counts what was refused of a neighbour. Within a step or not. `Reason` is `Refusal` or `LinkRefusal`.
  template <class Reason>
  void note_refusal(PeerIndex from, Reason reason);
  /// There is no link with the peer from now on, for the time of `SwarmLimits::expulsion`: it sends what no honest peer
  /// sends. Within a step or not; the links end later.
  void expel(PeerIndex peer);
  [[nodiscard]] std::vector<PeerRefusals> refusals() const { return refusals_.all(); }
  [[nodiscard]] ClockReport clock_report() const { return clocks_.report(Link::Clock::now()); }
  [[nodiscard]] std::optional<Endpoint> observed() const { return observed_; }
  [[nodiscard]] Reachability reachability() const;
  /// What messages to the peer go over.
  [[nodiscard]] LinkPath path_to(PeerIndex peer) const;
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
    DialCause cause;   ///< Dialled: for whose sake.
    std::optional<Hello> hello;
    std::weak_ptr<Link> vouches_for;  ///< A probe: for which incoming link.
    bool forgotten = false;
    LinkPath path = LinkPath::direct;
    Link::Clock::time_point stood_since{};

    // Relays (ways.cpp).
    enum class Reservation : std::uint8_t { none, asked, granted, denied };
    Reservation reservation = Reservation::none;  ///< That the other side relays for us.
    Link::Clock::time_point denied_at{};
    bool client = false;         ///< We relay for the other side.
    std::uint64_t told_own = 0;  ///< Which version of our own ways it knows.
    struct Told {
      std::uint64_t version = 0;
      Link::Clock::time_point when{};
    };
    std::unordered_map<PeerIndex, Told> told;  ///< Which ways of others.

    // Circuits (detours.cpp, punching.cpp).
    std::vector<Endpoint> relays;  ///< Still to be asked for a circuit, the next one last.
    Endpoint local;                ///< Where the other side listens in its own network.
    Endpoint external;             ///< Where its listening port shows outside.
    unsigned punch_asks = 0;       ///< Not answered yet.
    Link::Clock::time_point punch_asked_at{};
    Link::Clock::time_point direct_sought_at{};  ///< What goes over the circuit later has nothing to do with that.
    std::unique_ptr<asio::steady_timer> direct_timer;  ///< For the next time.
    std::unique_ptr<asio::steady_timer> go_timer;
    Link::Clock::time_point direct_tried_at{};
  };
  using Entries = std::unordered_map<Link*, Entry>;
  /// A relay that is being dialled, and the circuits that wait for it.
  struct RelayDial {
    Endpoint relay;
    std::vector<std::weak_ptr<Link>> waiting;
  };
  struct PunchUnderWay {
    std::shared_ptr<Punch> punch;
    bool client = false;  ///< In TLS: the smaller key's side.
  };

  // LinkOwner
  void on_key(Link& link) override;
  void on_hello(Link& link, const std::expected<Hello, SwarmError>& hello) override;
  void on_message(Link& link, std::span<const std::uint8_t> message) override;
  void on_ended(Link& link, std::error_code why) override;
  bool on_detour(Link& link, const DetourFrame& frame) override;
  void on_refused(const Link& link, LinkRefusal reason) override;
  // CircuitsOwner
  Link* direct_link(const Id& peer) override;
  [[nodiscard]] const Id& peer_id(const Link& link) const override;
  bool on_circuit(std::shared_ptr<CircuitSocket> socket) override;

  void accept();
  void admit(asio::ip::tcp::socket socket);
  Link& add_incoming(LinkPath path);
  Link& add_outgoing(Link::Role role, LinkPath path);
  Link& start_dial(const Endpoint& endpoint, Link::Role role);
  [[nodiscard]] std::optional<Goodbye> judge(const Entry& entry, const Hello& hello);
  [[nodiscard]] bool proved(const Entry& entry) const;
  void probe(Link& waiting);
  void stand(Link& link);

  // links_refusals.cpp
  template <class Reason>
  void tell_refusal(const Contact& contact, const Endpoint& address, Reason reason);

  // links_dials.cpp
  [[nodiscard]] std::size_t dials_for(const DialCause& cause) const;
  bool may_dial(const DialCause& cause);
  void make_room_for_dial();
  void dial_came_to_nothing(const Entry& entry);

  // links_clock.cpp
  [[nodiscard]] std::uint64_t own_clock_ns() const { return to_ns(options_.host_clock->wall()); }
  [[nodiscard]] Duration note_clock(const Link& link, std::uint64_t clock_ns);
  bool on_clock(Link& link, Entry& entry, const ClockFrame& frame);
  void ask_clock(Link& link);
  void told_other_clock(const Link& link, const Entry& entry);

  bool make_room();
  void choose(Link& link, PeerIndex peer);
  void refuse(Link& link, Goodbye reason);
  void fail_soon(DialHandler handler, std::error_code why);
  void down_soon(PeerIndex peer);
  void sweep();
  void schedule_sweep();
  [[nodiscard]] std::vector<std::uint8_t> hello_on(const Link& link, const Endpoint& remote) const;
  [[nodiscard]] bool keeps(const Link& link, const Entry& entry) const;
  void release(Link& link, const Entry& entry);

  // ways.cpp
  [[nodiscard]] bool behind_nat() const;
  [[nodiscard]] std::optional<Endpoint> external() const;
  [[nodiscard]] bool needs_detour(const Contact& contact) const;
  [[nodiscard]] std::vector<Endpoint> ways_to(const Contact& contact) const;
  void note_observation(Link& link, const Endpoint& observed);
  bool send_naming(Link& link, const Peer& to, const Message& message);
  void tell_way(Link& link, Entry& entry, PeerIndex named);
  void tell_own_ways(Link& link, Entry& entry);
  void ask_for_relays();
  void relays_changed();
  [[nodiscard]] bool may_relay(const Link& link, const Entry& entry) const;
  bool on_reserve(Link& link, Entry& entry, const Reserve& frame);
  bool on_way(Entry& entry, const WayFrame& frame);

  // detours.cpp
  Link& start_detour(PeerIndex peer, std::vector<Endpoint> relays);
  void try_next_relay(const std::weak_ptr<Link>& waiting);
  void try_next_relay_soon(std::weak_ptr<Link> waiting);
  void dial_relay(const Endpoint& endpoint, std::weak_ptr<Link> waiting);
  void ask_relay(Link& relay, const std::shared_ptr<Link>& waiting);
  Link* direct_link_to(const Endpoint& endpoint);
  bool repair_circuit(Link& link, const Entry& entry, std::error_code why);
  [[nodiscard]] Endpoint proving_endpoint(const Hello& hello) const;
  [[nodiscard]] bool is_neighbour(const Endpoint& external) const;

  // punching.cpp
  void look_for_direct(Link& circuit, Entry& entry, Duration wait, Duration next);
  void ask_to_punch(Link& circuit, Entry& entry);
  bool on_punch(Link& circuit, Entry& entry, const PunchFrame& frame);
  void try_direct(Link& circuit, Entry& entry);
  void start_punch(const Endpoint& remote, bool client);
  void punched(asio::ip::tcp::socket socket, bool client);
  bool take_punched(asio::ip::tcp::socket& socket);
  [[nodiscard]] Endpoint own_candidate() const;
  template <class Work>
  void after(Duration time, std::unique_ptr<asio::steady_timer>& timer, Link& link, Work work);

  LinksOwner& owner_;
  LinkContext context_;
  const SwarmPeerOptions& options_;
  PublicKey key_;
  PeerTable& table_;
  KeyBindings bindings_;
  Contact self_;
  Endpoint local_;
  std::uint16_t listening_port_ = 0;
  std::optional<asio::ip::tcp::acceptor> acceptor_;
  asio::steady_timer accept_timer_;
  asio::steady_timer sweep_timer_;
  Entries entries_;
  ClockBook clocks_;
  RefusalBook refusals_;
  DialCause cause_;
  DialShares dial_shares_;
  ExpelledPeers expelled_;
  Link::Clock::time_point clocks_compared_ = Link::Clock::now();  ///< With all that there were links with.
  std::list<Link*> handshakes_;                                   ///< Incoming, not standing yet, oldest first.
  std::list<Link*> dials_;                                        ///< Outgoing, not standing yet, oldest first.
  unsigned standing_ = 0;
  std::optional<Endpoint> observed_;

  Circuits circuits_;
  WayBook ways_;
  std::vector<Endpoint> own_ways_;  ///< Relays that we told others of.
  std::uint64_t own_ways_version_ = 0;
  struct Observation {
    Endpoint relay;
    Endpoint seen;
  };
  std::vector<Observation> observations_;  ///< Of our listening port, the newest last.
  std::vector<std::uint8_t> scratch_;
  std::vector<RelayDial> relay_dials_;
  std::vector<PunchUnderWay> punches_;
  bool closing_circuits_ = false;  ///< The links that carry them are closed when they are gone.
  std::move_only_function<void()> closed_;
  std::shared_ptr<char> alive_ = std::make_shared<char>();  ///< For what is posted.
};

}  // namespace cicada
