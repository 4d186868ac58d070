#pragma once
/// Endpoints of the protocol as those of Asio, and back. IPv4 addresses stay IPv4 on both sides.

#include <boost/asio/ip/tcp.hpp>

#include <cicada/peer.hpp>

namespace cicada {

[[nodiscard]] Endpoint from_asio(const boost::asio::ip::tcp::endpoint& endpoint);
[[nodiscard]] boost::asio::ip::tcp::endpoint to_asio(const Endpoint& endpoint);

/// The address of the interface that packets to the Internet leave through, with this port; where there is no such
/// route, the loopback address. Sends nothing.
[[nodiscard]] Endpoint default_route_endpoint(boost::asio::io_context& context, std::uint16_t port);

}  // namespace cicada
