#pragma once
/// For whose sake this node dials, and how much of its dialling each of them may have. A remote peer can name addresses
/// where nobody answers. The neighbour whose message made this node dial one pays for it; a dial that comes to stand is
/// free, so honest neighbours hardly pay. Dial-backs are for the sake of the host that knocked.

#include <algorithm>
#include <cstddef>
#include <vector>

#include <cicada/peer.hpp>
#include <cicada/rate_limit.hpp>

namespace cicada {

struct DialCause {
  enum class Kind : std::uint8_t { self, neighbor, visitor };
  Kind kind = Kind::self;
  Id neighbor;
  Endpoint host;  ///< Of a visitor: the address, of IPv6 its first 64 bits, without a port.
  friend bool operator==(const DialCause&, const DialCause&) = default;

  [[nodiscard]] static DialCause of_neighbor(const Id& id) { return {Kind::neighbor, id, {}}; }
  [[nodiscard]] static DialCause of_visitor(Endpoint address);
};

/// What dials of neighbours came to nothing lately. Bounded: the account that was used the longest ago is given up.
class DialShares {
 public:
  static constexpr std::size_t accounts_max = 256;

  [[nodiscard]] bool allows(const DialCause& cause, TimePoint now, const Pace& pace) const {
    const auto place = std::ranges::find(accounts_, cause.neighbor, &Account::neighbor);
    return cause.kind != DialCause::Kind::neighbor || place == accounts_.end() || place->failures.allows(now, pace);
  }
  void failed(const DialCause& cause, TimePoint now, const Pace& pace) {
    if (cause.kind != DialCause::Kind::neighbor) return;
    auto place = std::ranges::find(accounts_, cause.neighbor, &Account::neighbor);
    if (place == accounts_.end()) {
      if (accounts_.size() < accounts_max)
        place = accounts_.emplace(accounts_.end());
      else
        place = std::ranges::min_element(accounts_, {}, &Account::used);
      *place = Account{cause.neighbor, now, {}};
    }
    place->used = now;
    place->failures.take(now, pace);
  }

 private:
  struct Account {
    Id neighbor;
    TimePoint used{};
    RateLimit failures;
  };
  std::vector<Account> accounts_;
};

}  // namespace cicada
