#pragma once
/// A hostile neighbour: a link of its own to a peer, with a proper hello, and messages that it makes up and signs, well
/// or badly, at a given pace and from a thread of its own.

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <thread>

#include <cicada/codec.hpp>
#include <cicada/signing.hpp>
#include <cicada/sodium_crypto.hpp>

#include "real/stranger.hpp"

namespace cicada::test {

/// Contacts by index, in the order in which they were made.
class ContactList final : public ContactBook {
 public:
  [[nodiscard]] Contact contact_of(PeerIndex index) const override { return contacts_.at(index); }
  [[nodiscard]] std::optional<Peer> intern(const Contact& contact) override {
    contacts_.push_back(contact);
    return Peer(contact.id.prefix(), static_cast<PeerIndex>(contacts_.size() - 1));
  }

 private:
  std::vector<Contact> contacts_;
};

/// Addresses where somebody accepts connections and says nothing: on all of 127.0.0.0/8.
class SilentHosts {
 public:
  SilentHosts() : acceptor_(io_, {boost::asio::ip::address_v4::any(), 0}) {}

  /// The contact of policy `address` for one of 60,000 of them.
  [[nodiscard]] Contact contact(unsigned number) const {
    const auto byte = [](unsigned value) { return static_cast<std::uint8_t>(value); };
    const Endpoint endpoint =
        ipv4_endpoint({127, 1, byte(1 + number / 250), byte(1 + number % 250)}, acceptor_.local_endpoint().port());
    return {id_of_endpoint(endpoint), 1, endpoint};
  }

 private:
  boost::asio::io_context io_;
  boost::asio::ip::tcp::acceptor acceptor_;
};

/// A message of `source` to `target` as it travels, signed with `key`.
inline Bytes data_bytes(const KeySeed& key, const Contact& source, const Id& target, std::uint64_t nonce,
                        std::size_t payload_bytes, bool forged) {
  SodiumCrypto crypto(key);
  ContactList book;
  auto header = std::make_shared<DataHeader>();
  header->target = target;
  header->source = *book.intern(source);
  header->sent_ns = to_ns(HostClock::system()->wall());
  header->nonce = nonce;
  header->source_key = crypto.public_key();
  Data data;
  data.payload = std::make_shared<const Bytes>(payload_bytes, std::uint8_t{7});
  const auto statement = signed_bytes(*header, source.id, payload_hash(crypto, data.payload));
  header->id = data_id(crypto, statement);
  header->signature = crypto.sign(statement);
  if (forged) header->signature[nonce % 32] ^= 1;
  data.header = header;
  Bytes bytes;
  encode(data, book, bytes);
  return framed(FrameType::message, bytes);
}

/// Repeats what it is given, batch after batch, until it is cut off or ends.
class Flood {
 public:
  /// `batch` gives the frames of `per_batch` messages; it runs in the flood's thread.
  Flood(std::uint16_t port, unsigned per_second, std::function<Bytes(Stranger&)> batch, unsigned per_batch)
      : thread_([this, port, per_second, batch = std::move(batch), per_batch](const std::stop_token& stop) {
          Stranger stranger(port);
          if (!stranger.handshake() || !stranger.say(stranger.hello())) return;
          const Bytes bytes = batch(stranger);
          auto next = std::chrono::steady_clock::now();
          while (!stop.stop_requested() && stranger.say(bytes)) {
            sent_ += per_batch;
            next += std::chrono::microseconds(std::uint64_t{1'000'000} * per_batch / per_second);
            std::this_thread::sleep_until(next);  // The pace of the flood; nothing waits for it.
          }
          cut_off_ = !stop.stop_requested();
        }) {}

  [[nodiscard]] bool cut_off() const { return cut_off_; }
  [[nodiscard]] std::uint64_t sent() const { return sent_; }

 private:
  std::atomic<bool> cut_off_ = false;
  std::atomic<std::uint64_t> sent_ = 0;
  std::jthread thread_;
};

}  // namespace cicada::test
