// The echo tutorial: one peer answers every message with the same bytes, another one talks to it.
//
//   echo                    both peers in this process, on the loopback interface
//   echo listen PORT        only the one that answers, on all interfaces
//   echo say HOST PORT      only the one that talks: each line of standard input is a message

#include <cstdlib>
#include <iostream>
#include <string>
#include <thread>

#include <cicada/swarm_peer.hpp>

namespace {

/// Answers until the peer is closed.
void echo(cicada::SwarmPeer& peer) {
  std::error_code error;
  for (;;) {
    const cicada::Received message = peer.recv(error);
    if (error) return;
    // Whoever sent it may be gone by now; that is no reason to stop.
    peer.send(message.source, message.data, {}, error);
  }
}

/// Says one line, and waits for the echo of it.
void say(cicada::SwarmPeer& peer, const cicada::HostPort& whom, const std::string& line) {
  peer.send(whom, line);
  const cicada::Received answer = peer.recv();
  std::cout << "echo: " << std::string(answer.data.begin(), answer.data.end()) << std::endl;
}

std::uint16_t port_of(const char* text) { return static_cast<std::uint16_t>(std::strtoul(text, nullptr, 10)); }

}  // namespace

int main(int count, char** words) try {
  const std::string mode = count > 1 ? words[1] : "";
  cicada::SwarmPeer peer;
  if (mode == "listen" && count == 3) {
    peer.bind("", port_of(words[2]));
    std::cout << "listening on " << cicada::to_string(peer.endpoint()) << std::endl;
    echo(peer);
  } else if (mode == "say" && count == 4) {
    peer.bind("", 0);
    peer.connect(words[2], port_of(words[3]));
    for (std::string line; std::getline(std::cin, line);) say(peer, {words[2], port_of(words[3])}, line);
  } else if (count == 1) {
    cicada::SwarmPeer server;
    server.bind("127.0.0.1", 0);
    std::jthread answering([&] { echo(server); });
    peer.bind("127.0.0.1", 0);
    const cicada::HostPort address{"127.0.0.1", server.listener().port};
    peer.connect(address.host, address.port);
    for (const char* line : {"hello", "how are you?", "goodbye"}) say(peer, address, line);
    server.close();
  } else {
    std::cerr << "usage: echo [listen PORT | say HOST PORT]\n";
    return 2;
  }
  return 0;
} catch (const std::exception& error) {
  std::cerr << "echo: " << error.what() << '\n';
  return 1;
}
