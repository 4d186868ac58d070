#pragma once
/// What the exit status of cicada-sim says. Scripts rely on these numbers.

namespace cicada::tool {

enum ExitStatus : int {
  exit_good = 0,           ///< Done, and every expectation holds.
  exit_expectation = 1,    ///< Done, but an expectation failed, or a cell of a sweep did.
  exit_bad_input = 2,      ///< A wrong command line, a bad scenario, a file that cannot be read or written.
  exit_internal = 3,       ///< A mistake of ours, or no memory.
  exit_interrupted = 130,  ///< SIGINT or SIGTERM; what was measured until then is written.
};

}  // namespace cicada::tool
