#include "endpoints.hpp"

#include <algorithm>
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

Endpoint default_route_endpoint(boost::asio::io_context& context, std::uint16_t port) {
  // Connecting a datagram socket only chooses the route. The addresses are documentation ones (RFC 5737, RFC 3849).
  for (const char* outside : {"192.0.2.1", "2001:db8::1"}) {
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
