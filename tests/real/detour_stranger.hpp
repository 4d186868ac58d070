#pragma once
/// What strangers say to a relay, and hear from it: frames, reservations, circuits.

#include <catch2/catch.hpp>
#include <memory>
#include <optional>
#include <utility>

#include "frames.hpp"
#include "real/loopback.hpp"
#include "real/stranger.hpp"

namespace cicada::test {

inline bool say(Stranger& stranger, const DetourFrame& frame) {
  Bytes body;
  encode(frame, body);
  return stranger.say(framed(type_of(frame), body));
}

/// The next frame of this kind, past all others.
template <class Frame>
std::optional<Frame> hear(Stranger& stranger, Bytes& body) {
  while (auto frame = stranger.hear()) {
    body = std::move(frame->second);
    const auto detour = decode_detour(frame->first, body);
    if (detour && std::holds_alternative<Frame>(*detour)) return std::get<Frame>(*detour);
  }
  return std::nullopt;
}
template <class Frame>
std::optional<Frame> hear(Stranger& stranger) {
  Bytes body;
  return hear<Frame>(stranger, body);
}

/// With a link that stands.
inline std::unique_ptr<Stranger> guest(const SwarmPeer& peer) {
  auto stranger = std::make_unique<Stranger>(peer.listener().port);
  REQUIRE(stranger->handshake());
  REQUIRE(stranger->say(stranger->hello()));
  const auto answer = stranger->hear();
  REQUIRE(answer.has_value());
  REQUIRE(answer->first == FrameType::hello);
  return stranger;
}

/// With a link that is relayed for.
inline std::unique_ptr<Stranger> client(const SwarmPeer& peer) {
  auto stranger = guest(peer);
  REQUIRE(say(*stranger, Reserve{}));
  const auto answer = hear<Reserve>(*stranger);
  REQUIRE(answer.has_value());
  REQUIRE(answer->answer == Reserve::Answer::yes);
  return stranger;
}

inline Id id_of(const Stranger& stranger) { return id_of_key(stranger.key()); }

/// A circuit between the two; gives its number at `target`.
inline std::uint32_t circuit(Stranger& asker, Stranger& target, std::uint32_t number) {
  REQUIRE(say(asker, CircuitAsk{number, id_of(target)}));
  std::optional<CircuitOffer> offer;
  do {
    offer = hear<CircuitOffer>(target);
    REQUIRE(offer.has_value());
  } while (offer->source != id_of(asker));
  REQUIRE(say(target, CircuitOpen{offer->number}));
  const auto open = hear<CircuitOpen>(asker);
  REQUIRE(open.has_value());
  CHECK(open->number == number);
  return offer->number;
}

}  // namespace cicada::test
