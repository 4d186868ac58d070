// cicada-sim: runs swarms in simulation. See command_line.cpp for what it understands.

#include <fmt/core.h>

#include <cstdio>
#include <exception>
#include <new>

#include "command_line.hpp"
#include "exit_status.hpp"
#include "huge_pages.hpp"

int main(int argc, char** argv) {
  cicada::tool::restart_with_huge_pages(argv);
  try {
    return cicada::tool::run_command_line(argc, argv);
  } catch (const std::bad_alloc&) {
    std::fputs("cicada-sim: out of memory; fewer peers need less (cicada-sim explain estimates how much)\n", stderr);
  } catch (const std::exception& error) {
    fmt::print(stderr, "cicada-sim: internal error: {}\n", error.what());
  }
  return cicada::tool::exit_internal;
}
