#pragma once
/// Endpoints of the protocol as those of Asio, and back. IPv4 addresses stay IPv4 on both sides.

#include <boost/asio/ip/tcp.hpp>

#include <cicada/peer.hpp>

namespace cicada {

[[nodiscard]] Endpoint from_asio(const boost::asio::ip::tcp::endpoint& endpoint);
[[nodiscard]] boost::asio::ip::tcp::endpoint to_asio(const Endpoint& endpoint);

/// Opens the socket and binds it to a port that may be listened on, on any address: what is dialled from there shows
/// the same port outside of many NATs as the listening one. False where the system does not give it; then the socket is
/// closed. The listener has to share its port (`share_port`).
bool open_from_port(boost::asio::ip::tcp::socket& socket, const boost::asio::ip::tcp& protocol, std::uint16_t port);
/// From now on others of this process's user may dial from the listener's port. Not listen on it: who does that binds
/// without sharing.
void share_port(boost::asio::ip::tcp::acceptor& acceptor);

/// The address of the interface that packets to the Internet leave through, with this port; where there is no such
/// route, the loopback address. Of two families IPv4, unless IPv6 is preferred. Sends nothing.
[[nodiscard]] Endpoint default_route_endpoint(boost::asio::io_context& context, std::uint16_t port, bool prefer_ipv6);

}  // namespace cicada
