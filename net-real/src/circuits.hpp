#pragma once
/// The circuits that go over the links of one node: those that end here, and those that this node relays for two others
/// which have a link with it and cannot open one with each other. What runs over a circuit is TLS from end to end: a
/// relay sees who talks to whom, and how much.
///
/// As a relay it gives every frame out at most once for one that came in, holds at most a window for each direction,
/// and passes credit on only at the rate that `SwarmLimits` allows, so that the ends slow down by themselves.

#include <array>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <unordered_map>
#include <vector>

#include "circuit_socket.hpp"
#include "link.hpp"

namespace cicada {

/// The links of the node. All calls come from the reactor, outside any step.
class CircuitsOwner {
 public:
  /// A standing link with that peer which is not itself a circuit; null where there is none.
  virtual Link* direct_link(const Id& peer) = 0;
  /// Whom the standing link is with.
  [[nodiscard]] virtual const Id& peer_id(const Link& link) const = 0;
  /// Somebody wants a circuit with this node. False: no room.
  virtual bool on_circuit(std::shared_ptr<CircuitSocket> socket) = 0;

 protected:
  ~CircuitsOwner() = default;
};

class Circuits {
 public:
  /// Gets null where the relay refuses.
  using AskHandler = std::move_only_function<void(std::shared_ptr<CircuitSocket>)>;

  Circuits(CircuitsOwner& owner, const LinkContext& context);
  ~Circuits();
  Circuits(const Circuits&) = delete;
  Circuits& operator=(const Circuits&) = delete;

  /// Asks the peer at the other end of `relay` for a circuit to `target`. `handler` is called once, perhaps within this
  /// call where the link is full or has too many circuits; with null also when the link ends.
  void ask(Link& relay, const Id& target, AskHandler handler);

  // Frames from a standing link. False where no honest peer says so.
  bool on_frame(Link& link, const CircuitAsk& frame);
  bool on_frame(Link& link, const CircuitOffer& frame);
  bool on_frame(Link& link, const CircuitOpen& frame);
  bool on_frame(Link& link, const CircuitData& frame);
  bool on_frame(Link& link, const CircuitCredit& frame);
  bool on_frame(Link& link, const CircuitEnd& frame);

  /// The link is gone, and with it all circuits over it.
  void on_link_gone(Link& link);
  /// Do circuits go over it?
  [[nodiscard]] bool carries(const Link& link) const { return places_.contains(&link); }
  /// How many this node relays.
  [[nodiscard]] unsigned relayed() const { return relayed_; }

  // For CircuitSocket.
  bool give_data(const CircuitSocket& socket, std::span<const std::uint8_t> bytes);
  void give_credit(const CircuitSocket& socket, std::uint32_t bytes);
  void leave(const CircuitSocket& socket);

 private:
  using Clock = std::chrono::steady_clock;
  struct Side {
    Link* link = nullptr;
    std::uint32_t number = 0;
    std::uint32_t may_send = circuit_window;  ///< What this side may still send.
    std::uint32_t held = 0;                   ///< Credit from the other side that waits for its turn.
  };
  struct Relayed {
    std::array<Side, 2> sides;
    bool open = false;
    double tokens = 0;  ///< Bytes for which credit may be passed on now.
    Clock::time_point since = Clock::now();
    Clock::time_point last_used = since;
  };
  /// What a number on a link stands for: one of the three.
  struct Place {
    std::shared_ptr<CircuitSocket> socket;
    AskHandler asked;
    std::shared_ptr<Relayed> relayed;
    unsigned side = 0;  ///< Which of the relayed one's.
  };
  using Numbers = std::map<std::uint32_t, Place>;

  static bool send(Link& link, const DetourFrame& frame);
  void end(Link& link, std::uint32_t number, CircuitEnding reason);
  Place* find(const Link& link, std::uint32_t number);
  [[nodiscard]] bool crowded(const Link& link) const;
  /// Nullopt at the limit of the link.
  std::optional<std::uint32_t> free_number(Link& link);
  [[nodiscard]] bool may_name(const Link& link, std::uint32_t number);
  Place take(const Link& link, std::uint32_t number);
  std::shared_ptr<CircuitSocket> make_socket(Link& link, std::uint32_t number);
  bool make_room();
  void end_relayed(std::shared_ptr<Relayed> relayed, CircuitEnding reason);
  void pass_credit(Relayed& relayed);
  void pass_held_later();

  CircuitsOwner& owner_;
  LinkContext context_;
  std::unordered_map<const Link*, Numbers> places_;  ///< Without links that have no circuits.
  std::unordered_map<const Link*, std::uint32_t> next_numbers_;
  unsigned relayed_ = 0;
  asio::steady_timer timer_;
  bool timer_runs_ = false;
  std::shared_ptr<char> alive_ = std::make_shared<char>();  ///< For an expiry that is queued already.
};

}  // namespace cicada
