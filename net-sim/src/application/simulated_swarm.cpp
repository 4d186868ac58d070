// The shared state of a simulated application, and its threads.

#include <thread>
#include <utility>

#include <cicada/assert.hpp>
#include <cicada/identity.hpp>

#include "application/swarm_state.hpp"

namespace cicada::sim {
namespace {

constexpr std::uint16_t first_free_port = 49152;  // RFC 6335, section 6: the dynamic ports.

Scenario scenario_of(const SimulatedSwarmOptions& options) {
  Scenario scenario;
  scenario.name = "application";
  scenario.seed = options.seed;
  scenario.links = options.links;
  scenario.protocol = options.protocol;
  scenario.workloads.emplace_back(Sends{});  // Says that there will be messages; the application sends them.
  scenario.measure.check = Check::off;       // Peers begin as rings of their own, which the checker takes for one.
  return scenario;
}

}  // namespace

SimulatedSwarm::State::State(const SimulatedSwarmOptions& options)
    : scenario_(scenario_of(options)),
      world_(scenario_, *this),
      turns_([this](TimePoint until) { world_.run_one(until); }),
      wait_max_(options.wait_max) {}

std::optional<Endpoint> SimulatedSwarm::State::choose_listener(Endpoint wanted) {
  if (wanted.port != 0) return listeners_.contains(wanted) ? std::nullopt : std::optional(wanted);
  for (std::uint32_t port = first_free_port; port <= 0xffff; ++port) {
    wanted.port = static_cast<std::uint16_t>(port);
    if (!hosts_.contains(wanted)) return wanted;
  }
  return std::nullopt;
}

void SimulatedSwarm::State::begin_life(Member& member, Member* bootstrap) {
  if (!member.host) {
    const auto [place, is_new] = hosts_.try_emplace(member.endpoint, static_cast<std::uint32_t>(hosts_.size()));
    member.host = place->second;
  }
  Peer through;
  if (bootstrap != nullptr) through = {bootstrap->id.prefix(), *bootstrap->life};
  member.life = world_.spawn_through({&through, bootstrap != nullptr ? 1U : 0U}, member.host, &member.id);
  by_life_[*member.life] = &member;
  listeners_[member.endpoint] = &member;
}

void SimulatedSwarm::State::end_life(Member& member, Departure how) {
  if (!member.life) return;
  const PeerIndex life = *std::exchange(member.life, std::nullopt);
  if (how == Departure::crash || !world_.slot(life).member || !world_.leave(life)) world_.kill(life);
  by_life_.erase(life);
  listeners_.erase(member.endpoint);
}

SimulatedSwarm::State::Member* SimulatedSwarm::State::listening_at(const Endpoint& endpoint) const {
  const auto place = listeners_.find(endpoint);
  return place == listeners_.end() ? nullptr : place->second;
}

RemotePeer SimulatedSwarm::State::remote(PeerIndex life) const {
  const auto place = by_life_.find(life);
  return {world_.id(life), place == by_life_.end() ? Endpoint{} : place->second->endpoint, std::nullopt};
}

bool SimulatedSwarm::State::wait(TimePoint deadline, const std::function<bool()>& ready) {
  turns_.wait(deadline, [&] { return ready() || world_.now() >= deadline; });
  return ready();
}

void SimulatedSwarm::State::on_receive(World&, PeerIndex peer, const DataHeader& header, const Payload& payload) {
  RemotePeer source = remote(header.source.index);
  source.key = header.source_key;
  hand_up(peer, {.source = source, .data = *payload, .more = false, .to_all = false, .id = header.id});
}

void SimulatedSwarm::State::on_broadcast(World&, PeerIndex peer, const BroadcastHeader& header,
                                         const Payload& payload) {
  RemotePeer source = remote(header.origin.index);
  source.key = header.origin_key;
  hand_up(peer, {.source = source, .data = *payload, .more = false, .to_all = true, .id = header.id});
}

void SimulatedSwarm::State::hand_up(PeerIndex peer, Received received) {
  const auto place = by_life_.find(peer);
  if (place == by_life_.end()) return;
  Member& member = *place->second;
  if (member.hooks.recv) member.hooks.recv(received.source, received.data);
  if (member.inbox.size() < inbox_messages_max) member.inbox.push_back(std::move(received));
}

// ------------------------------------------------------------------------------------------------------------- threads

struct SwarmThread::Impl {
  SimulatedSwarm::State& swarm;
  Turns::Member& member;
  std::thread thread;
};

SwarmThread::SwarmThread(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
SwarmThread::SwarmThread(SwarmThread&&) noexcept = default;
SwarmThread::~SwarmThread() {
  if (impl_ && impl_->thread.joinable()) join();
}

void SwarmThread::join() {
  impl_->swarm.turns().join(impl_->member, impl_->swarm.world().now() + std::chrono::years(100));
  CICADA_ASSERT(impl_->member.over);
  impl_->thread.join();
}

SimulatedSwarm::SimulatedSwarm(const SimulatedSwarmOptions& options) : state_(std::make_shared<State>(options)) {}
SimulatedSwarm::~SimulatedSwarm() = default;

SwarmPeer SimulatedSwarm::peer(SwarmHooks hooks) {
  auto impl = std::make_shared<SwarmPeer::Impl>();
  impl->swarm = state_.get();
  impl->hooks = std::move(hooks);
  return SwarmPeer(std::move(impl));
}

SwarmThread SimulatedSwarm::thread(std::function<void()> body) {
  Turns& turns = state_->turns();
  Turns::Member& member = turns.add();
  std::thread thread([&turns, &member, body = std::move(body)] {
    turns.begin(member);
    body();
    turns.end(member);
  });
  return SwarmThread(std::make_unique<SwarmThread::Impl>(*state_, member, std::move(thread)));
}

void SimulatedSwarm::sleep_for(Duration time) {
  state_->wait(now() + std::max(Duration::zero(), time), [] { return false; });
}

TimePoint SimulatedSwarm::now() const { return state_->world().now(); }
std::uint64_t SimulatedSwarm::digest() const { return state_->world().digest(); }

}  // namespace cicada::sim
