#pragma once
/// What each neighbour has made this node do lately, so that none of them can have all of its time. A neighbour that
/// the table has no room for takes the place of one that has not been heard of for a while; where there is none, all
/// such neighbours share one account, so that more links do not buy more.

#include <algorithm>
#include <cstddef>
#include <vector>

#include <cicada/peer.hpp>
#include <cicada/rate_limit.hpp>

namespace cicada {

class NeighborLimits {
 public:
  struct Account {
    PeerIndex peer = no_peer;
    TimePoint used{};
    RateLimit messages, repeats, forgeries, relays, repairs, cards;
  };

  /// Cost: O(neighbours), at most 128.
  Account& of(PeerIndex peer, TimePoint now) {
    auto place = std::ranges::find(accounts_, peer, &Account::peer);
    if (place == accounts_.end()) {
      if (accounts_.size() < accounts_max)
        place = accounts_.insert(accounts_.end(), Account{});
      else
        place = std::ranges::min_element(accounts_, {}, &Account::used);
      if (place->peer != no_peer && now - place->used < forgotten_after) return others_;
      *place = Account{};
      place->peer = peer;
    }
    place->used = now;
    return *place;
  }

 private:
  static constexpr std::size_t accounts_max = 128;
  static constexpr Duration forgotten_after = std::chrono::seconds(10);  // Longer than a used up pace needs to be full.
  Account others_;
  std::vector<Account> accounts_;
};

}  // namespace cicada
