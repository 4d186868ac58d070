#pragma once
/// What the exit status of cicada-node says. Scripts rely on these numbers.

namespace cicada::node {

enum ExitStatus : int {
  exit_good = 0,           ///< Done; what was sent has arrived.
  exit_not_delivered = 1,  ///< The swarm said no, or nothing in time: a send, a lookup, a join, a receive.
  exit_bad_input = 2,      ///< A wrong command line or file, no daemon where one is needed, a file that can't be used.
  exit_internal = 3,       ///< A mistake of ours, or no memory.
  exit_interrupted = 130,  ///< SIGINT ended a client command. A daemon that is told to stop exits with 0.
};

}  // namespace cicada::node
