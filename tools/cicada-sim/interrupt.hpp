#pragma once
/// Ctrl-C and termination as a flag that long work looks at. The handler does nothing but set it.

namespace cicada::tool {

/// From now on the first SIGINT or SIGTERM only sets the flag; a second one ends the program at once. A signal that was
/// ignored when the program began (nohup, a shell's background job) stays ignored.
void catch_interrupts();

/// Whether one came.
bool interrupted();

}  // namespace cicada::tool
