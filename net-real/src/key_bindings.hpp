#pragma once
/// Which key belongs to which id, as links have proved it: by dialling the address, or by the authority's word.
/// Bounded; the oldest proofs are forgotten first. Addresses change hands, so an incoming link wants a fresh proof.

#include <chrono>
#include <cstdint>
#include <deque>
#include <unordered_map>

#include <cicada/id.hpp>
#include <cicada/message.hpp>

namespace cicada {

class KeyBindings {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::size_t bindings_max = 8192;
  static constexpr std::chrono::minutes lifetime{60};

  void bind(const Id& id, const PublicKey& key) {
    const auto [place, fresh] = bindings_.insert_or_assign(id, Proof{key, Clock::now()});
    if (!fresh) return;
    order_.push_back(id);
    if (order_.size() <= bindings_max) return;
    bindings_.erase(order_.front());
    order_.pop_front();
  }
  [[nodiscard]] bool is_bound(const Id& id, const PublicKey& key) const {
    const auto place = bindings_.find(id);
    return place != bindings_.end() && place->second.key == key;
  }
  [[nodiscard]] bool knows(const Id& id) const { return bindings_.contains(id); }
  /// And has it been proved within `lifetime`?
  [[nodiscard]] bool is_fresh(const Id& id, const PublicKey& key) const {
    return is_bound(id, key) && Clock::now() - bindings_.find(id)->second.when < lifetime;
  }

 private:
  struct Proof {
    PublicKey key;
    Clock::time_point when;
  };
  /// Only proven ids are in the map, and each of those took its owner a handshake: no need to defend against
  /// collisions.
  struct Hash {
    std::size_t operator()(const Id& id) const { return static_cast<std::size_t>(id.words[0]); }
  };
  std::unordered_map<Id, Proof, Hash> bindings_;
  std::deque<Id> order_;
};

}  // namespace cicada
