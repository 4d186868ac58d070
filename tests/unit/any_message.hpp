#pragma once
/// Random messages of every kind for tests, and their comparison field by field. Both walk over the members of the
/// structs by reflection (Boost.PFR), not over the codec's own list: a field that the codec forgets is found.

#include <boost/pfr.hpp>
#include <concepts>
#include <cstdint>
#include <memory>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <cicada/codec.hpp>
#include <cicada/endpoint_text.hpp>

namespace cicada::test {

/// Which endpoints random contacts have.
enum class Endpoints : std::uint8_t { ipv4, any };

/// `Source` gives random numbers: `word()` any 64 bits, `below(n)` uniform in [0, n).
template <class Source>
class AnyMessage {
 public:
  AnyMessage(Source& source, ContactBook& book, Endpoints endpoints)
      : source_(source), book_(book), endpoints_(endpoints) {}

  /// A message of the given alternative of `Message`.
  Message message(std::size_t alternative) { return pick(alternative, std::type_identity<Message>{}); }

  Contact contact() {
    Contact contact;
    fill(contact.id);
    fill(contact.incarnation);
    const std::uint64_t kind = endpoints_ == Endpoints::ipv4 ? 1 : source_.below(3);
    if (kind == 0) return contact;
    fill(contact.endpoint.address);
    fill(contact.endpoint.port);
    const auto& a = contact.endpoint.address;
    if (kind == 1) contact.endpoint = ipv4_endpoint({a[0], a[1], a[2], a[3]}, contact.endpoint.port);
    return contact;
  }
  Peer existing_peer() { return book_.intern(contact()).value(); }

 private:
  template <class... Ms>
  Message pick(std::size_t alternative, std::type_identity<std::variant<Ms...>>) {
    Message message;
    std::size_t position = 0;
    ((position++ == alternative ? fill_all(message.emplace<Ms>()) : void()), ...);
    return message;
  }
  template <class M>
  void fill_all(M& message) {
    boost::pfr::for_each_field(message, [this](auto& field) { this->fill(field); });
    if constexpr (std::same_as<M, Data>)
      if (!message.has_via) message.via = Id{};
  }

  template <std::unsigned_integral T>
  void fill(T& value) {
    value = static_cast<T>(source_.word());
  }
  void fill(bool& flag) { flag = source_.below(2) == 1; }
  void fill(Side& side) { side = source_.below(2) == 1 ? Side::predecessors : Side::successors; }
  void fill(Routing& routing) { routing = static_cast<Routing>(source_.below(3)); }
  void fill(Report& report) { report = static_cast<Report>(source_.below(5)); }
  void fill(DataKind& kind) { kind = static_cast<DataKind>(source_.below(3)); }
  void fill(Id& id) {
    for (std::uint64_t& word : id.words) fill(word);
  }
  void fill(MessageId& id) { fill(id.high), fill(id.low); }
  void fill(Nonce& nonce) { fill(nonce.high), fill(nonce.low); }
  template <std::size_t n>
  void fill(std::array<std::uint8_t, n>& bytes) {
    for (std::uint8_t& byte : bytes) fill(byte);
  }
  void fill(Peer& peer) { peer = existing_peer(); }
  void fill(MaybePeer& peer) { peer = source_.below(3) == 0 ? MaybePeer() : existing_peer(); }
  void fill(PeerList& peers) {
    peers.clear();
    const std::uint64_t size = source_.below(8) == 0 ? successors_max : source_.below(6);
    for (std::uint64_t i = 0; i < size; ++i) {
      Peer peer;
      fill(peer);
      peers.push_back(peer);
    }
  }
  template <class T>
  void fill(std::vector<T>& list) {
    const bool full = source_.below(8) == 0;
    list.resize(full ? std::same_as<T, Id> ? broadcast_visited_max : digest_ids_max : source_.below(6));
    for (T& element : list) fill(element);
  }
  template <class Header>
  void fill(std::shared_ptr<const Header>& header) {
    Header filled;
    fill_all(filled);
    header = std::make_shared<const Header>(filled);
  }
  void fill(std::shared_ptr<const ContactCard>& card) {
    card = nullptr;
    if (source_.below(2) == 0) return;
    ContactCard filled;
    fill_all(filled);
    card = std::make_shared<const ContactCard>(filled);
  }
  void fill(Payload& payload) {
    std::vector<std::uint8_t> bytes(source_.below(40));
    for (std::uint8_t& byte : bytes) fill(byte);
    payload = std::make_shared<const std::vector<std::uint8_t>>(std::move(bytes));
  }

  Source& source_;
  ContactBook& book_;
  Endpoints endpoints_;
};

/// Equal values; for peers the same index and prefix, for what is behind a pointer the same contents.
template <class T>
bool same(const T& a, const T& b) {
  if constexpr (std::same_as<T, Peer>) {
    return a.index == b.index && a.prefix() == b.prefix();
  } else if constexpr (std::same_as<T, Payload> || std::same_as<T, std::shared_ptr<const DataHeader>> ||
                       std::same_as<T, std::shared_ptr<const BroadcastHeader>>) {
    return a && b && same(*a, *b);
  } else if constexpr (std::same_as<T, std::shared_ptr<const ContactCard>>) {
    return (a == nullptr) == (b == nullptr) && (!a || same(*a, *b));
  } else if constexpr (std::same_as<T, Message>) {
    return a.index() == b.index() &&
           std::visit([&]<class M>(const M& alternative) { return same(alternative, std::get<M>(b)); }, a);
  } else if constexpr (std::equality_comparable<T>) {
    return a == b;
  } else {
    bool equal = true;
    [&]<std::size_t... i>(std::index_sequence<i...>) {
      ((equal = equal && same(boost::pfr::get<i>(a), boost::pfr::get<i>(b))), ...);
    }(std::make_index_sequence<boost::pfr::tuple_size_v<T>>{});
    return equal;
  }
}

}  // namespace cicada::test
