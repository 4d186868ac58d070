// The echo tutorial in the simulator: the very application of echo.cpp, on simulated links and time. It prints the
// same, and then when it ended and what the run's digest was: the same every time.

#include <chrono>
#include <cstdio>
#include <iostream>

#include <cicada/sim/simulated_swarm.hpp>

#include "echo_session.hpp"

int main() try {
  cicada::sim::SimulatedSwarm swarm({.seed = 7});
  echo_session::converse(swarm, std::cout);
  const std::chrono::duration<double, std::milli> time = swarm.now().time_since_epoch();
  std::fprintf(stderr, "over after %.3f simulated ms, digest %016llx\n", time.count(),
               static_cast<unsigned long long>(swarm.digest()));
  return 0;
} catch (const std::exception& error) {
  std::cerr << "echo_simulated: " << error.what() << '\n';
  return 1;
}
