// The echo tutorial on real sockets; echo_session.hpp is the application, and echo_simulated.cpp the same in the
// simulator.
//
//   echo                    both peers in this process, on the loopback interface
//   echo listen PORT        only the one that answers, on all interfaces
//   echo say HOST PORT      only the one that talks: each line of standard input is a message

#include <cstdlib>
#include <functional>
#include <iostream>
#include <string>
#include <thread>

#include <cicada/swarm_peer.hpp>

#include "echo_session.hpp"

namespace {

/// Peers on real sockets, and threads of the system.
struct RealSwarm {
  static cicada::SwarmPeer peer() { return cicada::SwarmPeer(); }
  static std::jthread thread(std::function<void()> body) { return std::jthread(std::move(body)); }
};

std::uint16_t port_of(const char* text) { return static_cast<std::uint16_t>(std::strtoul(text, nullptr, 10)); }

}  // namespace

int main(int count, char** words) try {
  const std::string mode = count > 1 ? words[1] : "";
  if (mode == "listen" && count == 3) {
    cicada::SwarmPeer peer;
    peer.bind("", port_of(words[2]));
    std::cout << "listening on " << cicada::to_string(peer.endpoint()) << std::endl;
    echo_session::echo(peer);
  } else if (mode == "say" && count == 4) {
    cicada::SwarmPeer peer;
    peer.bind("", 0);
    peer.connect(words[2], port_of(words[3]));
    for (std::string line; std::getline(std::cin, line);)
      echo_session::say(peer, {words[2], port_of(words[3])}, line, std::cout);
  } else if (count == 1) {
    RealSwarm swarm;
    echo_session::converse(swarm, std::cout);
  } else {
    std::cerr << "usage: echo [listen PORT | say HOST PORT]\n";
    return 2;
  }
  return 0;
} catch (const std::exception& error) {
  std::cerr << "echo: " << error.what() << '\n';
  return 1;
}
