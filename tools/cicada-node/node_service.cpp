#include "node_service.hpp"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <utility>

#include <cicada/address_kind.hpp>
#include <cicada/endpoint_text.hpp>

#include "clock_text.hpp"

namespace cicada::node {
namespace {

using namespace std::chrono_literals;

constexpr Duration mapping_wait = 8s;   // A gateway without UPnP and NAT-PMP is known as one after 6 s.
constexpr Duration leave_wait = 120ms;  // Of the 200 ms that a stop may take.
constexpr auto removal_wait = 150ms;
constexpr auto address_check = std::chrono::seconds(2);
constexpr std::int64_t epoch_2020_s = 1'577'836'800;

/// Greater than any this node has used, also when its state was lost: clocks rarely go back across a restart.
std::uint32_t next_incarnation(std::uint32_t last) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now).count() - epoch_2020_s;
  return std::max(last + 1, static_cast<std::uint32_t>(std::max<std::int64_t>(seconds, 0)));
}

/// A port that is free now, for a mapping has to know it before the peer listens.
std::uint16_t free_port() {
  boost::asio::io_context context;
  boost::asio::ip::tcp::acceptor acceptor(context, {boost::asio::ip::tcp::v4(), 0});
  return acceptor.local_endpoint().port();
}

}  // namespace

NodeService::NodeService(boost::asio::io_context& context, NodeConfig config, NodeIdentity identity,
                         TrustedPeers trusted, StateStore* store, const NodeLog& log, Events events)
    : context_(context),
      config_(std::move(config)),
      identity_(std::move(identity)),
      trusted_(std::move(trusted)),
      store_(store),
      log_(log),
      events_(std::move(events)),
      receiver_(context, config_, identity_.key, trusted_, log),
      joiner_(context, config_, log,
              [this](std::error_code error) {
                if (!error) {
                  // At once: after a crash from now on the way back must be known.
                  refresh_known_peers();
                  save();
                }
                if (events_.joined) events_.joined(error);
              }),
      mapping_timer_(context),
      save_timer_(context),
      address_timer_(context) {}

NodeService::~NodeService() { stop(); }

void NodeService::start() {
  if (store_ != nullptr) {
    std::vector<std::string> complaints;
    state_ = saved_ = store_->load(complaints);
    for (const std::string& complaint : complaints) log_.warning("state", {{"what", complaint}});
  }
  local_ = find_local_addresses(config_);
  watch_address();
  if (!wants_mapping(config_, local_.main)) return open_peer();
  start_mapping();
  mapping_timer_.expires_after(mapping_wait);
  mapping_timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error && !peer_ && !is_stopped_) open_peer();
  });
}

void NodeService::reload(const NodeConfig& config, TrustedPeers trusted) {
  if (peer_) peer_->set_limits(config.limits);
  take_reloadable(config_, config);
  trusted_ = std::move(trusted);
  if (peer_) joiner_.set_candidates(candidates());
}

void NodeService::start_mapping() {
  if (config_.port == 0) config_.port = free_port();
  PortMappingOptions options;
  options.lease = std::chrono::duration_cast<std::chrono::seconds>(config_.lease);
  options.check = std::chrono::duration_cast<std::chrono::milliseconds>(config_.mapping_check);
  options.upnp = config_.upnp;
  options.nat_pmp = config_.nat_pmp;
  options.nat_pmp_gateway = config_.gateway;
  options.removal_wait = removal_wait;
  options.on_change = [this](const PortMappingStatus& status) {
    boost::asio::post(context_, [this, status] { on_mapping(status); });
  };
  mapping_ = std::make_unique<PortMapping>(config_.port, std::move(options));
}

void NodeService::on_mapping(const PortMappingStatus& status) {
  if (is_stopped_) return;
  log_.info("port mapping", {{"state", cicada::to_string(status.state)},
                             {"method", cicada::to_string(status.method)},
                             {"external", status.external_address},
                             {"eport", status.eport},
                             {"why", status.reason}});
  mapping_status_ = status;
  if (!peer_) {
    mapping_timer_.cancel();
    return open_peer();
  }
  // A gateway that is silent for a while keeps its address, most likely; the ring need not hear of it.
  if (status.state == MappingState::no_gateway || status.state == MappingState::searching) return;
  const ReachPlan plan = plan_reach(config_, local_, mapping_status_);
  if (!plan.leads_to_the_same(plan_)) reopen_peer();
}

SwarmPeerOptions NodeService::options() {
  SwarmPeerOptions options;
  options.swarm = config_.swarm;
  options.id_policy = config_.ids;
  options.key = identity_.key;
  options.authority = identity_.authority;
  options.membership = identity_.membership;
  options.incarnation = state_.incarnation;
  options.protocol.chord.successors = config_.successors;
  options.protocol.chord.proximity = config_.proximity;
  options.protocol.chord.stabilize = config_.stabilize;
  options.protocol.chord.fix_fingers = config_.stabilize;
  options.protocol.chord.check_predecessor = config_.stabilize;
  options.punch = config_.punch;
  options.punch_retry_min = config_.punch_retry_min;
  options.punch_retry_max = config_.punch_retry_max;
  options.limits = config_.limits;
  options.leave_timeout = leave_wait;
  options.hooks.clock = [this](const ClockEvent& event) {
    boost::asio::post(context_, [this, event] { on_clock(event); });
  };
  options.hooks.refused = [this](const PeerRefusals& refusals) {
    boost::asio::post(context_, [this, refusals] {
      if (!is_stopped_) log_.warning("refused", describe(refusals));
    });
  };
  return options;
}

/// The peer looks after the ring by itself. What this program waits for besides may succeed now.
void NodeService::on_clock(const ClockEvent& event) {
  if (is_stopped_) return;
  const double seconds = std::chrono::duration<double>(event.by).count();
  switch (event.kind) {
    case ClockEvent::Kind::slept:
      log_.info("slept", {{"for_s", seconds}});
      break;
    case ClockEvent::Kind::stood_still:
      log_.warning("stood still", {{"for_s", seconds}, {"why", "the process was stopped, or got no time to run"}});
      break;
    case ClockEvent::Kind::stepped:
      log_.warning("clock was set",
                   {{"ahead_s", seconds}, {"why", "the time of day is " + difference_text(event.by) + " what it was"}});
      break;
    case ClockEvent::Kind::refused:
      log_.warning("clocks differ",
                   {{"peer", cicada::to_string(event.peer)},
                    {"ahead_s", seconds},
                    {"why", "this node's clock is " + difference_text(event.by) + " the peer's; there is no link"}});
      return;
  }
  joiner_.hurry();
}

void NodeService::open_peer() {
  try {
    plan_ = plan_reach(config_, local_, mapping_status_);
    if (plan_.rung == Rung::direct && plan_.external && plan_.external->port == 0) {
      config_.port = plan_.external->port = free_port();
    }
    state_.incarnation = next_incarnation(state_.incarnation);
    save();  // Before the incarnation is used: it must never be used twice.
    auto peer = std::make_shared<SwarmPeer>(options());
    try {
      peer->bind(config_.interface, config_.port, plan_.external);
    } catch (const std::system_error& error) {
      throw std::runtime_error(fmt::format("port {}{}{}: {}", config_.port, config_.interface.empty() ? "" : " of ",
                                           config_.interface, error.what()));
    }
    // Another time it is to be the same one.
    config_.port = peer->listener().port;
    peer_ = std::move(peer);
  } catch (const std::exception& error) {
    if (events_.fatal) events_.fatal(error.what());
    return;
  }
  log_.info("listening", {{"id", peer_->id().to_hex()},
                          {"listener", cicada::to_string(peer_->listener())},
                          {"endpoint", cicada::to_string(peer_->endpoint())},
                          {"rung", to_string(plan_.rung)},
                          {"why", plan_.why}});
  receiver_.use(peer_);
  joiner_.start(peer_, candidates());
  plan_save();
  if (events_.listening) std::exchange(events_.listening, nullptr)();
}

void NodeService::close_peer() {
  if (!peer_) return;
  refresh_known_peers();
  joiner_.stop();
  peer_->close();
}

/// A computer that moves to another network has another address there, and perhaps another gateway: all links are dead,
/// and what others know of it is of no use any more. No address at all means only that it waits for one.
void NodeService::watch_address() {
  address_timer_.expires_after(address_check);
  address_timer_.async_wait([this](const boost::system::error_code& error) {
    if (error || is_stopped_) return;
    watch_address();
    LocalAddresses local = find_local_addresses(config_);
    if (!peer_ || local.main.empty() || local == local_) return;
    log_.info("new network", {{"was", local_.main}, {"is", local.main}, {"public_ipv6", local.public_ipv6}});
    local_ = std::move(local);
    mapping_.reset();
    mapping_status_.reset();
    reopen_peer();
    if (wants_mapping(config_, local_.main)) start_mapping();
  });
}

void NodeService::reopen_peer() {
  log_.info("new address", {{"why", "what others are told about this node has changed"}});
  close_peer();
  open_peer();
}

void NodeService::stop() {
  if (is_stopped_) return;
  is_stopped_ = true;
  mapping_timer_.cancel();
  save_timer_.cancel();
  address_timer_.cancel();
  // Three things that each wait for somebody else: the gateway, the neighbours, the disk.
  std::thread unmapping([mapping = std::move(mapping_)]() mutable { mapping.reset(); });
  refresh_known_peers();
  std::thread saving([this] { save(); });
  joiner_.stop();
  if (peer_) peer_->close();
  receiver_.stop();
  unmapping.join();
  saving.join();
}

/// While nobody is known yet, news are saved early.
void NodeService::plan_save() {
  if (store_ == nullptr) return;
  const bool is_first = saved_.peers.empty();
  save_timer_.expires_after(is_first ? std::min<Duration>(config_.save_every, 1s) : config_.save_every);
  save_timer_.async_wait([this](const boost::system::error_code& error) {
    if (error || is_stopped_) return;
    refresh_known_peers();
    save();
    plan_save();
  });
}

void NodeService::save() {
  if (store_ == nullptr || state_ == saved_) return;
  try {
    store_->save(state_);
    saved_ = state_;
  } catch (const std::system_error& error) {
    log_.error("state not saved", {{"why", error.what()}});
  }
}

/// The peers with a link first, as they are alive; then others that the ring knows, then those from before.
void NodeService::refresh_known_peers() {
  if (!peer_) return;
  std::vector<std::string> fresh;
  const std::string own = cicada::to_string(peer_->endpoint());
  const auto add = [&](const std::string& text) {
    if (text != own && fresh.size() < NodeState::peers_max && std::ranges::find(fresh, text) == fresh.end()) {
      fresh.push_back(text);
    }
  };
  const auto peers = peer_->peers();
  for (const bool linked : {true, false}) {
    for (const PeerInfo& info : peers) {
      if (info.linked == linked && info.contact.endpoint.port != 0) add(cicada::to_string(info.contact.endpoint));
    }
  }
  // Whoever is alone remembers whom it knew; whoever isn't has better.
  if (fresh.size() < 8) {
    for (const std::string& text : state_.peers) add(text);
  }
  state_.peers = std::move(fresh);
}

std::vector<HostPort> NodeService::candidates() const {
  std::vector<HostPort> all;
  const auto add = [&](const HostPort& address) {
    const auto is_same = [&](const HostPort& other) {
      return other.host == address.host && other.port == address.port;
    };
    if (std::ranges::none_of(all, is_same)) all.push_back(address);
  };
  for (const std::string& text : state_.peers) {
    if (const auto address = parse_host_port(text)) add(*address);
  }
  for (const HostPort& address : config_.bootstrap) add(address);
  return all;
}

}  // namespace cicada::node
