#pragma once
/// Asks for memory in huge pages. A large world is read at random, and with pages of 4 KiB the processor spends about a
/// quarter of the time looking up addresses (100,000 peers: 1.3 times the events per second with huge ones).

namespace cicada::tool {

/// Starts this program once more in the same process with `GLIBC_TUNABLES=glibc.malloc.hugetlb=1`, which glibc reads
/// only at the start. Returns where the variable is set already, whatever to, and where the restart is not possible:
/// then the program goes on as it is. Results do not depend on it. Call it first thing in main.
void restart_with_huge_pages(char** argv);

}  // namespace cicada::tool
