#pragma once
/// The application of the echo tutorial: one peer answers every message with the same bytes, another one talks to it.
/// It is written once for both worlds: `Peer` is cicada::SwarmPeer on real sockets or cicada::sim::SwarmPeer in the
/// simulator; a `Swarm` gives peers and threads.

#include <ostream>
#include <string>
#include <system_error>

#include <cicada/swarm_api.hpp>

namespace echo_session {

/// Answers until the peer is closed.
template <class Peer>
void echo(Peer& peer) {
  std::error_code error;
  for (;;) {
    const cicada::Received message = peer.recv(error);
    if (error) return;
    // Whoever sent it may be gone by now; that is no reason to stop.
    peer.send(message.source, message.data, {}, error);
  }
}

/// Says one line, and waits for the echo of it.
template <class Peer>
void say(Peer& peer, const cicada::HostPort& whom, const std::string& line, std::ostream& out) {
  peer.send(whom, line);
  const cicada::Received answer = peer.recv();
  out << "echo: " << std::string(answer.data.begin(), answer.data.end()) << std::endl;
}

/// Both peers in one program.
template <class Swarm>
void converse(Swarm& swarm, std::ostream& out) {
  auto server = swarm.peer();
  server.bind("127.0.0.1", 0);
  const auto answering = swarm.thread([&] { echo(server); });
  auto peer = swarm.peer();
  peer.bind("127.0.0.1", 0);
  const cicada::HostPort address{"127.0.0.1", server.listener().port};
  peer.connect(address.host, address.port);
  for (const char* line : {"hello", "how are you?", "goodbye"}) say(peer, address, line, out);
  server.close();
}

}  // namespace echo_session
