#include "nat_pmp_gateway.hpp"

#include <arpa/inet.h>
#include <fmt/core.h>
#include <natpmp.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <utility>

namespace cicada {
namespace {

using Kind = GatewayError::Kind;

/// One request and its answer. A session is used once: the library takes a late answer to an earlier request on the
/// same socket for the answer to the present one.
class Session {
 public:
  explicit Session(const std::string& gateway) {
    in_addr forced{};
    const bool is_forced = inet_pton(AF_INET, gateway.c_str(), &forced) == 1;
    status_ = initnatpmp(&state_, is_forced ? 1 : 0, forced.s_addr);
  }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session() {
    if (status_ == 0) closenatpmp(&state_);
  }

  [[nodiscard]] int status() const { return status_; }
  natpmp_t* state() { return &state_; }

  /// Waits for the answer, of `type` and at least `size` bytes.
  GatewayResult<natpmpresp_t> answer(std::uint16_t type, std::size_t size, const Patience& patience);
  [[nodiscard]] std::string local_address() const;

 private:
  [[nodiscard]] bool drop_if_short(std::size_t size) const;

  natpmp_t state_{};
  int status_;
};

GatewayError error_of(int status) {
  switch (status) {
    case NATPMP_ERR_CANNOTGETGATEWAY:
      return {Kind::silent, "there is no default route"};
    case NATPMP_ERR_NOTAUTHORIZED:
      return {Kind::refused, "the gateway refuses the mapping (NAT-PMP result 2)"};
    case NATPMP_ERR_NETWORKFAILURE:
      return {Kind::refused, "the gateway has no external address (NAT-PMP result 3)"};
    case NATPMP_ERR_OUTOFRESOURCES:
      return {Kind::refused, "the gateway has no room for another mapping (NAT-PMP result 4)"};
    case NATPMP_ERR_UNSUPPORTEDVERSION:
    case NATPMP_ERR_UNSUPPORTEDOPCODE:
      return {Kind::silent, "the gateway speaks another version of NAT-PMP"};
    case NATPMP_ERR_NOGATEWAYSUPPORT:
      return {Kind::silent, "the gateway does not speak NAT-PMP"};
    default:
      return {Kind::silent, fmt::format("NAT-PMP failed (libnatpmp {})", status)};
  }
}

/// The library reads a datagram of any length into a buffer that it does not clear. So we look at the length before it
/// does, and throw away what is too short.
bool Session::drop_if_short(std::size_t size) const {
  std::array<char, 16> bytes;
  const ssize_t length = recv(state_.s, bytes.data(), bytes.size(), MSG_PEEK | MSG_TRUNC | MSG_DONTWAIT);
  // Answers that are errors carry less.
  constexpr std::size_t header_size = 8;
  if (length < 0) return false;
  const bool is_error = static_cast<std::size_t>(length) >= header_size && (bytes[2] != 0 || bytes[3] != 0);
  if (static_cast<std::size_t>(length) >= (is_error ? header_size : size)) return false;
  [[maybe_unused]] const ssize_t dropped = recv(state_.s, bytes.data(), bytes.size(), MSG_DONTWAIT);
  return true;
}

GatewayResult<natpmpresp_t> Session::answer(std::uint16_t type, std::size_t size, const Patience& patience) {
  // Bounded by patience: every turn waits, and the library's own repetitions count against the same deadline.
  while (true) {
    timeval repeat{};
    getnatpmprequesttimeout(&state_, &repeat);
    // The library reckons in wall-clock time, which may be set while we wait; ours is the steady clock.
    const auto pause =
        std::chrono::milliseconds(std::clamp<long>(repeat.tv_sec * 1000 + repeat.tv_usec / 1000, 1, 1000));
    const int sockets[] = {state_.s};
    const Waited waited = wait_readable(sockets, patience.at_most(pause));
    if (waited == Waited::stopped) return std::unexpected(GatewayError{Kind::stopped, "stopped"});
    if (waited == Waited::readable && drop_if_short(size)) continue;
    natpmpresp_t response{};
    const int status = readnatpmpresponseorretry(&state_, &response);
    if (status == 0 && response.type == type) return response;
    if (status != 0 && status != NATPMP_TRYAGAIN) return std::unexpected(error_of(status));
    if (patience.is_over()) return std::unexpected(GatewayError{Kind::silent, "the gateway does not answer NAT-PMP"});
    // Anything else that was answered is no answer to our question, and the library has stopped asking.
    if (status == 0) return std::unexpected(GatewayError{Kind::silent, "the gateway gives wrong answers to NAT-PMP"});
  }
}

std::string text_of(const in_addr& address) {
  std::array<char, INET_ADDRSTRLEN> text{};
  inet_ntop(AF_INET, &address, text.data(), text.size());
  return text.data();
}

std::string Session::local_address() const {
  sockaddr_in local{};
  socklen_t size = sizeof local;
  // The one cast that the sockets interface asks for.
  if (getsockname(state_.s, reinterpret_cast<sockaddr*>(&local), &size) != 0) return {};  // NOLINT
  return text_of(local.sin_addr);
}

constexpr std::size_t address_answer_size = 12;
constexpr std::size_t mapping_answer_size = 16;

struct Mapped {
  std::uint16_t external_port;
  std::uint32_t lifetime;
  std::uint32_t epoch;
};

GatewayResult<Mapped> ask_mapping(const std::string& gateway, const MappingRequest& request,
                                  std::uint16_t external_port, std::uint32_t lifetime, const Patience& patience) {
  Session session(gateway);
  if (session.status() != 0) return std::unexpected(error_of(session.status()));
  const bool is_tcp = request.protocol == MappingProtocol::tcp;
  const int sent = sendnewportmappingrequest(session.state(), is_tcp ? NATPMP_PROTOCOL_TCP : NATPMP_PROTOCOL_UDP,
                                             request.port, external_port, lifetime);
  if (sent < 0) return std::unexpected(error_of(sent));
  const std::uint16_t type = is_tcp ? NATPMP_RESPTYPE_TCPPORTMAPPING : NATPMP_RESPTYPE_UDPPORTMAPPING;
  const auto response = session.answer(type, mapping_answer_size, patience);
  if (!response) return std::unexpected(response.error());
  const auto& mapping = response->pnu.newportmapping;
  if (mapping.privateport != request.port) {
    return std::unexpected(GatewayError{Kind::silent, "the gateway answered for another port than was asked for"});
  }
  return Mapped{mapping.mappedpublicport, mapping.lifetime, response->epoch};
}

}  // namespace

bool EpochWatch::is_loss(std::uint32_t epoch, SteadyTime now) {
  const auto before = std::exchange(last_, Seen{epoch, now});
  if (!before) return false;
  // Either clock may run slow by an eighth, and both may be cut to whole seconds.
  constexpr std::int64_t slack_s = 2;
  const auto elapsed = std::chrono::duration_cast<std::chrono::seconds>(now - before->at).count();
  const std::int64_t passed = std::int64_t{epoch} - before->epoch;
  return passed < 0 || passed + slack_s < elapsed * 7 / 8 || passed > (elapsed + 1) * 8 / 7 + slack_s;
}

GatewayResult<std::unique_ptr<NatPmpGateway>> NatPmpGateway::find(const std::string& gateway,
                                                                  const Patience& patience) {
  std::unique_ptr<NatPmpGateway> found(new NatPmpGateway(gateway));
  const auto address = found->external_address(patience);
  // One that answers "no external address" is one all the same.
  if (!address && address.error().kind != Kind::refused) return std::unexpected(address.error());
  return found;
}

GatewayResult<std::string> NatPmpGateway::external_address(const Patience& patience) {
  Session session(gateway_);
  if (session.status() != 0) return std::unexpected(error_of(session.status()));
  local_address_ = session.local_address();
  const int sent = sendpublicaddressrequest(session.state());
  if (sent < 0) return std::unexpected(error_of(sent));
  const auto response = session.answer(NATPMP_RESPTYPE_PUBLICADDRESS, address_answer_size, patience);
  if (!response) return std::unexpected(response.error());
  if (epochs_.is_loss(response->epoch, std::chrono::steady_clock::now())) may_be_lost_ = true;
  const in_addr address = response->pnu.publicaddress.addr;
  return address.s_addr == INADDR_ANY ? std::string() : text_of(address);
}

GatewayResult<MappingGrant> NatPmpGateway::map(const MappingRequest& request, const Patience& patience) {
  const auto seconds = static_cast<std::uint32_t>(request.lease.count());
  const auto mapped = ask_mapping(gateway_, request, request.external_port, seconds, patience);
  if (!mapped) return std::unexpected(mapped.error());
  (void)epochs_.is_loss(mapped->epoch, std::chrono::steady_clock::now());
  may_be_lost_ = false;
  if (mapped->external_port == 0 || mapped->lifetime == 0) {
    return std::unexpected(GatewayError{Kind::refused, "the gateway grants no port, or one for no time at all"});
  }
  // Nobody gets more than was asked for: a lease of a century would only mean that we do not look after it.
  const MappingGrant grant{mapped->external_port, std::chrono::seconds(std::min(mapped->lifetime, seconds))};
  if (grant.external_port != request.external_port && request.conflict == MappingConflict::give_up) {
    unmap(request, grant, patience);
    return std::unexpected(GatewayError{
        Kind::taken, fmt::format("port {} of the gateway is mapped to another host", request.external_port)});
  }
  return grant;
}

GatewayResult<MappingCheck> NatPmpGateway::check(const MappingRequest&, const MappingGrant&, const Patience& patience) {
  // There is no way to ask for a mapping without making it. The epoch tells whether the gateway has forgotten it.
  auto address = external_address(patience);
  if (!address && address.error().kind == Kind::refused) return MappingCheck{{}, may_be_lost_, {}};
  if (!address) return std::unexpected(address.error());
  return MappingCheck{*std::move(address), may_be_lost_, {}};
}

void NatPmpGateway::unmap(const MappingRequest& request, const MappingGrant&, const Patience& patience) {
  (void)ask_mapping(gateway_, request, 0, 0, patience);
}

}  // namespace cicada
