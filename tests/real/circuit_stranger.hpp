#pragma once
/// Strangers at the far ends of circuits that one link carries: for the peer under test that link is the relay, and
/// each circuit leads to somebody else, with a key of its own. What they say is gathered until `flush`, so that it
/// arrives together.

#include <openssl/ssl.h>

#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "real/detour_stranger.hpp"

namespace cicada::test {

class CircuitStrangers {
 public:
  /// `relay` has a link that stands.
  explicit CircuitStrangers(Stranger& relay) : relay_(relay) {}

  /// One more, with a link that stands. Even numbers are the relay's to give.
  bool open(std::uint32_t number) {
    const auto [place, fresh] = ends_.try_emplace(number);
    End& end = place->second;
    const Id id = id_of_key(public_key_of(end.key));
    if (!fresh || !cicada::test::say(relay_, CircuitOffer{number, id})) return false;
    while (!end.open)
      if (!take_frame()) return false;
    SSL_set_connect_state(end.tls.get());
    while (SSL_do_handshake(end.tls.get()) != 1) {
      const bool waits = SSL_get_error(end.tls.get(), 0) != SSL_ERROR_SSL;
      if (!waits || !flush() || !take_frame()) return false;
    }
    Bytes hello;
    encode(Hello{IdPolicy::address, "cicada", Contact{id, 1, Endpoint{}}, Endpoint{}, Endpoint{}, std::nullopt,
                 to_ns(HostClock::system()->wall())},
           hello);
    say(number, framed(FrameType::hello, hello));
    if (!flush()) return false;
    const auto answer = hear(number);
    return answer && answer->first == FrameType::hello;
  }

  /// Through the circuit's TLS.
  void say(std::uint32_t number, const Bytes& bytes) {
    SSL_write(ends_.at(number).tls.get(), bytes.data(), static_cast<int>(bytes.size()));
  }
  void say(std::uint32_t number, const DetourFrame& frame) {
    Bytes body;
    encode(frame, body);
    say(number, framed(type_of(frame), body));
  }
  /// Sends what all have said, in one go.
  bool flush() {
    Bytes all;
    for (auto& [number, end] : ends_) {
      Bytes bytes(circuit_data_bytes_max);
      for (int got = 0; (got = BIO_read(end.out, bytes.data(), static_cast<int>(bytes.size()))) > 0;) {
        Bytes body;
        encode(CircuitData{number, std::span(bytes).first(static_cast<std::size_t>(got))}, body);
        const Bytes frame = framed(FrameType::circuit_data, body);
        all.insert(all.end(), frame.begin(), frame.end());
      }
    }
    return all.empty() || relay_.say(all);
  }
  /// The next frame on that circuit; nullopt when none comes.
  std::optional<std::pair<FrameType, Bytes>> hear(std::uint32_t number) {
    End& end = ends_.at(number);
    for (;;) {
      Bytes bytes(circuit_data_bytes_max);
      for (int got = 0; (got = SSL_read(end.tls.get(), bytes.data(), static_cast<int>(bytes.size()))) > 0;)
        end.heard.insert(end.heard.end(), bytes.begin(), bytes.begin() + got);
      if (auto frame = end.next_frame()) return frame;
      if (!take_frame()) return std::nullopt;
    }
  }

 private:
  struct End {
    End() {
      BIO* const in = BIO_new(BIO_s_mem());
      out = BIO_new(BIO_s_mem());
      SSL_set_bio(tls.get(), in, out);
    }
    std::optional<std::pair<FrameType, Bytes>> next_frame() {
      if (heard.size() < 4) return std::nullopt;
      const std::size_t length = (std::size_t{heard[1]} << 16) | (std::size_t{heard[2]} << 8) | heard[3];
      if (heard.size() < 4 + length) return std::nullopt;
      const auto end = heard.begin() + 4 + static_cast<std::ptrdiff_t>(length);
      std::pair frame(static_cast<FrameType>(heard[0]), Bytes(heard.begin() + 4, end));
      heard.erase(heard.begin(), end);
      return frame;
    }

    KeySeed key = random_seed();
    boost::asio::ssl::context context = make_tls_context(key);
    std::unique_ptr<SSL, decltype(&SSL_free)> tls{SSL_new(context.native_handle()), &SSL_free};
    BIO* out = nullptr;  ///< What is to be sent; `tls` owns it.
    bool open = false;
    Bytes heard;  ///< Out of TLS, not taken as frames yet.
  };

  /// Takes the next frame off the relay's link, whomever it is for.
  bool take_frame() {
    const auto frame = relay_.hear();
    if (!frame) return false;
    const auto detour = decode_detour(frame->first, frame->second);
    if (!detour) return true;
    if (const auto* opened = std::get_if<CircuitOpen>(&*detour)) ends_.at(opened->number).open = true;
    if (const auto* data = std::get_if<CircuitData>(&*detour))
      BIO_write(SSL_get_rbio(ends_.at(data->number).tls.get()), data->bytes.data(),
                static_cast<int>(data->bytes.size()));
    return true;
  }

  Stranger& relay_;
  std::map<std::uint32_t, End> ends_;
};

}  // namespace cicada::test
