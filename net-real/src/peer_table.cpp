#include "peer_table.hpp"

#include <algorithm>

#include <cicada/identity.hpp>
#include <cicada/rng.hpp>

namespace cicada {

std::size_t PeerTable::Hash::operator()(const Contact& contact) const {
  std::uint64_t hash = salt;
  for (const std::uint64_t word : contact.id.words) hash = mix64(hash, word);
  // One id may be named with many addresses, by whoever wants to.
  hash = mix64(hash, (std::uint64_t{contact.incarnation} << 16) | contact.endpoint.port);
  std::uint64_t word = 0;
  for (std::size_t i = 8; i < contact.endpoint.address.size(); ++i) word = (word << 8) | contact.endpoint.address[i];
  return static_cast<std::size_t>(mix64(hash, word));
}

PeerTable::PeerTable(IdPolicy policy, std::size_t limit, std::uint64_t salt)
    : policy_(policy), limit_(limit), index_(0, Hash{salt}) {}

std::optional<Peer> PeerTable::intern(const Contact& contact) {
  const auto known = index_.find(contact);
  if (known != index_.end()) return Peer(contact.id.prefix(), known->second);
  if (size() >= limit_) return std::nullopt;
  if (policy_ == IdPolicy::address && contact.endpoint.port != 0 && id_of_endpoint(contact.endpoint) != contact.id)
    return std::nullopt;
  if (free_.empty()) {
    free_.push_back(static_cast<PeerIndex>(slots_.size()));
    slots_.emplace_back();
  }
  const PeerIndex index = free_.back();
  free_.pop_back();
  slots_[index] = Slot{.contact = contact, .key = {}, .link = nullptr, .used = true, .met = false};
  index_.emplace(contact, index);
  return Peer(contact.id.prefix(), index);
}

void PeerTable::collect(const std::vector<bool>& marked) {
  for (PeerIndex index = 0; index < slots_.size(); ++index) {
    Slot& slot = slots_[index];
    if (!slot.used || slot.link != nullptr || marked[index]) continue;
    index_.erase(slot.contact);
    slot = Slot{};
    free_.push_back(index);
  }
  // Twice what is needed may gather before the next time, so that collecting costs little for each new contact.
  collect_at_ = std::min(limit_, std::max(collect_at_least, 2 * size()));
}

}  // namespace cicada
