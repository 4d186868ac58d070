#include "endpoints.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <boost/asio/ip/udp.hpp>

#include <cicada/endpoint_text.hpp>

namespace cicada {

namespace ip = boost::asio::ip;

Endpoint from_asio(const ip::tcp::endpoint& endpoint) {
  if (endpoint.address().is_v4()) return ipv4_endpoint(endpoint.address().to_v4().to_bytes(), endpoint.port());
  return {.address = endpoint.address().to_v6().to_bytes(), .port = endpoint.port()};
}

ip::tcp::endpoint to_asio(const Endpoint& endpoint) {
  if (!is_ipv4(endpoint)) return {ip::address_v6(endpoint.address), endpoint.port};
  ip::address_v4::bytes_type bytes;
  std::copy_n(endpoint.address.begin() + 12, bytes.size(), bytes.begin());
  return {ip::address_v4(bytes), endpoint.port};
}

bool open_from_port(ip::tcp::socket& socket, const ip::tcp& protocol, std::uint16_t port) {
  boost::system::error_code error;
  socket.open(protocol, error);
  if (error) return false;
  const int on = 1;
  socket.set_option(boost::asio::socket_base::reuse_address(true), error);
  const bool shared = setsockopt(socket.native_handle(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) == 0;
  if (shared && !error) socket.bind(ip::tcp::endpoint(protocol, port), error);
  if (shared && !error) return true;
  socket.close(error);
  return false;
}

void share_port(ip::tcp::acceptor& acceptor) {
  const int on = 1;
  setsockopt(acceptor.native_handle(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
}

Endpoint default_route_endpoint(boost::asio::io_context& context, std::uint16_t port, bool prefer_ipv6) {
  // Connecting a datagram socket only chooses the route. The addresses are documentation ones (RFC 5737, RFC 3849).
  std::array<const char*, 2> order = {"192.0.2.1", "2001:db8::1"};
  if (prefer_ipv6) std::ranges::reverse(order);
  for (const char* outside : order) {
    boost::system::error_code error;
    ip::udp::socket socket(context);
    const ip::udp::endpoint remote(ip::make_address(outside), 9);
    socket.open(remote.protocol(), error);
    if (!error) socket.connect(remote, error);
    const auto local = error ? ip::udp::endpoint() : socket.local_endpoint(error);
    if (!error && !local.address().is_unspecified()) return from_asio({local.address(), port});
  }
  return ipv4_endpoint({127, 0, 0, 1}, port);
}

}  // namespace cicada
