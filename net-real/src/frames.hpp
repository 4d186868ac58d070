#pragma once
/// The kinds of frames on a link, and the bodies of those that keep peers together which cannot dial each other. Hello
/// and messages have codecs of their own (hello.hpp; core, codec.hpp).
///
///     reserve        answer u8: 0 a question, "will you be a relay for me?", 1 yes, 2 no
///     way            id 32 | incarnation u32 | count u8 (at most 2) | that many endpoints, 18 bytes each:
///                    the peers with addresses through which this peer, which may have none, is reached
///     circuit_ask    number u32 | id 32    to a relay: lead this circuit to that peer
///     circuit_offer  number u32 | id 32    from a relay: that peer (it says) wants a circuit
///     circuit_open   number u32            the peer that was asked takes the circuit
///     circuit_data   number u32 | 1 to 16,384 bytes
///     circuit_credit number u32 | bytes u32, not 0: so many more may be sent
///     circuit_end    number u32 | reason u8, a `CircuitEnding`
///     punch          step u8: 1 ask, 2 answer, 3 go | endpoint 18: where the sender's listening port shows
///                    outside; port 0 where that is not known, or of no use
///     clock          answer u8: 0 a question, 1 an answer | time of day u64, in nanoseconds since 1970
///
/// Circuits are numbered by the side of the link that names them first: the TLS client takes even numbers, the server
/// odd ones.

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <variant>
#include <vector>

#include <cicada/id.hpp>
#include <cicada/peer.hpp>

namespace cicada {

enum class FrameType : std::uint8_t {
  hello = 1,
  message,
  goodbye,
  reserve,
  way,
  circuit_ask,
  circuit_offer,
  circuit_open,
  circuit_data,
  circuit_credit,
  circuit_end,
  punch,
  clock,
};

inline constexpr std::size_t ways_per_peer_max = 2;
inline constexpr std::size_t circuit_data_bytes_max = 16384;

enum class CircuitEnding : std::uint8_t {
  closed = 1,  ///< By one of the two at its ends, or their link to the relay is gone.
  unknown,     ///< The relay has no link with that peer.
  full,        ///< A limit of the relay, or of the peer that was asked.
  misused,     ///< More was sent than was allowed.
};

struct Reserve {
  enum class Answer : std::uint8_t { question = 0, yes, no };
  Answer answer = Answer::question;
  friend bool operator==(const Reserve&, const Reserve&) = default;
};
struct WayFrame {
  Id id;
  std::uint32_t incarnation = 0;
  std::vector<Endpoint> relays;
  friend bool operator==(const WayFrame&, const WayFrame&) = default;
};
struct CircuitAsk {
  std::uint32_t number = 0;
  Id target;
  friend bool operator==(const CircuitAsk&, const CircuitAsk&) = default;
};
struct CircuitOffer {
  std::uint32_t number = 0;
  Id source;
  friend bool operator==(const CircuitOffer&, const CircuitOffer&) = default;
};
struct CircuitOpen {
  std::uint32_t number = 0;
  friend bool operator==(const CircuitOpen&, const CircuitOpen&) = default;
};
struct CircuitData {
  std::uint32_t number = 0;
  std::span<const std::uint8_t> bytes;  ///< Of the frame that was decoded.
};
struct CircuitCredit {
  std::uint32_t number = 0;
  std::uint32_t bytes = 0;
  friend bool operator==(const CircuitCredit&, const CircuitCredit&) = default;
};
struct CircuitEnd {
  std::uint32_t number = 0;
  CircuitEnding reason = CircuitEnding::closed;
  friend bool operator==(const CircuitEnd&, const CircuitEnd&) = default;
};
struct PunchFrame {
  enum class Step : std::uint8_t { ask = 1, answer, go };
  Step step = Step::ask;
  Endpoint external;
  friend bool operator==(const PunchFrame&, const PunchFrame&) = default;
};
/// Two peers compare their clocks again.
struct ClockFrame {
  bool answer = false;
  std::uint64_t clock_ns = 0;  ///< Anything may be said.
  friend bool operator==(const ClockFrame&, const ClockFrame&) = default;
};

using DetourFrame = std::variant<Reserve, WayFrame, CircuitAsk, CircuitOffer, CircuitOpen, CircuitData, CircuitCredit,
                                 CircuitEnd, PunchFrame, ClockFrame>;

[[nodiscard]] FrameType type_of(const DetourFrame& frame);
/// Appends the body.
void encode(const DetourFrame& frame, std::vector<std::uint8_t>& out);
/// Nullopt for everything but the one encoding of a frame of this type.
[[nodiscard]] std::optional<DetourFrame> decode_detour(FrameType type, std::span<const std::uint8_t> body);

}  // namespace cicada
