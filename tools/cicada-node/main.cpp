// cicada-node: a node of a swarm. See command_line.cpp for what it understands.

#include <exception>
#include <new>

#include "command_line.hpp"
#include "exit_status.hpp"
#include "output.hpp"

int main(int argc, char** argv) {
  namespace tool = cicada::tool;
  tool::prepare_standard_streams();
  int status = cicada::node::exit_internal;
  try {
    status = cicada::node::run_command_line(argc, argv);
  } catch (const std::bad_alloc&) {
    tool::complain_text("cicada-node: out of memory\n");
  } catch (const std::exception& error) {
    tool::complain("cicada-node: internal error: {}\n", error.what());
  }
  return tool::finish_output("cicada-node", status);
}
