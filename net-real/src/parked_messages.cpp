#include "parked_messages.hpp"

#include <algorithm>

#include <cicada/codec.hpp>

namespace cicada {
namespace {

// Parts of what all together may have.
constexpr std::size_t neighbor_share = 4;
constexpr std::size_t source_share = 8;
constexpr std::size_t buffer_share = 4;                               ///< All together, of the memory for buffers.
constexpr std::size_t message_bytes = 1024;                           ///< Of one without its payload, at most about.
constexpr std::size_t one_bytes = payload_bytes_max + message_bytes;  ///< One message always fits.

std::size_t bytes_of(const Message& message) {
  const auto of_payload = [](const Payload& payload) { return payload ? payload->size() : 0; };
  if (const auto* data = std::get_if<Data>(&message)) return message_bytes + of_payload(data->payload);
  if (const auto* broadcast = std::get_if<Broadcast>(&message)) return message_bytes + of_payload(broadcast->payload);
  return message_bytes;
}

}  // namespace

bool ParkedMessages::add(PeerIndex from, PeerIndex source, const Message& message) {
  struct Load {
    std::size_t messages = 1;
    std::size_t bytes = 0;
  };
  const std::size_t bytes = bytes_of(message);
  Load of_neighbor{1, bytes};
  Load of_source{1, bytes};
  for (const Parked& one : parked_) {
    if (one.from == from) of_neighbor = {of_neighbor.messages + 1, of_neighbor.bytes + one.bytes};
    if (one.source == source) of_source = {of_source.messages + 1, of_source.bytes + one.bytes};
  }
  const std::size_t bytes_max = limits_.buffer_bytes_max / buffer_share;
  const auto fits = [&](const Load& load, std::size_t share) {
    return load.messages <= std::max<std::size_t>(limits_.parked_max / share, 1) &&
           load.bytes <= std::max(bytes_max / share, one_bytes);
  };
  if (!fits({parked_.size() + 1, bytes_ + bytes}, 1) || !fits(of_neighbor, neighbor_share) ||
      !fits(of_source, source_share))
    return false;
  parked_.push_back({from, source, message, bytes});
  bytes_ += bytes;
  return true;
}

std::vector<ParkedMessages::Parked> ParkedMessages::take(PeerIndex source) {
  std::vector<Parked> taken;
  std::erase_if(parked_, [&](Parked& one) {
    if (one.source != source) return false;
    bytes_ -= one.bytes;
    taken.push_back(std::move(one));
    return true;
  });
  return taken;
}

void ParkedMessages::clear() {
  parked_.clear();
  bytes_ = 0;
}

}  // namespace cicada
