// The world of the steps: construction, what the core may call, and what comes in from the links.

#include "node.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <chrono>
#include <cstring>

#include "tls_identity.hpp"

namespace cicada {
namespace {

std::uint64_t random_word() {
  const KeySeed bytes = random_seed();
  std::uint64_t word = 0;
  std::memcpy(&word, bytes.data(), sizeof word);
  return word;
}

[[noreturn]] void refuse(const char* why) { throw std::system_error(make_error_code(SwarmError::bad_option), why); }

void check(const SwarmLimits& limits) {
  if (limits.write_queue_bytes_max < 2 * payload_bytes_max || limits.buffer_bytes_max < 4 * payload_bytes_max)
    refuse("write queues take at least 2 MiB, all buffers together at least 4 MiB");
  if (limits.contacts_max < 1024) refuse("contacts_max is at least 1024");
  if (limits.links_max == 0 || limits.handshakes_max == 0 || limits.dials_max == 0 || limits.messages_per_second == 0)
    refuse("links_max, handshakes_max, dials_max and messages_per_second are at least 1");
  if (limits.bytes_per_second < payload_bytes_max) refuse("bytes_per_second is at least 1 MiB");
  if (limits.expulsion < Duration{}) refuse("expulsion is not negative");
  if (limits.circuit_bytes_per_second == 0) refuse("circuit_bytes_per_second is at least 1");
  if (limits.vanished_after < std::chrono::seconds(4)) refuse("vanished_after is at least 4 s");
}

/// Fills in what may be left out, and refuses what makes no sense.
SwarmPeerOptions checked(SwarmPeerOptions options) {
  if (!options.key) options.key = random_seed();
  if (!options.host_clock) options.host_clock = HostClock::system();
  if (!options.host_lookup) options.host_lookup = look_up_host;
  options.runtime.reset();  // Whoever has the node has it too; its thread cannot wait for its own end.
  if (options.swarm.size() > swarm_name_bytes_max) refuse("the name of a swarm has at most 64 bytes");
  check(options.limits);
  if (options.punch_retry_min <= Duration{} || options.punch_retry_max < options.punch_retry_min)
    refuse("punch_retry_min is more than 0, punch_retry_max not less than that");
  if (options.protocol.chord.successors < 1 || options.protocol.chord.successors > successors_max)
    refuse("protocol.chord.successors is 1 to 32");
  if (options.id_policy == IdPolicy::certified) {
    if (!options.authority || !options.membership) refuse("id policy `certified` needs an authority and a membership");
    if (!is_valid(*options.membership, *options.authority, options.swarm, public_key_of(*options.key), 0))
      throw std::system_error(make_error_code(SwarmError::not_certified), "the membership is not for this key");
  }
  return options;
}

/// Seconds since 2020-01-01: greater after each restart, and good until 2156. 0 where the clock does not know better.
std::uint32_t incarnation_at(TimePoint wall) {
  constexpr std::chrono::sys_days origin = std::chrono::year(2020) / 1 / 1;
  const auto since = std::chrono::floor<std::chrono::seconds>(wall.time_since_epoch() - origin.time_since_epoch());
  return static_cast<std::uint32_t>(std::max<std::int64_t>(since.count(), 0));
}

}  // namespace

Node::Node(asio::io_context& reactor, SwarmPeerOptions options)
    : reactor_(reactor),
      options_(checked(std::move(options))),
      crypto_(*options_.key),
      tls_(make_tls_context(*options_.key)),
      inbox_(std::make_shared<Inbox>(options_.limits.inbox_messages_max, options_.limits.inbox_bytes_max)),
      seed_(random_word()),
      table_(options_.id_policy, options_.limits.contacts_max, random_word()),
      links_(*this, LinkContext{reactor, tls_, options_.limits, counts_}, options_, crypto_.public_key(), table_,
             random_word()),
      clock_(reactor,
             [this](Timer timer) {
               look_at_clocks();  // First: whoever was away itself must not take others for late.
               step([&](SwarmNode& node, Environment& environment) { node.on_timer(environment, timer); });
             }),
      clock_timer_(reactor),
      names_(reactor, options_.host_lookup),
      parked_(options_.limits),
      waiting_timer_(reactor) {
  contact_.incarnation = options_.incarnation.value_or(incarnation_at(options_.host_clock->wall()));
}

Node::~Node() = default;

void Node::set_limits(const SwarmLimits& limits) {
  check(limits);
  options_.limits = limits;
  inbox_->set_limits(limits.inbox_messages_max, limits.inbox_bytes_max);
}

std::optional<Node::Address> Node::address() const {
  const std::lock_guard lock(address_mutex_);
  return address_;
}

RemotePeer Node::remote(PeerIndex index) const {
  const PeerTable::Slot& slot = table_[index];
  return {slot.contact.id, slot.contact.endpoint, slot.key};
}

/// Runs it when the step is over, or at once where there is none.
void Node::later(std::move_only_function<void()> completion) {
  if (stepping_)
    completions_.push_back(std::move(completion));
  else
    completion();
}

// ---------------------------------------------------------------------------------------------------------------
// clocks

void Node::watch_clocks() {
  clock_timer_.expires_after(ClockWatch::period);
  clock_timer_.async_wait([self = weak_from_this()](const boost::system::error_code& error) {
    const auto node = self.lock();
    if (error || !node || node->closed_) return;
    node->look_at_clocks();
    node->watch_clocks();
  });
}

/// After a sleep, a standstill, or a change of the time of day this node looks after its neighbours and its clock at
/// once, and is a member again when they have answered.
void Node::look_at_clocks() {
  const HostClock& host = *options_.host_clock;
  const auto events = clock_watch_.look({NodeClock::now().time_since_epoch(), host.slept(), host.wall()});
  if (events.empty()) return;
  bool stepped = false;
  for (const ClockEvent& event : events) {
    stepped = stepped || event.kind == ClockEvent::Kind::stepped;
    if (event.kind == ClockEvent::Kind::slept && event.by > options_.limits.vanished_after) links_.end_after_sleep();
  }
  links_.compare_clocks(stepped);
  step([](SwarmNode& node, Environment& environment) { node.on_wake(environment); });
  for (const ClockEvent& event : events)
    if (options_.hooks.clock) options_.hooks.clock(event);
}

void Node::on_other_clock(const Endpoint& dialled, Duration ahead) {
  if (options_.hooks.clock) options_.hooks.clock({ClockEvent::Kind::refused, ahead, dialled});
}

// --------------------------------------------------------------------------------------------------- what the core
// calls

void Node::send(const Peer& to, const Message& message) {
  if (to.index != self_.index) return links_.send(to, message);
  asio::post(reactor_, [self = shared_from_this(), message, life = self_] {
    if (self->self_ == life) self->deliver(life.index, message);
  });
}

void Node::on_joined() {
  later([this] { end_connect({}); });
}

void Node::on_lookup_done(const LookupDone& done) {
  const auto place = lookups_.find(done.tag);
  if (place == lookups_.end()) return;
  LookupHandler handler = std::move(place->second);
  lookups_.erase(place);
  LookupReport report;
  std::error_code error;
  if (done.status == LookupStatus::found) {
    report = {remote(done.owner.index), NodeClock::now() - done.started, done.hops};
    if (done.owner == self_) report.owner.key = crypto_.public_key();
  } else {
    error = SwarmError::timed_out;
  }
  later([handler = std::move(handler), error, report]() mutable { handler(error, report); });
}

void Node::on_send_done(const SendDone& done) {
  const auto place = sends_.find(done.tag);
  if (place == sends_.end()) return;
  SendHandler handler = std::move(place->second);
  sends_.erase(place);
  const std::error_code error = make_error_code(done.status);
  ++(error ? counts_.sends_failed : counts_.sends_delivered);
  const SendReport report{done.id, NodeClock::now() - done.started, done.hops, done.transmissions, done.copies};
  later([handler = std::move(handler), error, report]() mutable { handler(error, report); });
}

void Node::on_receive(const DataHeader& header, const Payload& payload) {
  RemotePeer source = remote(header.source.index);
  source.key = header.source_key;
  take_in(std::move(source), payload, header.id, false);
}

void Node::on_broadcast(const BroadcastHeader& header, const Payload& payload) {
  RemotePeer source = remote(header.origin.index);
  source.key = header.origin_key;
  take_in(std::move(source), payload, header.id, true);
}

/// A message that its sender could have seen to be forged ends the link with it.
void Node::on_refused(const Peer& from, Refusal reason) {
  ++counts_.protocol_refused[static_cast<std::size_t>(reason)];
  links_.note_refusal(from.index, reason);
  if (reason == Refusal::forged) links_.expel(from.index);
}

void Node::take_in(RemotePeer source, const Payload& payload, const MessageId& id, bool to_all) {
  ++counts_.received;
  if (options_.hooks.recv) options_.hooks.recv(source, *payload);
  if (options_.limits.inbox_messages_max == 0) return;
  if (to_all && receivers_.empty() && !inbox_->has_room(payload->size())) {  // Nobody waits for its acknowledgement.
    ++counts_.dropped_full;
    return;
  }
  Inbox::Letter letter{source, payload, id, to_all};
  if (receivers_.empty()) return inbox_->push(std::move(letter));
  later([handler = std::move(receivers_.front()), letter = std::move(letter)]() mutable {
    handler({}, Inbox::open(letter, false));
  });
  receivers_.pop_front();
}

// --------------------------------------------------------------------------------------------- what comes in from
// links

void Node::on_message(PeerIndex from, std::span<const std::uint8_t> bytes) {
  if (!node_) return;
  before_contacts();
  const auto message = decode(bytes, table_);
  if (message) return deliver(from, *message);
  const bool full = message.error().fault == DecodeFault::contacts_full;
  ++(full ? counts_.dropped_full : counts_.malformed);
  links_.note_refusal(from, full ? LinkRefusal::contacts_full : LinkRefusal::undecodable);
}

/// Here nothing refers to a contact but what says so; inside a step that would be hard to tell.
void Node::before_contacts() {
  if (table_.wants_collection()) collect_contacts();
}

void Node::deliver(PeerIndex from, const Message& message) {
  if (!node_) return;
  const Data* const data = std::get_if<Data>(&message);
  if (data != nullptr && data->header->target == contact_.id) {
    // Without a word from this node the source tries again later, and in the end gives up: nothing is acknowledged
    // that nobody will read.
    if (options_.limits.inbox_messages_max != 0 && receivers_.empty() && !inbox_->has_room(data->payload->size())) {
      ++counts_.dropped_full;
      return;
    }
    if (park(from, data->header->source.index, data->header->source_key, message)) return;
  }
  if (const auto* const broadcast = std::get_if<Broadcast>(&message))
    if (park(from, broadcast->header->origin.index, broadcast->header->origin_key, message)) return;
  step([&](SwarmNode& node, Environment& environment) {
    const Links::ActingFor neighbor(links_, from);
    node.on_message(environment, table_.peer(from), message);
  });
}

/// The target of a message, and everybody who gets a broadcast, has to know its source's key. Where it does not, the
/// message waits for a link to the source, which proves the key, and which the acknowledgement will travel on anyway.
bool Node::park(PeerIndex from, PeerIndex source, const PublicKey& key, const Message& message) {
  if (links_.is_key_of(key, table_[source].contact.id)) return false;
  if (table_[source].key) {  // There was a link. If it showed another key, the core drops the message.
    links_.remember_key(source);
    return false;
  }
  bool waits = false;
  step([&](SwarmNode& node, Environment& environment) {
    waits = node.is_worth_waiting(environment, table_.peer(from), message);
  });
  if (!waits) return true;
  const std::size_t before = parked_.bytes();
  if (counts_.buffer_bytes > options_.limits.buffer_bytes_max || !parked_.add(from, source, message)) {
    ++counts_.dropped_full;
    links_.note_refusal(from, LinkRefusal::parked_full);
    return true;
  }
  counts_.buffer_bytes += parked_.bytes() - before;
  const Links::ActingFor neighbor(links_, from);
  if (!links_.open(source)) static_cast<void>(take_parked(source));
  return true;
}

std::vector<ParkedMessages::Parked> Node::take_parked(PeerIndex source) {
  const std::size_t before = parked_.bytes();
  auto taken = parked_.take(source);
  counts_.buffer_bytes -= before - parked_.bytes();
  return taken;
}

void Node::on_peer_up(PeerIndex peer, bool first_time) {
  if (first_time && options_.hooks.new_peer) options_.hooks.new_peer(remote(peer));
  for (const auto& parked : take_parked(peer)) deliver(parked.from, parked.message);
  if (alone() && !connecting_ && is_new_life(peer))
    step([&](SwarmNode& node, Environment& environment) { node.chord().introduce(environment, table_.peer(peer)); });
}

void Node::on_peer_down(PeerIndex peer) {
  static_cast<void>(take_parked(peer));
  step([&](SwarmNode& node, Environment& environment) { node.on_peer_down(environment, table_.peer(peer)); });
}

// ------------------------------------------------------------------------------------------------------------ contacts

void Node::mark_needed(std::vector<bool>& marked) const {
  const auto mark = [&](PeerIndex index) {
    if (index < marked.size()) marked[index] = true;
  };
  mark(self_.index);
  if (node_) node_->for_each_peer(mark);
  if (connecting_) mark(connecting_->bootstrap);
  parked_.for_each_peer(mark);
}

void Node::collect_contacts() {
  std::vector<bool> marked(table_.slot_count());
  mark_needed(marked);
  links_.mark_linked(marked);
  table_.collect(marked);
}

// ------------------------------------------------------------------------------------------------------------- looking

std::vector<PeerInfo> Node::peers() const {
  std::vector<PeerInfo> infos(table_.slot_count());
  if (node_) {
    const ChordNode& chord = node_->chord();
    for (const Peer& peer : chord.successors())
      if (peer.exists()) infos[peer.index].successor = true;
    for (const Peer& peer : chord.predecessors()) infos[peer.index].predecessor = true;
    for (const Peer& peer : chord.fingers())
      if (peer.exists()) infos[peer.index].finger = true;
  }
  table_.for_each([&](PeerIndex index) {
    const PeerTable::Slot& slot = table_[index];
    infos[index].contact = slot.contact;
    infos[index].key = slot.key;
    infos[index].linked = slot.link != nullptr && slot.link->standing();
    infos[index].path = links_.path_to(index);
  });
  if (self_.exists()) infos[self_.index] = {};
  std::erase_if(
      infos, [](const PeerInfo& info) { return !info.linked && !info.successor && !info.predecessor && !info.finger; });
  std::ranges::sort(infos, {}, &PeerInfo::contact);
  return infos;
}

SwarmStatistics Node::statistics() const {
  SwarmStatistics statistics = counts_;
  links_.count(statistics);
  statistics.member = node_ && node_->chord().is_member();
  statistics.contacts = static_cast<unsigned>(table_.size());
  statistics.inbox_messages = static_cast<unsigned>(inbox_->size());
  statistics.neighbours = static_cast<unsigned>(std::ranges::count_if(
      peers(), [](const PeerInfo& info) { return info.successor || info.predecessor || info.finger; }));
  return statistics;
}

}  // namespace cicada
