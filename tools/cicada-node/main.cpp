// cicada-node: a node of a swarm. See command_line.cpp for what it understands.

#include <fmt/core.h>

#include <csignal>
#include <cstdio>
#include <exception>
#include <new>

#include "command_line.hpp"
#include "exit_status.hpp"

int main(int argc, char** argv) {
  // Whoever reads us may go away; that is an error of the write, not an end of the program.
  std::signal(SIGPIPE, SIG_IGN);
  try {
    return cicada::node::run_command_line(argc, argv);
  } catch (const std::bad_alloc&) {
    std::fputs("cicada-node: out of memory\n", stderr);
  } catch (const std::exception& error) {
    fmt::print(stderr, "cicada-node: internal error: {}\n", error.what());
  }
  return cicada::node::exit_internal;
}
