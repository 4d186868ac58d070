// A member that lost everybody. The core then joins again, through whomever it remembers, for as long as it takes:
// right for one node that was cut off from many. But in a swarm of two or three nobody may be left to join, or those
// left may all be trying to join each other. So the world
//   - dials everybody whom the node remembers, at once;
//   - makes the node a ring of one, which others can join, as soon as none of them answers;
//   - where some do answer, and joining does not succeed, lets it be by turns a ring of one, and a newcomer to the
//   others,
//     for random times, so that two that look for each other do not keep missing each other;
//   - dials the silent ones again now and then, more and more seldom, for as long as the node is alone.

#include <algorithm>

#include "node.hpp"

namespace cicada {
namespace {

constexpr std::size_t hoped_for_max = 16;
constexpr Duration turn_first = std::chrono::milliseconds(500);
constexpr Duration turn_linked_max = std::chrono::seconds(3);
constexpr Duration turn_max = std::chrono::seconds(60);

}  // namespace

/// After each step.
void Node::look_after_membership() {
  if (!node_ || connecting_ || departure_) return;
  if (!rescue_) {
    if (!node_->chord().is_member()) begin_rescue();
  } else if (node_->chord().is_member() && !alone()) {
    rescue_.reset();
  } else if (rescue_->joining && !anybody_hoped_for()) {
    rescue_->joining = false;
    start_alone();
  }
}

void Node::begin_rescue() {
  rescue_.emplace(std::vector<PeerIndex>(), true, turn_first, asio::steady_timer(reactor_));
  node_->for_each_peer([this](PeerIndex index) { hope_for(index); });
  for (const PeerIndex index : rescue_->hoped_for) links_.open(index);
  schedule_rescue();
  look_after_membership();
}

void Node::hope_for(PeerIndex peer) {
  std::vector<PeerIndex>& hoped_for = rescue_->hoped_for;
  if (peer == no_peer || peer == self_.index || std::ranges::find(hoped_for, peer) != hoped_for.end()) return;
  if (hoped_for.size() == hoped_for_max) hoped_for.erase(hoped_for.begin());
  hoped_for.push_back(peer);
}

/// A new life of an old neighbour may be a way back. Others who show up want to join through this node: if it waited
/// for them, they would wait for each other.
void Node::hope_for_again(PeerIndex peer) {
  if (rescue_ && std::ranges::any_of(rescue_->hoped_for, [&](PeerIndex old) { return id_of(old) == id_of(peer); }))
    hope_for(peer);
}

/// Is there a link to one of them, or a dial that may become one?
bool Node::anybody_hoped_for() const {
  return std::ranges::any_of(rescue_->hoped_for, [this](PeerIndex index) { return table_[index].link != nullptr; });
}

void Node::schedule_rescue() {
  rescue_->timer.expires_after(random_.between(rescue_->turn / 2, rescue_->turn * 3 / 2));
  rescue_->timer.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
    if (!error && self->rescue_) self->continue_rescue();
  });
}

void Node::continue_rescue() {
  const bool anybody = anybody_hoped_for();
  rescue_->turn = std::min(anybody ? turn_linked_max : turn_max, rescue_->turn * 2);
  schedule_rescue();
  if (!anybody) {
    for (const PeerIndex index : rescue_->hoped_for) links_.open(index);
    return;
  }
  rescue_->joining = !rescue_->joining;
  if (!rescue_->joining) return start_alone();
  std::vector<Peer> bootstrap;
  for (const PeerIndex index : rescue_->hoped_for)
    if (table_[index].link != nullptr) bootstrap.push_back(table_.peer(index));
  join_through(bootstrap);
}

}  // namespace cicada
