#include "frames.hpp"

#include "bytes.hpp"

namespace cicada {
namespace {

template <class Enum>
std::optional<Enum> enumerator(std::uint8_t value, Enum first, Enum last) {
  if (value < static_cast<std::uint8_t>(first) || value > static_cast<std::uint8_t>(last)) return std::nullopt;
  return static_cast<Enum>(value);
}

struct Encoder {
  BytesOut out;

  void operator()(const Reserve& frame) { out.number(static_cast<std::uint8_t>(frame.answer)); }
  void operator()(const WayFrame& frame) {
    out.run(frame.id.to_bytes());
    out.number(frame.incarnation);
    out.number(static_cast<std::uint8_t>(frame.relays.size()));
    for (const Endpoint& relay : frame.relays) out.endpoint(relay);
  }
  void operator()(const CircuitAsk& frame) { numbered(frame.number).run(frame.target.to_bytes()); }
  void operator()(const CircuitOffer& frame) { numbered(frame.number).run(frame.source.to_bytes()); }
  void operator()(const CircuitOpen& frame) { numbered(frame.number); }
  void operator()(const CircuitData& frame) { numbered(frame.number).run(frame.bytes); }
  void operator()(const CircuitCredit& frame) { numbered(frame.number).number(frame.bytes); }
  void operator()(const CircuitEnd& frame) { numbered(frame.number).number(static_cast<std::uint8_t>(frame.reason)); }
  void operator()(const PunchFrame& frame) {
    out.number(static_cast<std::uint8_t>(frame.step));
    out.endpoint(frame.external);
  }
  void operator()(const ClockFrame& frame) {
    out.number(static_cast<std::uint8_t>(frame.answer ? 1 : 0));
    out.number(frame.clock_ns);
  }

  BytesOut& numbered(std::uint32_t number) {
    out.number(number);
    return out;
  }
};

std::optional<DetourFrame> read(FrameType type, BytesIn& in, std::size_t bytes) {
  switch (type) {
    case FrameType::reserve:
      if (const auto answer = enumerator(in.number<std::uint8_t>(), Reserve::Answer::question, Reserve::Answer::no))
        return Reserve{*answer};
      return std::nullopt;
    case FrameType::way: {
      WayFrame frame{in.id(), in.number<std::uint32_t>(), {}};
      const std::size_t count = in.number<std::uint8_t>();
      if (count > ways_per_peer_max) return std::nullopt;
      for (std::size_t i = 0; i < count; ++i) {
        frame.relays.push_back(in.endpoint());
        if (frame.relays.back().port == 0) return std::nullopt;
      }
      return frame;
    }
    case FrameType::circuit_ask:
      return CircuitAsk{in.number<std::uint32_t>(), in.id()};
    case FrameType::circuit_offer:
      return CircuitOffer{in.number<std::uint32_t>(), in.id()};
    case FrameType::circuit_open:
      return CircuitOpen{in.number<std::uint32_t>()};
    case FrameType::circuit_data:
      if (bytes <= sizeof(std::uint32_t) || bytes > sizeof(std::uint32_t) + circuit_data_bytes_max) return std::nullopt;
      return CircuitData{in.number<std::uint32_t>(), in.run(bytes - sizeof(std::uint32_t))};
    case FrameType::circuit_credit: {
      const CircuitCredit frame{in.number<std::uint32_t>(), in.number<std::uint32_t>()};
      return frame.bytes == 0 ? std::nullopt : std::optional<DetourFrame>(frame);
    }
    case FrameType::circuit_end: {
      const auto number = in.number<std::uint32_t>();
      const auto reason = enumerator(in.number<std::uint8_t>(), CircuitEnding::closed, CircuitEnding::misused);
      return reason ? std::optional<DetourFrame>(CircuitEnd{number, *reason}) : std::nullopt;
    }
    case FrameType::punch: {
      const auto step = enumerator(in.number<std::uint8_t>(), PunchFrame::Step::ask, PunchFrame::Step::go);
      return step ? std::optional<DetourFrame>(PunchFrame{*step, in.endpoint()}) : std::nullopt;
    }
    case FrameType::clock: {
      const auto answer = in.number<std::uint8_t>();
      return answer <= 1 ? std::optional<DetourFrame>(ClockFrame{answer == 1, in.number<std::uint64_t>()})
                         : std::nullopt;
    }
    case FrameType::hello:
    case FrameType::message:
    case FrameType::goodbye:
      break;
  }
  return std::nullopt;
}

}  // namespace

FrameType type_of(const DetourFrame& frame) {
  // In the order of the variant.
  constexpr std::array types = {FrameType::reserve,        FrameType::way,          FrameType::circuit_ask,
                                FrameType::circuit_offer,  FrameType::circuit_open, FrameType::circuit_data,
                                FrameType::circuit_credit, FrameType::circuit_end,  FrameType::punch,
                                FrameType::clock};
  static_assert(types.size() == std::variant_size_v<DetourFrame>);
  return types[frame.index()];
}

void encode(const DetourFrame& frame, std::vector<std::uint8_t>& out) { std::visit(Encoder{BytesOut(out)}, frame); }

std::optional<DetourFrame> decode_detour(FrameType type, std::span<const std::uint8_t> body) {
  BytesIn in(body);
  auto frame = read(type, in, body.size());
  if (!in.good() || !in.at_end()) return std::nullopt;
  return frame;
}

}  // namespace cicada
