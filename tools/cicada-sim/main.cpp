// cicada-sim: runs swarms in simulation. See command_line.cpp for what it understands.

#include <exception>
#include <new>

#include "command_line.hpp"
#include "exit_status.hpp"
#include "huge_pages.hpp"
#include "output.hpp"

int main(int argc, char** argv) {
  using namespace cicada::tool;
  prepare_standard_streams();
  restart_with_huge_pages(argv);
  int status = exit_internal;
  try {
    status = run_command_line(argc, argv);
  } catch (const std::bad_alloc&) {
    complain_text("cicada-sim: out of memory; fewer peers need less (cicada-sim explain estimates how much)\n");
  } catch (const std::exception& error) {
    complain("cicada-sim: internal error: {}\n", error.what());
  }
  return finish_output("cicada-sim", status);
}
