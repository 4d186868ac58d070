// Prints the same identifier as print_id.cpp, after a peer has listened: everything that a real peer needs is found.
#include <cicada/id.hpp>
#include <cicada/swarm_peer.hpp>
#include <iostream>

int main() {
  cicada::SwarmPeer peer;
  peer.bind("127.0.0.1", 0);
  std::cout << (cicada::Id::power_of_two(255) + cicada::Id::power_of_two(0)).to_hex() << '\n';
}
