#include "hello.hpp"

#include <algorithm>
#include <array>

#include "bytes.hpp"

namespace cicada {
namespace {
constexpr std::array<std::uint8_t, 4> magic = {'C', 'C', 'D', 'A'};
}

void encode(const Hello& hello, std::vector<std::uint8_t>& bytes) {
  BytesOut out(bytes);
  out.run(magic);
  out.number(protocol_version);
  out.number(static_cast<std::uint8_t>(hello.policy));
  out.number(static_cast<std::uint8_t>(hello.swarm.size()));
  bytes.insert(bytes.end(), hello.swarm.begin(), hello.swarm.end());
  out.run(hello.contact.id.to_bytes());
  out.number(hello.contact.incarnation);
  out.number(hello.clock_ns);
  out.endpoint(hello.contact.endpoint);
  out.endpoint(hello.observed);
  out.endpoint(hello.local);
  out.number(static_cast<std::uint8_t>(hello.membership ? 1 : 0));
  if (!hello.membership) return;
  out.number(hello.membership->not_after);
  out.run(hello.membership->signature);
}

std::expected<Hello, SwarmError> decode_hello(std::span<const std::uint8_t> bytes) {
  const auto wrong = std::unexpected(SwarmError::wrong_protocol);
  BytesIn in(bytes);
  if (!std::ranges::equal(in.run(magic.size()), magic) || in.number<std::uint16_t>() != protocol_version) return wrong;
  Hello hello;
  const auto policy = in.number<std::uint8_t>();
  if (policy < 1 || policy > 3) return wrong;
  hello.policy = static_cast<IdPolicy>(policy);
  const std::size_t length = in.number<std::uint8_t>();
  if (length > swarm_name_bytes_max) return wrong;
  const auto swarm = in.run(length);
  hello.swarm.assign(swarm.begin(), swarm.end());
  hello.contact.id = in.id();
  hello.contact.incarnation = in.number<std::uint32_t>();
  hello.clock_ns = in.number<std::uint64_t>();
  hello.contact.endpoint = in.endpoint();
  hello.observed = in.endpoint();
  hello.local = in.endpoint();
  const auto certified = in.number<std::uint8_t>();
  if (certified > 1) return wrong;
  if (certified == 1) {
    Membership& membership = hello.membership.emplace();
    membership.id = hello.contact.id;
    membership.not_after = in.number<std::uint64_t>();
    membership.signature = in.array<64>();
  }
  if (!in.good() || !in.at_end()) return wrong;
  return hello;
}

}  // namespace cicada
