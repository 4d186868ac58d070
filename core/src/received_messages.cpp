#include "received_messages.hpp"

#include <algorithm>
#include <iterator>

namespace cicada {

ReceivedMessages::Verdict ReceivedMessages::receive(const MessageId& id, std::uint64_t source, std::uint64_t sent_ns,
                                                    TimePoint wall, std::size_t max) {
  if (known_.contains(id)) return Verdict::again;
  const auto known = sources_.find(source);
  if (sent_ns < floor_ns_ || (known != sources_.end() && sent_ns < known->second.floor_ns)) return Verdict::forgotten;
  if (known_.size() >= std::max<std::size_t>(max, 1)) forget_one();
  Source& from = sources_[source];
  if (from.count > 0) turns_.erase(turn_of(from));
  const std::uint64_t number = arrivals_++;
  if (from.count++ == 0) from.oldest = number;
  turns_.emplace(turn_of(from), source);
  const auto arrived_ns = static_cast<std::uint64_t>(std::max<Duration::rep>(wall.time_since_epoch().count(), 0));
  messages_.emplace(std::pair(source, number), Entry{id, sent_ns, arrived_ns});
  known_.insert(id);
  return Verdict::first;
}

void ReceivedMessages::forget_one() {
  const auto turn = std::prev(turns_.end());
  const std::uint64_t source = turn->second;
  turns_.erase(turn);
  const auto place = sources_.find(source);
  Source& from = place->second;
  const auto oldest = messages_.find({source, from.oldest});
  const Entry forgotten = oldest->second;
  known_.erase(forgotten.id);
  const auto next = messages_.erase(oldest);
  if (--from.count == 0) {  // Everybody has one: there is no room for as many floors either.
    const std::uint64_t floor_ns = std::max(from.floor_ns, forgotten.sent_ns + 1);
    floor_ns_ = std::max(floor_ns_, std::min(floor_ns, forgotten.arrived_ns + 1));
    sources_.erase(place);
    return;
  }
  from.floor_ns = std::max(from.floor_ns, forgotten.sent_ns + 1);
  from.oldest = next->first.second;
  turns_.emplace(turn_of(from), source);
}

}  // namespace cicada
