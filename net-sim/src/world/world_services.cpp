// What the world lends to its nodes beside time and links: cryptography, and the codec where a scenario wants it.

#include <cicada/assert.hpp>
#include <cicada/codec.hpp>
#include <cicada/signing.hpp>
#include <cicada/sodium_crypto.hpp>

#include "world.hpp"

namespace cicada::sim {
namespace {

constexpr std::uint16_t simulated_port = 4000;

/// The key seed of a host, as long as it lives and comes back.
std::array<std::uint8_t, SodiumCrypto::seed_bytes> key_seed(std::uint64_t seed, std::uint32_t host) {
  Rng rng(mix64(seed, 0x6b657973), Purpose::identity, host);
  std::array<std::uint8_t, SodiumCrypto::seed_bytes> bytes{};
  for (std::size_t i = 0; i < bytes.size(); i += 8) {
    const std::uint64_t word = rng.next();
    for (std::size_t k = 0; k < 8; ++k) bytes[i + k] = static_cast<std::uint8_t>(word >> (8 * k));
  }
  return bytes;
}

/// Simulated contacts: the address of a life is its index.
class IndexBook final : public ContactBook {
 public:
  explicit IndexBook(const PeerTable& peers) : peers_(peers) {}
  [[nodiscard]] Contact contact_of(PeerIndex index) const override {
    Contact contact;
    contact.id = peers_.id(index);
    contact.incarnation = peers_[index].incarnation;
    contact.endpoint.address[10] = contact.endpoint.address[11] = 0xff;
    for (unsigned i = 0; i < 4; ++i)
      contact.endpoint.address[12 + i] = static_cast<std::uint8_t>(index >> (24 - 8 * i));
    contact.endpoint.port = simulated_port;
    return contact;
  }
  [[nodiscard]] std::optional<Peer> intern(const Contact& contact) override {
    PeerIndex index = 0;
    for (unsigned i = 0; i < 4; ++i) index = (index << 8) | contact.endpoint.address[12 + i];
    if (index >= peers_.size() || contact != contact_of(index)) return std::nullopt;
    return peers_.peer(index);
  }

 private:
  const PeerTable& peers_;
};

}  // namespace

bool World::is_key_of(const PublicKey& key, const Id& id) const {
  const auto host = hosts_by_prefix_.find(id.prefix());
  return host != hosts_by_prefix_.end() && key == key_of(host->second);
}

PublicKey World::key_of(std::uint32_t host) const {
  if (scenario_.protocol.crypto == cicada::sim::Crypto::modelled) return ModelledCrypto::key_of(host);
  return real_crypto(host).public_key();
}

/// Calls `use` with the cryptography of the peer whose step this is.
template <class Use>
auto World::with_crypto(Use&& use) {
  const std::uint32_t host = peers_[current_].host;
  if (scenario_.protocol.crypto == cicada::sim::Crypto::modelled) {
    ModelledCrypto crypto(host, crypto_counts_);
    return use(crypto);
  }
  return use(real_crypto(host));
}

/// Making a key pair costs as much as a signature: it is kept.
SodiumCrypto& World::real_crypto(std::uint32_t host) const {
  std::unique_ptr<SodiumCrypto>& crypto = real_crypto_[host];
  if (!crypto) crypto = std::make_unique<SodiumCrypto>(key_seed(seed(), host));
  return *crypto;
}

std::vector<Id> World::card_places_of(const Id& owner) const {
  CryptoCounts nobody_counts;
  ModelledCrypto modelled(0, nobody_counts);
  const bool real = scenario_.protocol.crypto == cicada::sim::Crypto::real;
  cicada::Crypto& crypto = real ? static_cast<cicada::Crypto&>(real_crypto(0)) : modelled;
  std::vector<Id> places;
  for (unsigned number = 0; number < config_.card_places; ++number) places.push_back(card_place(crypto, owner, number));
  return places;
}

PublicKey World::public_key() const { return key_of(peers_[current_].host); }

Signature World::sign(std::span<const std::uint8_t> bytes) {
  return with_crypto([&](auto& crypto) { return crypto.sign(bytes); });
}

bool World::verify(std::span<const std::uint8_t> bytes, const Signature& signature, const PublicKey& key) {
  return with_crypto([&](auto& crypto) { return crypto.verify(bytes, signature, key); });
}

Id World::hash(std::span<const std::uint8_t> bytes) {
  return with_crypto([&](auto& crypto) { return crypto.hash(bytes); });
}

Nonce World::nonce(std::uint64_t number) {
  return with_crypto([&](auto& crypto) { return crypto.nonce(number); });
}

Message World::through_codec(const Message& message) {
  IndexBook book(peers_);
  wire_buffer_.clear();
  encode(message, book, wire_buffer_);
  CICADA_ASSERT(wire_buffer_.size() == encoded_size(message));
  auto decoded = decode(wire_buffer_, book);
  CICADA_ASSERT(decoded.has_value());
  return std::move(*decoded);
}

std::vector<std::uint8_t> World::encoded(const Message& message) const {
  std::vector<std::uint8_t> bytes;
  encode(message, IndexBook(peers_), bytes);
  return bytes;
}

std::optional<Message> World::decoded(std::span<const std::uint8_t> bytes) const {
  IndexBook book(peers_);
  auto message = decode(bytes, book);
  if (!message) return std::nullopt;
  return *std::move(message);
}

}  // namespace cicada::sim
