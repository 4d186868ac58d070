#pragma once
/// A contact table for tests: equal contacts have one entry, entries stay, and the size is bounded on demand.

#include <cstddef>
#include <limits>
#include <map>
#include <optional>
#include <vector>

#include <cicada/codec.hpp>

namespace cicada::test {

class MapContactBook final : public ContactBook {
 public:
  explicit MapContactBook(std::size_t limit = std::numeric_limits<std::size_t>::max()) : limit_(limit) {}

  [[nodiscard]] Contact contact_of(PeerIndex index) const override { return contacts_.at(index); }
  [[nodiscard]] std::optional<Peer> intern(const Contact& contact) override {
    const auto known = index_.find(contact);
    if (known != index_.end()) return Peer(contact.id.prefix(), known->second);
    if (contacts_.size() >= limit_) return std::nullopt;
    const auto index = static_cast<PeerIndex>(contacts_.size());
    contacts_.push_back(contact);
    index_.emplace(contact, index);
    return Peer(contact.id.prefix(), index);
  }
  [[nodiscard]] std::size_t size() const { return contacts_.size(); }

 private:
  std::size_t limit_;
  std::vector<Contact> contacts_;
  std::map<Contact, PeerIndex> index_;
};

}  // namespace cicada::test
