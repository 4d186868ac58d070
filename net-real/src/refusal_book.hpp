#pragma once
/// Which neighbours have had the most refused, so that an operator sees who attacks. Bounded: a neighbour that is new
/// takes the place of the one with the fewest refusals.

#include <algorithm>
#include <chrono>
#include <span>
#include <vector>

#include <cicada/link_refusal.hpp>

namespace cicada {

class RefusalBook {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::size_t neighbors_max = 64;
  /// So many refusals within `window` are worth telling; fewer happen among honest peers.
  static constexpr unsigned worth_telling = 200;
  static constexpr std::chrono::seconds window{10};
  /// One neighbour is told of again after `pause`, any after `pause_of_all`.
  static constexpr std::chrono::seconds pause{60};
  static constexpr std::chrono::seconds pause_of_all{1};

  /// Counts one refusal; `reason` is a `Refusal` or a `LinkRefusal`. Gives the neighbour's record where an operator
  /// should be told of it now, else nullptr. Cost: O(neighbors_max).
  template <class Reason>
  const PeerRefusals* note(const Contact& contact, const Endpoint& address, Reason reason, Clock::time_point now) {
    Record& record = record_of(contact, now);
    record.refusals.address = address;
    if (now - record.window_began > window) {
      record.window_began = now;
      record.in_window = 0;
    }
    ++record.in_window;
    bool grave = false;
    if constexpr (std::is_same_v<Reason, LinkRefusal>) {
      ++record.refusals.link[static_cast<std::size_t>(reason)];
      grave = reason == LinkRefusal::forging || reason == LinkRefusal::frame_too_long ||
              reason == LinkRefusal::frame_unexpected;
    } else {
      ++record.refusals.protocol[static_cast<std::size_t>(reason)];
    }
    if (!grave && record.in_window < worth_telling) return nullptr;
    if (now < record.quiet_until || now < quiet_until_) return nullptr;
    record.quiet_until = now + pause;
    quiet_until_ = now + pause_of_all;
    return &record.refusals;
  }

  /// Those with the most refusals first.
  [[nodiscard]] std::vector<PeerRefusals> all() const {
    std::vector<PeerRefusals> all;
    for (const Record& record : records_) all.push_back(record.refusals);
    std::ranges::stable_sort(all, std::ranges::greater{}, &PeerRefusals::total);
    return all;
  }

 private:
  struct Record {
    PeerRefusals refusals;
    Clock::time_point window_began{};
    Clock::time_point quiet_until{};
    unsigned in_window = 0;
  };

  Record& record_of(const Contact& contact, Clock::time_point now) {
    auto place = std::ranges::find(records_, contact.id, [](const Record& one) { return one.refusals.contact.id; });
    if (place == records_.end()) {
      if (records_.size() < neighbors_max)
        place = records_.emplace(records_.end());
      else
        place = std::ranges::min_element(records_, {}, [](const Record& one) { return one.refusals.total(); });
      *place = Record{};
      place->refusals.contact = contact;
      place->window_began = now;
    }
    return *place;
  }

  std::vector<Record> records_;
  Clock::time_point quiet_until_{};
};

}  // namespace cicada
