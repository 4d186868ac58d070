#pragma once
/// The command line of cicada-node: options, help, and what is said about a wrong one.

namespace cicada::node {

/// Parses the arguments and runs the command that they name. Returns the exit status of the program.
int run_command_line(int argc, char** argv);

}  // namespace cicada::node
