#pragma once
/// A client that speaks TLS to a peer and may say anything at all. Each call takes at most five seconds.

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <optional>
#include <vector>

#include <cicada/endpoint_text.hpp>
#include <cicada/identity.hpp>

#include "hello.hpp"
#include "link.hpp"
#include "tls_identity.hpp"

namespace cicada::test {

using Bytes = std::vector<std::uint8_t>;

inline Bytes framed(FrameType type, const Bytes& body) {
  Bytes bytes = {static_cast<std::uint8_t>(type), static_cast<std::uint8_t>(body.size() >> 16),
                 static_cast<std::uint8_t>(body.size() >> 8), static_cast<std::uint8_t>(body.size())};
  bytes.insert(bytes.end(), body.begin(), body.end());
  return bytes;
}

class Stranger {
 public:
  explicit Stranger(std::uint16_t port, const KeySeed& key = random_seed(), const char* from = nullptr)
      : seed_(key), key_(public_key_of(key)), tls_(make_tls_context(key)), stream_(io_, tls_), port_(port) {
    boost::system::error_code error;
    auto& socket = stream_.next_layer();
    socket.open(boost::asio::ip::tcp::v4(), error);
    if (from != nullptr) socket.bind({boost::asio::ip::make_address(from), 0}, error);
    socket.connect({boost::asio::ip::address_v4::loopback(), port_}, error);
    good_ = !error;
  }

  /// Gives whether the handshake succeeded.
  bool handshake() {
    return good_ =
               good_ && run([this](auto done) {
                 stream_.async_handshake(boost::asio::ssl::stream_base::client, [done](auto error) { done(error, 0); });
               });
  }
  /// Through TLS.
  bool say(const Bytes& bytes) {
    return run([&](auto done) { boost::asio::async_write(stream_, boost::asio::buffer(bytes), done); });
  }
  /// Into the socket, without TLS.
  bool say_plainly(const Bytes& bytes) {
    return run([&](auto done) { boost::asio::async_write(stream_.next_layer(), boost::asio::buffer(bytes), done); });
  }
  /// A hello without a reachable address: with policies `address` and `key` the id is the key's hash.
  [[nodiscard]] Hello hello(IdPolicy policy = IdPolicy::address) const {
    return {policy,     "cicada",     Contact{id_of_key(key_), 1, Endpoint{}}, Endpoint{},
            Endpoint{}, std::nullopt, to_ns(HostClock::system()->wall())};
  }
  bool say(const Hello& hello) {
    Bytes bytes;
    encode(hello, bytes);
    return say(framed(FrameType::hello, bytes));
  }
  /// The next frame, type and body; nullopt at the end of the connection.
  std::optional<std::pair<FrameType, Bytes>> hear() {
    Bytes head(4);
    if (!read(head)) return std::nullopt;
    Bytes body((std::size_t{head[1]} << 16) | (std::size_t{head[2]} << 8) | head[3]);
    if (!body.empty() && !read(body)) return std::nullopt;
    return std::pair(static_cast<FrameType>(head[0]), body);
  }
  /// Does the other side end the connection, whatever it says before?
  bool is_cut_off() {
    while (!timed_out_ && hear()) {
    }
    return !timed_out_;
  }
  /// The reason of a goodbye, past what else is said before it.
  std::optional<Goodbye> hear_goodbye() {
    while (const auto frame = hear())
      if (frame->first == FrameType::goodbye) return static_cast<Goodbye>(frame->second.at(0));
    return std::nullopt;
  }
  [[nodiscard]] const PublicKey& key() const { return key_; }
  [[nodiscard]] const KeySeed& seed() const { return seed_; }
  [[nodiscard]] boost::asio::ip::tcp::socket& socket() { return stream_.next_layer(); }

 private:
  bool read(Bytes& bytes) {
    return run([&](auto done) { boost::asio::async_read(stream_, boost::asio::buffer(bytes), done); });
  }
  template <class Start>
  bool run(Start&& start) {
    std::optional<boost::system::error_code> outcome;
    start([&](boost::system::error_code error, std::size_t) { outcome = error; });
    io_.restart();
    io_.run_for(std::chrono::seconds(5));
    if (!outcome) {
      timed_out_ = true;
      boost::system::error_code ignored;
      stream_.next_layer().close(ignored);
      io_.restart();
      io_.run();
    }
    return outcome && !*outcome;
  }

  KeySeed seed_;
  PublicKey key_;
  boost::asio::io_context io_;
  boost::asio::ssl::context tls_;
  boost::asio::ssl::stream<boost::asio::ip::tcp::socket> stream_;
  std::uint16_t port_;
  bool good_ = false;
  bool timed_out_ = false;
};

}  // namespace cicada::test
