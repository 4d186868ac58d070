#pragma once
/// What a run costs its host. These figures are reported and decide nothing: the only place in the simulator that reads
/// a clock.

#include <cstdint>

namespace cicada::sim::host {

[[nodiscard]] double wall_s();                 ///< Seconds since some fixed moment.
[[nodiscard]] double cpu_s();                  ///< Processor seconds of the calling thread.
[[nodiscard]] std::uint64_t peak_rss_bytes();  ///< Largest resident set of this process so far.

}  // namespace cicada::sim::host
