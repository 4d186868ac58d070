#pragma once
/// What all peers of a simulated application share: the world, the turns of its threads, and who lives where.

#include <deque>
#include <map>
#include <optional>
#include <unordered_map>

#include <cicada/sim/simulated_swarm.hpp>

#include "application/turns.hpp"
#include "world/world.hpp"

namespace cicada::sim {

/// One peer of the application. Each bind and each joining is another life in the world, of the same host.
struct SwarmPeer::Impl {
  SimulatedSwarm::State* swarm = nullptr;
  SwarmHooks hooks;
  std::optional<std::uint32_t> host;  ///< Once bound.
  std::optional<PeerIndex> life;      ///< While bound and not closed.
  Id id;
  Endpoint listener;
  Endpoint endpoint;
  std::deque<Received> inbox;
  bool closed = false;
};

class SimulatedSwarm::State final : public Observer {
 public:
  using Member = SwarmPeer::Impl;
  static constexpr std::size_t inbox_messages_max = 4096;  ///< As in the real peer: what comes beyond is dropped.

  explicit State(const SimulatedSwarmOptions& options);

  /// The listener's endpoint; nullopt where another peer has it.
  std::optional<Endpoint> choose_listener(Endpoint wanted);
  /// Begins a life: alone, or joining through `bootstrap`.
  void begin_life(Member& member, Member* bootstrap);
  /// Ends the present one, saying goodbye or not.
  void end_life(Member& member, Departure how);
  [[nodiscard]] Member* listening_at(const Endpoint& endpoint) const;
  [[nodiscard]] RemotePeer remote(PeerIndex life) const;

  /// Waits until `ready`; gives false where `deadline` came first.
  bool wait(TimePoint deadline, const std::function<bool()>& ready);

  [[nodiscard]] std::uint64_t next_tag() { return ++last_tag_; }
  [[nodiscard]] std::optional<SendDone> take_send(std::uint64_t tag) { return take(sends_, tag); }
  [[nodiscard]] std::optional<LookupDone> take_lookup(std::uint64_t tag) { return take(lookups_, tag); }
  [[nodiscard]] bool has_send(std::uint64_t tag) const { return sends_.contains(tag); }
  [[nodiscard]] bool has_lookup(std::uint64_t tag) const { return lookups_.contains(tag); }
  /// The id of the broadcast that has just begun; zero where it was refused.
  [[nodiscard]] MessageId last_broadcast() const { return last_broadcast_; }

  [[nodiscard]] World& world() { return world_; }
  [[nodiscard]] const World& world() const { return world_; }
  [[nodiscard]] Turns& turns() { return turns_; }
  [[nodiscard]] Duration wait_max() const { return wait_max_; }

 private:
  void on_send_done(World&, PeerIndex, const SendDone& done) override { sends_.emplace(done.tag, done); }
  void on_lookup_done(World&, PeerIndex, const LookupDone& done) override { lookups_.emplace(done.tag, done); }
  void on_receive(World&, PeerIndex peer, const DataHeader& header, const Payload& payload) override;
  void on_broadcast(World&, PeerIndex peer, const BroadcastHeader& header, const Payload& payload) override;
  void on_broadcast_begun(World&, PeerIndex, const MessageId& id) override { last_broadcast_ = id; }
  void hand_up(PeerIndex peer, Received received);

  template <class Done>
  static std::optional<Done> take(std::map<std::uint64_t, Done>& done, std::uint64_t tag) {
    auto node = done.extract(tag);
    return node.empty() ? std::nullopt : std::optional<Done>(node.mapped());
  }

  Scenario scenario_;
  World world_;
  Turns turns_;
  Duration wait_max_;
  std::unordered_map<PeerIndex, Member*> by_life_;  ///< Only asked for single lives.
  std::map<Endpoint, std::uint32_t> hosts_;         ///< Whoever binds an address again is the same host.
  std::map<Endpoint, Member*> listeners_;
  std::uint64_t last_tag_ = 0;
  std::map<std::uint64_t, SendDone> sends_;      ///< Over, and not looked at yet.
  std::map<std::uint64_t, LookupDone> lookups_;  ///< Likewise.
  MessageId last_broadcast_;
};

}  // namespace cicada::sim
