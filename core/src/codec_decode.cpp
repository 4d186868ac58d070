// Decoding: everything here reads what a stranger wrote.

#include <algorithm>
#include <array>
#include <concepts>
#include <memory>
#include <type_traits>
#include <utility>
#include <variant>

#include <cicada/codec.hpp>

#include "byte_io.hpp"
#include "wire_fields.hpp"

namespace cicada {
namespace {

using wire::PeerKind;
using wire::Wire;

/// A type code that two messages share would make the second one unreadable.
template <class... Ms>
constexpr bool distinct_types(std::type_identity<std::variant<Ms...>>) {
  std::array types = {Wire<Ms>::type...};
  std::ranges::sort(types);
  return std::ranges::adjacent_find(types) == types.end();
}
static_assert(distinct_types(std::type_identity<Message>{}));

/// Without a book it only checks the bytes: peers in what it reads have no index, and payloads stay null.
class Decoder {
 public:
  Decoder(std::span<const std::uint8_t> bytes, ContactBook* book) : in_(bytes), book_(book) {}

  /// The whole message, up to the last byte.
  std::expected<Message, DecodeError> message();

  void operator()(auto&... fields) { (get(fields), ...); }

 private:
  template <class M>
  bool body(std::uint8_t type, Message& message) {
    if (type != Wire<M>::type) return false;
    Wire<M>::fields(*this, message.emplace<M>());
    return true;
  }
  template <class... Ms>
  bool body_of_any(std::uint8_t type, std::variant<Ms...>& message) {
    return (body<Ms>(type, message) || ...);
  }

  /// The first fault counts; what is read after it is thrown away.
  void fail(DecodeFault fault, std::size_t offset) {
    if (!error_) error_ = DecodeError{fault, offset};
  }
  std::span<const std::uint8_t> run(std::size_t count) {
    const auto bytes = in_.run(count);
    if (in_.ran_out()) fail(DecodeFault::truncated, in_.offset());
    return bytes;
  }
  template <std::unsigned_integral T>
  void get(T& value) {
    value = in_.integer<T>();
    if (in_.ran_out()) fail(DecodeFault::truncated, in_.offset());
  }
  void get(bool& flag) {
    const std::size_t begin = in_.offset();
    std::uint8_t byte = 0;
    get(byte);
    if (byte > 1) fail(DecodeFault::bad_flag, begin);
    flag = byte == 1;
  }
  void get(Side& side) {
    bool predecessors = false;
    get(predecessors);
    side = predecessors ? Side::predecessors : Side::successors;
  }
  /// An enumeration whose last value is `last`.
  template <class Enum>
  void get_enum(Enum& value, Enum last) {
    const std::size_t begin = in_.offset();
    std::uint8_t byte = 0;
    get(byte);
    if (byte > static_cast<std::uint8_t>(last)) fail(DecodeFault::bad_flag, begin);
    value = static_cast<Enum>(byte);
  }
  void get(Routing& routing) { get_enum(routing, Routing::repair); }
  void get(Report& report) { get_enum(report, Report::refused); }
  void get(DataKind& kind) { get_enum(kind, DataKind::fetch_card); }
  void get(Nonce& nonce) {
    get(nonce.high);
    get(nonce.low);
  }
  void get(Id& id) {
    for (std::uint64_t& word : id.words) get(word);
  }
  template <std::size_t n>
  void get(std::array<std::uint8_t, n>& bytes) {
    std::ranges::copy(run(n), bytes.begin());
  }
  void get(Peer& peer) {
    const std::size_t begin = in_.offset();
    MaybePeer read;
    if (get(read) == PeerKind::nobody) fail(DecodeFault::contact_missing, begin);
    peer = read.or_nobody();
  }
  PeerKind get(MaybePeer& peer);
  void get(PeerList& peers);
  template <class T>
  void get(std::vector<T>& list);
  template <class Header>
  void get(std::shared_ptr<const Header>& header);
  void get(std::shared_ptr<const ContactCard>& card);
  void get(Payload& payload);
  Endpoint endpoint(PeerKind kind);

  ByteReader in_;
  ContactBook* book_;
  std::optional<DecodeError> error_;
};

Endpoint Decoder::endpoint(PeerKind kind) {
  Endpoint endpoint;
  if (kind == PeerKind::no_endpoint) return endpoint;
  const std::size_t mapped = kind == PeerKind::ipv4 ? wire::ipv4_mapped.size() : 0;
  std::copy_n(wire::ipv4_mapped.begin(), mapped, endpoint.address.begin());
  std::ranges::copy(run(endpoint.address.size() - mapped), endpoint.address.data() + mapped);
  get(endpoint.port);
  return endpoint;
}

PeerKind Decoder::get(MaybePeer& peer) {
  const std::size_t begin = in_.offset();
  std::uint8_t byte = 0;
  get(byte);
  const auto kind = static_cast<PeerKind>(byte);
  peer = {};
  switch (kind) {
    case PeerKind::nobody:
      return kind;
    case PeerKind::no_endpoint:
    case PeerKind::ipv4:
    case PeerKind::ipv6: {
      Contact contact;
      get(contact.id);
      get(contact.incarnation);
      contact.endpoint = endpoint(kind);
      if (kind != wire::kind_of(contact.endpoint)) fail(DecodeFault::not_canonical, begin);
      if (error_ || book_ == nullptr) return kind;
      if (const auto known = book_->intern(contact))
        peer = *known;
      else
        fail(DecodeFault::contacts_full, begin);
      return kind;
    }
  }
  fail(DecodeFault::bad_peer, begin);
  return kind;
}

void Decoder::get(PeerList& peers) {
  const std::size_t begin = in_.offset();
  std::uint8_t count = 0;
  get(count);
  if (count > successors_max) fail(DecodeFault::list_too_long, begin);
  for (unsigned i = 0; i < count && !error_; ++i) {
    Peer peer;
    get(peer);
    if (peer.exists()) peers.push_back(peer);
  }
}

template <class T>
void Decoder::get(std::vector<T>& list) {
  const std::size_t begin = in_.offset();
  std::uint8_t count = 0;
  get(count);
  if (count > wire::list_max<T>) fail(DecodeFault::list_too_long, begin);
  for (unsigned i = 0; i < count && !error_; ++i) get(list.emplace_back());
}

template <class Header>
void Decoder::get(std::shared_ptr<const Header>& header) {
  Header read;
  Wire<Header>::fields(*this, read);
  if (book_ != nullptr) header = std::make_shared<const Header>(std::move(read));
}

void Decoder::get(std::shared_ptr<const ContactCard>& card) {
  bool present = false;
  get(present);
  if (!present || error_) return;
  ContactCard read;
  Wire<ContactCard>::fields(*this, read);
  if (book_ != nullptr) card = std::make_shared<const ContactCard>(read);
}

void Decoder::get(Payload& payload) {
  const std::size_t begin = in_.offset();
  std::uint32_t length = 0;
  get(length);
  if (length > payload_bytes_max) return fail(DecodeFault::payload_too_long, begin);
  const auto bytes = run(length);
  if (book_ != nullptr) payload = std::make_shared<const std::vector<std::uint8_t>>(bytes.begin(), bytes.end());
}

std::expected<Message, DecodeError> Decoder::message() {
  std::uint8_t version = 0;
  std::uint8_t type = 0;
  get(version);
  if (version != wire_version) fail(DecodeFault::unknown_version, 0);
  get(type);
  std::expected<Message, DecodeError> message;
  if (!error_ && !body_of_any(type, *message)) fail(DecodeFault::unknown_type, 1);
  if (!error_ && in_.remaining() != 0) fail(DecodeFault::trailing_bytes, in_.offset());
  if (error_) message = std::unexpected(*error_);
  return message;
}

}  // namespace

std::expected<Message, DecodeError> decode(std::span<const std::uint8_t> bytes, ContactBook& book) {
  if (bytes.size() > message_bytes_max) return std::unexpected(DecodeError{DecodeFault::too_long, message_bytes_max});
  auto checked = Decoder(bytes, nullptr).message();
  if (!checked) return checked;
  return Decoder(bytes, &book).message();
}

std::string to_string(const DecodeError& error) {
  static constexpr std::array names = {"too_long",      "truncated",        "unknown_version", "unknown_type",
                                       "bad_flag",      "bad_peer",         "not_canonical",   "contact_missing",
                                       "list_too_long", "payload_too_long", "trailing_bytes",  "contacts_full"};
  static_assert(names.size() == static_cast<std::size_t>(DecodeFault::contacts_full) + 1);
  return names[static_cast<std::size_t>(error.fault)] + (" at byte " + std::to_string(error.offset));
}

}  // namespace cicada
