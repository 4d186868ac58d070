#include "mutated_message.hpp"

#include <algorithm>
#include <array>
#include <boost/pfr.hpp>
#include <concepts>
#include <limits>
#include <memory>
#include <type_traits>
#include <utility>
#include <variant>

#include <cicada/codec.hpp>

namespace cicada::sim {
namespace {

/// Values of each enumeration on the wire.
template <class Enum>
inline constexpr unsigned value_count = 0;
template <>
inline constexpr unsigned value_count<Side> = 2;
template <>
inline constexpr unsigned value_count<Routing> = 3;
template <>
inline constexpr unsigned value_count<Report> = 5;
template <>
inline constexpr unsigned value_count<DataKind> = 3;

template <class T>
inline constexpr std::size_t list_max = 0;
template <>
inline constexpr std::size_t list_max<Id> = broadcast_visited_max;
template <>
inline constexpr std::size_t list_max<std::uint64_t> = digest_ids_max;

/// Walks over the fields of a message and changes the one with the number that was chosen; with none, it counts them.
class FieldChange {
 public:
  static constexpr std::size_t none = std::numeric_limits<std::size_t>::max();

  FieldChange(std::span<const Peer> peers, std::span<const Id> ids, Rng& rng, std::size_t chosen)
      : peers_(peers), ids_(ids), rng_(rng), chosen_(chosen) {}

  void walk(auto& part) {
    boost::pfr::for_each_field(part, [this](auto& field) { this->visit(field); });
  }
  [[nodiscard]] std::size_t count() const { return count_; }

 private:
  /// Structs within structs are walked over; all else is one field.
  template <class T>
  void visit(T& field) {
    if constexpr (requires { change(field); }) {
      if (count_++ == chosen_) change(field);
    } else {
      walk(field);
    }
  }
  template <class Part>
  void visit(std::shared_ptr<const Part>& part) {
    if (part == nullptr) return;
    auto copy = std::make_shared<Part>(*part);
    walk(*copy);
    if (chosen_ != none) part = std::move(copy);
  }
  void visit(Payload& payload) {
    if (count_++ == chosen_) change(payload);
  }

  template <std::unsigned_integral T>
  void change(T& number) {
    constexpr T high = std::numeric_limits<T>::max();
    switch (rng_.below(5)) {
      case 0:
        number = 0;
        break;
      case 1:
        number = high;
        break;
      case 2:
        number = static_cast<T>(number + 1U);
        break;
      case 3:
        number = static_cast<T>(number - 1U);
        break;
      default:
        number = static_cast<T>(number ^ (T{1} << rng_.below(std::numeric_limits<T>::digits)));
        break;
    }
  }
  void change(bool& flag) { flag = !flag; }
  template <class Enum>
    requires std::is_enum_v<Enum>
  void change(Enum& value) {
    static_assert(value_count<Enum> > 1, "say how many values it has");
    value =
        static_cast<Enum>((static_cast<unsigned>(value) + 1 + rng_.below(value_count<Enum> - 1)) % value_count<Enum>);
  }
  void change(Id& id) {
    if (rng_.chance(0.5)) {
      id = ids_[rng_.below(ids_.size())];
    } else {
      change(id.words[rng_.below(id.words.size())]);
    }
  }
  void change(Nonce& nonce) { change(rng_.chance(0.5) ? nonce.high : nonce.low); }
  void change(Peer& peer) { peer = any_peer(); }
  void change(MaybePeer& peer) { peer = rng_.chance(0.25) ? MaybePeer() : MaybePeer(any_peer()); }
  template <std::size_t n>
  void change(std::array<std::uint8_t, n>& bytes) {
    change(bytes[rng_.below(n)]);
  }
  void change(PeerList& list) {
    std::vector<Peer> peers(list.begin(), list.end());
    change_list(peers, successors_max, [this] { return any_peer(); });
    list = PeerList(std::span<const Peer>(peers));
  }
  template <class T>
  void change(std::vector<T>& list) {
    change_list(list, list_max<T>, [this] {
      T fresh{};
      change(fresh);
      return fresh;
    });
  }
  void change(Payload& payload) {
    std::vector<std::uint8_t> bytes = payload ? *payload : std::vector<std::uint8_t>{};
    change_list(bytes, payload_bytes_max, [this] { return static_cast<std::uint8_t>(rng_.below(256)); });
    payload = std::make_shared<const std::vector<std::uint8_t>>(std::move(bytes));
  }

  /// One entry less, one again, two swapped, one new instead of another or at the end, or none at all.
  template <class T, class Fresh>
  void change_list(std::vector<T>& list, std::size_t size_max, Fresh fresh) {
    const auto any = [&] { return rng_.below(list.size()); };
    const std::uint64_t kind = list.empty() ? 4 : rng_.below(6);
    const bool full = list.size() >= size_max;
    if (kind == 0) list.erase(list.begin() + static_cast<std::ptrdiff_t>(any()));
    if (kind == 1 && !full) list.push_back(T(list[any()]));
    if (kind == 2) std::swap(list[any()], list[any()]);
    if (kind == 3) list[any()] = fresh();
    if (kind == 4 && !full) list.push_back(fresh());
    if (kind == 5) list.clear();
  }

  [[nodiscard]] Peer any_peer() { return peers_[rng_.below(peers_.size())]; }

  std::span<const Peer> peers_;
  std::span<const Id> ids_;
  Rng& rng_;
  std::size_t chosen_;
  std::size_t count_ = 0;
};

void change_place(std::vector<std::uint8_t>& bytes, Rng& rng) {
  const auto at = static_cast<std::size_t>(rng.below(bytes.size()));
  const auto place = bytes.begin() + static_cast<std::ptrdiff_t>(at);
  const auto run = static_cast<std::ptrdiff_t>(1 + rng.below(std::min<std::size_t>(8, bytes.size() - at)));
  switch (rng.below(8)) {
    case 0:
      if (bytes.size() > 1) bytes.erase(place);
      break;
    case 1:
      bytes.insert(place, static_cast<std::uint8_t>(rng.below(256)));
      break;
    case 2: {
      const std::vector<std::uint8_t> again(place, place + run);
      bytes.insert(place, again.begin(), again.end());
      break;
    }
    case 3:
      bytes.resize(std::max<std::size_t>(1, at));
      break;
    case 4:
      *place = rng.chance(0.5) ? 0xff : 0;
      break;
    case 5:
      *place = static_cast<std::uint8_t>(rng.below(256));
      break;
    default:
      *place = static_cast<std::uint8_t>(*place ^ (1U << rng.below(8)));
      break;
  }
}

}  // namespace

void change_field(Message& message, std::span<const Peer> peers, std::span<const Id> ids, Rng& rng) {
  const auto walk_with = [&](std::size_t chosen) {
    FieldChange change(peers, ids, rng, chosen);
    std::visit([&](auto& alternative) { change.walk(alternative); }, message);
    return change.count();
  };
  const std::size_t fields = walk_with(FieldChange::none);
  if (fields > 0) walk_with(static_cast<std::size_t>(rng.below(fields)));
}

void change_bytes(std::vector<std::uint8_t>& bytes, Rng& rng) {
  for (std::uint64_t places = 1 + rng.below(4); places > 0; --places) change_place(bytes, rng);
}

}  // namespace cicada::sim
