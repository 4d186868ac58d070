#pragma once
/// How peers are reached that cannot be dialled: through which peers with addresses. A peer says so itself to everybody
/// it has a link with, and they say it on to whomever they name the peer to.
///
/// Words are kept per teller, a few for each peer, so that one liar cannot push out what others say. A wrong word costs
/// a vain question to a relay and nothing else: whoever answers through a relay has to prove its key like anybody.

#include <algorithm>
#include <cstdint>
#include <deque>
#include <unordered_map>
#include <vector>

#include <cicada/peer.hpp>
#include <cicada/rng.hpp>

#include "frames.hpp"

namespace cicada {

class WayBook {
 public:
  static constexpr std::size_t ways_max = 8192;
  static constexpr std::size_t ways_per_teller_max = 512;
  static constexpr std::size_t words_per_way_max = 3;

  /// `salt` is random, so that strangers cannot choose ids that collide.
  explicit WayBook(std::uint64_t salt) : ways_(0, Hash{salt}), tellers_(0, Hash{salt}) {}

  /// `own`: the peer says so itself, and there is a link with it. Then nobody else is listened to.
  void hear(const Id& id, std::uint32_t incarnation, std::vector<Endpoint> relays, const Id& teller, bool own) {
    const Key key{id, incarnation};
    const auto [place, fresh] = ways_.try_emplace(key);
    Way& way = place->second;
    if (way.own && !own) return;
    if (own) way.words.clear();
    way.own = own;
    std::erase_if(way.words, [&](const Word& word) { return word.teller == teller; });
    if (way.words.size() == words_per_way_max) way.words.pop_back();
    way.words.insert(way.words.begin(), Word{teller, std::move(relays)});
    way.version = ++version_;
    if (fresh) remember(key, teller);
  }
  /// The link with it is gone: from now on others may know better.
  void release(const Id& id, std::uint32_t incarnation) {
    const auto place = ways_.find({id, incarnation});
    if (place != ways_.end()) place->second.own = false;
  }

  struct Known {
    std::vector<Endpoint> relays;  ///< The most trustworthy first. Empty: no way is known.
    std::uint64_t version = 0;     ///< Another one whenever something changes.
  };
  [[nodiscard]] Known find(const Id& id, std::uint32_t incarnation) const {
    Known known;
    const auto place = ways_.find({id, incarnation});
    if (place == ways_.end()) return known;
    known.version = place->second.version;
    for (const Word& word : place->second.words)
      for (const Endpoint& relay : word.relays)
        if (std::ranges::find(known.relays, relay) == known.relays.end()) known.relays.push_back(relay);
    return known;
  }
  [[nodiscard]] bool empty() const { return ways_.empty(); }
  [[nodiscard]] std::size_t size() const { return ways_.size(); }

 private:
  struct Key {
    Id id;
    std::uint32_t incarnation;
    friend bool operator==(const Key&, const Key&) = default;
  };
  struct Hash {
    std::uint64_t salt;
    std::size_t operator()(const Id& id) const {
      std::uint64_t hash = salt;
      for (const std::uint64_t word : id.words) hash = mix64(hash, word);
      return static_cast<std::size_t>(hash);
    }
    std::size_t operator()(const Key& key) const {
      return static_cast<std::size_t>(mix64((*this)(key.id), key.incarnation));
    }
  };
  struct Word {
    Id teller;
    std::vector<Endpoint> relays;
  };
  struct Way {
    std::vector<Word> words;  ///< The newest first.
    std::uint64_t version = 0;
    bool own = false;
    Id first_teller;
  };

  /// A teller's oldest way makes room for its next, and the oldest of all for whoever comes when the book is full.
  void remember(const Key& key, const Id& teller) {
    ways_.at(key).first_teller = teller;
    std::deque<Key>& told = tellers_[teller];
    told.push_back(key);
    order_.push_back({key, teller});
    if (told.size() > ways_per_teller_max) {
      forget({told.front(), teller});
      told.pop_front();
    }
    while (ways_.size() > ways_max) {
      forget(order_.front());
      order_.pop_front();
    }
    if (order_.size() > 2 * ways_max) tidy();
  }
  struct First {
    Key key;
    Id teller;
  };
  [[nodiscard]] bool holds(const First& first) const {
    const auto place = ways_.find(first.key);
    return place != ways_.end() && place->second.first_teller == first.teller;
  }
  void forget(const First& first) {
    if (holds(first)) ways_.erase(first.key);
  }
  /// After each `ways_max` new ways.
  void tidy() {
    std::erase_if(order_, [this](const First& first) { return !holds(first); });
    for (auto& [teller, told] : tellers_) std::erase_if(told, [&](const Key& key) { return !holds({key, teller}); });
    std::erase_if(tellers_, [](const auto& one) { return one.second.empty(); });
  }

  std::unordered_map<Key, Way, Hash> ways_;
  std::unordered_map<Id, std::deque<Key>, Hash> tellers_;  ///< Who first told which, the oldest first.
  std::deque<First> order_;
  std::uint64_t version_ = 0;
};

}  // namespace cicada
